"""Stacks that adopt secrets, with the real engine."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.support.aws_proxy import aws_proxy
from tests.support.provider_driver import Gateway
from tests.support.stack_driver import Stack

REGION = "eu-west-1"
MakeStack = Callable[..., Stack]


def adopt(stack: Stack) -> str:
    """Create a secret as for CDN authorization, and add it to the stack's config."""
    secret = stack.client("secretsmanager").create_secret(
        Name="MediaPackage/sports",
        Description="Of the packaging team",
        SecretString=json.dumps({"MediaPackageCDNIdentifier": "old-identifier", "by": "others"}),
        Tags=[{"Key": "team", "Value": "packaging"}],
    )
    stack.config_set("sourceLocations.sports.adoptSecretArn", secret["ARN"])
    return str(secret["ARN"])


def test_an_adopted_secret_keeps_its_arn_and_its_history_and_moves_to_the_key(
    make_stack: MakeStack,
) -> None:
    stack = make_stack({"origin": "mediapackage-v1"})
    arn = adopt(stack)
    stack.set_token("sports", "the-new-identifier")
    stack.up()
    assert stack.outputs()["secretArns"] == {"sports": arn}
    secrets_manager = stack.client("secretsmanager")
    secret = secrets_manager.describe_secret(SecretId=arn)
    assert secret["KmsKeyId"] == stack.outputs()["encryptionKeyArn"]
    assert secret["Description"] == "Of the packaging team"
    assert secret["Tags"] == [{"Key": "team", "Value": "packaging"}]
    for stage, identifier in {
        "AWSCURRENT": "the-new-identifier",
        "AWSPREVIOUS": "old-identifier",
    }.items():
        value = secrets_manager.get_secret_value(SecretId=arn, VersionStage=stage)
        expected = {"MediaPackageCDNIdentifier": identifier, "by": "others"}
        assert json.loads(value["SecretString"]) == expected
    stack.pulumi("up", "--yes", "--expect-no-changes")


def test_an_adopted_secret_is_neither_deleted_nor_replaced_by_accident(
    make_stack: MakeStack,
) -> None:
    stack = make_stack({"origin": "mediapackage-v1"})
    arn = adopt(stack)
    stack.up()
    assert "protected" in stack.pulumi("destroy", "--yes", "--skip-preview", fails=True)
    policy = stack.client("secretsmanager").get_resource_policy(SecretId=arn)["ResourcePolicy"]
    assert "mediatailor.amazonaws.com" in policy
    stack.pulumi("config", "rm", "--path", "sourceLocations.sports.adoptSecretArn")
    stack.up()
    assert stack.outputs()["secretArns"] == {"sports": arn}
    secret = stack.client("secretsmanager").describe_secret(SecretId=arn)
    assert "DeletedDate" not in secret


def test_an_unprotected_secret_whose_adoption_failed_halfway_is_not_deleted(
    make_stack: MakeStack,
) -> None:
    stack = make_stack({"origin": "mediapackage-v1"})
    arn = adopt(stack)
    gateway = Gateway()
    gateway.refusals["UpdateSecret"] = ("AccessDeniedException", "no")
    with aws_proxy(stack.workspace.aws_url, instead=gateway.answer) as proxy:
        environment = {**stack.workspace.environment, "AWS_ENDPOINT_URL": proxy.url}
        denied = Stack(workspace=replace(stack.workspace, environment=environment))
        assert "AccessDenied" in denied.pulumi("up", "--yes", "--skip-preview", fails=True)
    (secret,) = (each for each in stack.resources() if each.get("id") == arn)
    stack.pulumi("state", "unprotect", "--yes", secret["urn"])
    stack.pulumi("destroy", "--yes", "--skip-preview")
    assert "DeletedDate" not in stack.client("secretsmanager").describe_secret(SecretId=arn)


def source_location(stack: Stack) -> dict[str, Any]:
    described = stack.client("cloudcontrol").get_resource(
        TypeName="AWS::MediaTailor::SourceLocation", Identifier="sports"
    )
    properties: dict[str, Any] = json.loads(described["ResourceDescription"]["Properties"])
    return properties
