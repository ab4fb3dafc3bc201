"""All requirements, in the order of AWS's steps, and the verdict on a set of source locations."""

from collections.abc import Sequence
from dataclasses import dataclass

from verification.checks import key, media_package, replicas, secret, source_location
from verification.facts import Facts
from verification.requirement import Answer, Requirement, Result

REQUIREMENTS: Sequence[Requirement] = (
    *key.REQUIREMENTS,
    *secret.REQUIREMENTS,
    *replicas.REQUIREMENTS,
    *media_package.REQUIREMENTS,
    *source_location.REQUIREMENTS,
)


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What was read, and what the requirements say about it."""

    facts: Sequence[Facts]
    """One entry per source location."""
    results: Sequence[Result]
    """One entry per requirement and source location, in this order."""

    def names(self, answer: Answer) -> list[str]:
        """Return the source locations for which a requirement has this answer."""
        names = (result.source_location for result in self.results if result.answer is answer)
        return list(dict.fromkeys(names))

    @property
    def status(self) -> int:
        """The exit status: 0 everything is met, 1 something is wrong, 2 something could not be checked."""
        if self.names(Answer.NOT_MET):
            return 1
        return 2 if self.names(Answer.NOT_CHECKED) else 0


def judge(facts: Sequence[Facts]) -> Verification:
    """Check every requirement of every source location."""
    return Verification(
        facts=facts,
        results=[requirement.judge(one) for requirement in REQUIREMENTS for one in facts],
    )
