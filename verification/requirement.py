"""A requirement, and the answers that checking it can have."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from verification.commands import Command
from verification.fact import NothingToCheckError, NotReadableError, Obstacle
from verification.facts import Facts


class Answer(StrEnum):
    """How a requirement came out for a source location."""

    MET = "met"
    NOT_MET = "not met"
    NOT_CHECKED = "not checked"
    """We were not allowed, or not able, to look."""
    NOT_APPLICABLE = "not applicable"
    """There is nothing to check, or another requirement's finding explains why not."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is wrong."""

    text: str
    """What is wrong, for people; never with a token."""
    fix: tuple[Command, ...] = ()
    """AWS CLI commands that fix it. Words in capitals are for the user to fill in."""
    up_fixes: bool = False
    """Whether `pulumi up --refresh` fixes it if it is a stack's."""


Check = Callable[[Facts], Iterable[Finding | Obstacle]]
"""Yields what is wrong, and what could not be read.

Raises:
    NotReadableError: a fact that it needs could not be read.
    NothingToCheckError: the requirement does not apply.

"""


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """One thing that AWS, or this project, requires of a source location's access token."""

    id: str
    """Stable, for scripts."""
    title: str
    """What is true if it is met."""
    page: str
    """The page that says so."""
    check: Check
    unreadable_because: tuple[str, ...] = ()
    """Ids of requirements whose findings explain why this one cannot be checked."""

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
    """What checking one requirement of one source location found."""

    requirement: Requirement
    source_location: str
    answer: Answer
    findings: tuple[Finding, ...] = ()
    obstacles: tuple[Obstacle, ...] = ()
