"""All requirements, in the order of AWS's steps, and their results for a set of source locations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from verification.checks import (
    grant,
    key,
    key_policy,
    media_package,
    origin,
    replicas,
    secret,
    secret_policy,
    source_location,
)
from verification.expected import Setup
from verification.facts import Facts
from verification.requirement import Answer, Requirement, Result

BY_SUBJECT: Mapping[str, Sequence[Requirement]] = {
    "the key": (*key.REQUIREMENTS, *key_policy.REQUIREMENTS),
    "the secret": secret.REQUIREMENTS,
    "the secret's policy": secret_policy.REQUIREMENTS,
    "replicas": replicas.REQUIREMENTS,
    "MediaPackage's role": media_package.REQUIREMENTS,
    "the source location": source_location.REQUIREMENTS,
    "MediaTailor's grant": grant.REQUIREMENTS,
    "the origin": origin.REQUIREMENTS,
}
"""The requirements by subject, in the order of the report."""

REQUIREMENTS: Sequence[Requirement] = tuple(chain(*BY_SUBJECT.values()))


@dataclass(frozen=True, kw_only=True)
class Verification:
    """The facts and the results of all requirements."""

    setup: Setup
    facts: Sequence[Facts]
    """One entry per source location."""
    results: Sequence[Result]
    """One entry per requirement and source location, sorted by requirement."""

    def names(self, answer: Answer) -> list[str]:
        """Return the names of the source locations with this answer to any requirement."""
        names = (result.source_location for result in self.results if result.answer is answer)
        return list(dict.fromkeys(names))

    @property
    def status(self) -> int:
        """The exit status: 0 if everything is met, 1 if something is not, 2 if something could not be checked."""
        if self.names(Answer.NOT_MET):
            return 1
        return 2 if self.names(Answer.NOT_CHECKED) else 0


def judge(setup: Setup, facts: Sequence[Facts]) -> Verification:
    """Check every requirement for every source location."""
    by_source_location = [_judge(one) for one in facts]
    return Verification(
        setup=setup,
        facts=facts,
        results=[result for results in zip(*by_source_location, strict=True) for result in results],
    )


def _judge(facts: Facts) -> list[Result]:
    results = [requirement.judge(facts) for requirement in REQUIREMENTS]
    unmet = {result.requirement.id for result in results if result.answer is Answer.NOT_MET}
    return [
        replace(result, answer=Answer.NOT_APPLICABLE, obstacles=())
        if result.answer is Answer.NOT_CHECKED and unmet & {*result.requirement.unreadable_because}
        else result
        for result in results
    ]
