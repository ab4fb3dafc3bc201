"""A requirement and the result of checking it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from verification.commands import Command
from verification.fact import NothingToCheckError, NotReadableError, Obstacle
from verification.facts import Facts


class Answer(StrEnum):
    """Whether a source location meets a requirement."""

    MET = "met"
    NOT_MET = "not met"
    NOT_CHECKED = "not checked"
    """A fact could not be read, for example because access was denied."""
    NOT_APPLICABLE = "not applicable"
    """There is nothing to check, or a finding for another requirement explains why it cannot be."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that does not meet a requirement."""

    text: str
    """What is wrong. It never contains a token."""
    fix: tuple[Command, ...] = ()
    """AWS CLI commands that fix it. The user replaces words in capitals."""
    up_fixes: bool = False
    """Whether `pulumi up --refresh` fixes it in a stack."""


Check = Callable[[Facts], Iterable[Finding | Obstacle]]
"""Yields findings, and obstacles for what could not be read.

Raises:
    NotReadableError: a required fact could not be read.
    NothingToCheckError: the requirement does not apply.

"""


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """A requirement of AWS or of this project."""

    id: str
    """Identifier for scripts; it never changes."""
    title: str
    """A statement that is true if the requirement is met."""
    page: str
    """URL of the AWS page that the requirement follows."""
    check: Check
    unreadable_because: tuple[str, ...] = ()
    """IDs of requirements whose findings explain why this one cannot be checked."""

    def judge(self, facts: Facts) -> "Result":
        """Check one source location."""
        findings: list[Finding] = []
        obstacles: list[Obstacle] = []
        answer = Answer.MET
        try:
            for item in self.check(facts):
                if isinstance(item, Finding):
                    findings.append(item)
                else:
                    obstacles.append(item)
        except NotReadableError as error:
            obstacles.append(error.obstacle)
        except NothingToCheckError:
            answer = Answer.NOT_APPLICABLE
        if findings:
            answer = Answer.NOT_MET
        elif obstacles:
            answer = Answer.NOT_CHECKED
        return Result(
            requirement=self,
            source_location=facts.expected.name,
            answer=answer,
            findings=tuple(findings),
            obstacles=tuple(dict.fromkeys(obstacles)),
        )


@dataclass(frozen=True, kw_only=True)
class Result:
    """The result of checking a requirement for a source location."""

    requirement: Requirement
    source_location: str
    answer: Answer
    findings: tuple[Finding, ...] = ()
    obstacles: tuple[Obstacle, ...] = ()
