"""The secret's replicas in other Regions."""

from collections.abc import Iterator

from verification.checks.each_secret import of_replicas
from verification.checks.key import KEY_PAGE, usable
from verification.checks.secret import SECRET_PAGE, is_private, key_reference, mediatailor_reads
from verification.facts import Facts, SecretFacts
from verification.requirement import Finding, Requirement

_PAGE = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/replicate-secrets.html"


def _exists(facts: Facts, replica: SecretFacts) -> Iterator[Finding]:
    region = next(region for region, one in facts.replicas.items() if one is replica)
    if (
        replica.region != region
        or replica.described.is_missing
        or replica.described.value.get("ARN") != replica.arn
        or replica.described.value.get("PrimaryRegion") != facts.expected.region
    ):
        yield Finding(text="Secrets Manager has no such replica")


def _readable(facts: Facts, replica: SecretFacts) -> Iterator[Finding]:
    yield from mediatailor_reads(facts, replica)
    if not replica.policy.is_missing:
        yield from is_private(facts, replica)


def _same_token(facts: Facts, replica: SecretFacts) -> Iterator[Finding]:
    replica.described.value  # noqa: B018  without a replica there is nothing to check
    key = facts.expected.secret_string_key
    token = None if replica.value.is_missing else replica.token(key)
    if token is None:
        yield Finding(text="there is no token")
    elif token != facts.secret.token(key):
        yield Finding(text="the token is another one")


REQUIREMENTS = (
    Requirement(
        id="replica-exists",
        title="each replica is in its Region under the exported ARN",
        page=_PAGE,
        check=of_replicas(_exists),
    ),
    Requirement(
        id="replica-key",
        title="each replica names a key of its Region by its key ARN",
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
        check=of_replicas(_readable),
    ),
    Requirement(
        id="replica-token",
        title="each replica holds the same token",
        page=_PAGE,
        check=of_replicas(_same_token),
    ),
)
