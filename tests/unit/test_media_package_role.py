"""Source locations with a MediaPackage origin."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.recording_engine import ACCOUNT, KEY_ARN, REGION, TOKEN, Deployment, secret_arn

Deploy = Callable[..., Deployment]
Refusal = Callable[..., str]
Config = dict[str, Any]

ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
GENERATIONS = {
    "mediapackage-v1": (
        "MediaPackageCDNIdentifier",
        "X-MediaPackage-CDNIdentifier",
        "mediapackage.amazonaws.com",
    ),
    "mediapackage-v2": (
        "MediaPackageV2CDNIdentifier",
        "X-MediaPackageV2-CDNIdentifier",
        "mediapackagev2.amazonaws.com",
    ),
}


def with_origin(config: Config, origin: object) -> Config:
    config["sourceLocations"]["sports"] = {"origin": origin}
    return config


@pytest.mark.parametrize("origin", GENERATIONS)
def test_mediapackage_determines_the_secret_string_key_and_the_header(
    deploy: Deploy, config: Config, origin: str
) -> None:
    key, header, _ = GENERATIONS[origin]
    deployment = deploy(with_origin(config, origin))
    version = deployment.inputs(
        "aws:secretsmanager/secretVersion:SecretVersion", "mediatailor-sports-version"
    )
    assert json.loads(version["secretString"]) == {key: TOKEN}
    configuration = deployment.outputs["accessConfigurations"]["sports"]
    assert configuration["SecretsManagerAccessTokenConfiguration"] == {
        "HeaderName": header,
        "SecretArn": secret_arn("mediatailor-sports-secret"),
        "SecretStringKey": key,
    }


@pytest.mark.parametrize("origin", GENERATIONS)
def test_only_mediapackage_can_assume_the_role_for_this_account(
    deploy: Deploy, config: Config, origin: str
) -> None:
    trust = deploy(with_origin(config, origin)).policy(
        ROLE, "mediatailor-sports-role", "assumeRolePolicy"
    )
    (statement,) = trust["Statement"]
    assert statement["Principal"] == {"Service": GENERATIONS[origin][2]}
    assert statement["Action"] == "sts:AssumeRole"
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


@pytest.mark.parametrize(
    ("origin", "on_secret", "on_all"),
    [
        (
            "mediapackage-v1",
            {"DescribeSecret", "GetSecretValue", "ListSecretVersionIds"},
            "ListSecrets",
        ),
        ("mediapackage-v2", {"DescribeSecret", "GetSecretValue"}, "BatchGetSecretValue"),
    ],
)
def test_the_role_can_read_only_its_secret_and_use_the_key_through_secrets_manager(
    deploy: Deploy, config: Config, origin: str, on_secret: set[str], on_all: str
) -> None:
    deployment = deploy(with_origin(config, origin))
    assert deployment.inputs(ROLE_POLICY, "mediatailor-sports-role-policy")["role"] == (
        "mediatailor-sports-role"
    )
    read, find, decrypt = deployment.policy(ROLE_POLICY, "mediatailor-sports-role-policy")[
        "Statement"
    ]
    assert set(read["Action"]) == {f"secretsmanager:{action}" for action in on_secret}
    assert read["Resource"] == secret_arn("mediatailor-sports-secret")
    assert (find["Action"], find["Resource"]) == (f"secretsmanager:{on_all}", "*")
    assert set(decrypt["Action"]) == {"kms:Decrypt", "kms:DescribeKey"}
    assert decrypt["Resource"] == KEY_ARN
    assert decrypt["Condition"] == {
        "StringEquals": {"kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com"}
    }


def test_a_repeated_update_overwrites_the_roles_policy_instead_of_adding_one(
    deploy: Deploy, config: Config
) -> None:
    deployment = deploy(with_origin(config, "mediapackage-v2"))
    policy = deployment.inputs(ROLE_POLICY, "mediatailor-sports-role-policy")
    assert policy["name"] == "read-secret"


def test_the_roles_arn_is_an_output(deploy: Deploy, config: Config) -> None:
    assert deploy(with_origin(config, "mediapackage-v1")).outputs["mediaPackageRoleArns"] == {
        "sports": f"arn:aws:iam::{ACCOUNT}:role/mediatailor-sports-role"
    }


def test_the_roles_arn_is_known_only_once_the_role_can_read_the_secret(
    deploy: Deploy, config: Config
) -> None:
    order = deploy(with_origin(config, "mediapackage-v1")).order
    assert order.index("mediatailor-sports-role-policy") < order.index("outputs of mediatailor")


def test_a_custom_origin_has_no_role(deploy: Deploy, config: Config) -> None:
    deployment = deploy(config)
    assert not deployment.names(ROLE)
    assert deployment.outputs["mediaPackageRoleArns"] == {}


def test_the_longest_name_gives_a_valid_name_prefix(deploy: Deploy) -> None:
    name = "n" * 216
    deployment = deploy(
        {
            "sourceLocations": {name: {"origin": "mediapackage-v1"}},
            "accessTokens": {name: TOKEN},
        }
    )
    # IAM allows 64 characters, of which the provider appends 26.
    assert len(deployment.inputs(ROLE, f"mediatailor-{name}-role")["namePrefix"]) <= 38


@pytest.mark.parametrize("setting", ["headerName", "secretStringKey"])
@pytest.mark.parametrize("origin", GENERATIONS)
def test_the_header_and_key_of_mediapackage_cannot_be_overridden(
    refusal: Refusal, config: Config, origin: str, setting: str
) -> None:
    config = with_origin(config, origin)
    config["sourceLocations"]["sports"][setting] = "Mine"
    message = refusal(config)
    assert f"sourceLocations.sports.{setting}\n    must not be set: {origin} requires " in message


@pytest.mark.parametrize("origin", ["mediapackagev2", "MediaPackage-v2"])
def test_a_misspelled_origin_is_refused_with_the_closest_one(
    refusal: Refusal, config: Config, origin: str
) -> None:
    message = refusal({**config, "sourceLocations": {"sports": {"origin": origin}}})
    assert "--path sourceLocations.sports.origin mediapackage-v2" in message
    assert "headerName" not in message


@pytest.mark.parametrize("origin", ["mediapackage", "", 1, None, ["custom"]])
def test_an_unknown_origin_is_refused(refusal: Refusal, config: Config, origin: object) -> None:
    message = refusal(with_origin(config, origin))
    assert (
        "sourceLocations.sports.origin\n    must be custom, mediapackage-v1 or mediapackage-v2"
        in message
    )


@pytest.mark.parametrize(
    ("origin", "region"),
    [
        ("mediapackage-v1", "af-south-1"),
        ("mediapackage-v1", "ap-south-2"),
        ("mediapackage-v1", "ap-southeast-5"),
        ("mediapackage-v1", "me-central-1"),
        ("mediapackage-v2", "af-south-1"),
    ],
)
def test_a_region_without_the_mediapackage_generation_is_refused(
    refusal: Refusal, config: Config, origin: str, region: str
) -> None:
    message = refusal(with_origin(config, origin), region=region)
    assert f"must not be {origin}, which is not available in {region}" in message
