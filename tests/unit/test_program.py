"""What the engine is told when the program runs with a good config."""

import json
from collections.abc import Callable
from typing import Any

from tests.support.recording_engine import ACCOUNT, KEY_ARN, REGION, TOKEN, Deployment, secret_arn

Deploy = Callable[..., Deployment]

KEY = "aws:kms/key:Key"
ALIAS = "aws:kms/alias:Alias"
SECRET = "aws:secretsmanager/secret:Secret"
VERSION = "aws:secretsmanager/secretVersion:SecretVersion"
POLICY = "aws:secretsmanager/secretPolicy:SecretPolicy"
COMPONENT = "mediatailor-access-token:index:"


def test_the_key_is_symmetric_and_rotates(deploy: Deploy, config: dict[str, Any]) -> None:
    key = deploy(config).inputs(KEY, "mediatailor-key")
    assert key["customerMasterKeySpec"] == "SYMMETRIC_DEFAULT"
    assert key["keyUsage"] == "ENCRYPT_DECRYPT"
    assert key["enableKeyRotation"] is True
    assert key["rotationPeriodInDays"] == 365
    assert key["deletionWindowInDays"] == 30


def test_the_alias_is_the_one_asked_for_and_points_at_the_key(
    deploy: Deploy, config: dict[str, Any]
) -> None:
    config["encryptionKey"] = {"alias": "alias/tokens"}
    alias = deploy(config).inputs(ALIAS, "mediatailor-alias")
    assert alias == {"name": "alias/tokens", "targetKeyId": KEY_ARN.rpartition("/")[2]}


def test_the_alias_is_autonamed_when_none_is_asked_for(
    deploy: Deploy, config: dict[str, Any]
) -> None:
    assert "name" not in deploy(config).inputs(ALIAS, "mediatailor-alias")


def test_the_key_policy_is_for_the_account_and_region_that_the_provider_names(
    deploy: Deploy, config: dict[str, Any]
) -> None:
    manager = f"arn:aws:iam::{ACCOUNT}:role/operator"
    config["encryptionKey"] = {"sourceLocationManagers": [manager]}
    document = json.loads(deploy(config).inputs(KEY, "mediatailor-key")["policy"])
    root, grant = document["Statement"]
    assert root["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    assert grant["Principal"] == {"AWS": [manager]}
    assert grant["Condition"]["StringEquals"]["kms:ViaService"] == (
        f"mediatailor.{REGION}.amazonaws.com"
    )


def test_the_secret_is_encrypted_under_the_key_arn(deploy: Deploy, config: dict[str, Any]) -> None:
    secret = deploy(config).inputs(SECRET, "mediatailor-sports-secret")
    assert secret["kmsKeyId"] == KEY_ARN
    assert secret["recoveryWindowInDays"] == 30
    assert "name" not in secret, "a secret without secretName is autonamed"


def test_the_secret_has_the_name_description_and_tags_asked_for(
    deploy: Deploy, config: dict[str, Any]
) -> None:
    config["sourceLocations"]["sports"] |= {
        "secretName": "media/sports",
        "description": "Sports origin",
        "tags": {"team": "media"},
    }
    secret = deploy(config).inputs(SECRET, "mediatailor-sports-secret")
    assert secret["name"] == "media/sports"
    assert secret["description"] == "Sports origin"
    assert secret["tags"] == {"team": "media"}


def test_the_version_holds_exactly_one_key_with_the_token_in_the_secret(
    deploy: Deploy, config: dict[str, Any]
) -> None:
    config["sourceLocations"]["sports"]["secretStringKey"] = "MyAccessTokenIdentifier"
    version = deploy(config).inputs(VERSION, "mediatailor-sports-version")
    assert version["secretId"] == secret_arn("mediatailor-sports-secret")
    assert json.loads(version["secretString"]) == {"MyAccessTokenIdentifier": TOKEN}


def test_the_policy_is_aws_own_on_the_secret_and_blocks_public_access(
    deploy: Deploy, config: dict[str, Any]
) -> None:
    arn = secret_arn("mediatailor-sports-secret")
    policy = deploy(config).inputs(POLICY, "mediatailor-sports-policy")
    assert policy["secretArn"] == arn
    assert policy["blockPublicPolicy"] is True
    assert json.loads(policy["policy"])["Statement"] == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "mediatailor.amazonaws.com"},
            "Action": "secretsmanager:GetSecretValue",
            "Resource": arn,
        }
    ]


def test_children_keep_their_types_names_and_parents(
    deploy: Deploy, config: dict[str, Any]
) -> None:
    deployment = deploy(config)
    parents = {
        (type_, name): request.parent.rpartition("::")[0].rpartition("$")[2].rpartition("::")[2]
        + "::"
        + request.parent.rpartition("::")[2]
        for (type_, name), request in deployment.resources.items()
    }
    stack = "pulumi:pulumi:Stack::mediatailor-access-token-dev"
    authentication = f"{COMPONENT}AccessTokenAuthentication::mediatailor"
    key = f"{COMPONENT}EncryptionKey::mediatailor"
    secret = f"{COMPONENT}AccessTokenSecret::mediatailor-sports"
    assert parents == {
        (f"{COMPONENT}AccessTokenAuthentication", "mediatailor"): stack,
        (f"{COMPONENT}EncryptionKey", "mediatailor"): authentication,
        (KEY, "mediatailor-key"): key,
        (ALIAS, "mediatailor-alias"): key,
        (f"{COMPONENT}AccessTokenSecret", "mediatailor-sports"): authentication,
        (SECRET, "mediatailor-sports-secret"): secret,
        (VERSION, "mediatailor-sports-version"): secret,
        (POLICY, "mediatailor-sports-policy"): secret,
    }


def test_several_source_locations_share_one_key(deploy: Deploy, config: dict[str, Any]) -> None:
    config["sourceLocations"]["news"] = {"headerName": "X-News"}
    config["accessTokens"]["news"] = "news-token-1"
    deployment = deploy(config)
    assert deployment.names(KEY) == ["mediatailor-key"]
    assert sorted(deployment.names(SECRET)) == [
        "mediatailor-news-secret",
        "mediatailor-sports-secret",
    ]
    news = deployment.inputs(VERSION, "mediatailor-news-version")
    assert json.loads(news["secretString"]) == {"AccessToken": "news-token-1"}


def test_a_stack_of_a_key_and_secrets_says_nothing_else_to_the_engine(
    deploy: Deploy, config: dict[str, Any]
) -> None:
    deployment = deploy(config)
    said = {
        name: (set(deployment.inputs(type_, name)), list(request.ignoreChanges), request.protect)
        for (type_, name), request in deployment.resources.items()
        if type_.startswith("aws:")
    }
    key = {"customerMasterKeySpec", "deletionWindowInDays", "description", "enableKeyRotation"}
    key |= {"keyUsage", "policy", "rotationPeriodInDays"}
    secret = {"description", "kmsKeyId", "recoveryWindowInDays"}
    assert said == {
        "mediatailor-key": (key, [], False),
        "mediatailor-alias": ({"targetKeyId"}, [], False),
        "mediatailor-sports-secret": (secret, ["name"], False),
        "mediatailor-sports-version": ({"secretId", "secretString"}, [], False),
        "mediatailor-sports-policy": ({"blockPublicPolicy", "policy", "secretArn"}, [], False),
    }


def test_protect_covers_the_key_and_the_secrets_with_their_policies_but_not_the_versions(
    deploy: Deploy, config: dict[str, Any]
) -> None:
    deployment = deploy({**config, "protect": True})
    assert {name for (_, name), request in deployment.resources.items() if request.protect} == {
        "mediatailor-key",
        "mediatailor-sports-secret",
        "mediatailor-sports-policy",
    }


def test_windows_and_periods_reach_the_resources(deploy: Deploy, config: dict[str, Any]) -> None:
    config |= {
        "recoveryWindowInDays": 0,
        "encryptionKey": {"rotationPeriodInDays": 90, "deletionWindowInDays": 7},
    }
    deployment = deploy(config)
    assert deployment.inputs(SECRET, "mediatailor-sports-secret")["recoveryWindowInDays"] == 0
    key = deployment.inputs(KEY, "mediatailor-key")
    assert (key["rotationPeriodInDays"], key["deletionWindowInDays"]) == (90, 7)


def test_outputs_are_what_aws_step_3_takes(deploy: Deploy, config: dict[str, Any]) -> None:
    arn = secret_arn("mediatailor-sports-secret")
    assert deploy(config).outputs == {
        "encryptionKeyArn": KEY_ARN,
        "secretArns": {"sports": arn},
        "secretStringKeys": {"sports": "AccessToken"},
        "accessConfigurations": {
            "sports": {
                "AccessType": "SECRETS_MANAGER_ACCESS_TOKEN",
                "SecretsManagerAccessTokenConfiguration": {
                    "HeaderName": "X-Origin-Token",
                    "SecretArn": arn,
                    "SecretStringKey": "AccessToken",
                },
            }
        },
    }


def test_a_secrets_arn_is_known_only_after_its_version_and_its_policy_exist(
    deploy: Deploy, config: dict[str, Any]
) -> None:
    order = deploy(config).order
    # The key's component and the one of everything have one name; the latter knows its outputs last.
    known = len(order) - 1 - order[::-1].index("outputs of mediatailor")
    assert order.index("mediatailor-sports-version") < known
    assert order.index("mediatailor-sports-policy") < known


def test_the_token_reaches_nothing_but_the_version_and_that_as_a_secret(
    deploy: Deploy, config: dict[str, Any], capfd: Any
) -> None:
    deployment = deploy(config)
    version = deployment.resources[VERSION, "mediatailor-sports-version"]
    secret_string = version.object.fields["secretString"].struct_value
    assert TOKEN in str(secret_string), "the canary is not where it should be"
    assert "4dabf18193072939515e22adb298388d" in secret_string.fields
    assert deployment.messages
    assert not [message for message in deployment.messages if TOKEN in message]
    assert TOKEN not in "".join(capfd.readouterr())


def test_one_run_asks_for_the_identity_once(deploy: Deploy, config: dict[str, Any]) -> None:
    config["sourceLocations"]["news"] = {"headerName": "X-News"}
    config["accessTokens"]["news"] = "news-token-1"
    assert sorted(deploy(config).invokes) == [
        "aws:index/getCallerIdentity:getCallerIdentity",
        "aws:index/getPartition:getPartition",
        "aws:index/getRegion:getRegion",
    ]
