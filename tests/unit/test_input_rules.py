"""Every rule of the stack config: a violation is refused with the key, the rule and the command that fixes it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.access_token_secret import secret_string
from tests.support.recording_engine import KEY_ARN, Deployment

Deploy = Callable[..., Deployment]
Refusal = Callable[..., str]
Config = dict[str, Any]

ROLE = "arn:aws:iam::123456789012:role/operator"
ADD_SOURCE_LOCATION = (
    "pulumi config set --plaintext --path sourceLocations.NAME.headerName X-Access-Token"
)


def with_source_location(config: Config, **settings: Any) -> Config:
    config["sourceLocations"]["sports"] |= settings
    return config


# --- Access tokens


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


# --- Source locations


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


# --- The key


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


# --- Other settings


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
