"""The rules for the encryption key: a violation is refused with the key, the rule and the command that fixes it."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.recording_engine import Deployment

Deploy = Callable[..., Deployment]
Refusal = Callable[..., str]
Config = dict[str, Any]
ROLE = "arn:aws:iam::123456789012:role/operator"


@pytest.mark.parametrize(
    ("setting", "value", "rule"),
    [
        ("alias", "tokens", "must be alias/ and 1 to 250 characters"),
        ("alias", "alias/", "must be alias/ and 1 to 250 characters"),
        ("alias", "alias/my tokens", "must be alias/ and 1 to 250 characters"),
        ("alias", "alias/a:b", "must be alias/ and 1 to 250 characters"),
        ("alias", "alias/" + "a" * 251, "must be alias/ and 1 to 250 characters"),
        ("alias", "alias/aws/secretsmanager", "not starting with alias/aws/"),
        ("rotationPeriodInDays", 89, "must be a whole number of days from 90 to 2560"),
        ("rotationPeriodInDays", 2561, "must be a whole number of days from 90 to 2560"),
        ("rotationPeriodInDays", "365", "must be a whole number of days from 90 to 2560"),
        ("rotationPeriodInDays", 90.5, "must be a whole number of days from 90 to 2560"),
        ("rotationPeriodInDays", True, "must be a whole number of days from 90 to 2560"),
        ("deletionWindowInDays", 6, "must be a whole number of days from 7 to 30"),
        ("deletionWindowInDays", 31, "must be a whole number of days from 7 to 30"),
        ("administrators", "everybody", "must be a list"),
        ("sourceLocationManagers", ROLE, "must be a list"),
    ],
)
def test_a_setting_of_the_key_that_aws_would_refuse_is_refused(
    refusal: Refusal, config: Config, setting: str, value: object, rule: str
) -> None:
    message = refusal({**config, "encryptionKey": {setting: value}})
    assert f"  encryptionKey.{setting}\n" in message
    assert rule in message
    assert "pulumi config " in message.partition(rule)[2]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("rotationPeriodInDays", 90),
        ("rotationPeriodInDays", 2560),
        ("deletionWindowInDays", 7),
        ("deletionWindowInDays", 30),
        ("alias", "alias/" + "a" * 250),
    ],
)
def test_the_limits_of_each_range_are_accepted(
    deploy: Deploy, config: Config, setting: str, value: object
) -> None:
    assert deploy({**config, "encryptionKey": {setting: value}}).resources


@pytest.mark.parametrize("setting", ["administrators", "sourceLocationManagers"])
@pytest.mark.parametrize(
    "arn",
    [
        "*",
        "operator",
        "arn:aws:s3:::bucket",
        "arn:aws:iam::123456789012:group/operators",
        "arn:aws:iam::123456789012:role/*",
        "arn:aws:iam::123456789012:role//",
        "arn:aws:iam::123456789012:role/a/",
        f"arn:aws:iam::123456789012:role/{'r' * 65}",
        "arn:aws:iam::12345:role/operator",
        "arn:aws:sts::123456789012:assumed-role/operator/me",
        "arn:aws:iam::123456789012:role/operator\n",
        "arn:aws:iam::१२३४५६७८९०१२:role/operator",
        "",
        5,
    ],
)
def test_a_principal_that_is_not_an_iam_arn_is_refused(
    refusal: Refusal, config: Config, setting: str, arn: object
) -> None:
    message = refusal({**config, "encryptionKey": {setting: [ROLE, arn]}})
    assert f"  encryptionKey.{setting}[1]\n" in message
    assert (
        f"pulumi config set --plaintext --path 'encryptionKey.{setting}[1]' arn:aws:iam::"
        in message
    )


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::123456789012:root",
        "arn:aws:iam::123456789012:user/division/ci+build=1,2.3@x_y-z",
        "arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/operator",
    ],
)
def test_a_role_a_user_and_an_account_root_are_accepted(
    deploy: Deploy, config: Config, arn: str
) -> None:
    deployment = deploy({**config, "encryptionKey": {"administrators": [arn]}})
    assert arn in deployment.inputs("aws:kms/key:Key", "mediatailor-key")["policy"]


def test_a_principal_of_another_partition_is_refused(refusal: Refusal, config: Config) -> None:
    arn = "arn:aws-cn:iam::123456789012:role/operator"
    message = refusal({**config, "encryptionKey": {"sourceLocationManagers": [arn]}})
    assert "encryptionKey.sourceLocationManagers[0]" in message
    assert "is in partition aws-cn, but the stack deploys to aws" in message


def test_a_principal_of_another_partition_is_refused_if_only_the_provider_knows_the_region(
    refusal: Refusal, config: Config
) -> None:
    config["encryptionKey"] = {"administrators": ["arn:aws-cn:iam::123456789012:role/operator"]}
    message = refusal(config, region=None)
    assert "is in partition aws-cn, but the stack deploys to aws" in message


def test_a_duplicate_principal_is_refused(refusal: Refusal, config: Config) -> None:
    message = refusal({**config, "encryptionKey": {"administrators": [ROLE, ROLE]}})
    assert "encryptionKey.administrators[1]\n    is already in the list" in message
    assert "pulumi config rm --path 'encryptionKey.administrators[1]'" in message


def test_a_key_policy_larger_than_32768_bytes_is_refused(refusal: Refusal, config: Config) -> None:
    managers = [f"arn:aws:iam::123456789012:role/{'r' * 60}{n:04}" for n in range(400)]
    message = refusal({**config, "encryptionKey": {"sourceLocationManagers": managers}})
    assert (
        "encryptionKey.sourceLocationManagers[399]\n    makes the key policy larger than 32,768 bytes"
        in message
    )
