"""Reads from AWS what a stack deployed, for its requirements to be checked."""

import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
import botocore.exceptions
from botocore.config import Config

from verification.requirements import MediaPackageRole, ReadBack, SourceLocation

if TYPE_CHECKING:
    from mypy_boto3_cloudcontrol import CloudControlApiClient
    from mypy_boto3_iam import IAMClient

_CONNECTIONS = 8


def read_back(
    outputs: Mapping[str, Any], *, region: str, endpoint_url: str | None = None
) -> dict[str, ReadBack]:
    """Ask the AWS API about what the stack made for each source location."""
    configurations = outputs["accessConfigurations"]
    replicas = outputs.get("replicaSecretArns", {})
    roles = outputs.get("mediaPackageRoleArns", {})
    source_locations = outputs.get("sourceLocationArns", {})

    session = boto3.Session(region_name=region)
    settings = Config(max_pool_connections=_CONNECTIONS)
    regions = {region}.union(*replicas.values())
    # Made before the threads start, which may share a client but not the session.
    secrets_of = {
        region: session.client("secretsmanager", region, endpoint_url=endpoint_url, config=settings)
        for region in regions
    }
    kms_of = {
        region: session.client("kms", region, endpoint_url=endpoint_url, config=settings)
        for region in regions
    }
    iam = session.client("iam", endpoint_url=endpoint_url, config=settings)
    cloud_control = session.client("cloudcontrol", endpoint_url=endpoint_url, config=settings)

    @cache
    def key(region: str, key_id: str) -> dict[str, Any]:
        if not key_id:
            return {"key": {}, "rotation": {}, "key_policy": ""}
        kms = kms_of[region]
        return {
            "key": _answer(lambda: kms.describe_key(KeyId=key_id)).get("KeyMetadata", {}),
            "rotation": _answer(lambda: kms.get_key_rotation_status(KeyId=key_id)),
            "key_policy": _answer(
                lambda: kms.get_key_policy(KeyId=key_id, PolicyName="default")
            ).get("Policy", ""),
        }

    def secret(configuration: Mapping[str, Any], region: str) -> dict[str, Any]:
        secrets = secrets_of[region]
        arn = configuration["SecretsManagerAccessTokenConfiguration"]["SecretArn"]
        described = _answer(lambda: secrets.describe_secret(SecretId=arn))
        value = _answer(lambda: secrets.get_secret_value(SecretId=arn))
        policy = _answer(lambda: secrets.get_resource_policy(SecretId=arn))
        return {
            "access_configuration": configuration,
            "secret": described,
            "secret_string": value.get("SecretString", ""),
            "resource_policy": policy.get("ResourcePolicy", ""),
            "key_is_existing": bool(outputs["requiredKeyPolicyStatements"]),
            **key(region, described.get("KmsKeyId", "")),
        }

    def read(name: str) -> ReadBack:
        configuration = configurations[name]
        return ReadBack(
            **secret(configuration, region),
            replicas={
                region: ReadBack(**secret(_naming(configuration, arn), region))
                for region, arn in replicas.get(name, {}).items()
            },
            media_package_role=_role(roles[name], iam) if name in roles else None,
            source_location=(
                _source_location(source_locations[name], cloud_control)
                if name in source_locations
                else None
            ),
        )

    with ThreadPoolExecutor(_CONNECTIONS) as threads:
        return dict(zip(configurations, threads.map(read, configurations), strict=True))


def _naming(configuration: Mapping[str, Any], secret_arn: str) -> dict[str, Any]:
    """Return an access configuration that names another secret."""
    part = "SecretsManagerAccessTokenConfiguration"
    return {**configuration, part: {**configuration[part], "SecretArn": secret_arn}}


def _role(arn: str, iam: "IAMClient") -> MediaPackageRole:
    name = arn.rpartition("/")[2]
    role = _answer(lambda: iam.get_role(RoleName=name)).get("Role", {})
    inline = _answer(lambda: iam.list_role_policies(RoleName=name)).get("PolicyNames", [])
    attached = _answer(lambda: iam.list_attached_role_policies(RoleName=name))
    return MediaPackageRole(
        arn=arn,
        trust_policy=role.get("AssumeRolePolicyDocument", {}),
        policies=[
            iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]  # type: ignore[misc]  # boto3 has it decoded
            for policy in inline
        ],
        attached_policies=[p["PolicyArn"] for p in attached.get("AttachedPolicies", [])],
    )


def _source_location(arn: str, cloud_control: "CloudControlApiClient") -> SourceLocation:
    described = _answer(
        lambda: cloud_control.get_resource(
            TypeName="AWS::MediaTailor::SourceLocation", Identifier=arn.rpartition("/")[2]
        )
    )
    properties = described.get("ResourceDescription", {}).get("Properties", "{}")
    return SourceLocation(arn=arn, properties=json.loads(properties))


def _answer(call: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return what AWS answers, or nothing where it refuses: the verdict says what is missing."""
    try:
        return call()
    except botocore.exceptions.ClientError:
        return {}
