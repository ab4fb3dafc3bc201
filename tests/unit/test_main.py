"""The program: its resources and outputs for a valid config."""

import json
from collections.abc import Callable
from typing import Any

from pulumi.runtime.rpc import _special_sig_key

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


def test_the_configured_alias_points_to_the_key(deploy: Deploy, config: dict[str, Any]) -> None:
    config["encryptionKey"] = {"alias": "alias/tokens"}
    alias = deploy(config).inputs(ALIAS, "mediatailor-alias")
    assert alias == {"name": "alias/tokens", "targetKeyId": KEY_ARN.rpartition("/")[2]}


def test_the_alias_is_autonamed_by_default(deploy: Deploy, config: dict[str, Any]) -> None:
    assert "name" not in deploy(config).inputs(ALIAS, "mediatailor-alias")


def test_the_key_policy_is_for_the_providers_account_and_region(
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


def test_the_secret_has_the_configured_name_description_and_tags(
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


def test_the_version_contains_only_the_secret_string_key_with_the_token(
    deploy: Deploy, config: dict[str, Any]
) -> None:
    config["sourceLocations"]["sports"]["secretStringKey"] = "MyAccessTokenIdentifier"
    version = deploy(config).inputs(VERSION, "mediatailor-sports-version")
    assert version["secretId"] == secret_arn("mediatailor-sports-secret")
    assert json.loads(version["secretString"]) == {"MyAccessTokenIdentifier": TOKEN}


def test_the_secret_has_the_policy_of_awss_guide_and_blocks_public_access(
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


def test_windows_and_periods_reach_the_resources(deploy: Deploy, config: dict[str, Any]) -> None:
    config |= {
        "recoveryWindowInDays": 0,
        "encryptionKey": {"rotationPeriodInDays": 90, "deletionWindowInDays": 7},
    }
    deployment = deploy(config)
    assert deployment.inputs(SECRET, "mediatailor-sports-secret")["recoveryWindowInDays"] == 0
    key = deployment.inputs(KEY, "mediatailor-key")
    assert (key["rotationPeriodInDays"], key["deletionWindowInDays"]) == (90, 7)


def test_every_output_is_always_exported(deploy: Deploy, config: dict[str, Any]) -> None:
    arn = secret_arn("mediatailor-sports-secret")
    outputs = deploy(config).outputs
    assert outputs.pop("readme").startswith("# Stack dev: ")
    assert outputs == {
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
        "replicaSecretArns": {},
        "mediaPackageRoleArns": {},
        "sourceLocationArns": {},
        "requiredKeyPolicyStatements": [],
        "deployedSettings": {
            "alias": "",
            "protect": False,
            "replicaKeyArns": {},
            "servicePrincipal": "mediatailor.amazonaws.com",
            "sourceAccount": "",
            "tokensManagedElsewhere": [],
        },
    }


def test_a_secrets_arn_is_known_only_after_its_version_and_its_policy_exist(
    deploy: Deploy, config: dict[str, Any]
) -> None:
    order = deploy(config).order
    known = len(order) - 1 - order[::-1].index("outputs of mediatailor")
    assert order.index("mediatailor-sports-version") < known
    assert order.index("mediatailor-sports-policy") < known


def test_the_token_is_only_in_the_version_and_marked_as_secret(
    deploy: Deploy, config: dict[str, Any], capfd: Any
) -> None:
    deployment = deploy(config)
    version = deployment.resources[VERSION, "mediatailor-sports-version"]
    secret_string = version.object.fields["secretString"].struct_value
    assert TOKEN in str(secret_string), "the canary must be in the version"
    assert _special_sig_key in secret_string.fields
    assert deployment.messages
    assert not [message for message in deployment.messages if TOKEN in message]
    assert TOKEN not in "".join(capfd.readouterr())
