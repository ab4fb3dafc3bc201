"""Setups without a stack: source locations in MediaTailor, or a secret."""

import difflib
from collections.abc import Mapping
from typing import Any

from verification.aws import Aws, in_parallel
from verification.expected import Expected, Setup, VerificationError, region_and_account
from verification.fact import MISSING, Fact, Obstacle
from verification.reading import describe_source_location, list_source_locations, secret_arn_of

_TOKEN = "SECRETS_MANAGER_ACCESS_TOKEN"  # noqa: S105  the name of an access type


def source_location(name: str, region: str, account: str | None, aws: Aws) -> Setup:
    """Return the setup of a source location in MediaTailor.

    Raises:
        VerificationError: it cannot be read or does not exist.

    """
    described = describe_source_location(name, region, aws)
    if described.obstacle:
        raise VerificationError(_failure(described.obstacle))
    if described == MISSING:
        listed = list_source_locations(region, aws).known or ()
        names = [item["SourceLocationName"] for item in listed]
        near = difflib.get_close_matches(name, names, n=3) or names[:10]
        raise VerificationError(
            f"MediaTailor has no source location {name!r} in {region}, account {account}."
            + (f" It has: {', '.join(near)}." if near else "")
            + " For another Region, set AWS_REGION."
        )
    return Setup(
        title=f"source location {name}",
        stack=None,
        region=region,
        account=account,
        source_locations=[_expected(name, described)],
    )


def all_source_locations(region: str, account: str | None, aws: Aws) -> Setup:
    """Return the setup of the account's source locations in a Region.

    Raises:
        VerificationError: they cannot be listed, or none authenticates with an access token.

    """
    listed = list_source_locations(region, aws)
    if listed.obstacle:
        raise VerificationError(_failure(listed.obstacle))
    names = [item["SourceLocationName"] for item in listed.value]
    described = in_parallel(lambda name: describe_source_location(name, region, aws), names)
    expected = [
        _expected(name, fact)
        for name, fact in zip(names, described, strict=True)
        if fact.obstacle or _access_type(fact.known or {}) == _TOKEN
    ]
    if not expected:
        raise VerificationError(
            f"no source location in {region}, account {account}, authenticates with an access token"
            f" ({len(names)} found). For another Region, set AWS_REGION."
        )
    others = sorted(set(names) - {one.name for one in expected})
    return Setup(
        title="MediaTailor's source locations",
        stack=None,
        region=region,
        account=account,
        source_locations=expected,
        notes=[f"Not checked because they use no access token: {', '.join(others)}."]
        if others
        else [],
    )


def secret(arn: str, secret_string_key: str) -> Setup:
    """Return the setup of a secret that no source location uses yet.

    Raises:
        VerificationError: this is not a complete ARN of a secret.

    """
    found = region_and_account(arn)
    if not found:
        raise VerificationError(
            f"{arn!r} is not the ARN of a secret. To get the ARN:"
            " aws secretsmanager describe-secret --secret-id NAME --query ARN --output text"
        )
    name = arn.rpartition(":secret:")[2]
    return Setup(
        title=f"secret {name}",
        stack=None,
        region=found[0],
        account=found[1],
        source_locations=[
            Expected(name=name, secret_arn=arn, secret_string_key=Fact(secret_string_key))
        ],
    )


def _expected(name: str, described: Fact[Mapping[str, Any]]) -> Expected:
    if not described.known:
        unknown: Fact[Any] = Fact(obstacle=described.obstacle)
        return Expected(
            name=name, secret_arn="", secret_string_key=unknown, access_configuration=unknown
        )
    access = described.known.get("AccessConfiguration") or {}
    token = access.get("SecretsManagerAccessTokenConfiguration") or {}
    arn = secret_arn_of(described.known) or ""
    return Expected(
        name=name,
        secret_arn=arn if region_and_account(arn) else "",
        secret_string_key=Fact(token.get("SecretStringKey")),
        access_configuration=Fact(access),
    )


def _access_type(described: Mapping[str, Any]) -> str | None:
    access_type: str | None = (described.get("AccessConfiguration") or {}).get("AccessType")
    return access_type


def _failure(obstacle: Obstacle) -> str:
    """Return the message for a request without which nothing can be checked."""
    return f"{obstacle.action} on {obstacle.resource} failed: {obstacle.error}"
