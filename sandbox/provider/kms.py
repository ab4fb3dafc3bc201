"""AWS KMS: keys and aliases."""

from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from .errors import Refused
from .resource import (
    POLICY,
    Autoname,
    Property,
    Resource,
    between,
    generated_name,
    is_arn,
    length,
    matching,
    one_of,
    prefix_of,
)
from .values import Values

if TYPE_CHECKING:
    from mypy_boto3_kms.type_defs import KeyMetadataTypeDef

    from .aws import Region

_ALIAS_RULES = (
    matching(
        r"alias/[0-9A-Za-z_/-]+",
        "{name} must begin with 'alias/' and be comprised of only [0-9A-Za-z_/-]",
    ),
    matching(
        r"(?!alias/aws/)(?s:.)*",
        "{name} cannot begin with reserved AWS CMK prefix 'alias/aws/'",
    ),
)
_WINDOW = between(7, 30)
_GONE = {"NotFoundException": "", "KMSInvalidStateException": "is pending deletion"}


class Key(Resource):
    """A KMS key; its ID is the key ID."""

    token = "aws:kms/key:Key"  # noqa: S105  (a type token)
    noun = "KMS Key"
    gone = _GONE
    tagged = True
    properties: ClassVar = {
        "bypassPolicyLockoutSafetyCheck": Property(kind=bool, default=False, recovered=False),
        "customKeyStoreId": Property(replaces=True, rules=(length(1, 22),)),
        "customerMasterKeySpec": Property(
            default="SYMMETRIC_DEFAULT", replaces=True, rules=(one_of("kms", "KeySpec"),)
        ),
        "deletionWindowInDays": Property(kind=int, recovered=False, rules=(_WINDOW,)),
        "description": Property(computed=True, rules=(length(0, 8192),)),
        "enableKeyRotation": Property(kind=bool, default=False),
        "isEnabled": Property(kind=bool, default=True),
        "keyUsage": Property(
            default="ENCRYPT_DECRYPT", replaces=True, rules=(one_of("kms", "KeyUsageType"),)
        ),
        "multiRegion": Property(kind=bool, computed=True, replaces=True),
        "policy": POLICY,
        "rotationPeriodInDays": Property(
            kind=int, computed=True, rules=(between(90, 2560),), needs=("enableKeyRotation",)
        ),
        "xksKeyId": Property(replaces=True, rules=(length(1, 128),), needs=("customKeyStoreId",)),
    }
    computed = frozenset({"arn", "keyId"})

    @override
    def create(self, region: "Region", inputs: Values) -> str:
        request: Values = {
            "BypassPolicyLockoutSafetyCheck": inputs["bypassPolicyLockoutSafetyCheck"],
            "KeySpec": inputs["customerMasterKeySpec"],
            "KeyUsage": inputs["keyUsage"],
            "Tags": _tags(inputs["tagsAll"]),
        }
        if "customKeyStoreId" in inputs:
            # https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html#KMS-CreateKey-request-Origin
            request["Origin"] = "EXTERNAL_KEY_STORE" if "xksKeyId" in inputs else "AWS_CLOUDHSM"
        for name, parameter in (
            ("customKeyStoreId", "CustomKeyStoreId"),
            ("description", "Description"),
            ("multiRegion", "MultiRegion"),
            ("policy", "Policy"),
            ("xksKeyId", "XksKeyId"),
        ):
            if name in inputs:
                request[parameter] = self.stored(name, inputs[name])
        return region.kms.create_key(**request)["KeyMetadata"]["KeyId"]

    @override
    def complete(self, region: "Region", resource_id: str, inputs: Values) -> None:
        if inputs["enableKeyRotation"]:
            _enable_rotation(region, resource_id, inputs)
        if not inputs["isEnabled"]:
            region.kms.disable_key(KeyId=resource_id)

    @override
    def read(self, region: "Region", resource_id: str, state: Values) -> Values | None:
        key = _describe(region, resource_id)
        if key is None:
            return None
        multi_region = key.get("MultiRegionConfiguration", {})
        if key.get("MultiRegion") and multi_region.get("MultiRegionKeyType") != "PRIMARY":
            raise Refused(f"KMS Key ({resource_id}) is not a multi-Region primary key")
        return {
            **_shared_outputs(region, key),
            "customKeyStoreId": key.get("CustomKeyStoreId"),
            "customerMasterKeySpec": key.get("KeySpec"),
            "isEnabled": key.get("Enabled"),
            "keyUsage": key.get("KeyUsage"),
            "multiRegion": key.get("MultiRegion", False),
            "xksKeyId": key.get("XksKeyConfiguration", {}).get("Id"),
        }

    @override
    def tag(self, region: "Region", resource_id: str, *, add: Values, remove: list[str]) -> None:
        _tag(region, resource_id, add=add, remove=remove)

    @override
    def update(
        self,
        region: "Region",
        resource_id: str,
        old: Values,
        new: Values,
        changed: frozenset[str],
    ) -> None:
        kms = region.kms
        if "isEnabled" in changed and new["isEnabled"]:
            kms.enable_key(KeyId=resource_id)
        if "enableKeyRotation" in changed and not new["enableKeyRotation"]:
            kms.disable_key_rotation(KeyId=resource_id)
        elif new["enableKeyRotation"] and changed & {"enableKeyRotation", "rotationPeriodInDays"}:
            _enable_rotation(region, resource_id, new)
        _update_description_and_policy(region, resource_id, new, changed)
        if "isEnabled" in changed and not new["isEnabled"]:
            kms.disable_key(KeyId=resource_id)

    @override
    def delete(self, region: "Region", resource_id: str, state: Values) -> None:
        _schedule_deletion(region, resource_id, state)


class ReplicaKey(Resource):
    """A replica of a multi-Region key in another region; its ID is the key ID of both."""

    token = "aws:kms/replicaKey:ReplicaKey"  # noqa: S105  (a type token)
    noun = "KMS Replica Key"
    gone = _GONE
    tagged = True
    properties: ClassVar = {
        "bypassPolicyLockoutSafetyCheck": Property(kind=bool, default=False, recovered=False),
        "deletionWindowInDays": Property(kind=int, default=30, recovered=False, rules=(_WINDOW,)),
        "description": Property(rules=(length(0, 8192),)),
        "enabled": Property(kind=bool, default=True),
        "policy": POLICY,
        "primaryKeyArn": Property(required=True, replaces=True, rules=(is_arn,)),
    }
    computed = frozenset({"arn", "keyId", "keyRotationEnabled", "keySpec", "keyUsage"})

    @override
    def identity(self, inputs: Values) -> str:
        return str(inputs["primaryKeyArn"])

    @override
    def create(self, region: "Region", inputs: Values) -> str:
        primary: str = inputs["primaryKeyArn"]
        request: Values = {
            "BypassPolicyLockoutSafetyCheck": inputs["bypassPolicyLockoutSafetyCheck"],
            "KeyId": _bare_id(primary),
            "ReplicaRegion": region.name,
            "Tags": _tags(inputs["tagsAll"]),
        }
        for name, parameter in (("description", "Description"), ("policy", "Policy")):
            if name in inputs:
                request[parameter] = inputs[name]
        # Only the region of the primary key can replicate it.
        # https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html
        primary_region = region.aws.in_region(primary.split(":")[3])
        return primary_region.kms.replicate_key(**request)["ReplicaKeyMetadata"]["KeyId"]

    @override
    def complete(self, region: "Region", resource_id: str, inputs: Values) -> None:
        if not inputs["enabled"]:
            region.kms.disable_key(KeyId=resource_id)

    @override
    def read(self, region: "Region", resource_id: str, state: Values) -> Values | None:
        key = _describe(region, resource_id)
        if key is None:
            return None
        multi_region = key.get("MultiRegionConfiguration", {})
        if multi_region.get("MultiRegionKeyType") != "REPLICA":
            raise Refused(f"KMS Key ({resource_id}) is not a multi-Region replica key")
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

    @override
    def tag(self, region: "Region", resource_id: str, *, add: Values, remove: list[str]) -> None:
        _tag(region, resource_id, add=add, remove=remove)

    @override
    def update(
        self,
        region: "Region",
        resource_id: str,
        old: Values,
        new: Values,
        changed: frozenset[str],
    ) -> None:
        if "enabled" in changed and new["enabled"]:
            region.kms.enable_key(KeyId=resource_id)
        _update_description_and_policy(region, resource_id, new, changed)
        if "enabled" in changed and not new["enabled"]:
            region.kms.disable_key(KeyId=resource_id)

    @override
    def delete(self, region: "Region", resource_id: str, state: Values) -> None:
        _schedule_deletion(region, resource_id, state)


class Alias(Resource):
    """The name of a KMS key; its ID is that name."""

    token = "aws:kms/alias:Alias"  # noqa: S105  (a type token)
    noun = "KMS Alias"
    gone: ClassVar = {"NotFoundException": ""}
    autoname = Autoname(longest=238, prefix="alias/")
    properties: ClassVar = {
        "name": Property(
            replaces=True, rules=_ALIAS_RULES, conflicts=("namePrefix",), computed=True
        ),
        "namePrefix": Property(
            replaces=True, rules=_ALIAS_RULES, conflicts=("name",), computed=True
        ),
        "targetKeyId": Property(
            required=True, same=lambda old, new: _bare_id(old) == _bare_id(new)
        ),
    }
    computed = frozenset({"arn", "targetKeyArn"})

    @override
    def create(self, region: "Region", inputs: Values) -> str:
        name: str = inputs.get("name") or generated_name(inputs["namePrefix"])
        region.kms.create_alias(AliasName=name, TargetKeyId=inputs["targetKeyId"])
        return name

    @override
    def read(self, region: "Region", resource_id: str, state: Values) -> Values | None:
        for page in region.kms.get_paginator("list_aliases").paginate():
            for alias in page["Aliases"]:
                if alias["AliasName"] == resource_id:
                    key, arn = alias["TargetKeyId"], alias["AliasArn"]
                    return {
                        "arn": arn,
                        "name": resource_id,
                        "namePrefix": prefix_of(resource_id),
                        "targetKeyArn": arn.removesuffix(resource_id) + f"key/{key}",
                        "targetKeyId": key,
                    }
        return None

    @override
    def update(
        self,
        region: "Region",
        resource_id: str,
        old: Values,
        new: Values,
        changed: frozenset[str],
    ) -> None:
        region.kms.update_alias(AliasName=resource_id, TargetKeyId=new["targetKeyId"])

    @override
    def delete(self, region: "Region", resource_id: str, state: Values) -> None:
        region.kms.delete_alias(AliasName=resource_id)


def _bare_id(key: str) -> str:
    return key.rpartition(":key/")[2]


def _tags(tags: Values) -> list[Values]:
    return [{"TagKey": key, "TagValue": value} for key, value in tags.items()]


def _tag(region: "Region", resource_id: str, *, add: Values, remove: list[str]) -> None:
    if remove:
        region.kms.untag_resource(KeyId=resource_id, TagKeys=remove)
    if add:
        region.kms.tag_resource(KeyId=resource_id, Tags=_tags(add))  # type: ignore[arg-type]  # built above


def _enable_rotation(region: "Region", resource_id: str, inputs: Values) -> None:
    period = inputs.get("rotationPeriodInDays")
    region.kms.enable_key_rotation(
        KeyId=resource_id, **({"RotationPeriodInDays": period} if period else {})
    )


def _describe(region: "Region", resource_id: str) -> "KeyMetadataTypeDef | None":
    """Describe a key, or return None if it waits for its deletion, which makes it as good as gone."""
    key = region.kms.describe_key(KeyId=resource_id)["KeyMetadata"]
    return None if key.get("KeyState") in ("PendingDeletion", "PendingReplicaDeletion") else key


def _shared_outputs(region: "Region", key: "KeyMetadataTypeDef") -> Values:
    """Read what keys and replica keys have in common."""
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


def _update_description_and_policy(
    region: "Region", resource_id: str, new: Values, changed: frozenset[str]
) -> None:
    if "description" in changed:
        region.kms.update_key_description(KeyId=resource_id, Description=new.get("description", ""))
    if "policy" in changed:
        region.kms.put_key_policy(
            KeyId=resource_id,
            PolicyName="default",
            Policy=new["policy"],
            BypassPolicyLockoutSafetyCheck=new["bypassPolicyLockoutSafetyCheck"],
        )


def _schedule_deletion(region: "Region", resource_id: str, state: Values) -> None:
    window = state.get("deletionWindowInDays")
    region.kms.schedule_key_deletion(
        KeyId=resource_id, **({"PendingWindowInDays": window} if window else {})
    )
