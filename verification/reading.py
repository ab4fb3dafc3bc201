"""Reads what AWS has for the source locations of a stack.

Requests run in parallel and nothing is asked twice: first what the stack names, then the keys that the secrets name.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, TypeVar

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from verification.facts import (
    Expected,
    Fact,
    Facts,
    KeyFacts,
    Obstacle,
    RoleFacts,
    SecretFacts,
    region_of,
)

T = TypeVar("T")

_CONNECTIONS = 16
_IAM_REGION = "us-east-1"
"""IAM is global; any Region of the partition reaches it."""
_NOT_FOUND = {
    "NoSuchEntity",  # IAM
    "NotFoundException",  # KMS
    "ResourceNotFoundException",  # Secrets Manager, Cloud Control
}


def read(
    expected: Sequence[Expected], session: boto3.Session, *, endpoint_url: str | None = None
) -> list[Facts]:
    """Ask AWS about everything that the source locations need.

    Args:
        expected: what the stack says about each source location.
        session: whose credentials are used. Each resource is looked up in the Region of its ARN.
        endpoint_url: where all AWS services are, if not where the session's own settings say.

    """
    secret_arns = {e.secret_arn for e in expected}.union(
        *(e.replica_arns.values() for e in expected)
    )
    role_arns = {e.media_package_role_arn for e in expected} - {None}
    location_arns = {e.source_location_arn for e in expected} - {None}
    aws = _Aws(session, endpoint_url)
    aws.connect("secretsmanager", map(region_of, secret_arns))
    aws.connect("kms", map(region_of, secret_arns))
    aws.connect("iam", [_IAM_REGION] if role_arns else [])
    aws.connect("cloudcontrol", map(region_of, filter(None, location_arns)))

    with ThreadPoolExecutor(_CONNECTIONS) as threads:
        reading_secrets = {arn: threads.submit(_secret, aws, arn) for arn in secret_arns}
        reading_roles = {arn: threads.submit(_role, aws, arn) for arn in filter(None, role_arns)}
        reading_locations = {
            arn: threads.submit(_source_location, aws, arn) for arn in filter(None, location_arns)
        }
        secrets = {arn: reading.result() for arn, reading in reading_secrets.items()}
        reading_keys = {
            key: threads.submit(_key, aws, *key) for key in set(map(_key_of, secrets.values()))
        }
        keys = {key: reading.result() for key, reading in reading_keys.items()}

    def secret(arn: str) -> SecretFacts:
        return replace(secrets[arn], key=keys[_key_of(secrets[arn])])

    return [
        Facts(
            expected=e,
            secret=secret(e.secret_arn),
            replicas={region: secret(arn) for region, arn in e.replica_arns.items()},
            role=(
                reading_roles[e.media_package_role_arn].result()
                if e.media_package_role_arn
                else None
            ),
            source_location=(
                reading_locations[e.source_location_arn].result()
                if e.source_location_arn
                else Fact()
            ),
        )
        for e in expected
    ]


class _Aws:
    """AWS's APIs, with answers as facts."""

    def __init__(self, session: boto3.Session, endpoint_url: str | None) -> None:
        self._session = session
        self._endpoint_url = endpoint_url
        self._clients: dict[tuple[str, str], Any] = {}

    def connect(self, service: str, regions: Iterable[str]) -> None:
        """Make the clients of a service; threads can share a client but not the session.

        https://docs.aws.amazon.com/boto3/latest/guide/clients.html#multithreading-or-multiprocessing-with-clients
        """
        config = Config(max_pool_connections=_CONNECTIONS)
        for region in set(regions):
            self._clients[service, region] = self._session.client(  # type: ignore[call-overload]  # any service
                service, region, endpoint_url=self._endpoint_url, config=config
            )

    def ask(
        self,
        action: str,
        resource: str,
        region: str,
        take: Callable[[Mapping[str, Any]], T | None],
        **parameters: str,
    ) -> Fact[T]:
        """Make one request and take the fact from its answer."""
        service, _, operation = action.partition(":")
        client = self._clients[service, region]
        call = getattr(client, xform_name(operation))
        try:
            return Fact(take(call(**parameters)))
        except ClientError as error:
            problem = error.response["Error"]
            if problem["Code"] in _NOT_FOUND:
                return Fact()
            reason = f"{problem['Code']}: {problem['Message']}"
        except BotoCoreError as error:
            reason = str(error)
        return Fact(obstacle=Obstacle(action=action, resource=resource, error=reason))


def _secret(aws: _Aws, arn: str) -> SecretFacts:
    def ask(operation: str, take: Callable[[Mapping[str, Any]], T | None]) -> Fact[T]:
        return aws.ask(f"secretsmanager:{operation}", arn, region_of(arn), take, SecretId=arn)

    described = ask("DescribeSecret", dict)
    if described == Fact():
        return SecretFacts(arn=arn)
    return SecretFacts(
        arn=arn,
        described=described,
        value=ask("GetSecretValue", dict),
        policy=ask("GetResourcePolicy", lambda answer: answer.get("ResourcePolicy")),
    )


def _key_of(secret: SecretFacts) -> tuple[str, str]:
    """Return the Region and the name of a secret's key, which is empty if there is none."""
    return region_of(secret.arn), (secret.described.known or {}).get("KmsKeyId", "")


def _key(aws: _Aws, region: str, name: str) -> KeyFacts:
    def ask(
        operation: str, take: Callable[[Mapping[str, Any]], T | None], **parameters: str
    ) -> Fact[T]:
        return aws.ask(f"kms:{operation}", name, region, take, **parameters)

    if not name:
        return KeyFacts()
    metadata = ask("DescribeKey", lambda answer: answer["KeyMetadata"], KeyId=name)
    if not metadata.known:
        return KeyFacts(metadata=metadata)
    arn = metadata.known["Arn"]  # of the key, where the name is an alias's
    return KeyFacts(
        metadata=metadata,
        rotation=ask("GetKeyRotationStatus", dict, KeyId=arn),
        policy=ask(
            "GetKeyPolicy", lambda answer: answer["Policy"], KeyId=arn, PolicyName="default"
        ),
    )


def _role(aws: _Aws, arn: str) -> RoleFacts:
    name = arn.rpartition("/")[2]

    def ask(
        operation: str, take: Callable[[Mapping[str, Any]], T | None], **parameters: str
    ) -> Fact[T]:
        return aws.ask(f"iam:{operation}", arn, _IAM_REGION, take, RoleName=name, **parameters)

    role = ask("GetRole", lambda answer: answer["Role"])
    if not role.known:
        return RoleFacts(arn=arn, role=role)
    names = ask("ListRolePolicies", lambda answer: answer["PolicyNames"])
    policies = [
        ask("GetRolePolicy", lambda answer: answer["PolicyDocument"], PolicyName=policy)
        for policy in names.known or ()
    ]
    obstacle = next((fact.obstacle for fact in (names, *policies) if fact.obstacle), None)
    return RoleFacts(
        arn=arn,
        role=role,
        policies=Fact([policy.known for policy in policies if policy.known])
        if not obstacle
        else Fact(obstacle=obstacle),
        attached_policies=ask(
            "ListAttachedRolePolicies",
            lambda answer: [policy["PolicyArn"] for policy in answer["AttachedPolicies"]],
        ),
    )


def _source_location(aws: _Aws, arn: str) -> Fact[Mapping[str, Any]]:
    return aws.ask(
        "cloudcontrol:GetResource",
        arn,
        region_of(arn),
        lambda answer: json.loads(answer["ResourceDescription"]["Properties"]),
        TypeName="AWS::MediaTailor::SourceLocation",
        Identifier=arn.rpartition("/")[2],
    )
