"""The optional features of a stack, with the real engine."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest

from sandbox.workspace import sandbox
from tests.support.aws_proxy import aws_proxy
from tests.support.provider_driver import Gateway
from tests.support.stack_driver import Stack

REGION = "eu-west-1"
MakeStack = Callable[..., Stack]


@pytest.fixture
def make_stack(tmp_path: Path) -> Iterator[MakeStack]:
    """Return a function that creates a stack with one source location and optional further config."""
    with ExitStack() as workspaces:

        def make(source_location: dict[str, Any] | None = None, **config: object) -> Stack:
            values = {
                "aws:region": REGION,
                "mediatailor-access-token:sourceLocations": {
                    "sports": source_location or {"headerName": "X-Access-Token"}
                },
                **{f"mediatailor-access-token:{key}": value for key, value in config.items()},
            }
            stack_file = tmp_path / "Pulumi.test.yaml"
            stack_file.write_text(json.dumps({"config": values}))
            workspace = workspaces.enter_context(sandbox(stack_file=stack_file, stack="test"))
            return Stack(workspace=workspace)

        yield make


def client(stack: Stack, service: str, region: str = REGION) -> Any:
    return boto3.client(
        service,  # type: ignore[call-overload]  # any of them
        endpoint_url=stack.workspace.aws_url,
        region_name=region,
        aws_access_key_id=stack.workspace.environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=stack.workspace.environment["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=stack.workspace.environment["AWS_SESSION_TOKEN"],
    )


def config_set(stack: Stack, path: str, value: str) -> None:
    stack.pulumi("config", "set", "--plaintext", "--path", path, value)


def up(stack: Stack) -> str:
    return stack.pulumi("up", "--yes", "--skip-preview")


def operations(output: str) -> set[str]:
    """Return the operation's symbol and the name of each resource in a preview or an update."""
    lines = (line.split() for line in output.splitlines())
    return {
        f"{line[0]} {line[2]}" for line in lines if len(line) > 2 and line[1].startswith("aws:")
    }


# --- Existing keys


def test_a_secret_is_encrypted_with_an_existing_key_and_destroy_keeps_the_key(
    make_stack: MakeStack,
) -> None:
    stack = make_stack()
    kms = client(stack, "kms")
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    config_set(stack, "encryptionKey.arn", arn)
    up(stack)
    outputs = stack.outputs()
    assert outputs["encryptionKeyArn"] == arn
    secret = client(stack, "secretsmanager").describe_secret(
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
    config_set(stack, "encryptionKey.arn", arn)
    output = stack.pulumi("up", "--yes", "--skip-preview", fails=True)
    assert "is in account 210987654321, but the stack deploys to 123456789012" in output
    assert "Traceback" not in output
    assert stack.resources() == []


# --- Replicas


def test_each_replica_is_encrypted_with_the_replica_of_the_key_in_its_region(
    make_stack: MakeStack,
) -> None:
    stack = make_stack(replicaRegions=["us-west-2", "eu-central-1"])
    up(stack)
    outputs = stack.outputs()
    for region, arn in outputs["replicaSecretArns"]["sports"].items():
        secret = client(stack, "secretsmanager", region).describe_secret(SecretId=arn)
        assert secret["ARN"] == arn
        assert secret["KmsKeyId"] == outputs["encryptionKeyArn"].replace(REGION, region)
        policy = client(stack, "secretsmanager", region).get_resource_policy(SecretId=arn)
        assert arn in json.loads(policy["ResourcePolicy"])["Statement"][0]["Resource"]
        key = client(stack, "kms", region).describe_key(KeyId=secret["KmsKeyId"])["KeyMetadata"]
        assert key["MultiRegionConfiguration"]["MultiRegionKeyType"] == "REPLICA"
    stack.pulumi("up", "--yes", "--expect-no-changes")


def test_a_region_can_be_removed_and_the_stack_destroyed(make_stack: MakeStack) -> None:
    stack = make_stack(replicaRegions=["us-west-2", "eu-central-1"])
    up(stack)
    key_arn = stack.outputs()["encryptionKeyArn"]
    stack.pulumi("config", "rm", "--path", "replicaRegions[0]")
    up(stack)
    (secret,) = client(stack, "secretsmanager").list_secrets()["SecretList"]
    described = client(stack, "secretsmanager").describe_secret(SecretId=secret["ARN"])
    assert [status["Region"] for status in described["ReplicationStatus"]] == ["eu-central-1"]
    gone = client(stack, "kms", "us-west-2").describe_key(
        KeyId=key_arn.replace(REGION, "us-west-2")
    )
    assert gone["KeyMetadata"]["KeyState"] == "PendingDeletion"
    stack.pulumi("destroy", "--yes", "--skip-preview")
    assert stack.resources() == []


def test_a_preview_that_adds_replicas_later_reports_that_the_key_is_replaced(
    make_stack: MakeStack,
) -> None:
    stack = make_stack()
    up(stack)
    key_arn = stack.outputs()["encryptionKeyArn"]
    config_set(stack, "replicaRegions[0]", "us-west-2")
    preview = stack.pulumi("preview")
    assert "sports: off the air until you run its command below (new encryption key)" in preview
    assert "+- mediatailor-key" in operations(preview)
    up(stack)
    secret_arn = stack.outputs()["secretArns"]["sports"]
    secret = client(stack, "secretsmanager").describe_secret(SecretId=secret_arn)
    assert secret["KmsKeyId"] == stack.outputs()["encryptionKeyArn"] != key_arn
    assert "off the air" not in stack.pulumi("preview")


# --- MediaPackage


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
    up(stack)
    outputs = stack.outputs()
    name = outputs["mediaPackageRoleArns"]["sports"].rpartition("/")[2]
    iam = client(stack, "iam")
    trust = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
    assert trust["Statement"][0]["Principal"] == {"Service": principal}
    (policy_name,) = iam.list_role_policies(RoleName=name)["PolicyNames"]
    document = iam.get_role_policy(RoleName=name, PolicyName=policy_name)["PolicyDocument"]
    assert document["Statement"][0]["Resource"] == outputs["secretArns"]["sports"]
    stack.pulumi("up", "--yes", "--expect-no-changes")
    stack.pulumi("destroy", "--yes", "--skip-preview")
    assert iam.list_roles()["Roles"] == []


# --- Adoption


def adopt(stack: Stack) -> str:
    """Create a secret as for CDN authorization, and add it to the stack's config."""
    secret = client(stack, "secretsmanager").create_secret(
        Name="MediaPackage/sports",
        Description="Of the packaging team",
        SecretString=json.dumps({"MediaPackageCDNIdentifier": "old-identifier", "by": "others"}),
        Tags=[{"Key": "team", "Value": "packaging"}],
    )
    config_set(stack, "sourceLocations.sports.adoptSecretArn", secret["ARN"])
    return str(secret["ARN"])


def test_an_adopted_secret_keeps_its_arn_and_its_history_and_moves_to_the_key(
    make_stack: MakeStack,
) -> None:
    stack = make_stack({"origin": "mediapackage-v1"})
    arn = adopt(stack)
    stack.set_token("sports", "the-new-identifier")
    up(stack)
    assert stack.outputs()["secretArns"] == {"sports": arn}
    secrets_manager = client(stack, "secretsmanager")
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
    up(stack)
    assert "protected" in stack.pulumi("destroy", "--yes", "--skip-preview", fails=True)
    policy = client(stack, "secretsmanager").get_resource_policy(SecretId=arn)["ResourcePolicy"]
    assert "mediatailor.amazonaws.com" in policy
    stack.pulumi("config", "rm", "--path", "sourceLocations.sports.adoptSecretArn")
    up(stack)
    assert stack.outputs()["secretArns"] == {"sports": arn}
    secret = client(stack, "secretsmanager").describe_secret(SecretId=arn)
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
    assert "DeletedDate" not in client(stack, "secretsmanager").describe_secret(SecretId=arn)


# --- Source locations


LOCATED = {
    "headerName": "X-Access-Token",
    "baseUrl": "https://origin.example.com",
    "segmentDeliveryBaseUrl": "https://cdn.example.com",
}


def source_location(stack: Stack) -> dict[str, Any]:
    described = client(stack, "cloudcontrol").get_resource(
        TypeName="AWS::MediaTailor::SourceLocation", Identifier="sports"
    )
    properties: dict[str, Any] = json.loads(described["ResourceDescription"]["Properties"])
    return properties


def test_the_stack_creates_the_source_location_with_its_access_configuration(
    make_stack: MakeStack,
) -> None:
    stack = make_stack(LOCATED)
    up(stack)
    outputs = stack.outputs()
    located = source_location(stack)
    assert located["AccessConfiguration"] == outputs["accessConfigurations"]["sports"]
    assert located["Arn"] == outputs["sourceLocationArns"]["sports"]
    stack.pulumi("up", "--yes", "--expect-no-changes")


def test_a_protected_stack_keeps_its_channels_on_air_even_without_a_preview(
    make_stack: MakeStack,
) -> None:
    stack = make_stack(LOCATED, protect=True)
    up(stack)
    before = source_location(stack)
    arn = stack.outputs()["secretArns"]["sports"]
    assert "protected" in stack.pulumi("destroy", "--yes", "--skip-preview", fails=True)
    assert source_location(stack) == before
    secrets_manager = client(stack, "secretsmanager")
    assert "ResourcePolicy" in secrets_manager.get_resource_policy(SecretId=arn)
    assert secrets_manager.get_secret_value(SecretId=arn)["VersionStages"] == ["AWSCURRENT"]
    config_set(stack, "protect", "false")
    up(stack)
    stack.pulumi("destroy", "--yes", "--skip-preview")
    assert stack.resources() == []


def test_a_changed_url_updates_the_source_location(
    make_stack: MakeStack,
) -> None:
    stack = make_stack(LOCATED)
    up(stack)
    config_set(stack, "sourceLocations.sports.baseUrl", "https://other.example.com")
    assert operations(stack.pulumi("preview")) == {"~ mediatailor-sports-source-location"}
    up(stack)
    assert source_location(stack)["HttpConfiguration"] == {"BaseUrl": "https://other.example.com"}


def test_destroy_deletes_the_source_location_before_its_dependencies(make_stack: MakeStack) -> None:
    stack = make_stack(LOCATED)
    up(stack)
    output = stack.pulumi("destroy", "--yes", "--skip-preview")
    deleted = [
        line.split()[2]
        for line in output.splitlines()
        if line.startswith(" -") and "deleted" in line
    ]
    position = {name: index for index, name in enumerate(deleted)}
    for needed in ("sports-version", "sports-policy", "sports-secret", "key"):
        assert position["mediatailor-sports-source-location"] < position[f"mediatailor-{needed}"]
