"""AWS Secrets Manager: secrets, their versions and their policies."""

import base64
import binascii
import dataclasses
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from typing_extensions import override

from .errors import Refused
from .resource import (
    POLICY,
    Autoname,
    Change,
    Property,
    Resource,
    Rule,
    between,
    generated_name,
    is_arn,
    length,
    matching,
    prefix_of,
)
from .values import Values, has_unknown

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager.type_defs import ReplicationStatusTypeTypeDef

    from .aws import Aws, Region

_CURRENT = "AWSCURRENT"
_NO_POLICY = ("", "{}")
_NOT_FOUND = {"ResourceNotFoundException": ""}
_NOT_FOUND_OR_DELETED = {
    **_NOT_FOUND,
    "InvalidRequestException": "because it was (deleted|marked for deletion)",
}


def _name_rules(longest: int) -> tuple[Rule, ...]:
    return (
        matching(
            r"[0-9A-Za-z/_+=.@-]*",
            "only alphanumeric characters and /_+=.@- special characters are allowed in {name}",
        ),
        matching(
            rf"(?s:.){{0,{longest}}}", f"{{name}} cannot be greater than {longest} characters"
        ),
    )


def _same_replicas(old: list[Values], new: list[Values]) -> bool:
    return _replicas(old) == _replicas(new)


def _replicas(replicas: list[Values] | None) -> set[tuple[str, str | None]]:
    return {(each["region"], each.get("kmsKeyId")) for each in replicas or []}


def _are_replicas(name: str, value: list[Values]) -> Iterator[str]:
    for index, replica in enumerate(value):
        if not isinstance(replica, dict) or "region" not in replica:
            yield f'"{name}.{index}" must be an object with a region'
        elif unknown := sorted(set(replica) - {"region", "kmsKeyId"}):
            yield f'"{name}.{index}" has the property "{unknown[0]}", which no replica has'


def _replica_regions(replicas: Iterable[tuple[str, str | None]]) -> list[Values]:
    return [
        {"Region": region, **({"KmsKeyId": key} if key else {})}
        for region, key in sorted(replicas, key=str)
    ]


def _update_replicas(region: "Region", resource_id: str, old: Values, new: Values) -> None:
    """Remove, then add: a replica with another key is another replica."""
    before, after = _replicas(old.get("replicas")), _replicas(new.get("replicas"))
    if gone := sorted({name for name, _ in before - after}):
        region.secretsmanager.remove_regions_from_replication(
            SecretId=resource_id, RemoveReplicaRegions=gone
        )
    if after - before:
        region.secretsmanager.replicate_secret_to_regions(
            SecretId=resource_id,
            AddReplicaRegions=_replica_regions(after - before),  # type: ignore[arg-type]  # as above
            ForceOverwriteReplicaSecret=new["forceOverwriteReplicaSecret"],
        )


class Secret(Resource):
    """A secret without a value; its ID is its ARN."""

    token = "aws:secretsmanager/secret:Secret"  # noqa: S105  (a type token)
    noun = "Secrets Manager Secret"
    gone = _NOT_FOUND
    tagged = True
    autoname = Autoname(longest=255)
    properties: ClassVar = {
        "description": Property(),
        "forceOverwriteReplicaSecret": Property(kind=bool, default=False, recovered=False),
        "kmsKeyId": Property(),
        "name": Property(
            replaces=True, computed=True, rules=_name_rules(512), conflicts=("namePrefix",)
        ),
        "namePrefix": Property(
            replaces=True, computed=True, rules=_name_rules(486), conflicts=("name",)
        ),
        "policy": POLICY,
        "recoveryWindowInDays": Property(
            kind=int, default=30, recovered=False, rules=(between(7, 30, or_zero=True),)
        ),
        "replicas": Property(kind=list, same=_same_replicas, rules=(_are_replicas,)),
        "type": Property(replaces=True, rules=(length(0, 256),)),
    }
    computed = frozenset({"arn"})

    @override
    def create(self, region: "Region", inputs: Values) -> str:
        request: Values = {
            "Name": inputs.get("name") or generated_name(inputs["namePrefix"]),
            "Description": inputs.get("description", ""),
            "ForceOverwriteReplicaSecret": inputs["forceOverwriteReplicaSecret"],
            "Tags": _tags(inputs["tagsAll"]),
        }
        if inputs.get("replicas"):
            request["AddReplicaRegions"] = _replica_regions(_replicas(inputs["replicas"]))
        if inputs.get("kmsKeyId"):
            request["KmsKeyId"] = inputs["kmsKeyId"]
        if inputs.get("type"):
            request["Type"] = inputs["type"]
        return region.secretsmanager.create_secret(**request)["ARN"]

    @override
    def complete(self, region: "Region", resource_id: str, inputs: Values) -> None:
        policy = self.stored("policy", inputs.get("policy", ""))
        if policy not in _NO_POLICY:
            region.secretsmanager.put_resource_policy(SecretId=resource_id, ResourcePolicy=policy)

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
            "namePrefix": prefix_of(secret["Name"]),
            "policy": policy.get("ResourcePolicy", ""),
            "replicas": [_replica(status) for status in secret.get("ReplicationStatus", [])]
            or None,
            "tagsAll": {tag["Key"]: tag["Value"] for tag in secret.get("Tags", [])},
            "type": secret.get("Type"),
        }

    @override
    def tag(self, region: "Region", resource_id: str, *, add: Values, remove: list[str]) -> None:
        if remove:
            region.secretsmanager.untag_resource(SecretId=resource_id, TagKeys=remove)
        if add:
            region.secretsmanager.tag_resource(SecretId=resource_id, Tags=_tags(add))

    @override
    def update(
        self,
        region: "Region",
        resource_id: str,
        old: Values,
        new: Values,
        changed: frozenset[str],
    ) -> None:
        client = region.secretsmanager
        if "replicas" in changed:
            _update_replicas(region, resource_id, old, new)
        if changed & {"description", "kmsKeyId"}:
            key = {"KmsKeyId": new["kmsKeyId"]} if new.get("kmsKeyId") else {}
            client.update_secret(
                SecretId=resource_id, Description=new.get("description", ""), **key
            )
        if "policy" in changed:
            policy = self.stored("policy", new["policy"])
            if policy in _NO_POLICY:
                client.delete_resource_policy(SecretId=resource_id)
            else:
                client.put_resource_policy(SecretId=resource_id, ResourcePolicy=policy)

    @override
    def delete(self, region: "Region", resource_id: str, state: Values) -> None:
        client = region.secretsmanager
        window = state.get("recoveryWindowInDays")
        how: Values = {"ForceDeleteWithoutRecovery": True}
        if window != 0:
            how = {"RecoveryWindowInDays": window} if window else {}
        if state.get("replicas"):
            regions = [replica["region"] for replica in state["replicas"]]
            client.remove_regions_from_replication(
                SecretId=resource_id, RemoveReplicaRegions=regions
            )
        client.delete_secret(SecretId=resource_id, **how)


def _tags(tags: Values) -> list[Any]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


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


def _is_base64(name: str, value: str) -> Iterator[str]:
    try:
        base64.b64decode(value, validate=True)
    except binascii.Error:
        yield f'"{name}" must be base64-encoded'


class SecretVersion(Resource):
    """A value of a secret; its ID is `<secretId>|<versionId>`."""

    token = "aws:secretsmanager/secretVersion:SecretVersion"  # noqa: S105  (a type token)
    noun = "Secrets Manager Secret Version"
    gone = _NOT_FOUND_OR_DELETED
    properties: ClassVar = {
        "secretBinary": Property(
            secret=True,
            replaces=True,
            rules=(_is_base64,),
            conflicts=("secretString", "secretStringWo"),
        ),
        "secretId": Property(required=True, replaces=True),
        "secretString": Property(secret=True, conflicts=("secretBinary", "secretStringWo")),
        "secretStringWo": Property(
            secret=True,
            conflicts=("secretBinary", "secretString"),
            needs=("secretStringWoVersion",),
        ),
        "secretStringWoVersion": Property(kind=int, recovered=False, needs=("secretStringWo",)),
        "versionStages": Property(
            kind=list, computed=True, same=lambda old, new: set(old) == set(new)
        ),
    }
    computed = frozenset({"arn", "hasSecretStringWo", "secretArn", "versionId"})

    @override
    def identity(self, inputs: Values) -> str:
        return str(inputs["secretId"])

    @override
    def changes_by_rule(self, state: Values, inputs: Values) -> Iterator[Change]:
        ours = {"secretString", "secretStringWo", "secretStringWoVersion"}
        yield from (
            change
            for change in super().changes_by_rule(state, inputs)
            if change.property not in ours
        )
        yield from self._changes_of_value(state, inputs)

    def _changes_of_value(self, state: Values, inputs: Values) -> Iterator[Change]:
        """Compare the value, which AWS never changes in place, with the one in the state.

        A write-only value is not in the state: a new `secretStringWoVersion` tells that it changed.
        """
        old, new = state.get("secretString"), inputs.get("secretString")
        write_only = inputs.get("secretStringWo")
        old_round, new_round = (each.get("secretStringWoVersion") for each in (state, inputs))
        if new:
            if has_unknown(new) or new != old:
                yield from self._change("secretString", old, new, replaces=True)
        elif old and write_only is not None:
            same = write_only == old
            yield from self._change("secretString", old, None, replaces=False)
            yield from self._change("secretStringWoVersion", None, new_round, replaces=not same)
        elif old:
            yield from self._change("secretString", old, None, replaces=False)
        elif old_round != new_round or has_unknown(new_round):
            yield from self._change("secretStringWoVersion", old_round, new_round, replaces=True)

    @override
    def planned(self, aws: "Aws", inputs: Values, state: Values | None = None) -> Values:
        outputs = super().planned(aws, inputs, state)
        outputs.pop("secretStringWo", None)
        return outputs

    @override
    def create(self, region: "Region", inputs: Values) -> str:
        # AWS makes the token the ID of the version.
        # https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
        request: Values = {
            "SecretId": inputs["secretId"],
            "ClientRequestToken": generated_name("terraform-"),
        }
        if value := inputs.get("secretString") or inputs.get("secretStringWo"):
            request["SecretString"] = value
        if "secretBinary" in inputs:
            request["SecretBinary"] = base64.b64decode(inputs["secretBinary"])
        if inputs.get("versionStages"):
            request["VersionStages"] = inputs["versionStages"]
        version = region.secretsmanager.put_secret_value(**request)["VersionId"]
        return f"{inputs['secretId']}|{version}"

    @override
    def read(self, region: "Region", resource_id: str, state: Values) -> Values | None:
        secret_id, version_id = _split(resource_id)
        if "secretStringWoVersion" in state:
            return _version_without_value(region, secret_id, version_id)
        version = region.secretsmanager.get_secret_value(SecretId=secret_id, VersionId=version_id)
        binary = version.get("SecretBinary")
        return {
            "arn": version["ARN"],
            "hasSecretStringWo": False,
            "secretArn": version["ARN"],
            "secretBinary": base64.b64encode(binary).decode() if binary else None,
            "secretId": secret_id,
            "secretString": version.get("SecretString"),
            "versionId": version_id,
            "versionStages": sorted(version.get("VersionStages", [])),
        }

    @override
    def update(
        self,
        region: "Region",
        resource_id: str,
        old: Values,
        new: Values,
        changed: frozenset[str],
    ) -> None:
        if "versionStages" not in changed:
            return
        client = region.secretsmanager
        secret_id, version_id = _split(resource_id)
        before, after = set(old.get("versionStages", [])), set(new["versionStages"])
        for stage in sorted(after - before):
            holder = {}
            if stage == _CURRENT:
                holder = {"RemoveFromVersionId": _holder_of_current(region, secret_id)}
            client.update_secret_version_stage(
                SecretId=secret_id, VersionStage=stage, MoveToVersionId=version_id, **holder
            )
        kept = {_CURRENT}
        if _CURRENT in after - before:
            kept.add("AWSPREVIOUS")  # AWS has moved it along with AWSCURRENT
        for stage in sorted(before - after - kept):
            client.update_secret_version_stage(
                SecretId=secret_id, VersionStage=stage, RemoveFromVersionId=version_id
            )

    @override
    def delete(self, region: "Region", resource_id: str, state: Values) -> None:
        """Take its labels off; AWS deletes a version that has none in its own time.

        AWSCURRENT cannot be taken off, so the value lives on until the secret is deleted.
        """
        secret_id, version_id = _split(resource_id)
        for stage in sorted(set(state.get("versionStages", [])) - {_CURRENT}):
            region.secretsmanager.update_secret_version_stage(
                SecretId=secret_id, VersionStage=stage, RemoveFromVersionId=version_id
            )


def _split(resource_id: str) -> tuple[str, str]:
    secret_id, _, version_id = resource_id.rpartition("|")
    if not (secret_id and version_id):
        raise Refused(f"unexpected format for ID ({resource_id}), expected secret-id|version-id")
    return secret_id, version_id


def _versions(region: "Region", secret_id: str) -> Iterator[Values]:
    request: Values = {"SecretId": secret_id, "IncludeDeprecated": True}
    while True:
        page = region.secretsmanager.list_secret_version_ids(**request)
        for version in page.get("Versions", []):
            yield {**version, "ARN": page["ARN"]}
        if "NextToken" not in page:
            return
        request["NextToken"] = page["NextToken"]


def _version_without_value(region: "Region", secret_id: str, version_id: str) -> Values | None:
    for version in _versions(region, secret_id):
        if version["VersionId"] == version_id:
            return {
                "arn": version["ARN"],
                "hasSecretStringWo": True,
                "secretArn": version["ARN"],
                "secretId": secret_id,
                "versionId": version_id,
                "versionStages": sorted(version.get("VersionStages", [])),
            }
    return None


def _holder_of_current(region: "Region", secret_id: str) -> str:
    return next(
        str(version["VersionId"])
        for version in _versions(region, secret_id)
        if _CURRENT in version.get("VersionStages", [])
    )


class SecretPolicy(Resource):
    """The resource policy of a secret; its ID is the secret's ARN."""

    token = "aws:secretsmanager/secretPolicy:SecretPolicy"  # noqa: S105  (a type token)
    noun = "Secrets Manager Secret Policy"
    gone = _NOT_FOUND_OR_DELETED
    properties: ClassVar = {
        "blockPublicPolicy": Property(kind=bool, recovered=False),
        "policy": dataclasses.replace(POLICY, required=True, computed=False),
        "secretArn": Property(required=True, replaces=True, rules=(is_arn,)),
    }
    computed = frozenset()

    @override
    def identity(self, inputs: Values) -> str:
        return str(inputs["secretArn"])

    @override
    def create(self, region: "Region", inputs: Values) -> str:
        block = {"BlockPublicPolicy": True} if inputs.get("blockPublicPolicy") else {}
        return region.secretsmanager.put_resource_policy(
            SecretId=inputs["secretArn"],
            ResourcePolicy=self.stored("policy", inputs["policy"]),
            **block,
        )["ARN"]

    @override
    def read(self, region: "Region", resource_id: str, state: Values) -> Values | None:
        answer = region.secretsmanager.get_resource_policy(SecretId=resource_id)
        # A secret without a policy keeps the resource, so that the next update puts it back.
        return {"policy": answer.get("ResourcePolicy", ""), "secretArn": resource_id}

    @override
    def update(
        self,
        region: "Region",
        resource_id: str,
        old: Values,
        new: Values,
        changed: frozenset[str],
    ) -> None:
        region.secretsmanager.put_resource_policy(
            SecretId=resource_id,
            ResourcePolicy=self.stored("policy", new["policy"]),
            BlockPublicPolicy=new.get("blockPublicPolicy", False),
        )

    @override
    def delete(self, region: "Region", resource_id: str, state: Values) -> None:
        region.secretsmanager.delete_resource_policy(SecretId=resource_id)
