"""Values that YAML reads as another type than the one that was meant."""

from collections.abc import Callable

import pytest

from tests.support.odd_configs import (
    FULL,
    replaced,
)
from tests.support.recording_engine import Deployment, config_errors

Deploy = Callable[..., Deployment]


@pytest.fixture(autouse=True)
def _no_region_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("AWS_REGION", "AWS_DEFAULT_REGION", "PULUMI_CONFIG"):
        monkeypatch.delenv(variable, raising=False)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12345, "12345"),
        (-5, "-5"),
        (1.5, "1.5"),
        (True, "true"),
        (False, "false"),
        ("2024-01-01 00:00:00 +0000 UTC", "2024-01-01"),
        ("2024-01-01 10:30:00.5 +0200 +0200", "2024-01-01T10:30:00.5+02:00"),
    ],
)
def test_text_that_yaml_reads_as_another_type_keeps_its_value(value: object, text: str) -> None:
    message = config_errors(replaced(FULL, ("sourceLocations", "sports", "description"), value))
    assert f"must be text, but YAML reads {text}: quote it" in message
    dashes = "-- " if text.startswith("-") else ""
    option = "--type string" if isinstance(value, int) else "--plaintext"
    command = f"pulumi config set {option} --path {dashes}sourceLocations.sports.description {text}"
    assert f"\n    {command}" in message


def test_a_number_that_the_cli_mistakes_for_a_secret_is_quoted_by_editing_the_file() -> None:
    path = ("sourceLocations", "sports", "secretName")
    message = config_errors(replaced(FULL, path, 8473629105847362))
    assert (
        "edit Pulumi.dev.yaml: set sourceLocations.sports.secretName to '8473629105847362'"
        in message
    )


@pytest.mark.parametrize("key", ["secretName", "secretStringKey", "headerName"])
def test_a_number_that_is_meant_as_a_name_keeps_its_value(key: str) -> None:
    message = config_errors(replaced(FULL, ("sourceLocations", "sports", key), 20260101))
    assert "has an error" in message
    command = f"pulumi config set --type string --path sourceLocations.sports.{key} 20260101"
    assert f"\n    {command}" in message


def test_a_token_may_look_like_a_date() -> None:
    token = "2024-01-01 00:00:00 +0000 UTC"
    assert config_errors(replaced(FULL, ("accessTokens", "sports"), token)) == ""


@pytest.mark.parametrize("number", [1234, 0, -5, 2**63])
def test_an_integer_tag_value_is_accepted_and_stored_as_text(deploy: Deploy, number: int) -> None:
    config = replaced(FULL, ("sourceLocations", "sports", "tags"), {"CostCenter": number})
    secret = deploy(config).inputs("aws:secretsmanager/secret:Secret", "mediatailor-sports-secret")
    assert secret["tags"] == {"CostCenter": str(number)}
