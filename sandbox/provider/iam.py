"""AWS IAM: roles and their inline policies."""

import dataclasses
import json
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from .errors import Refused
from .resource import (
    POLICY,
    Autoname,
    Property,
    Resource,
    Rule,
    between,
    generated_name,
    length,
    matching,
    prefix_of,
)
from .values import Values

if TYPE_CHECKING:
    from .aws import Region

_REQUIRED_POLICY = dataclasses.replace(POLICY, required=True, computed=False)


def _name_rules(longest: int) -> tuple[Rule, ...]:
    return (
        length(1, longest),
        matching(r"[\w+=,.@-]*", "invalid value for {name} (must match [\\w+=,.@-])"),
    )


def _names(longest: int) -> dict[str, Property]:
    name = Property(
        replaces=True, computed=True, rules=_name_rules(longest), conflicts=("namePrefix",)
    )
    prefix = Property(
        replaces=True, computed=True, rules=_name_rules(longest - 26), conflicts=("name",)
    )
    return {"name": name, "namePrefix": prefix}


def _text(document: object) -> str:
    """Write a policy document as text: boto3 has read what AWS sent."""
    return document if isinstance(document, str) else json.dumps(document)


class Role(Resource):
    """An IAM role; its ID is its name."""

    token = "aws:iam/role:Role"  # noqa: S105  (a type token)
    noun = "IAM Role"
    # Not when a policy of it is.
    gone: ClassVar = {
        "NoSuchEntity": "the (GetRole|ListInstanceProfilesForRole|DeleteRole) operation"
    }
    tagged = True
    regional = False
    autoname = Autoname(longest=64)
    properties: ClassVar = {
        **_names(64),
        "assumeRolePolicy": _REQUIRED_POLICY,
        "description": Property(rules=(length(0, 1000),)),
        "forceDetachPolicies": Property(kind=bool, default=False, recovered=False),
        "maxSessionDuration": Property(kind=int, default=3600, rules=(between(3600, 43200),)),
        "path": Property(default="/", replaces=True, rules=(length(0, 512),)),
    }
    computed = frozenset({"arn", "createDate", "inlinePolicies", "managedPolicyArns", "uniqueId"})
    left_out = frozenset({"inlinePolicies", "managedPolicyArns", "permissionsBoundary"})

    @override
    def create(self, region: "Region", inputs: Values) -> str:
        role = region.iam.create_role(
            RoleName=inputs.get("name") or generated_name(inputs["namePrefix"]),
            AssumeRolePolicyDocument=self.stored("assumeRolePolicy", inputs["assumeRolePolicy"]),
            Path=inputs["path"],
            MaxSessionDuration=inputs["maxSessionDuration"],
            Tags=[{"Key": key, "Value": value} for key, value in inputs["tagsAll"].items()],
            **({"Description": inputs["description"]} if inputs.get("description") else {}),
        )
        return role["Role"]["RoleName"]

    @override
    def read(self, region: "Region", resource_id: str, state: Values) -> Values | None:
        role = region.iam.get_role(RoleName=resource_id)["Role"]
        return {
            "arn": role["Arn"],
            "assumeRolePolicy": _text(role["AssumeRolePolicyDocument"]),
            "createDate": role["CreateDate"].isoformat(),
            "description": role.get("Description") or None,
            "inlinePolicies": [
                {"name": name, "policy": _role_policy(region, resource_id, name)}
                for name in _inline_names(region, resource_id)
            ],
            "managedPolicyArns": _managed_arns(region, resource_id),
            "maxSessionDuration": role.get("MaxSessionDuration"),
            "name": role["RoleName"],
            "namePrefix": prefix_of(role["RoleName"]),
            "path": role["Path"],
            "tagsAll": {tag["Key"]: tag["Value"] for tag in role.get("Tags", [])},
            "uniqueId": role["RoleId"],
        }

    @override
    def tag(self, region: "Region", resource_id: str, *, add: Values, remove: list[str]) -> None:
        if remove:
            region.iam.untag_role(RoleName=resource_id, TagKeys=remove)
        if add:
            tags = [{"Key": key, "Value": value} for key, value in add.items()]
            region.iam.tag_role(RoleName=resource_id, Tags=tags)  # type: ignore[arg-type]  # built above

    @override
    def update(
        self,
        region: "Region",
        resource_id: str,
        old: Values,
        new: Values,
        changed: frozenset[str],
    ) -> None:
        iam = region.iam
        if "assumeRolePolicy" in changed:
            policy = self.stored("assumeRolePolicy", new["assumeRolePolicy"])
            iam.update_assume_role_policy(RoleName=resource_id, PolicyDocument=policy)
        if "description" in changed:
            iam.update_role_description(
                RoleName=resource_id, Description=new.get("description", "")
            )
        if "maxSessionDuration" in changed:
            iam.update_role(RoleName=resource_id, MaxSessionDuration=new["maxSessionDuration"])

    @override
    def delete(self, region: "Region", resource_id: str, state: Values) -> None:
        """Delete the role; what hangs on it goes first, if the state has it or says to force it."""
        iam, force = region.iam, state.get("forceDetachPolicies")
        profiles = iam.list_instance_profiles_for_role(RoleName=resource_id)
        for profile in profiles["InstanceProfiles"]:
            iam.remove_role_from_instance_profile(
                RoleName=resource_id, InstanceProfileName=profile["InstanceProfileName"]
            )
        if force or state.get("managedPolicyArns"):
            for arn in _managed_arns(region, resource_id):
                iam.detach_role_policy(RoleName=resource_id, PolicyArn=arn)
        if force or state.get("inlinePolicies"):
            for name in _inline_names(region, resource_id):
                iam.delete_role_policy(RoleName=resource_id, PolicyName=name)
        iam.delete_role(RoleName=resource_id)


def _inline_names(region: "Region", role: str) -> list[str]:
    pages = region.iam.get_paginator("list_role_policies").paginate(RoleName=role)
    return [name for page in pages for name in page["PolicyNames"]]


def _managed_arns(region: "Region", role: str) -> list[str]:
    pages = region.iam.get_paginator("list_attached_role_policies").paginate(RoleName=role)
    return [policy["PolicyArn"] for page in pages for policy in page["AttachedPolicies"]]


def _role_policy(region: "Region", role: str, name: str) -> str:
    answer = region.iam.get_role_policy(RoleName=role, PolicyName=name)
    return _text(answer["PolicyDocument"])


class RolePolicy(Resource):
    """An inline policy of a role; its ID is `<role>:<name>`."""

    token = "aws:iam/rolePolicy:RolePolicy"  # noqa: S105  (a type token)
    noun = "IAM Role Policy"
    gone: ClassVar = {"NoSuchEntity": ""}
    regional = False
    autoname = Autoname(longest=128)
    properties: ClassVar = {
        **_names(128),
        "policy": _REQUIRED_POLICY,
        "role": Property(required=True, replaces=True, rules=_name_rules(64)),
    }
    computed = frozenset()

    @override
    def identity(self, inputs: Values) -> str:
        return f"{inputs['role']}:{inputs.get('name', '')}"

    @override
    def create(self, region: "Region", inputs: Values) -> str:
        role = inputs["role"]
        name = inputs.get("name") or generated_name(inputs["namePrefix"])
        self._put(region, role, name, inputs)
        return f"{role}:{name}"

    @override
    def read(self, region: "Region", resource_id: str, state: Values) -> Values | None:
        role, name = _split(resource_id)
        policy = _role_policy(region, role, name)
        return {"name": name, "namePrefix": prefix_of(name), "policy": policy, "role": role}

    @override
    def update(
        self,
        region: "Region",
        resource_id: str,
        old: Values,
        new: Values,
        changed: frozenset[str],
    ) -> None:
        self._put(region, *_split(resource_id), new)

    @override
    def delete(self, region: "Region", resource_id: str, state: Values) -> None:
        role, name = _split(resource_id)
        region.iam.delete_role_policy(RoleName=role, PolicyName=name)

    def _put(self, region: "Region", role: str, name: str, inputs: Values) -> None:
        policy = self.stored("policy", inputs["policy"])
        region.iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=policy)


def _split(resource_id: str) -> tuple[str, str]:
    role, _, name = resource_id.partition(":")
    if not name:
        raise Refused("role_policy id must be of the form <role name>:<policy name>")
    return role, name
