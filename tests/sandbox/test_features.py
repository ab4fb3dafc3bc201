"""The optional features of a stack, with the real engine."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.stack_driver import Stack, operations

REGION = "eu-west-1"
MakeStack = Callable[..., Stack]


def test_a_secret_is_encrypted_with_an_existing_key_and_destroy_keeps_the_key(
    make_stack: MakeStack,
) -> None:
    stack = make_stack()
    kms = stack.client("kms")
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    stack.config_set("encryptionKey.arn", arn)
    stack.up()
    outputs = stack.outputs()
    assert outputs["encryptionKeyArn"] == arn
    secret = stack.client("secretsmanager").describe_secret(
        SecretId=outputs["secretArns"]["sports"]
    )
    assert secret["KmsKeyId"] == arn
    assert [s["Sid"] for s in outputs["requiredKeyPolicyStatements"]] == [
        "UseThroughSecretsManager",
        "GrantToMediaTailor",
    ]
    stack.pulumi("destroy", "--yes", "--skip-preview")
    assert kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyState"] == "Enabled"


def test_a_key_of_another_account_is_rejected_before_anything_is_created(
    make_stack: MakeStack,
) -> None:
    arn = f"arn:aws:kms:{REGION}:210987654321:key/11111111-2222-3333-4444-555555555555"
    stack = make_stack()  # in the sandbox's default account
    stack.config_set("encryptionKey.arn", arn)
    output = stack.pulumi("up", "--yes", "--skip-preview", fails=True)
    assert "is in account 210987654321, but the stack deploys to 123456789012" in output
    assert "Traceback" not in output
    assert stack.resources() == []


def test_each_replica_is_encrypted_with_the_replica_of_the_key_in_its_region(
    make_stack: MakeStack,
) -> None:
    stack = make_stack(replicaRegions=["us-west-2", "eu-central-1"])
    stack.up()
    outputs = stack.outputs()
    for region, arn in outputs["replicaSecretArns"]["sports"].items():
        secret = stack.client("secretsmanager", region).describe_secret(SecretId=arn)
        assert secret["ARN"] == arn
        assert secret["KmsKeyId"] == outputs["encryptionKeyArn"].replace(REGION, region)
        policy = stack.client("secretsmanager", region).get_resource_policy(SecretId=arn)
        assert arn in json.loads(policy["ResourcePolicy"])["Statement"][0]["Resource"]
        key = stack.client("kms", region).describe_key(KeyId=secret["KmsKeyId"])["KeyMetadata"]
        assert key["MultiRegionConfiguration"]["MultiRegionKeyType"] == "REPLICA"
    stack.pulumi("up", "--yes", "--expect-no-changes")


def test_a_region_can_be_removed_and_the_stack_destroyed(make_stack: MakeStack) -> None:
    stack = make_stack(replicaRegions=["us-west-2", "eu-central-1"])
    stack.up()
    key_arn = stack.outputs()["encryptionKeyArn"]
    stack.pulumi("config", "rm", "--path", "replicaRegions[0]")
    stack.up()
    (secret,) = stack.client("secretsmanager").list_secrets()["SecretList"]
    described = stack.client("secretsmanager").describe_secret(SecretId=secret["ARN"])
    assert [status["Region"] for status in described["ReplicationStatus"]] == ["eu-central-1"]
    gone = stack.client("kms", "us-west-2").describe_key(KeyId=key_arn.replace(REGION, "us-west-2"))
    assert gone["KeyMetadata"]["KeyState"] == "PendingDeletion"
    stack.pulumi("destroy", "--yes", "--skip-preview")
    assert stack.resources() == []


def test_a_preview_that_adds_replicas_later_reports_that_the_key_is_replaced(
    make_stack: MakeStack,
) -> None:
    stack = make_stack()
    stack.up()
    key_arn = stack.outputs()["encryptionKeyArn"]
    stack.config_set("replicaRegions[0]", "us-west-2")
    preview = stack.pulumi("preview")
    assert "sports: off the air until you run its command below (new encryption key)" in preview
    assert "+- mediatailor-key" in operations(preview)
    stack.up()
    secret_arn = stack.outputs()["secretArns"]["sports"]
    secret = stack.client("secretsmanager").describe_secret(SecretId=secret_arn)
    assert secret["KmsKeyId"] == stack.outputs()["encryptionKeyArn"] != key_arn
    assert "off the air" not in stack.pulumi("preview")


@pytest.mark.parametrize(
    ("origin", "principal"),
    [
        ("mediapackage-v1", "mediapackage.amazonaws.com"),
        ("mediapackage-v2", "mediapackagev2.amazonaws.com"),
    ],
)
def test_mediapackage_gets_a_role_that_reads_the_secret(
    make_stack: MakeStack, origin: str, principal: str
) -> None:
    stack = make_stack({"origin": origin})
    stack.up()
    outputs = stack.outputs()
    name = outputs["mediaPackageRoleArns"]["sports"].rpartition("/")[2]
    iam = stack.client("iam")
    trust = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
    assert trust["Statement"][0]["Principal"] == {"Service": principal}
    (policy_name,) = iam.list_role_policies(RoleName=name)["PolicyNames"]
    document = iam.get_role_policy(RoleName=name, PolicyName=policy_name)["PolicyDocument"]
    assert document["Statement"][0]["Resource"] == outputs["secretArns"]["sports"]
    stack.pulumi("up", "--yes", "--expect-no-changes")
    stack.pulumi("destroy", "--yes", "--skip-preview")
    assert iam.list_roles()["Roles"] == []


def source_location(stack: Stack) -> dict[str, Any]:
    described = stack.client("cloudcontrol").get_resource(
        TypeName="AWS::MediaTailor::SourceLocation", Identifier="sports"
    )
    properties: dict[str, Any] = json.loads(described["ResourceDescription"]["Properties"])
    return properties
