"""MediaTailor's grant to decrypt the secret, which it creates when a source location is created or updated.

https://docs.aws.amazon.com/mediatailor/latest/ug/channel-assembly-access-configuration-overview.html
"""

from collections.abc import Iterator, Mapping
from typing import Any

from verification.checks.each_secret import existing
from verification.checks.key import KEY_PAGE, is_the_stacks
from verification.checks.source_location import of_source_locations
from verification.commands import aws_cli, set_source_location
from verification.fact import NothingToCheckError
from verification.facts import Facts, SourceLocationFacts
from verification.requirement import Finding, Requirement

_OPERATIONS = {"Decrypt", "RetireGrant"}
"""The operations in MediaTailor's guide."""


def _allows_decryption(facts: Facts, location: SourceLocationFacts) -> Iterator[Finding]:
    grants = _grants(facts, location)
    for_this_secret = [grant for grant in grants if _secret_of(grant) == facts.secret.arn]
    lacking = [_OPERATIONS - set(grant.get("Operations", ())) for grant in for_this_secret]
    if not grants:
        text = "MediaTailor has no grant on the key"
    elif not for_this_secret:
        other = _secret_of(grants[0])
        text = f"MediaTailor's grant is {f'for {other}' if other else 'not limited to a secret'}"
    elif all(lacking):
        text = f"MediaTailor's grant does not allow {', '.join(sorted(lacking[0]))}"
    else:
        return
    yield Finding(text=text, fix=(set_source_location(facts, location),))


def _is_the_only_one(facts: Facts, location: SourceLocationFacts) -> Iterator[Finding]:
    grants = _grants(facts, location)
    if not any(_secret_of(grant) == facts.secret.arn for grant in grants):
        raise NothingToCheckError  # reported by _allows_decryption
    stale = [grant for grant in grants if _secret_of(grant) != facts.secret.arn]
    for grant in [*stale, *location.former_grants.value]:
        revoke = aws_cli(
            "kms",
            "revoke-grant",
            region=facts.secret.region,
            key_id=grant["KeyId"],
            grant_id=grant["GrantId"],
        )
        yield Finding(
            text=f"MediaTailor still has a grant on {grant['KeyId']} for {_secret_of(grant)}",
            fix=(revoke,),
        )


def _grants(facts: Facts, location: SourceLocationFacts) -> list[Mapping[str, Any]]:
    existing(facts.secret)
    if facts.expected.stack and not is_the_stacks(facts, facts.secret):
        raise NothingToCheckError  # reported by the requirement secret-key
    return list(location.grants.value)


def _secret_of(grant: Mapping[str, Any]) -> str | None:
    """Return the secret that a grant is limited to by Secrets Manager's encryption context.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html#security-encryption-encryption-context
    """
    constraints = grant.get("Constraints") or {}
    context = {
        **(constraints.get("EncryptionContextSubset") or {}),
        **(constraints.get("EncryptionContextEquals") or {}),
    }
    arn: str | None = context.get("SecretARN")
    return arn


REQUIREMENTS = (
    Requirement(
        id="grant",
        title="MediaTailor's grant on the key lets it decrypt this secret",
        page=KEY_PAGE,
        check=of_source_locations(_allows_decryption),
    ),
    Requirement(
        id="grant-only",
        title="MediaTailor has no grant left over from another key or secret",
        page=KEY_PAGE,
        check=of_source_locations(_is_the_only_one),
    ),
)
