"""The rules for source locations: a violation is refused with the key, the rule and the command that fixes it."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.recording_engine import Deployment

Deploy = Callable[..., Deployment]
Refusal = Callable[..., str]
Config = dict[str, Any]
ADD_SOURCE_LOCATION = (
    "pulumi config set --plaintext --path sourceLocations.NAME.headerName X-Access-Token"
)


def with_source_location(config: Config, **settings: Any) -> Config:
    config["sourceLocations"]["sports"] |= settings
    return config


@pytest.mark.parametrize("config", [{}, {"sourceLocations": {}, "accessTokens": {}}])
def test_a_stack_without_a_source_location_is_refused(refusal: Refusal, config: Config) -> None:
    message = refusal(config)
    assert (
        "sourceLocations.NAME.headerName\n    is missing: at least one source location" in message
    )
    assert ADD_SOURCE_LOCATION in message


@pytest.mark.parametrize("name", ["a b", "", "news/sports", "a" * 217, "nëws"])
def test_a_name_that_does_not_fit_into_the_grants_name_is_refused(
    refusal: Refusal, config: Config, name: str
) -> None:
    config["sourceLocations"][name] = {"headerName": "X-News"}
    config["accessTokens"][name] = "canary-of-news"
    message = refusal(config)
    assert "must be named with 1 to 216 characters A-Z a-z 0-9 _ -" in message
    assert "pulumi config rm --path " in message


def test_the_longest_name_of_a_source_location_is_accepted(deploy: Deploy, config: Config) -> None:
    name = "n" * 216
    config["sourceLocations"][name] = {"headerName": "X-News"}
    config["accessTokens"][name] = "canary-of-news"
    assert name in deploy(config).outputs["secretArns"]


@pytest.mark.parametrize(
    ("setting", "value", "rule"),
    [
        ("secretStringKey", "", "must be text of 1 to 5,000 characters"),
        ("secretStringKey", 5, "must be text, but YAML reads 5"),
        ("secretStringKey", None, "must be text of 1 to 5,000 characters"),
        ("secretStringKey", "k" * 5_001, "must be text of 1 to 5,000 characters"),
        ("headerName", "", "must be an HTTP header name"),
        ("headerName", "X Token", "must be an HTTP header name"),
        ("headerName", "X-Token:", "must be an HTTP header name"),
        ("headerName", "X-Tokén", "must be an HTTP header name"),
        ("headerName", "X-Token\n", "must be an HTTP header name"),
        ("headerName", 7, "must be text, but YAML reads 7"),
        ("headerName", "x-amz-token", "not starting with x-amz- or x-amzn-"),
        ("headerName", "X-AMZ-Token", "not starting with x-amz- or x-amzn-"),
        ("headerName", "X-Amzn-Token", "not starting with x-amz- or x-amzn-"),
        ("secretName", "", "must be 1 to 512 characters"),
        ("secretName", "media tokens", "must be 1 to 512 characters"),
        ("secretName", "n" * 513, "must be 1 to 512 characters"),
        ("secretName", "media-tokens", "not ending in a hyphen and six characters"),
        ("secretName", 5, "must be text, but YAML reads 5"),
        ("description", "d" * 2049, "must be text of at most 2,048 characters"),
        ("tags", {"aws:owner": "me"}, "must be named with 1 to 128 letters"),
        ("tags", {"k": "v" * 257}, "must be text of up to 256 letters"),
        ("tags", {f"key{n}": "" for n in range(51)}, "has 51 tags; AWS allows at most 50"),
        ("tags", {'"k"': "v"}, "must be named with 1 to 128 letters"),
        ("tags", {"k": "v\n"}, "must be text of up to 256 letters"),
        ("baseUrl", "https://a..b", "must be an https URL such as"),
        ("baseUrl", "https://-a", "must be an https URL such as"),
        ("baseUrl", "https://a:0", "must be an https URL such as"),
        ("baseUrl", 'https://a/"', "must be an https URL such as"),
        ("tags", {"k": 1.5}, "must be text, but YAML reads 1.5: quote it"),
        ("tags", {"k": True}, "must be text, but YAML reads true: quote it"),
    ],
)
def test_a_setting_of_a_source_location_that_aws_would_refuse_is_refused(
    refusal: Refusal, config: Config, setting: str, value: object, rule: str
) -> None:
    message = refusal(with_source_location(config, **{setting: value}))
    assert f"  sourceLocations.sports.{setting}" in message
    assert rule in message
    assert "pulumi config " in message.partition(rule)[2]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("headerName", "X-Origin.Token_1~!#$%&'*+^`|"),
        ("headerName", "X-Amazing"),
        ("secretName", "media/sports_+=.@-1"),
        ("secretName", "media-token"),
        ("secretName", "n" * 512),
        ("secretStringKey", 'schlüssel "1"'),
        ("tags", {"team": ""}),
        ("tags", {f"key{n}": "v" * 256 for n in range(50)}),
        ("description", "d" * 2048),
        ("baseUrl", "https://origin.example.com:8443/vod"),
    ],
)
def test_a_setting_that_aws_accepts_is_accepted(
    deploy: Deploy, config: Config, setting: str, value: object
) -> None:
    assert deploy(with_source_location(config, **{setting: value})).resources


def test_a_source_location_that_is_not_an_object_is_refused(
    refusal: Refusal, config: Config
) -> None:
    config["sourceLocations"]["sports"] = "X-Origin-Token"
    assert "sourceLocations.sports\n    must be an object" in refusal(config)


def test_a_missing_header_name_is_refused(refusal: Refusal, config: Config) -> None:
    config["sourceLocations"]["sports"] = {}
    message = refusal(config)
    assert (
        "sourceLocations.sports.headerName\n    is missing: MediaTailor sends the token in this header"
        in message
    )
    assert (
        "pulumi config set --plaintext --path sourceLocations.sports.headerName X-Access-Token"
        in message
    )


def test_two_source_locations_with_one_secret_name_are_refused(
    refusal: Refusal, config: Config
) -> None:
    config["sourceLocations"] = {
        name: {"headerName": "X-Token", "secretName": "tokens"} for name in ("sports", "news")
    }
    config["accessTokens"] = dict.fromkeys(("sports", "news"), "canary-token")
    message = refusal(config)
    assert "sourceLocations.news.secretName\n    is also the secret of sports" in message
