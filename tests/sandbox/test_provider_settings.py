"""The stand-in provider accepts the same settings as pulumi-aws, and handles tags the same way."""

import json
from collections.abc import Iterator

import pytest
from pulumi.runtime.rpc import UNKNOWN

from sandbox.provider_settings import CONNECTION, NOT_REHEARSED
from tests.support.provider_driver import (
    IGNORED_TAGS,
    KEY,
    REGION,
    ROLE,
    SECRET,
    TAG_SETTINGS,
    TRUST,
    Driver,
    Failed,
    changes,
    driver,
    is_none,
    text,
)


@pytest.fixture(scope="module")
def shared() -> Iterator[Driver]:
    with driver(variables=TAG_SETTINGS) as engine:
        yield engine


@pytest.mark.parametrize("setting", sorted(CONNECTION | NOT_REHEARSED))
@pytest.mark.parametrize("value", ["x", "[]", '{"a": 1}', "true", ""])
def test_a_setting_without_effect_in_a_rehearsal_is_accepted_with_any_value(
    engine: Driver, setting: str, value: str
) -> None:
    assert engine.check_config({"region": REGION, setting: value}) == []


def test_connection_settings_have_no_effect() -> None:
    variables = {
        "aws:config:accessKey": "999999999999",
        "aws:config:secretKey": "x",
        "aws:config:profile": "no-such-profile",
        "aws:config:endpoints": json.dumps([{"kms": "https://kms.eu-west-1.amazonaws.com"}]),
        "aws:config:httpsProxy": "http://127.0.0.1:1",
        "aws:config:allowedAccountIds": json.dumps(["999999999999"]),
    }
    with driver(variables=variables) as engine:
        key = engine.create(KEY, "key", {})
    assert ":123456789012:" in key.state["arn"]


@pytest.mark.parametrize(
    ("setting", "error"),
    [
        ("regoin", "Did you mean `aws:region`?"),
        ("assumeRole", "Since pulumi-aws 7 it is `aws:assumeRoles`, a list of roles."),
    ],
)
def test_a_setting_that_pulumi_aws_does_not_have_is_rejected_with_a_suggestion(
    engine: Driver, setting: str, error: str
) -> None:
    errors = engine.check_config({"region": REGION, setting: "x"})
    assert errors == [
        f"`aws:{setting}` is not a valid configuration key for the aws provider. {error}"
    ]
    with pytest.raises(Failed, match=f"aws:{setting}"):
        engine.configure({f"aws:config:{setting}": "x"})


def test_no_setting_replaces_the_provider_not_even_another_region(engine: Driver) -> None:
    olds, news = {"region": REGION, "profile": "a"}, {"region": "us-east-1", "maxRetries": "3"}
    difference = engine.diff_config(olds, news)
    assert list(difference.replaces) == []
    assert changes(difference) == {"maxRetries": "ADD", "profile": "DELETE", "region": "UPDATE"}
    assert is_none(engine.diff_config(olds, olds))


def test_another_region_replaces_regional_resources_but_not_a_role(
    engine: Driver, name: str
) -> None:
    inputs = {"assumeRolePolicy": text(TRUST)}
    secret, role = engine.create(SECRET, name, {}), engine.create(ROLE, name, inputs)
    tags = json.dumps({"tags": {"stage": "test"}})
    engine.configure({"aws:config:region": "us-east-1", "aws:config:defaultTags": tags})
    assert list(engine.diff(secret, {}).replaces) == ["region"]
    assert is_none(engine.diff(role, inputs))
    ignored = json.dumps(IGNORED_TAGS)
    engine.configure({"aws:config:defaultTags": tags, "aws:config:ignoreTags": ignored})


@pytest.mark.parametrize(
    ("setting", "error"),
    [
        (
            {"team": "media"},
            "`aws:defaultTags.team` is not a valid configuration key for the aws provider.",
        ),
        ({"tags": {"team": {"name": "media"}}}, "`aws:defaultTags.tags.team` must be text"),
        ({"tags": {"a b": ["media"]}}, '`aws:defaultTags.tags["a b"]` must be text'),
        ({"tags": ["team"]}, "`aws:defaultTags.tags` must be an object"),
        ({"tags": "team"}, "`aws:defaultTags.tags` must be an object"),
        (["team"], "`aws:defaultTags` must be an object"),
        ([{"tags": {}}, {"tags": {}}], "`aws:defaultTags` must be an object"),
        (1, "`aws:defaultTags` must be an object"),
    ],
)
def test_default_tags_of_the_wrong_type_are_rejected_before_anything_is_created(
    engine: Driver, setting: object, error: str
) -> None:
    errors = engine.check_config({"region": REGION, "defaultTags": json.dumps(setting)})
    assert len(errors) == 1
    assert error in errors[0]


@pytest.mark.parametrize(
    ("setting", "error"),
    [
        ({"prefix": "x"}, "`aws:ignoreTags.prefix` is not a valid configuration key"),
        ({"keys": [1]}, "`aws:ignoreTags.keys[0]` must be text"),
        ({"keyPrefixes": [["x"]]}, "`aws:ignoreTags.keyPrefixes[0]` must be text"),
        (["x"], "`aws:ignoreTags` must be an object"),
    ],
)
def test_ignored_tags_of_the_wrong_type_are_rejected(
    engine: Driver, setting: object, error: str
) -> None:
    errors = engine.check_config({"region": REGION, "ignoreTags": json.dumps(setting)})
    assert len(errors) == 1
    assert error in errors[0]


@pytest.mark.parametrize("value", ["{", "tags", "[" * 5000])
def test_text_that_is_not_json_is_rejected_without_being_quoted(engine: Driver, value: str) -> None:
    errors = engine.check_config({"region": REGION, "defaultTags": value})
    assert len(errors) == 1
    assert errors[0] == (
        "could not validate provider configuration: `aws:defaultTags` must be an object."
        " Check `pulumi config get --path 'aws:defaultTags'`."
    )


def test_all_errors_of_the_settings_are_reported_at_once(engine: Driver) -> None:
    settings = {
        "regoin": "x",
        "defaultTags": json.dumps({"tags": {"a": [], "b": {}}, "team": "x"}),
        "ignoreTags": json.dumps({"keys": [1, 2]}),
    }
    assert len(engine.check_config(settings)) == 6


def test_an_unknown_setting_value_is_accepted_in_a_preview(engine: Driver) -> None:
    settings = dict.fromkeys(("region", "defaultTags", "ignoreTags", "profile"), UNKNOWN)
    assert engine.check_config(settings) == []


@pytest.mark.parametrize("setting", ["", "null", "{}", '{"tags": {}}', '{"tags": null}', "[{}]"])
def test_default_tags_may_be_empty(engine: Driver, setting: str) -> None:
    assert engine.check_config({"region": REGION, "defaultTags": setting}) == []
