"""Every rule of the stack config: a violation is refused with the key, the rule and the command that fixes it."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.recording_engine import KEY_ARN, Deployment

Deploy = Callable[..., Deployment]
Refusal = Callable[..., str]
Config = dict[str, Any]
ROLE = "arn:aws:iam::123456789012:role/operator"


def with_source_location(config: Config, **settings: Any) -> Config:
    config["sourceLocations"]["sports"] |= settings
    return config


@pytest.mark.parametrize("days", [-1, 1, 6, 31, 7.5, "soon"])
def test_a_recovery_window_that_is_not_0_or_7_to_30_days_is_refused(
    refusal: Refusal, config: Config, days: object
) -> None:
    message = refusal({**config, "recoveryWindowInDays": days})
    assert "recoveryWindowInDays\n    must be 0 or a whole number of days from 7 to 30" in message
    assert "recoveryWindowInDays" in message


@pytest.mark.parametrize("days", [0, 7, 30, "30"])
def test_a_recovery_window_of_0_or_7_to_30_days_is_accepted_as_the_cli_stores_it(
    deploy: Deploy, config: Config, days: object
) -> None:
    secret = deploy({**config, "recoveryWindowInDays": days}).inputs(
        "aws:secretsmanager/secret:Secret", "mediatailor-sports-secret"
    )
    assert secret["recoveryWindowInDays"] == int(str(days))


def test_protect_that_is_not_true_or_false_is_refused(refusal: Refusal, config: Config) -> None:
    message = refusal({**config, "protect": "yes"})
    assert "protect\n    must be true or false" in message


@pytest.mark.parametrize(
    ("key", "value", "path", "nearest"),
    [
        ("sourceLocation", {}, "sourceLocation", "sourceLocations"),
        ("encryptionKey", {"aliases": "alias/a"}, "encryptionKey.aliases", "alias"),
        ("recoveryWindow", 7, "recoveryWindow", "recoveryWindowInDays"),
    ],
)
def test_an_unknown_key_is_refused_with_the_closest_one(
    refusal: Refusal, config: Config, key: str, value: object, path: str, nearest: str
) -> None:
    message = refusal({**config, key: value})
    assert f"  {path}\n    unknown key; did you mean {nearest}?" in message
    assert f"pulumi config rm --path {path}" in message


@pytest.mark.parametrize(
    ("setting", "hint"),
    [
        ("recoveryWindowInDays", "recoveryWindowInDays belongs at the top level"),
        ("alias", "alias belongs in encryptionKey"),
        ("qqq", "the keys are origin, headerName, secretStringKey"),
    ],
)
def test_an_unknown_key_is_refused_with_a_hint(
    refusal: Refusal, config: Config, setting: str, hint: str
) -> None:
    message = refusal(with_source_location(config, **{setting: 7}))
    assert f"sourceLocations.sports.{setting}\n    unknown key; {hint}" in message


@pytest.mark.parametrize("key", ["accessTokens.sports", "replicaRegions[0]"])
def test_a_key_that_was_set_without_path_is_reported(
    refusal: Refusal, config: Config, key: str
) -> None:
    message = refusal({**config, key: "eu-west-1"})
    assert f'  ["{key}"]\n    unknown key; did you leave out --path when you set it?' in message


def test_a_misspelled_namespace_is_reported(refusal: Refusal, config: Config) -> None:
    key = "mediatailor-access-tokens:protect"
    message = refusal({**config, key: "true"})
    assert f"  {key}\n    is in namespace mediatailor-access-tokens" in message
    assert f"pulumi config rm --path {key}" in message


def test_an_unknown_setting_of_a_source_location_is_refused(
    refusal: Refusal, config: Config
) -> None:
    message = refusal(with_source_location(config, header="X-Token"))
    assert "sourceLocations.sports.header\n    unknown key; did you mean headerName?" in message


@pytest.mark.parametrize(
    ("region", "nearest"),
    [("us-west-1", "us-west-2"), ("eu-south-1", "eu-north-1"), ("us-esat-1", "us-east-1")],
)
def test_a_region_without_mediatailor_is_refused_with_similar_ones(
    refusal: Refusal, config: Config, region: str, nearest: str
) -> None:
    message = refusal(config, region=region)
    assert f"is {region}, which has no MediaTailor; Regions that have it: {nearest}" in message
    assert f"pulumi config set aws:region {nearest}" in message


def test_the_region_of_the_environment_is_checked_like_the_configs(
    refusal: Refusal, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_REGION", "us-west-1")
    assert "is us-west-1, which has no MediaTailor" in refusal(config, region=None)


@pytest.mark.parametrize(
    ("region", "partition"), [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_a_partition_without_mediatailor_is_refused(
    refusal: Refusal, config: Config, region: str, partition: str
) -> None:
    assert f"is in partition {partition}, which has no MediaTailor" in refusal(
        config, region=region
    )


def test_all_errors_are_in_one_message_in_the_order_of_the_config(
    refusal: Refusal, config: Config
) -> None:
    config |= {
        "accessTokens": {"sports": "canary", "news": "canary-of-news"},
        "encryptionKey": {"alias": "tokens", "rotationPeriodInDays": 1},
        "recoveryWindowInDays": 1,
        "protected": True,
    }
    message = refusal(with_source_location(config, headerName="x-amz-token"))
    assert "has 7 errors; nothing was created or changed" in message
    for path in (
        "sourceLocations.sports.headerName",
        "accessTokens.sports",
        "accessTokens.news",
        "encryptionKey.alias",
        "encryptionKey.rotationPeriodInDays",
        "recoveryWindowInDays",
        "protected",
    ):
        assert message.count(f"\n  {path}\n") == 1, path
    assert "canary" not in message


def test_the_commands_remove_invalid_list_entries_from_the_end(
    refusal: Refusal, config: Config
) -> None:
    bad = "arn:aws-cn:iam::123456789012:role/operator"
    message = refusal({**config, "encryptionKey": {"administrators": [bad, ROLE, bad, ROLE]}})
    lines = [line.strip() for line in message.splitlines()]
    assert [line for line in lines if line.startswith("pulumi")] == [
        f"pulumi config rm --path 'encryptionKey.administrators[{index}]'" for index in (3, 2, 0)
    ]


def test_a_quoted_number_is_removed_because_the_cli_would_keep_the_quotes(
    refusal: Refusal, config: Config
) -> None:
    message = refusal({**config, "encryptionKey": {"rotationPeriodInDays": "365"}})
    assert "pulumi config rm --path encryptionKey.rotationPeriodInDays" in message


def test_errors_inside_a_value_to_remove_are_not_reported(refusal: Refusal, config: Config) -> None:
    config["sourceLocations"]["a.b"] = {}
    message = refusal(config)
    assert """pulumi config rm --path 'sourceLocations["a.b"]'""" in message
    assert "headerName" not in message


def test_a_value_to_remove_is_reported_once_and_not_set_again(
    refusal: Refusal, config: Config
) -> None:
    config["accessTokens"]["news"] = None
    config["encryptionKey"] = {"arn": KEY_ARN, "rotationPeriodInDays": 1, "alias": 1}
    lines = [line.strip() for line in refusal(config).splitlines()]
    assert [line for line in lines if line.startswith("pulumi")] == [
        "pulumi config rm --path accessTokens.news",
        "pulumi config rm --path encryptionKey.alias",
        "pulumi config rm --path encryptionKey.rotationPeriodInDays",
    ]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("é!", 'sourceLocations["é!"]'),
        ('"', r'sourceLocations["\""]'),
    ],
)
def test_an_unusual_name_is_written_as_the_cli_reads_it(
    refusal: Refusal, config: Config, name: str, path: str
) -> None:
    config["sourceLocations"][name] = {"headerName": "X-Token"}
    assert f"pulumi config rm --path '{path}'" in refusal(config)


def test_an_invalid_config_is_refused_without_calling_the_provider(
    refusal: Refusal, config: Config, deployment: Deployment
) -> None:
    refusal({**config, "recoveryWindowInDays": 1})
    assert deployment.invokes == []
