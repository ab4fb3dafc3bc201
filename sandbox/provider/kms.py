"""AWS KMS: keys and their replicas.

They follow internal/service/kms/key.go and replica_key.go of
github.com/hashicorp/terraform-provider-aws.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from sandbox.provider.errors import ProviderError
from sandbox.provider.properties import POLICY, Property, between, is_arn, length
from sandbox.provider.resource import Resource
from sandbox.provider.state import stored
from sandbox.provider.values import Values

if TYPE_CHECKING:
    from mypy_boto3_kms.type_defs import KeyMetadataTypeDef

    from sandbox.provider.aws import Region

_WINDOW = Property(kind=int, recovered=False, rules=(between(7, 30),))


class _AnyKey(Resource):
    """The common part of keys and their replicas; the ID is the key ID."""

    gone: ClassVar = {"NotFoundException": "", "KMSInvalidStateException": "is pending deletion"}
    tagged = True
    enabled: ClassVar[str]
    """The property that tells whether the key is enabled: it may have been disabled by hand."""

    @override
    def tag(self, region: "Region", resource_id: str, *, add: Values, remove: list[str]) -> None:
        if remove:
            region.kms.untag_resource(KeyId=resource_id, TagKeys=remove)
        if add:
            region.kms.tag_resource(KeyId=resource_id, Tags=_tags(add))  # type: ignore[arg-type]  # built below

    @override
    def update(
        self, region: "Region", resource_id: str, old: Values, new: Values, changed: frozenset[str]
    ) -> None:
        kms = region.kms
        if self.enabled in changed:
            kms.enable_key(KeyId=resource_id)
        self.update_rotation(region, resource_id, new, changed)
        if "description" in changed:
            kms.update_key_description(KeyId=resource_id, Description=new.get("description", ""))
        if "policy" in changed:
            policy = stored(self, "policy", new["policy"])
            kms.put_key_policy(KeyId=resource_id, PolicyName="default", Policy=policy)

    def update_rotation(
        self, region: "Region", resource_id: str, new: Values, changed: frozenset[str]
    ) -> None:
        """Change the rotation; replicas have none of their own."""

    @override
    def delete(self, region: "Region", resource_id: str, state: Values) -> None:
        window = state.get("deletionWindowInDays")
        region.kms.schedule_key_deletion(
            KeyId=resource_id, **({"PendingWindowInDays": window} if window else {})
        )


class Key(_AnyKey):
    """A KMS key."""

    token = "aws:kms/key:Key"
    noun = "KMS Key"
    enabled = "isEnabled"
    properties: ClassVar = {
        "customerMasterKeySpec": Property(default="SYMMETRIC_DEFAULT", replaces=True),
        "deletionWindowInDays": _WINDOW,
        "description": Property(computed=True, rules=(length(0, 8192),)),
        "enableKeyRotation": Property(kind=bool, default=False),
        "isEnabled": Property(kind=bool, default=True, settable=False),
        "keyUsage": Property(default="ENCRYPT_DECRYPT", replaces=True),
        "multiRegion": Property(kind=bool, computed=True, replaces=True),
        "policy": POLICY,
        "rotationPeriodInDays": Property(kind=int, computed=True, rules=(between(90, 2560),)),
    }
    computed = frozenset({"arn", "keyId"})

    @override
    def create(self, region: "Region", inputs: Values) -> Iterator[str]:
        request: Values = {
            "KeySpec": inputs["customerMasterKeySpec"],
            "KeyUsage": inputs["keyUsage"],
            "Tags": _tags(region.aws.settings.new_tags(inputs.get("tags", {}))),
        }
        for name, parameter in (
            ("description", "Description"),
            ("multiRegion", "MultiRegion"),
            ("policy", "Policy"),
        ):
            if inputs.get(name):
                request[parameter] = stored(self, name, inputs[name])
        key_id = region.kms.create_key(**request)["KeyMetadata"]["KeyId"]
        yield key_id
        if inputs["enableKeyRotation"]:
            _enable_rotation(region, key_id, inputs)

    @override
    def read(self, region: "Region", resource_id: str, state: Values) -> Values | None:
        key = _describe(region, resource_id)
        if key is None:
            return None
        multi_region = key.get("MultiRegionConfiguration", {})
        if key.get("MultiRegion") and multi_region.get("MultiRegionKeyType") != "PRIMARY":
            raise ProviderError(f"KMS Key ({resource_id}) is not a multi-Region primary key")
        return {
            **_shared_outputs(region, key),
            "customerMasterKeySpec": key.get("KeySpec"),
            "isEnabled": key.get("Enabled"),
            "keyUsage": key.get("KeyUsage"),
            "multiRegion": key.get("MultiRegion", False),
        }

    @override
    def update_rotation(
        self, region: "Region", resource_id: str, new: Values, changed: frozenset[str]
    ) -> None:
        if "enableKeyRotation" in changed and not new["enableKeyRotation"]:
            region.kms.disable_key_rotation(KeyId=resource_id)
        elif new["enableKeyRotation"] and changed & {"enableKeyRotation", "rotationPeriodInDays"}:
            _enable_rotation(region, resource_id, new)


class ReplicaKey(_AnyKey):
    """A replica of a multi-Region key in another Region; both have the same key ID."""

    token = "aws:kms/replicaKey:ReplicaKey"
    noun = "KMS Replica Key"
    enabled = "enabled"
    properties: ClassVar = {
        "deletionWindowInDays": Property(
            kind=int, default=30, recovered=False, rules=_WINDOW.rules
        ),
        "description": Property(rules=(length(0, 8192),)),
        "enabled": Property(kind=bool, default=True, settable=False),
        "policy": POLICY,
        "primaryKeyArn": Property(required=True, replaces=True, rules=(is_arn,)),
    }
    computed = frozenset({"arn", "keyId", "keyRotationEnabled", "keySpec", "keyUsage"})

    @override
    def identity(self, inputs: Values) -> str:
        return str(inputs["primaryKeyArn"])

    @override
    def create(self, region: "Region", inputs: Values) -> Iterator[str]:
        primary: str = inputs["primaryKeyArn"]
        request: Values = {
            "KeyId": primary.rpartition(":key/")[2],
            "ReplicaRegion": region.name,
            "Tags": _tags(region.aws.settings.new_tags(inputs.get("tags", {}))),
        }
        for name, parameter in (("description", "Description"), ("policy", "Policy")):
            if inputs.get(name):
                request[parameter] = inputs[name]
        # Only the Region of the primary key can replicate it.
        # https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html
        primary_region = region.aws.in_region(primary.split(":")[3])
        yield primary_region.kms.replicate_key(**request)["ReplicaKeyMetadata"]["KeyId"]

    @override
    def read(self, region: "Region", resource_id: str, state: Values) -> Values | None:
        key = _describe(region, resource_id)
        if key is None:
            return None
        multi_region = key.get("MultiRegionConfiguration", {})
        if multi_region.get("MultiRegionKeyType") != "REPLICA":
            raise ProviderError(f"KMS Key ({resource_id}) is not a multi-Region replica key")
        shared = _shared_outputs(region, key)
        return {
            **{name: shared[name] for name in ("arn", "keyId", "policy", "tagsAll")},
            "description": key.get("Description") or None,
            "enabled": key.get("Enabled"),
            "keyRotationEnabled": shared["enableKeyRotation"],
            "keySpec": key.get("KeySpec"),
            "keyUsage": key.get("KeyUsage"),
            "primaryKeyArn": multi_region.get("PrimaryKey", {}).get("Arn"),
        }


def _tags(tags: Values) -> list[Values]:
    return [{"TagKey": key, "TagValue": value} for key, value in tags.items()]


def _enable_rotation(region: "Region", resource_id: str, inputs: Values) -> None:
    period = inputs.get("rotationPeriodInDays")
    region.kms.enable_key_rotation(
        KeyId=resource_id, **({"RotationPeriodInDays": period} if period else {})
    )


def _describe(region: "Region", resource_id: str) -> "KeyMetadataTypeDef | None":
    """Describe a key, or return None if it is pending deletion, which counts as gone."""
    key = region.kms.describe_key(KeyId=resource_id)["KeyMetadata"]
    return None if key.get("KeyState") in ("PendingDeletion", "PendingReplicaDeletion") else key


def _shared_outputs(region: "Region", key: "KeyMetadataTypeDef") -> Values:
    """Read the properties that keys and their replicas share."""
    key_id = key["KeyId"]
    policy = region.kms.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"]
    rotates, period = False, None
    if key.get("Origin") == "AWS_KMS":
        status = region.kms.get_key_rotation_status(KeyId=key_id)
        rotates = status["KeyRotationEnabled"]
        period = status.get("RotationPeriodInDays") if rotates else None
    tags = region.kms.list_resource_tags(KeyId=key_id).get("Tags", [])
    return {
        "arn": key["Arn"],
        "description": key.get("Description"),
        "keyId": key_id,
        "policy": policy,
        "enableKeyRotation": rotates,
        "rotationPeriodInDays": period,
        "tagsAll": {tag["TagKey"]: tag["TagValue"] for tag in tags},
    }
