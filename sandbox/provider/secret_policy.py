"""AWS Secrets Manager: the resource policy of a secret.

It follows internal/service/secretsmanager/secret_policy.go of
github.com/hashicorp/terraform-provider-aws.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from typing_extensions import override

from sandbox.provider.properties import REQUIRED_POLICY, Property, is_arn
from sandbox.provider.resource import Resource
from sandbox.provider.secret_version import NO_SECRET
from sandbox.provider.state import stored
from sandbox.provider.values import Values

if TYPE_CHECKING:
    from sandbox.provider.aws import Region


class SecretPolicy(Resource):
    """The resource policy of a secret; its ID is the secret's ARN."""

    token = "aws:secretsmanager/secretPolicy:SecretPolicy"
    noun = "Secrets Manager Secret Policy"
    gone = NO_SECRET
    properties: ClassVar = {
        "blockPublicPolicy": Property(kind=bool, recovered=False),
        "policy": REQUIRED_POLICY,
        "secretArn": Property(required=True, replaces=True, rules=(is_arn,)),
    }

    @override
    def identity(self, inputs: Values) -> str:
        return str(inputs["secretArn"])

    @override
    def create(self, region: "Region", inputs: Values) -> Iterator[str]:
        block = {"BlockPublicPolicy": True} if inputs.get("blockPublicPolicy") else {}
        yield region.secretsmanager.put_resource_policy(
            SecretId=inputs["secretArn"],
            ResourcePolicy=stored(self, "policy", inputs["policy"]),
            **block,
        )["ARN"]

    @override
    def read(self, region: "Region", resource_id: str, state: Values) -> Values | None:
        answer = region.secretsmanager.get_resource_policy(SecretId=resource_id)
        # An empty policy keeps the resource in the state, so that the next update restores it.
        return {"policy": answer.get("ResourcePolicy", ""), "secretArn": resource_id}

    @override
    def update(
        self, region: "Region", resource_id: str, old: Values, new: Values, changed: frozenset[str]
    ) -> None:
        if changed:
            region.secretsmanager.put_resource_policy(
                SecretId=resource_id,
                ResourcePolicy=stored(self, "policy", new["policy"]),
                BlockPublicPolicy=new.get("blockPublicPolicy", False),
            )

    @override
    def delete(self, region: "Region", resource_id: str, state: Values) -> None:
        region.secretsmanager.delete_resource_policy(SecretId=resource_id)
