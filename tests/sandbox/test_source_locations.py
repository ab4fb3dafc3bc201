"""Stacks that create source locations, with the real engine."""

import json
from collections.abc import Callable
from typing import Any

from tests.support.stack_driver import Stack, operations

REGION = "eu-west-1"
MakeStack = Callable[..., Stack]
LOCATED = {
    "headerName": "X-Access-Token",
    "baseUrl": "https://origin.example.com",
    "segmentDeliveryBaseUrl": "https://cdn.example.com",
}


def source_location(stack: Stack) -> dict[str, Any]:
    described = stack.client("cloudcontrol").get_resource(
        TypeName="AWS::MediaTailor::SourceLocation", Identifier="sports"
    )
    properties: dict[str, Any] = json.loads(described["ResourceDescription"]["Properties"])
    return properties


def test_the_stack_creates_the_source_location_with_its_access_configuration(
    make_stack: MakeStack,
) -> None:
    stack = make_stack(LOCATED)
    stack.up()
    outputs = stack.outputs()
    located = source_location(stack)
    assert located["AccessConfiguration"] == outputs["accessConfigurations"]["sports"]
    assert located["Arn"] == outputs["sourceLocationArns"]["sports"]
    stack.pulumi("up", "--yes", "--expect-no-changes")


def test_a_protected_stack_keeps_its_channels_on_air_even_without_a_preview(
    make_stack: MakeStack,
) -> None:
    stack = make_stack(LOCATED, protect=True)
    stack.up()
    before = source_location(stack)
    arn = stack.outputs()["secretArns"]["sports"]
    assert "protected" in stack.pulumi("destroy", "--yes", "--skip-preview", fails=True)
    assert source_location(stack) == before
    secrets_manager = stack.client("secretsmanager")
    assert "ResourcePolicy" in secrets_manager.get_resource_policy(SecretId=arn)
    assert secrets_manager.get_secret_value(SecretId=arn)["VersionStages"] == ["AWSCURRENT"]
    stack.config_set("protect", "false")
    stack.up()
    stack.pulumi("destroy", "--yes", "--skip-preview")
    assert stack.resources() == []


def test_a_changed_url_updates_the_source_location(
    make_stack: MakeStack,
) -> None:
    stack = make_stack(LOCATED)
    stack.up()
    stack.config_set("sourceLocations.sports.baseUrl", "https://other.example.com")
    assert operations(stack.pulumi("preview")) == {"~ mediatailor-sports-source-location"}
    stack.up()
    assert source_location(stack)["HttpConfiguration"] == {"BaseUrl": "https://other.example.com"}


def test_destroy_deletes_the_source_location_before_its_dependencies(make_stack: MakeStack) -> None:
    stack = make_stack(LOCATED)
    stack.up()
    output = stack.pulumi("destroy", "--yes", "--skip-preview")
    deleted = [
        line.split()[2]
        for line in output.splitlines()
        if line.startswith(" -") and "deleted" in line
    ]
    position = {name: index for index, name in enumerate(deleted)}
    for needed in ("sports-version", "sports-policy", "sports-secret", "key"):
        assert position["mediatailor-sports-source-location"] < position[f"mediatailor-{needed}"]
