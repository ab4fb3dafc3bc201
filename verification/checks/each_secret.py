"""Apply a check of one secret to the secret itself, its replicas, or both."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from verification.fact import NothingToCheckError, NotReadableError, Obstacle
from verification.facts import Facts, SecretFacts
from verification.requirement import Check, Finding

SecretCheck = Callable[[Facts, SecretFacts], Iterable[Finding]]


def of_the_secret(check: SecretCheck) -> Check:
    """Return the check of the secret itself."""
    return lambda facts: check(facts, facts.secret)


def of_replicas(check: SecretCheck) -> Check:
    """Return the check of each replica."""
    return lambda facts: _each(check, facts, _by_region(facts))


def of_the_secret_and_replicas(check: SecretCheck) -> Check:
    """Return the check of the secret and of each replica."""
    return lambda facts: _each(check, facts, {"": facts.secret} | _by_region(facts))


def existing(secret: SecretFacts) -> Mapping[str, Any]:
    """Return DescribeSecret's response for a secret that is not scheduled for deletion.

    Raises:
        NotReadableError: the secret could not be read.
        NothingToCheckError: the secret does not exist or is scheduled for deletion.

    """
    described = secret.described.value
    if "DeletedDate" in described:
        raise NothingToCheckError
    return described


def _by_region(facts: Facts) -> dict[str, SecretFacts]:
    return {f"in {region}, ": replica for region, replica in facts.replicas.items()}


def _each(
    check: SecretCheck, facts: Facts, secrets: Mapping[str, SecretFacts]
) -> Iterator[Finding | Obstacle]:
    applies = False
    for where, secret in secrets.items():
        try:
            for finding in check(facts, secret):
                yield replace(finding, text=where + finding.text)
        except NotReadableError as error:
            yield error.obstacle
        except NothingToCheckError:
            continue
        applies = True
    if not applies:
        raise NothingToCheckError
