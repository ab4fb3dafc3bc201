"""docs/operations.md: taking over secrets and source locations that were created by hand, and handing them back."""

import json
from typing import Any

import boto3
import pytest

from tests.sandbox.documented_commands.conftest import OpenShell
from tests.support.documented_shell import DocumentedShell

DOCUMENT = "docs/operations.md"
STACK_FILE = """\
config:
  aws:region: eu-west-1
  mediatailor-access-token:sourceLocations:
    news:
      headerName: X-Access-Token
"""
VALUE = {"AccessToken": "created-by-hand", "user": "origin"}
BY_HAND = f"""\
aws secretsmanager create-secret --name prod.sports/hd --secret-string '{json.dumps(VALUE)}' \
    --description 'Created by hand' --tags '[{{"Key": "team", "Value": "video"}}]'
aws secretsmanager replicate-secret-to-regions --secret-id prod.sports/hd --add-replica-regions '[{{"Region": "us-west-2"}}]'
"""


@pytest.fixture
def shell(open_shell: OpenShell) -> DocumentedShell:
    shell = open_shell(STACK_FILE)
    shell.run("pulumi up")
    return shell


def described(shell: DocumentedShell) -> dict[str, Any]:
    secrets = shell.stack.aws("secretsmanager")
    return dict(secrets.describe_secret(SecretId="prod.sports/hd"))


def value(shell: DocumentedShell) -> object:
    secrets = shell.stack.aws("secretsmanager")
    return json.loads(secrets.get_secret_value(SecretId="prod.sports/hd")["SecretString"])


@pytest.mark.documents(DOCUMENT, "Adopt a secret", "Hand back an adopted secret")
def test_a_secret_is_adopted_with_its_settings_and_handed_back(shell: DocumentedShell) -> None:
    shell.run(BY_HAND)
    by_hand = described(shell)
    news = shell.stack.resources()
    shell.open(DOCUMENT, "Adopt a secret")
    shell.rest()

    adopted = described(shell)
    for kept in ("ARN", "Description", "Tags"):
        assert adopted[kept] == by_hand[kept]
    assert [each["Region"] for each in adopted["ReplicationStatus"]] == ["us-west-2"]
    assert adopted["KmsKeyId"] == shell.stack.outputs()["encryptionKeyArn"]
    assert value(shell) == VALUE
    shell.stack.set_token("sports-hd", "a-new-token")
    shell.run("pulumi up")
    assert value(shell) == VALUE | {"AccessToken": "a-new-token"}

    secrets = shell.stack.aws("secretsmanager")
    policy = secrets.get_resource_policy(SecretId="prod.sports/hd")["ResourcePolicy"]
    shell.open(DOCUMENT, "Hand back an adopted secret")
    shell.rest()
    assert "DeletedDate" not in described(shell)
    assert described(shell)["VersionIdsToStages"] != {}
    assert value(shell) == VALUE | {"AccessToken": "a-new-token"}
    assert secrets.get_resource_policy(SecretId="prod.sports/hd")["ResourcePolicy"] == policy
    urns = {each["urn"]: each.get("id") for each in news}
    assert {each["urn"]: each.get("id") for each in shell.stack.resources()} == urns


@pytest.mark.documents(
    DOCUMENT,
    "Use a source location that was created by hand",
    "A source location could not be created",
)
def test_a_source_location_created_by_hand_uses_the_stack_s_secret(open_shell: OpenShell) -> None:
    shell = open_shell(STACK_FILE.replace("news", "sports-hd"))
    shell.run("pulumi up")
    shell.run(
        "aws mediatailor create-source-location --source-location-name sports-hd"
        """ --http-configuration '{"BaseUrl": "https://by-hand.example.com"}'"""
        """ --segment-delivery-configurations '[{"Name": "cdn", "BaseUrl": "https://cdn.example.com"}]'"""
    )
    shell.open(DOCUMENT, "Use a source location that was created by hand")
    shell.rest()
    environment = shell.stack.workspace.environment
    mediatailor = boto3.client(
        "mediatailor",
        endpoint_url=shell.stack.workspace.aws_url,
        region_name=shell.stack.workspace.region,
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=environment["AWS_SESSION_TOKEN"],
    )
    location = mediatailor.describe_source_location(SourceLocationName="sports-hd")
    assert (
        location["AccessConfiguration"]
        == shell.stack.outputs()["accessConfigurations"]["sports-hd"]
    )
    assert location["HttpConfiguration"] == {"BaseUrl": "https://by-hand.example.com"}
    assert location["SegmentDeliveryConfigurations"] == [
        {"Name": "cdn", "BaseUrl": "https://cdn.example.com"}
    ]

    set_url = (
        "pulumi config set --path sourceLocations.sports-hd.baseUrl https://origin.example.com"
    )
    failed = shell.run(f"{set_url}; pulumi up", fails=True)
    assert "AlreadyExists" in failed
    shell.open(DOCUMENT, "A source location could not be created")
    shell.rest()
    again = mediatailor.describe_source_location(SourceLocationName="sports-hd")
    assert again["HttpConfiguration"] == location["HttpConfiguration"]
    assert shell.stack.outputs()["sourceLocationArns"] == {}
