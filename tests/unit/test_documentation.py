"""The README and Pulumi.yaml say what the program does."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

import components
from components.access_token_authentication import SourceLocationSettings
from components.encryption_key import EncryptionKeySettings
from stack_config import EncryptionKeyConfig, SourceLocationConfig, StackConfig
from tests.support.recording_engine import Deployment, run_program

PROJECT = Path(__file__).parents[2]
README = (PROJECT / "README.md").read_text(encoding="utf-8")
PULUMI = yaml.safe_load((PROJECT / "Pulumi.yaml").read_text(encoding="utf-8"))


def table(after: str) -> list[str]:
    """Return the first column of the first table after some text."""
    rows = re.findall(
        r"^\| `(\w+)` \|",
        README.partition(after)[2].partition("\n\n|")[2].partition("\n\n")[0],
        re.MULTILINE,
    )
    assert rows, after
    return rows


def keys(section: Any) -> list[str]:
    return [str(field.alias) for field in section.model_fields.values()]


@pytest.mark.parametrize(
    ("after", "section"),
    [
        ("## Config", StackConfig),
        ("Settings of a source location", SourceLocationConfig),
        ("Settings of `encryptionKey`", EncryptionKeyConfig),
    ],
)
def test_the_readmes_config_tables_have_the_keys_that_the_program_takes(
    after: str, section: Any
) -> None:
    assert sorted(table(after)) == sorted(keys(section))


def test_the_projects_schema_has_the_keys_that_the_program_takes() -> None:
    assert sorted(PULUMI["config"]) == sorted(keys(StackConfig))


def test_the_projects_schema_has_the_programs_defaults() -> None:
    defaults = {str(f.alias): f.default for f in StackConfig.model_fields.values()}
    for key, setting in PULUMI["config"].items():
        if setting["type"] != "object":
            assert setting["default"] == defaults[key], key


def test_the_readmes_outputs_are_those_of_a_stack_with_everything(deployment: Deployment) -> None:
    outputs: set[str] = set()
    everything = {
        "sourceLocations": {
            "sports": {"headerName": "X-Token", "baseUrl": "https://origin.example.com"},
            "news": {"origin": "mediapackage-v1"},
        },
        "accessTokens": {"sports": "canary-of-sports", "news": "canary-of-news"},
        "replicaRegions": ["us-west-2"],
    }
    existing = {
        "arn": "arn:aws:kms:eu-west-1:210987654321:key/11111111-2222-3333-4444-555555555555",
        "replicaArns": {
            "us-west-2": "arn:aws:kms:us-west-2:210987654321:key/11111111-2222-3333-4444-555555555555"
        },
    }
    outputs |= run_program(deployment, {**everything, "encryptionKey": existing}).outputs.keys()
    assert sorted(table("## Outputs")) == sorted(outputs)


def test_the_components_settings_are_those_of_the_config() -> None:
    assert SourceLocationSettings.__annotations__.keys() == SourceLocationConfig.model_fields.keys()
    assert EncryptionKeySettings.__annotations__.keys() == (
        EncryptionKeyConfig.model_fields.keys() - {"arn", "replica_arns"}
    )


def test_the_component_has_at_most_three_required_inputs() -> None:
    assert len(components.AccessTokenAuthenticationArgs.__required_keys__) <= 3


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_no_token_stands_in_a_stack_file(stack: str) -> None:
    text = (PROJECT / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8")
    assert "accessTokens" not in text


def test_the_dev_stack_has_the_aws_pages_own_example_key() -> None:
    config = yaml.safe_load((PROJECT / "Pulumi.dev.yaml").read_text(encoding="utf-8"))["config"]
    (location,) = config["mediatailor-access-token:sourceLocations"].values()
    assert location["secretStringKey"] == "MyAccessTokenIdentifier"
