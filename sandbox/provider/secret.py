"""AWS Secrets Manager: secrets, without their value.

It follows internal/service/secretsmanager/secret.go of
github.com/hashicorp/terraform-provider-aws.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import override

from sandbox.provider.errors import has_code
from sandbox.provider.policy_equivalence import normalised
from sandbox.provider.properties import Property, between, matching
from sandbox.provider.resource import Autoname, Resource
from sandbox.provider.values import Values

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager.type_defs import ReplicationStatusTypeTypeDef

    from sandbox.provider.aws import Region

_NAME_RULES = (
    matching(
        r"[0-9A-Za-z/_+=.@-]*",
        "only alphanumeric characters and /_+=.@- special characters are allowed in {name}",
    ),
    matching(r"(?s:.){0,512}", "{name} cannot be greater than 512 characters"),
)
_OF_A_REPLICA = frozenset({"region", "kmsKeyId"})
"""The inputs of a replica; the state has more."""


def _same_replicas(old: list[Values], new: list[Values]) -> bool:
    return _replicas(old) == _replicas(new)


def _replicas(replicas: list[Values] | None) -> set[tuple[str, str | None]]:
    return {(each["region"], each.get("kmsKeyId")) for each in replicas or []}


def _are_replicas(name: str, value: list[Values]) -> Iterator[str]:
    for index, replica in enumerate(value):
        if not isinstance(replica, dict) or "region" not in replica:
            yield f'"{name}.{index}" must be an object with a region'
        elif unknown := sorted(set(replica) - _OF_A_REPLICA):
            yield f'"{name}.{index}" has the unknown property "{unknown[0]}"'


class Secret(Resource):
    """A secret without a value; its ID is its ARN."""

    token = "aws:secretsmanager/secret:Secret"
    noun = "Secrets Manager Secret"
    gone: ClassVar = {"ResourceNotFoundException": ""}
    tagged = True
    autoname = Autoname(longest=255)
    properties: ClassVar = {
        "description": Property(),
        "kmsKeyId": Property(),
        "name": Property(replaces=True, computed=True, rules=_NAME_RULES),
        "recoveryWindowInDays": Property(
            kind=int, default=30, recovered=False, rules=(between(7, 30, or_zero=True),)
        ),
        "replicas": Property(kind=list, same=_same_replicas, rules=(_are_replicas,)),
    }
    computed = frozenset({"arn", "policy"})

    @override
    def as_input(self, name: str, value: Any) -> Any:
        if name == "replicas":
            return [{key: each[key] for key in each if key in _OF_A_REPLICA} for each in value]
        return value

    @override
    def create(self, region: "Region", inputs: Values) -> Iterator[str]:
        request: Values = {
            "Name": inputs["name"],
            "Description": inputs.get("description", ""),
            "Tags": _tags(region.aws.settings.new_tags(inputs.get("tags", {}))),
        }
        if inputs.get("replicas"):
            request["AddReplicaRegions"] = _replica_regions(_replicas(inputs["replicas"]))
        if inputs.get("kmsKeyId"):
            request["KmsKeyId"] = inputs["kmsKeyId"]
        yield region.secretsmanager.create_secret(**request)["ARN"]

    @override
    def read(self, region: "Region", resource_id: str, state: Values) -> Values | None:
        secret = region.secretsmanager.describe_secret(SecretId=resource_id)
        if "DeletedDate" in secret:
            return None
        policy = region.secretsmanager.get_resource_policy(SecretId=resource_id)
        return {
            "arn": secret["ARN"],
            "description": secret.get("Description") or None,
            "kmsKeyId": secret.get("KmsKeyId"),
            "name": secret["Name"],
            "policy": normalised(policy.get("ResourcePolicy", "")),
            "replicas": [_replica(status) for status in secret.get("ReplicationStatus", [])]
            or None,
            "tagsAll": {tag["Key"]: tag["Value"] for tag in secret.get("Tags", [])},
        }

    @override
    def tag(self, region: "Region", resource_id: str, *, add: Values, remove: list[str]) -> None:
        if remove:
            region.secretsmanager.untag_resource(SecretId=resource_id, TagKeys=remove)
        if add:
            region.secretsmanager.tag_resource(SecretId=resource_id, Tags=_tags(add))

    @override
    def update(
        self, region: "Region", resource_id: str, old: Values, new: Values, changed: frozenset[str]
    ) -> None:
        if "replicas" in changed:
            _update_replicas(region, resource_id, old, new)
        if changed & {"description", "kmsKeyId"}:
            # A key that the program no longer sets is kept: upstream never sends an empty one.
            key = {"KmsKeyId": new["kmsKeyId"]} if new.get("kmsKeyId") else {}
            region.secretsmanager.update_secret(
                SecretId=resource_id, Description=new.get("description", ""), **key
            )

    @override
    def delete(self, region: "Region", resource_id: str, state: Values) -> None:
        regions = {each["region"] for each in state.get("replicas", [])}
        try:
            _remove_replicas(region, resource_id, regions)
        except Exception as error:
            if not has_code(error, "ResourceNotFoundException"):
                raise
        # The window is missing if the secret was imported and never updated: upstream then uses 0.
        window = state.get("recoveryWindowInDays", 0)
        how: Values = (
            {"RecoveryWindowInDays": window} if window else {"ForceDeleteWithoutRecovery": True}
        )
        region.secretsmanager.delete_secret(SecretId=resource_id, **how)


def _update_replicas(region: "Region", resource_id: str, old: Values, new: Values) -> None:
    """Remove, then add: changing a replica's key replaces the replica."""
    before, after = _replicas(old.get("replicas")), _replicas(new.get("replicas"))
    _remove_replicas(region, resource_id, {name for name, _ in before - after})
    if after - before:
        region.secretsmanager.replicate_secret_to_regions(
            SecretId=resource_id,
            AddReplicaRegions=_replica_regions(after - before),  # type: ignore[arg-type]  # built below
        )


def _remove_replicas(region: "Region", resource_id: str, regions: set[str]) -> None:
    if regions:
        region.secretsmanager.remove_regions_from_replication(
            SecretId=resource_id, RemoveReplicaRegions=sorted(regions)
        )


def _replica_regions(replicas: Iterable[tuple[str, str | None]]) -> list[Values]:
    return [
        {"Region": region, **({"KmsKeyId": key} if key else {})}
        for region, key in sorted(replicas, key=str)
    ]


def _replica(status: "ReplicationStatusTypeTypeDef") -> Values:
    last_accessed = status.get("LastAccessedDate")
    replica = {
        "region": status.get("Region"),
        "kmsKeyId": status.get("KmsKeyId"),
        "lastAccessedDate": last_accessed.isoformat() if last_accessed else None,
        "status": status.get("Status"),
        "statusMessage": status.get("StatusMessage"),
    }
    return {name: value for name, value in replica.items() if value is not None}


def _tags(tags: Values) -> list[Any]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
