"""The stand-in provider with the real engine: what users see."""

import dataclasses
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from sandbox.workspace import sandbox
from tests.support.aws_proxy import aws_proxy
from tests.support.provider_driver import Gateway
from tests.support.stack_driver import Stack

REGION = "eu-west-1"
CUSTOM = {"headerName": "X-Access-Token"}
DENIED = ("AccessDeniedException", "not you")
MakeStack = Callable[..., tuple[Stack, Gateway]]


@pytest.fixture
def make_stack(tmp_path: Path) -> Iterator[MakeStack]:
    """Return a function that creates a stack and the gateway between it and the local AWS."""
    with ExitStack() as stacks:

        def make(source_location: dict[str, Any], **config: object) -> tuple[Stack, Gateway]:
            file = tmp_path / "Pulumi.test.yaml"
            namespace = "mediatailor-access-token"
            values = {
                "aws:region": REGION,
                f"{namespace}:sourceLocations": {"sports": source_location},
                **{name.replace("__", ":"): value for name, value in config.items()},
            }
            file.write_text(json.dumps({"config": values}))
            workspace = stacks.enter_context(sandbox(stack_file=file, stack="test"))
            gateway = Gateway()
            proxy = stacks.enter_context(aws_proxy(workspace.aws_url, instead=gateway.answer))
            environment = {**workspace.environment, "AWS_ENDPOINT_URL": proxy.url}
            return Stack(workspace=dataclasses.replace(workspace, environment=environment)), gateway

        yield make


def up(stack: Stack, *options: str, fails: bool = False) -> str:
    return stack.pulumi("up", "--yes", *options, fails=fails)


# The stack file


def test_a_naming_pattern_applies_to_the_secret_and_the_alias(make_stack: MakeStack) -> None:
    stack, _ = make_stack(CUSTOM, pulumi__autonaming={"pattern": "${stack}-${name}"})
    stack.up()
    secrets = stack.client("secretsmanager").list_secrets()["SecretList"]
    assert [secret["Name"] for secret in secrets] == ["test-mediatailor-sports-secret"]
    aliases = stack.client("kms").list_aliases()["Aliases"]
    assert "alias/test-mediatailor-alias" in {alias["AliasName"] for alias in aliases}


@pytest.mark.parametrize(
    ("autonaming", "error"),
    [
        ({"mode": "disabled"}, "automatic naming is disabled but no explicit name was provided"),
        ({"mode": "verbatim"}, "must begin with 'alias/'"),
    ],
)
def test_autonaming_that_results_in_an_invalid_name_is_rejected(
    make_stack: MakeStack, autonaming: dict[str, str], error: str
) -> None:
    stack, _ = make_stack(CUSTOM, pulumi__autonaming=autonaming)
    assert error in up(stack, fails=True)


def test_verbatim_names_work_with_an_alias_from_the_user(make_stack: MakeStack) -> None:
    stack, _ = make_stack(
        CUSTOM,
        pulumi__autonaming={"mode": "verbatim"},
        **{"mediatailor-access-token__encryptionKey": {"alias": "alias/ours"}},
    )
    stack.up()
    secrets = stack.client("secretsmanager").list_secrets()["SecretList"]
    assert [secret["Name"] for secret in secrets] == ["mediatailor-sports-secret"]


def test_default_tags_of_the_wrong_type_are_rejected_before_anything_is_created(
    make_stack: MakeStack,
) -> None:
    stack, _ = make_stack(CUSTOM, aws__defaultTags={"team": "media"})
    output = up(stack, "--skip-preview", fails=True)
    assert "`aws:defaultTags.team` is not a valid configuration key for the aws provider" in output
    assert stack.client("kms").list_keys()["Keys"] == []


def test_another_region_replaces_everything_but_mediapackages_role(make_stack: MakeStack) -> None:
    stack, _ = make_stack({"origin": "mediapackage-v2"})
    up(stack, "--skip-preview")
    before = stack.outputs()
    stack.pulumi("config", "set", "aws:region", "us-east-1")
    up(stack, "--skip-preview")
    after = stack.outputs()
    assert after["secretArns"]["sports"].startswith("arn:aws:secretsmanager:us-east-1:")
    assert after["encryptionKeyArn"] != before["encryptionKeyArn"]
    assert after["mediaPackageRoleArns"] == before["mediaPackageRoleArns"]


# After a failure


def test_after_a_denied_update_the_next_up_succeeds_and_only_a_refresh_shows_the_difference(
    make_stack: MakeStack,
) -> None:
    stack, gateway = make_stack(CUSTOM)
    up(stack, "--skip-preview")
    path = "mediatailor-access-token:encryptionKey.rotationPeriodInDays"
    stack.pulumi("config", "set", "--path", path, "100")
    gateway.refusals["EnableKeyRotation"] = DENIED
    assert "AccessDeniedException: not you" in up(stack, "--skip-preview", fails=True)
    gateway.refusals.clear()

    def period() -> int:
        key = stack.outputs()["encryptionKeyArn"]
        status = stack.client("kms").get_key_rotation_status(KeyId=key)
        return int(status["RotationPeriodInDays"])

    gateway.requests.clear()
    stack.up()
    assert "EnableKeyRotation" not in gateway.requests
    assert period() == 365
    up(stack, "--refresh")
    assert period() == 100


def test_a_denied_update_of_a_source_location_remains_lost(make_stack: MakeStack) -> None:
    location = {**CUSTOM, "baseUrl": "https://origin.example.com"}
    stack, gateway = make_stack(location)
    up(stack, "--skip-preview")
    path = "mediatailor-access-token:sourceLocations.sports.baseUrl"
    stack.pulumi("config", "set", "--path", path, "https://new.example.com")
    gateway.refusals["UpdateResource"] = DENIED
    assert "AccessDeniedException: not you" in up(stack, "--skip-preview", fails=True)
    gateway.refusals.clear()

    def deployed() -> str:
        found = stack.client("cloudcontrol").get_resource(
            TypeName="AWS::MediaTailor::SourceLocation", Identifier="sports"
        )
        properties = json.loads(found["ResourceDescription"]["Properties"])
        return str(properties["HttpConfiguration"]["BaseUrl"])

    for options in ((), ("--skip-preview",), ("--refresh",)):
        up(stack, *options)
        assert deployed() == "https://origin.example.com"
    # Only another change is sent, so change it back and forth to correct it.
    for url in ("https://new.example.com/", "https://new.example.com"):
        stack.pulumi("config", "set", "--path", path, url)
        up(stack, "--skip-preview")
    assert deployed() == "https://new.example.com"


def test_a_source_location_that_failed_after_aws_returned_its_name_needs_a_refresh(
    make_stack: MakeStack,
) -> None:
    stack, gateway = make_stack({**CUSTOM, "baseUrl": "https://origin.example.com"})
    event = {"RequestToken": "1", "Identifier": "sports", "OperationStatus": "IN_PROGRESS"}
    failed = {"OperationStatus": "FAILED", "ErrorCode": "AccessDenied", "StatusMessage": "no grant"}
    gateway.fakes |= {
        "CreateResource": {"ProgressEvent": event},
        "GetResourceRequestStatus": {"ProgressEvent": event | failed},
    }
    assert "AccessDenied: no grant" in up(stack, "--skip-preview", fails=True)
    gateway.fakes.clear()
    assert "Run `pulumi refresh`" in up(stack, "--skip-preview", fails=True)
    stack.pulumi("refresh", "--yes")
    up(stack, "--skip-preview")
    assert stack.outputs()["sourceLocationArns"]
