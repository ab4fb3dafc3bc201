"""Reads the facts about each source location from AWS. Requests run in parallel, none of them twice."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from verification.aws import Aws, in_parallel, optional, with_member
from verification.expected import Expected
from verification.fact import MISSING, Fact
from verification.facts import Facts, KeyFacts, RoleFacts, SecretFacts, SourceLocationFacts

T = TypeVar("T")
Take = Callable[[Mapping[str, Any]], T | None]

_IAM_REGION = "us-east-1"
"""IAM is global; this Region serves its requests."""


def read(source_locations: Sequence[Expected], aws: Aws) -> list[Facts]:
    """Read the facts that the checks of these source locations use."""
    return in_parallel(lambda expected: _read(expected, aws), source_locations)


def describe_source_location(name: str, region: str, aws: Aws) -> Fact[Mapping[str, Any]]:
    """Return the description of a source location.

    https://docs.aws.amazon.com/mediatailor/latest/apireference/API_DescribeSourceLocation.html
    """
    return aws.ask(
        "mediatailor:DescribeSourceLocation",
        f"source location {name}",
        region,
        with_member("Arn"),
        SourceLocationName=name,
    )


def list_source_locations(region: str, aws: Aws) -> Fact[Sequence[Mapping[str, Any]]]:
    """Return all source locations of the account in a Region.

    https://docs.aws.amazon.com/mediatailor/latest/apireference/API_ListSourceLocations.html
    """
    return aws.ask(
        "mediatailor:ListSourceLocations",
        f"source locations in {region}",
        region,
        lambda answer: answer["Items"],
    )


def _read(expected: Expected, aws: Aws) -> Facts:
    if not expected.secret_arn:
        # A source location without a secret has no other resources.
        secret = SecretFacts(arn="")
        return Facts(expected=expected, secret=secret)
    secret = _secret(expected.secret_arn, aws, rotation=expected.owns_key)
    replicas, role = {}, None
    if expected.stack:
        replicas = {
            region: _secret(arn, aws) for region, arn in expected.stack.replica_arns.items()
        }
        if expected.stack.media_package_role_arn:
            role = _role(expected.stack.media_package_role_arn, aws)
    return Facts(
        expected=expected,
        secret=secret,
        replicas=replicas,
        role=role,
        source_locations=[
            _source_location_facts(name, described, secret, aws)
            for name, described in _source_locations(expected, secret.region, aws).items()
        ],
    )


def _secret(arn: str, aws: Aws, *, rotation: bool = False) -> SecretFacts:
    def ask(operation: str, take: Take[T]) -> Fact[T]:
        region = arn.split(":")[3]
        return aws.ask(f"secretsmanager:{operation}", arn, region, take, SecretId=arn)

    # Before GetSecretValue, which changes the date of the last access.
    described = ask("DescribeSecret", with_member("ARN"))
    if described == MISSING or (described.known and "DeletedDate" in described.known):
        return SecretFacts(arn=arn, described=described)
    return SecretFacts(
        arn=arn,
        described=described,
        value=ask("GetSecretValue", with_member("ARN")),
        policy=ask("GetResourcePolicy", optional("ResourcePolicy")),
        key=_key(described, arn.split(":")[3], aws, rotation=rotation),
    )


def _key(secret: Fact[Mapping[str, Any]], region: str, aws: Aws, *, rotation: bool) -> KeyFacts:
    name: str = (secret.known or {}).get("KmsKeyId", "")

    def ask(operation: str, take: Take[T], **parameters: str) -> Fact[T]:
        return aws.ask(f"kms:{operation}", name, region, take, **parameters)

    if secret.obstacle:
        unknown: Fact[Any] = Fact(obstacle=secret.obstacle)
        return KeyFacts(metadata=unknown, rotation=unknown, policy=unknown)
    if not name:
        return KeyFacts()
    metadata = ask(
        "DescribeKey", lambda answer: with_member("Arn")(answer["KeyMetadata"]), KeyId=name
    )
    arn = (metadata.known or {}).get("Arn", name)  # the key's ARN, even if the name is an alias
    if metadata == MISSING:
        return KeyFacts()
    return KeyFacts(
        metadata=metadata,
        rotation=ask("GetKeyRotationStatus", with_member("KeyRotationEnabled"), KeyId=arn)
        if rotation
        else MISSING,
        policy=ask(
            "GetKeyPolicy", lambda answer: answer["Policy"], KeyId=arn, PolicyName="default"
        ),
    )


def _role(arn: str, aws: Aws) -> RoleFacts:
    def ask(operation: str, take: Take[T], **parameters: str) -> Fact[T]:
        name = arn.rpartition("/")[2]
        return aws.ask(f"iam:{operation}", arn, _IAM_REGION, take, RoleName=name, **parameters)

    role = ask("GetRole", lambda answer: answer["Role"])
    if role == MISSING:
        return RoleFacts(arn=arn)
    names = ask("ListRolePolicies", lambda answer: answer["PolicyNames"])
    policies = {
        name: ask("GetRolePolicy", lambda answer: answer["PolicyDocument"], PolicyName=name)
        for name in names.known or ()
    }
    return RoleFacts(
        arn=arn,
        role=role,
        policies=_all(
            [names, *policies.values()],
            {name: policy.known for name, policy in policies.items() if policy.known},
        ),
        attached_policies=ask(
            "ListAttachedRolePolicies",
            lambda answer: [policy["PolicyArn"] for policy in answer["AttachedPolicies"]],
        ),
    )


def _source_locations(
    expected: Expected, region: str, aws: Aws
) -> Mapping[str, Fact[Mapping[str, Any]]]:
    """Return the stack's source location or, if it has none, those in MediaTailor that use the secret."""
    if expected.stack and expected.stack.source_location_arn:
        names = [expected.stack.source_location_arn.rpartition("/")[2]]
    elif expected.stack is None:
        names = [expected.name] if expected.access_configuration.known else []
    else:
        listed = list_source_locations(region, aws)
        if listed.obstacle:
            return {expected.name: Fact(obstacle=listed.obstacle)}
        names = [
            item["SourceLocationName"]
            for item in listed.value
            if secret_arn_of(item) == expected.secret_arn
            or item["SourceLocationName"] == expected.name
        ]
    return {name: describe_source_location(name, region, aws) for name in names}


def secret_arn_of(source_location: Mapping[str, Any]) -> str | None:
    """Return the ARN of a source location's secret, or None."""
    access = source_location.get("AccessConfiguration") or {}
    token = access.get("SecretsManagerAccessTokenConfiguration") or {}
    arn: str | None = token.get("SecretArn")
    return arn


def _source_location_facts(
    name: str, described: Fact[Mapping[str, Any]], secret: SecretFacts, aws: Aws
) -> SourceLocationFacts:
    key = secret.key.metadata
    if not described.known or key == MISSING:
        return SourceLocationFacts(name=name, described=described)
    if not key.known:
        unknown: Fact[Any] = Fact(obstacle=key.obstacle)
        return SourceLocationFacts(
            name=name, described=described, grants=unknown, former_grants=unknown
        )
    arn = key.known["Arn"]
    versions = aws.ask(
        "secretsmanager:ListSecretVersionIds",
        secret.arn,
        secret.region,
        lambda answer: answer["Versions"],
        SecretId=secret.arn,
    )
    keys = {key for version in versions.known or () for key in version.get("KmsKeyIds", ())}
    former = [_grants(name, key, secret, aws) for key in keys - {arn} if ":key/" in key]
    return SourceLocationFacts(
        name=name,
        described=described,
        grants=_grants(name, arn, secret, aws),
        former_grants=_all(
            [versions, *former], [g for grants in former for g in grants.known or ()]
        ),
    )


def _grants(
    name: str, key_arn: str, secret: SecretFacts, aws: Aws
) -> Fact[Sequence[Mapping[str, Any]]]:
    """Return MediaTailor's grants on a key for a source location.

    https://docs.aws.amazon.com/mediatailor/latest/ug/channel-assembly-access-configuration-overview.html
    """
    grants = aws.ask(
        "kms:ListGrants", key_arn, secret.region, lambda answer: answer["Grants"], KeyId=key_arn
    )
    grant_name = f"MediaTailor-SourceLocation-{secret.account}-{name}"
    return _all([grants], [g for g in grants.known or () if g.get("Name") == grant_name])


def _all(parts: Iterable[Fact[Any]], whole: T) -> Fact[T]:
    """Return the whole as a fact, or the first obstacle of its parts."""
    obstacle = next((part.obstacle for part in parts if part.obstacle), None)
    return Fact(obstacle=obstacle) if obstacle else Fact(whole)
