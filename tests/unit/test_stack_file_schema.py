"""The JSON Schema for editors, applied to stack files.

The fixtures `deploy` and `refusal` apply it to the configs of all other tests: it accepts every config that the program
accepts, and rejects every one with an invalid single value.
"""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.recording_engine import KEY_ARN
from tests.support.stack_file_schema import PROJECT, SCHEMA, flaws
from tests.support.stack_spellings import SPELLINGS

NAMESPACE = "mediatailor-access-token"
SECRET_ARN = "arn:aws:secretsmanager:eu-west-1:210987654321:secret:media/sports-AbCdEf"
CUSTOM = {"headerName": "X-Access-Token"}
# Not all in the project's folder: users add their own.
STACK_FILES = [
    PROJECT / "Pulumi.dev.yaml",
    PROJECT / "Pulumi.prod.yaml",
    *sorted(PROJECT.glob("examples/**/Pulumi.*.yaml")),
]


def definitions() -> Any:
    return json.loads(SCHEMA.read_text(encoding="utf-8"))["definitions"]


def with_sports(**settings: Any) -> dict[str, Any]:
    return {f"{NAMESPACE}:sourceLocations": {"sports": settings}}


@pytest.mark.parametrize("file", STACK_FILES, ids=lambda file: str(file.relative_to(PROJECT)))
def test_the_stack_files_of_this_repository_refer_to_the_schema_and_conform_to_it(
    file: Path,
) -> None:
    text = file.read_text(encoding="utf-8")
    modeline, _, path = text.partition("\n")[0].partition("$schema=")
    assert modeline == "# yaml-language-server: "
    assert (file.parent / path).resolve() == SCHEMA
    assert not flaws(yaml.safe_load(text))


PULUMI_ALONE_READS = {"json with tabs", "tabs between keys and values", "a list of merge keys"}
"""In the way that counts here: PyYAML fails, or merges in another order."""
PULUMI_REFUSES = {"null tokens"}


@pytest.mark.parametrize(
    "spelling", [each for each in SPELLINGS if each not in PULUMI_ALONE_READS | PULUMI_REFUSES]
)
def test_stack_files_in_every_spelling_conform_to_the_schema(spelling: str) -> None:
    text = SPELLINGS[spelling]
    assert isinstance(text, str | bytes)
    assert not flaws(next(yaml.safe_load_all(text)))


@pytest.mark.parametrize(
    "config",
    [
        {f"{NAMESPACE}:recoveryWindowInDays": "30", f"{NAMESPACE}:protect": "true"},
        {f"{NAMESPACE}:config:protect": True},
        {"aws:profile": "prod", "aws:assumeRoles": [{}], "pulumi:tags": {"team": "media"}},
        {"datadog:apiKey": {"secure": "v1:…"}},
        {"aws:config:region": "eu-west-1"},
        with_sports(headerName="X-A", tags={"Straße": "schlüssel", "東京": ""}),
        {f"{NAMESPACE}:accessTokens": {"sports": {"secure": "v1:…"}}},
        {f"{NAMESPACE}:accessTokens": {"secure": {"secure": "v1:…"}}},
        None,
    ],
)
def test_every_accepted_config_conforms_to_the_schema(config: Any) -> None:
    assert not flaws({"config": config})


@pytest.mark.parametrize(
    "config",
    [
        # misspelled keys, in each spelling of the namespace
        {f"{NAMESPACE}:protected": True},
        {f"{NAMESPACE}:config:protected": True},
        {"protected": True},
        # values
        {"recoveryWindowInDays": "6"},
        {"protect": "yes"},
        {f"{NAMESPACE}:config:protect": "maybe"},
        {"protect": {"secure": "v1:…"}},
        {"aws:region": "us-west-1"},
        {"aws:config:region": "us-esat-1"},
        {f"{NAMESPACE}:replicaRegions": ["us-west-1"]},
        {f"{NAMESPACE}:replicaRegions": ["us-west-2", "us-west-2"]},
        {f"{NAMESPACE}:sourceLocations": {}},
        # tokens
        {f"{NAMESPACE}:accessTokens": {"sports": "token-in-plain-text"}},
        {f"{NAMESPACE}:accessTokens": {"secure": "v1:…"}},
        {f"{NAMESPACE}:accessTokens": {"sports": {"secure": "v1:…", "plain": ""}}},
        # settings of a source location, together
        with_sports(),
        with_sports(origin="custom"),
        with_sports(origin="mediapackage-v1", headerName="X-A"),
        with_sports(origin="mediapackage-v2", secretStringKey="A"),
        with_sports(headerName="X-A", secretName="media", adoptSecretArn=SECRET_ARN),
        with_sports(headerName="X-A", segmentDeliveryBaseUrl="https://a"),
        with_sports(headerName="X-A", segmentDeliveryConfigurations={"a": "https://a"}),
        with_sports(
            headerName="X-A",
            baseUrl="https://a",
            segmentDeliveryConfigurations={f"{n}": "https://a" for n in range(6)},
        ),
        # settings of the key, together
        *(
            {"encryptionKey": {"arn": KEY_ARN, key: value}}
            for key, value in {
                "alias": "alias/a",
                "rotationPeriodInDays": 365,
                "deletionWindowInDays": 30,
                "administrators": [],
            }.items()
        ),
        {"encryptionKey": {"replicaArns": {"us-west-2": KEY_ARN}}},
        {"encryptionKey": {"arn": KEY_ARN, "replicaArns": {"us-west-1": KEY_ARN}}},
        {"encryptionKey": {"administrators": ["arn:aws:iam::210987654321:root"] * 2}},
    ],
)
def test_a_refused_config_does_not_conform_to_the_schema(config: Any) -> None:
    assert flaws({"config": config})


def test_settings_may_be_missing_if_an_esc_environment_can_provide_them() -> None:
    config = with_sports(segmentDeliveryBaseUrl="https://a")
    assert flaws({"config": config})
    assert not flaws({"environment": ["media/prod"], "config": config})
    assert flaws({"environment": ["media/prod"], "config": with_sports(headerName="X A")})


def test_the_schema_has_each_settings_description_range_default_and_example() -> None:
    window = definitions()["encryptionKey"]["properties"]["deletionWindowInDays"]
    assert window["description"] == (
        "Days that KMS waits before it deletes the key. Must be a whole number of days from 7 to 30."
    )
    assert (window["default"], window["examples"]) == (30, [30])
    assert window["errorMessage"] == "must be a whole number of days from 7 to 30"


def test_every_pattern_has_an_error_message() -> None:
    def patterns(schema: Any) -> list[dict[str, Any]]:
        inner = schema.values() if isinstance(schema, dict) else schema
        found = [each for part in inner if isinstance(part, dict | list) for each in patterns(part)]
        return [*found, schema] if isinstance(schema, dict) and "pattern" in schema else found

    found = patterns(definitions())
    assert found
    assert all(each["errorMessage"].startswith("must be ") for each in found)
