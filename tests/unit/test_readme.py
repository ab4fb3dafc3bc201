"""The stack's README: complete, with correct commands and no token."""

import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.session import get_session

import readme
from tests.support.recording_engine import KEY_ARN, REGION, TOKEN, Deployment, secret_arn

Deploy = Callable[..., Deployment]
Config = dict[str, Any]

KEY_ID = KEY_ARN.rpartition("/")[2]
CUSTOM = {"headerName": "X-Token"}


def sections(text: str) -> dict[str, str]:
    """Return the section of each source location."""
    names, bodies = (
        re.findall("^## (.+)$", text, re.MULTILINE),
        re.split("^## .+$", text, flags=re.MULTILINE),
    )
    return dict(zip(names, bodies[1:], strict=True))


@pytest.fixture
def text(deploy: Deploy, config: Config) -> str:
    """Return the README of a stack with every kind of source location."""
    config["sourceLocations"] = {
        "sports": CUSTOM,
        "movies": {**CUSTOM, "baseUrl": "https://origin.example.com"},
        "news": {"origin": "mediapackage-v1"},
        "live": {"origin": "mediapackage-v2"},
        "weather": {**CUSTOM, "secretStringKey": "it's", "tokenManagedElsewhere": True},
    }
    config["accessTokens"] = dict.fromkeys(("sports", "movies", "news", "live"), TOKEN)
    return str(deploy(config).outputs["readme"])


def test_the_readme_has_a_section_for_each_source_location_and_no_placeholder(text: str) -> None:
    assert list(sections(text)) == ["sports", "movies", "news", "live", "weather"]
    assert "${" not in text
    assert "make verify STACK=dev\n" in text


def test_the_readme_never_contains_a_token(text: str) -> None:
    assert TOKEN not in text


def test_the_readme_links_to_the_key_and_each_secret_in_the_console(text: str) -> None:
    console = "https://console.aws.amazon.com"
    assert f"({console}/kms/home?region={REGION}#/kms/keys/{KEY_ID})" in text
    name = "mediatailor-sports-secret"
    link = f"({console}/secretsmanager/secret?name={name}&region={REGION})"
    assert f"[{secret_arn(name)}]{link}" in sections(text)["sports"]


@pytest.mark.parametrize(
    ("source_location", "commands"),
    [
        ("sports", ["create-source-location", "describe-source-location"]),
        ("movies", []),
        ("news", ["update-origin-endpoint", "update-packaging-group", "create-source-location"]),
        ("live", ["put-origin-endpoint-policy", "create-source-location"]),
        ("weather", ["put-secret-value", "create-source-location"]),
    ],
)
def test_the_readme_has_commands_for_the_steps_outside_the_stack(
    text: str, source_location: str, commands: list[str]
) -> None:
    section = sections(text)[source_location]
    assert [each for each in commands if f" {each} " in section] == commands
    assert ("aws " in section) is bool(commands)


def aws_commands(text: str) -> Iterator[tuple[str, str, set[str]]]:
    """Yield the service, operation and options of each AWS CLI command without a subshell."""
    for line in re.findall("^aws (?!.*\\$).+$", text, re.MULTILINE):
        _, service, operation, *rest = shlex.split(line)
        yield service, operation, {each[2:] for each in rest if each.startswith("--")} - {"region"}


def test_the_commands_have_valid_aws_cli_options(text: str) -> None:
    checked = set()
    for service, operation, options in aws_commands(text):
        model = get_session().get_service_model(service)
        (name,) = (n for n in model.operation_names if n.lower() == operation.replace("-", ""))
        shape = model.operation_model(name).input_shape
        assert shape
        members = {member.lower() for member in shape.members}
        assert {option.replace("-", "") for option in options} <= members
        assert {member.lower() for member in shape.required_members} <= {
            option.replace("-", "") for option in options
        }
        checked.add(operation)
    assert len(checked) == 5


def test_the_readme_lists_the_statements_that_an_existing_key_needs(
    deploy: Deploy, config: Config
) -> None:
    assert "requiredKeyPolicyStatements" not in deploy(config).outputs["readme"]
    config["encryptionKey"] = {"arn": KEY_ARN}
    text = deploy(config).outputs["readme"]
    assert "pulumi stack output requiredKeyPolicyStatements --json --stack dev\n" in text


def test_placeholders_that_the_program_cannot_fill_in_are_left_for_pulumi_cloud(
    deploy: Deploy, config: Config, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = tmp_path / "Pulumi.README.md"
    template.write_text("$5 ${outputs.secretArns.sports} ${outputs.encryptionKeyArn} ${unknown}")
    monkeypatch.setattr(readme, "TEMPLATE", template)
    outputs = deploy(config).outputs
    text = readme.readme_text(outputs, region=REGION, stack="dev")
    assert text == f"$5 ${{outputs.secretArns.sports}} {KEY_ARN} ${{unknown}}"
