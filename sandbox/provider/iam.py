"""AWS IAM: roles and their inline policies.

They follow internal/service/iam/role.go and role_policy.go of
github.com/hashicorp/terraform-provider-aws.
"""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from sandbox.provider.errors import ProviderError
from sandbox.provider.properties import REQUIRED_POLICY, Property, Rule, between, length, matching
from sandbox.provider.resource import Autoname, Resource, generated_name, prefix_of
from sandbox.provider.state import stored
from sandbox.provider.values import Values

if TYPE_CHECKING:
    from sandbox.provider.aws import Region


def _name_rules(longest: int) -> tuple[Rule, ...]:
    return (
        length(1, longest),
        matching(r"[\w+=,.@-]*", "invalid value for {name} (must match [\\w+=,.@-])"),
    )


def _text(document: object) -> str:
    """Return a policy document as text; boto3 may have parsed it."""
    return document if isinstance(document, str) else json.dumps(document)


class Role(Resource):
    """An IAM role; its ID is its name."""

    token = "aws:iam/role:Role"
    noun = "IAM Role"
    # Not the same error for one of its policies.
    gone: ClassVar = {
        "NoSuchEntity": "the (GetRole|ListInstanceProfilesForRole|DeleteRole) operation"
    }
    tagged = True
    regional = False
    autoname = Autoname(longest=64)
    properties: ClassVar = {
        "assumeRolePolicy": REQUIRED_POLICY,
        "description": Property(rules=(length(0, 1000),)),
        "maxSessionDuration": Property(
            kind=int, default=3600, settable=False, rules=(between(3600, 43200),)
        ),
        # The program sets a prefix, or pulumi-aws chooses the name.
        "name": Property(replaces=True, computed=True, settable=False, rules=_name_rules(64)),
        "namePrefix": Property(replaces=True, computed=True, rules=_name_rules(64 - 26)),
    }
    computed = frozenset(
        {"arn", "createDate", "inlinePolicies", "managedPolicyArns", "path", "uniqueId"}
    )

    @override
    def create(self, region: "Region", inputs: Values) -> Iterator[str]:
        tags = region.aws.settings.new_tags(inputs.get("tags", {}))
        role = region.iam.create_role(
            RoleName=inputs.get("name") or generated_name(inputs["namePrefix"]),
            AssumeRolePolicyDocument=stored(self, "assumeRolePolicy", inputs["assumeRolePolicy"]),
            Path="/",
            MaxSessionDuration=inputs["maxSessionDuration"],
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
            **({"Description": inputs["description"]} if inputs.get("description") else {}),
        )
        yield role["Role"]["RoleName"]

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
        self, region: "Region", resource_id: str, old: Values, new: Values, changed: frozenset[str]
    ) -> None:
        iam = region.iam
        if "assumeRolePolicy" in changed:
            policy = stored(self, "assumeRolePolicy", new["assumeRolePolicy"])
            iam.update_assume_role_policy(RoleName=resource_id, PolicyDocument=policy)
        if "description" in changed:
            iam.update_role_description(
                RoleName=resource_id, Description=new.get("description", "")
            )
        if "maxSessionDuration" in changed:
            iam.update_role(RoleName=resource_id, MaxSessionDuration=new["maxSessionDuration"])

    @override
    def delete(self, region: "Region", resource_id: str, state: Values) -> None:
        """Delete the role, but first the policies that the state lists."""
        iam = region.iam
        profiles = iam.list_instance_profiles_for_role(RoleName=resource_id)
        for profile in profiles["InstanceProfiles"]:
            iam.remove_role_from_instance_profile(
                RoleName=resource_id, InstanceProfileName=profile["InstanceProfileName"]
            )
        if state.get("managedPolicyArns"):
            for arn in _managed_arns(region, resource_id):
                iam.detach_role_policy(RoleName=resource_id, PolicyArn=arn)
        if state.get("inlinePolicies"):
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

    token = "aws:iam/rolePolicy:RolePolicy"
    noun = "IAM Role Policy"
    gone: ClassVar = {"NoSuchEntity": ""}
    regional = False
    autoname = Autoname(longest=255)  # longer than IAM allows; the rule below reports that
    properties: ClassVar = {
        "name": Property(replaces=True, computed=True, rules=_name_rules(128)),
        "namePrefix": Property(
            replaces=True, computed=True, settable=False, rules=_name_rules(128 - 26)
        ),
        "policy": REQUIRED_POLICY,
        "role": Property(required=True, replaces=True, rules=_name_rules(64)),
    }

    @override
    def identity(self, inputs: Values) -> str:
        return f"{inputs['role']}:{inputs.get('name', '')}"

    @override
    def create(self, region: "Region", inputs: Values) -> Iterator[str]:
        role, name = inputs["role"], inputs["name"]
        self._put(region, role, name, inputs)
        yield f"{role}:{name}"

    @override
    def read(self, region: "Region", resource_id: str, state: Values) -> Values | None:
        role, name = _split(resource_id)
        policy = _role_policy(region, role, name)
        return {"name": name, "namePrefix": prefix_of(name), "policy": policy, "role": role}

    @override
    def update(
        self, region: "Region", resource_id: str, old: Values, new: Values, changed: frozenset[str]
    ) -> None:
        self._put(region, *_split(resource_id), new)  # upstream sends it on every update

    @override
    def delete(self, region: "Region", resource_id: str, state: Values) -> None:
        role, name = _split(resource_id)
        region.iam.delete_role_policy(RoleName=role, PolicyName=name)

    def _put(self, region: "Region", role: str, name: str, inputs: Values) -> None:
        policy = stored(self, "policy", inputs["policy"])
        region.iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=policy)


def _split(resource_id: str) -> tuple[str, str]:
    role, _, name = resource_id.partition(":")
    if not name:
        raise ProviderError("role_policy id must be of the form <role name>:<policy name>")
    return role, name
