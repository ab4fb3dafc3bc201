"""Replacements for encrypted values."""

from typing import Any

import pytest

from tests.support.prepared import (
    PROJECT,
    encrypted,
    locations,
    prepared_as_reported,
)


@pytest.mark.parametrize(
    ("config", "value"),
    [
        (locations(adoptSecretArn=encrypted(0)), "arn:aws:secretsmanager:eu-west-1:210987654321:secret:rehearsal-0-AbCdEf"),
        (locations(headerName=encrypted(0)), "X-Rehearsal-0"),
        (locations(baseUrl=encrypted(0)), "https://origin-0.example.com"),
        (locations(origin=encrypted(0)), "custom"),
        ({"encryptionKey": {"arn": encrypted(0)}}, "arn:aws:kms:eu-west-1:210987654321:key/00000000-0000-4000-8000-000000000000"),
        ({"encryptionKey": {"replicaArns": {"us-west-2": encrypted(0)}}}, "arn:aws:kms:us-west-2:210987654321:key/00000000-0000-4000-8000-000000000000"),
        ({"encryptionKey": {"sourceLocationManagers": [encrypted(0)]}}, "arn:aws:iam::210987654321:role/rehearsal-0"),
        ({"recoveryWindowInDays": encrypted(0)}, "30"),
        ({"protect": encrypted(0)}, "false"),
    ],
)  # fmt: skip
def test_an_encrypted_value_becomes_a_plausible_one_of_its_kind(
    config: dict[str, Any], value: str
) -> None:
    preparation = prepared_as_reported(
        {"aws:region": "eu-west-1", "aws:allowedAccountIds": ["210987654321"]}
        | {f"{PROJECT}:{key}": entry for key, entry in config.items()}
    )
    assert preparation.values["0"].text == value
    assert any(line.endswith(f"which is encrypted: {value}.") for line in preparation.assumptions())


@pytest.mark.parametrize(
    "config",
    [
        {f"{PROJECT}:accessTokens": {"sports": encrypted(0)}},
        {f"{PROJECT}:sourceLocations": {"sports": {"description": encrypted(0)}}},
        {"other:secrets": [{"deep": encrypted(0)}]},
        {"other:secret": encrypted(0)},
    ],
)
def test_encrypted_text_becomes_a_throwaway_token(config: dict[str, Any]) -> None:
    assert len(prepared_as_reported(config).values["0"].text) == 32


def test_an_encrypted_region_becomes_the_default_region() -> None:
    preparation = prepared_as_reported({"aws:region": encrypted(0)})
    assert preparation.values["0"].text == preparation.region == "us-east-1"
