"""The rules for access tokens: a violation is refused without showing the token."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.access_token_secret import secret_string
from tests.support.recording_engine import Deployment

Deploy = Callable[..., Deployment]
Refusal = Callable[..., str]
Config = dict[str, Any]
ROLE = "arn:aws:iam::123456789012:role/operator"


@pytest.mark.parametrize(
    "token",
    [
        "a" * 8,
        "a" * 128,
        "112233445566",
        "with spaces inside",
        "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
    ],
)
def test_a_token_of_8_to_128_printable_ascii_characters_is_accepted(
    deploy: Deploy, config: Config, token: str
) -> None:
    config["accessTokens"] = {"sports": token}
    version = deploy(config).inputs(
        "aws:secretsmanager/secretVersion:SecretVersion", "mediatailor-sports-version"
    )
    assert json.loads(version["secretString"]) == {"AccessToken": token}


@pytest.mark.parametrize(
    ("token", "rule"),
    [
        ("canary7", "has fewer than 8 characters"),
        ("canary" + "a" * 123, "has more than 128 characters"),
        (" canary-token", "starts or ends with a space"),
        ("canary-token ", "starts or ends with a space"),
        ("canary\ttoken", "control or non-ASCII"),
        ("canary\ntoken", "control or non-ASCII"),
        ("canary-token\n", "control or non-ASCII"),
        ("canary\x7ftoken", "control or non-ASCII"),
        ("canary-tokén", "control or non-ASCII"),
        (1122334455667788, "must be text"),
        (None, "must be text"),
        (["canary-token"], "must be text"),
        ({"canary-token": "canary-token"}, "must be text"),
    ],
)
def test_a_token_that_mediatailor_could_not_use_is_refused_without_showing_it(
    refusal: Refusal, config: Config, token: object, rule: str
) -> None:
    config["accessTokens"] = {"sports": token}
    message = refusal(config)
    assert "accessTokens.sports" in message
    assert rule in message
    assert "pulumi config set --secret --path accessTokens.sports" in message
    assert "canary" not in message
    assert "1122334455667788" not in message


def test_a_source_location_without_a_token_is_refused(refusal: Refusal, config: Config) -> None:
    config["sourceLocations"]["news"] = {"headerName": "X-News"}
    message = refusal(config)
    assert "accessTokens.news\n    is missing" in message
    assert "pulumi config set --secret --path accessTokens.news" in message


def test_a_token_without_a_source_location_is_refused(refusal: Refusal, config: Config) -> None:
    config["accessTokens"]["news"] = "canary-of-news"
    message = refusal(config)
    assert "accessTokens.news\n    belongs to no source location" in message
    assert "pulumi config rm --path accessTokens.news" in message
    assert "canary" not in message


def test_unencrypted_tokens_are_refused(refusal: Refusal, config: Config) -> None:
    message = refusal(config, secret_keys=())
    assert (
        "accessTokens.sports\n    is stored in plain text: set a new token with --secret" in message
    )
    assert "pulumi config set --secret --path accessTokens.sports" in message
    assert "canary" not in message


@pytest.mark.parametrize("key", ["sourceLocations", "encryptionKey"])
def test_an_encrypted_setting_that_would_not_stay_encrypted_is_refused(
    refusal: Refusal, config: Config, key: str
) -> None:
    config["encryptionKey"] = {"administrators": [ROLE]}
    message = refusal(config, secret_keys=("accessTokens", key))
    assert f"\n  {key}\n    contains an encrypted value" in message
    assert f"edit Pulumi.dev.yaml: replace `secure: …` under {key}" in message


def test_tokens_that_are_not_an_object_are_refused_without_showing_them(
    refusal: Refusal, config: Config
) -> None:
    message = refusal({**config, "accessTokens": "canary-token"})
    assert "accessTokens\n    must be an object" in message
    assert "canary" not in message


@settings(deadline=None)
@given(key=st.text(min_size=1), token=st.from_regex(r"[!-~][ -~]{6,126}[!-~]", fullmatch=True))
def test_the_secret_string_is_a_json_object_for_every_valid_key_and_token(
    key: str, token: str
) -> None:
    assert json.loads(secret_string(key, token, {})) == {key: token}
