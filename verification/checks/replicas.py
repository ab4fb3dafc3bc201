"""The secret's replicas in other Regions."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from verification.checks.each_secret import existing, of_replicas
from verification.checks.key import KEY_PAGE, usable
from verification.checks.secret import SECRET_PAGE, key_reference
from verification.checks.secret_policy import is_private, mediatailor_reads, nothing_else
from verification.commands import aws_cli
from verification.fact import MISSING, NothingToCheckError
from verification.facts import Facts, SecretFacts
from verification.requirement import Finding, Requirement

_PAGE = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/replicate-secrets.html"


def _exists(facts: Facts, replica: SecretFacts) -> Iterator[Finding]:
    primary = existing(facts.secret)
    region = next(region for region, one in facts.replicas.items() if one is replica)
    if (
        replica.region != region
        or replica.described.is_missing
        or replica.described.value.get("PrimaryRegion") != facts.secret.region
    ):
        message = _replication(primary, region).get("StatusMessage")
        text = f"Secrets Manager has no replica of the secret{f': {message}' if message else ''}"
        yield Finding(text=text, up_fixes=True)


def _in_sync(facts: Facts) -> Iterator[Finding]:
    primary = existing(facts.secret)
    statuses = primary.get("ReplicationStatus") or ()
    if not statuses:
        raise NothingToCheckError
    for status in statuses:
        region = status["Region"]
        replica = facts.replicas.get(region)
        # _exists reports a missing replica.
        if status.get("Status") != "InSync" and not (replica and replica.described == MISSING):
            message = f": {status['StatusMessage']}" if status.get("StatusMessage") else ""
            again = aws_cli(
                "secretsmanager",
                "replicate-secret-to-regions",
                region=facts.secret.region,
                secret_id=facts.secret.arn,
                add_replica_regions=[
                    {"Region": region}
                    | ({"KmsKeyId": status["KmsKeyId"]} if status.get("KmsKeyId") else {})
                ],
                force_overwrite_replica_secret=True,
            )
            yield Finding(
                text=f"in {region}, replication is {status.get('Status')}{message}", fix=(again,)
            )


def _replication(primary: Mapping[str, Any], region: str) -> Mapping[str, Any]:
    """Return the replication status of a Region.

    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ReplicationStatusType.html
    """
    statuses = primary.get("ReplicationStatus") or ()
    return next((status for status in statuses if status.get("Region") == region), {})


def _policy(facts: Facts, replica: SecretFacts) -> Iterator[Finding]:
    existing(replica)
    # AWS replicates the policy, so do not repeat the findings for the secret itself.
    reported = {finding.text for finding in _of_policy(facts, facts.secret)}
    for finding in _of_policy(facts, replica):
        if finding.text not in reported:
            yield finding


def _of_policy(facts: Facts, secret: SecretFacts) -> list[Finding]:
    findings = list(mediatailor_reads(facts, secret))
    if not secret.policy.is_missing:
        findings += is_private(facts, secret)
    if not findings:
        with contextlib.suppress(NothingToCheckError):
            findings += nothing_else(facts, secret)
    return findings


def _same_token(facts: Facts, replica: SecretFacts) -> Iterator[Finding]:
    existing(replica)
    key = facts.expected.secret_string_key.value
    token = None if replica.value.is_missing else replica.token(key)
    if facts.secret.token(key) is None:
        raise NothingToCheckError
    if token is None:
        yield Finding(text="there is no token")
    elif token != facts.secret.token(key):
        yield Finding(text="the token differs from the secret's")


REQUIREMENTS = (
    Requirement(
        id="replica-exists",
        title="each replica is in its Region under the exported ARN",
        page=_PAGE,
        check=of_replicas(_exists),
    ),
    Requirement(
        id="replica-in-sync",
        title="each replica is in sync",
        page=_PAGE,
        check=_in_sync,
    ),
    Requirement(
        id="replica-key",
        title="each replica's key is in its Region and set by its key ARN",
        page=SECRET_PAGE,
        check=of_replicas(key_reference),
    ),
    Requirement(
        id="replica-key-usable",
        title="each replica's key is customer managed, symmetric and enabled",
        page=KEY_PAGE,
        check=of_replicas(usable),
    ),
    Requirement(
        id="replica-policy",
        title="each replica's policy lets MediaTailor read it, and is not public",
        page=SECRET_PAGE,
        check=of_replicas(_policy),
    ),
    Requirement(
        id="replica-token",
        title="each replica contains the same token",
        page=_PAGE,
        check=of_replicas(_same_token),
        unreadable_because=("key-usable", "replica-key-usable"),
    ),
)
