"""AWS KMS: aliases of keys.

It follows internal/service/kms/alias.go of github.com/hashicorp/terraform-provider-aws.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from sandbox.provider.properties import Property, matching
from sandbox.provider.resource import Autoname, Resource
from sandbox.provider.values import Values

if TYPE_CHECKING:
    from sandbox.provider.aws import Region

_NAME_RULES = (
    matching(
        r"alias/[0-9A-Za-z_/-]+",
        "{name} must begin with 'alias/' and be comprised of only [0-9A-Za-z_/-]",
    ),
    matching(
        r"(?!alias/aws/)(?s:.)*",
        "{name} cannot begin with reserved AWS CMK prefix 'alias/aws/'",
    ),
)


class Alias(Resource):
    """An alias of a KMS key; its ID is its name."""

    token = "aws:kms/alias:Alias"
    noun = "KMS Alias"
    gone: ClassVar = {"NotFoundException": ""}
    autoname = Autoname(longest=238, prefix="alias/")
    properties: ClassVar = {
        "name": Property(replaces=True, rules=_NAME_RULES, computed=True),
        "targetKeyId": Property(
            required=True, same=lambda old, new: _bare_id(old) == _bare_id(new)
        ),
    }
    computed = frozenset({"arn", "targetKeyArn"})

    @override
    def create(self, region: "Region", inputs: Values) -> Iterator[str]:
        region.kms.create_alias(AliasName=inputs["name"], TargetKeyId=inputs["targetKeyId"])
        yield inputs["name"]

    @override
    def read(self, region: "Region", resource_id: str, state: Values) -> Values | None:
        for page in region.kms.get_paginator("list_aliases").paginate():
            for alias in page["Aliases"]:
                if alias["AliasName"] == resource_id:
                    key, arn = alias["TargetKeyId"], alias["AliasArn"]
                    return {
                        "arn": arn,
                        "name": resource_id,
                        "targetKeyArn": arn.removesuffix(resource_id) + f"key/{key}",
                        "targetKeyId": key,
                    }
        return None

    @override
    def update(
        self, region: "Region", resource_id: str, old: Values, new: Values, changed: frozenset[str]
    ) -> None:
        if "targetKeyId" in changed:
            region.kms.update_alias(AliasName=resource_id, TargetKeyId=new["targetKeyId"])

    @override
    def delete(self, region: "Region", resource_id: str, state: Values) -> None:
        region.kms.delete_alias(AliasName=resource_id)


def _bare_id(key: str) -> str:
    return key.rpartition(":key/")[2]
