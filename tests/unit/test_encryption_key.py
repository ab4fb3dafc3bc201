"""Stacks that use an existing customer managed key."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.recording_engine import ACCOUNT, REGION, Deployment

Deploy = Callable[..., Deployment]
Refusal = Callable[..., str]
Config = dict[str, Any]

KEY_ID = "99999999-2222-3333-4444-555555555555"
ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{KEY_ID}"
REPLICA_ARN = f"arn:aws:kms:us-west-2:{ACCOUNT}:key/mrk-{'a' * 32}"
SECRET = "aws:secretsmanager/secret:Secret"


def with_key(config: Config, **settings: Any) -> Config:
    return {**config, "encryptionKey": {"arn": ARN, **settings}}


def test_no_key_alias_or_key_policy_is_created(deploy: Deploy, config: Config) -> None:
    deployment = deploy(with_key(config))
    assert not [type_ for type_, _ in deployment.resources if type_.startswith("aws:kms/")]
    assert deployment.inputs(SECRET, "mediatailor-sports-secret")["kmsKeyId"] == ARN
    assert deployment.outputs["encryptionKeyArn"] == ARN


def test_the_statements_that_the_keys_owner_must_add_are_exported(
    deploy: Deploy, config: Config
) -> None:
    manager = f"arn:aws:iam::{ACCOUNT}:role/operator"
    use, grant = deploy(with_key(config, sourceLocationManagers=[manager])).outputs[
        "requiredKeyPolicyStatements"
    ]
    assert grant == {
        "Sid": "GrantToMediaTailor",
        "Effect": "Allow",
        "Principal": {"AWS": [manager]},
        "Action": "kms:CreateGrant",
        "Resource": "*",
        "Condition": {"StringEquals": {"kms:ViaService": f"mediatailor.{REGION}.amazonaws.com"}},
    }
    assert use == {
        "Sid": "UseThroughSecretsManager",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"],
        "Resource": "*",
        "Condition": {
            "StringEquals": {"kms:ViaService": [f"secretsmanager.{REGION}.amazonaws.com"]}
        },
    }


def test_without_managers_the_accounts_iam_policies_decide_who_creates_the_grant(
    deploy: Deploy, config: Config
) -> None:
    _, grant = deploy(with_key(config)).outputs["requiredKeyPolicyStatements"]
    assert grant["Principal"] == {"AWS": [f"arn:aws:iam::{ACCOUNT}:root"]}


def test_a_stack_with_its_own_key_exports_no_statements(deploy: Deploy, config: Config) -> None:
    assert deploy(config).outputs["requiredKeyPolicyStatements"] == []


def test_replicas_use_the_existing_keys_of_their_regions(deploy: Deploy, config: Config) -> None:
    config = with_key(config, replicaArns={"us-west-2": REPLICA_ARN})
    deployment = deploy({**config, "replicaRegions": ["us-west-2"]})
    assert deployment.inputs(SECRET, "mediatailor-sports-secret")["replicas"] == [
        {"region": "us-west-2", "kmsKeyId": REPLICA_ARN}
    ]
    for statement in deployment.outputs["requiredKeyPolicyStatements"]:
        services = statement["Condition"]["StringEquals"]["kms:ViaService"]
        assert [service.split(".")[1] for service in services] == [REGION, "us-west-2"]


@pytest.mark.parametrize(
    "arn",
    [
        KEY_ID,
        "alias/tokens",
        f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/tokens",
        f"{ARN}\n",
        "",
    ],
)
def test_an_invalid_key_arn_is_refused(refusal: Refusal, config: Config, arn: str) -> None:
    message = refusal({**config, "encryptionKey": {"arn": arn}})
    assert "encryptionKey.arn\n    must be a key ARN (no alias, no key ID)" in message
    assert "pulumi config set --plaintext --path encryptionKey.arn KEY_ARN" in message


@pytest.mark.parametrize(
    ("arn", "problem"),
    [
        (ARN.replace(REGION, "eu-west-2"), f"is in eu-west-2, but must be in {REGION}"),
        (ARN.replace("arn:aws:", "arn:aws-cn:"), "is in partition aws-cn, but the stack deploys to aws"),
        (
            ARN.replace(ACCOUNT, "123456789012"),
            f"is in account 123456789012, but the stack deploys to {ACCOUNT}",
        ),
    ],
)  # fmt: skip
def test_a_key_in_another_region_account_or_partition_is_refused(
    refusal: Refusal, config: Config, arn: str, problem: str
) -> None:
    message = refusal({**config, "encryptionKey": {"arn": arn}})
    assert f"encryptionKey.arn\n    {problem}" in message


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("alias", "alias/tokens"),
        ("rotationPeriodInDays", 365),
        ("deletionWindowInDays", 30),
        ("administrators", [f"arn:aws:iam::{ACCOUNT}:role/security"]),
    ],
)
def test_settings_of_a_new_key_are_refused_with_an_existing_key(
    refusal: Refusal, config: Config, setting: str, value: object
) -> None:
    message = refusal(with_key(config, **{setting: value}))
    assert (
        f"encryptionKey.{setting}\n    must not be set together with encryptionKey.arn" in message
    )
    assert f"pulumi config rm --path encryptionKey.{setting}" in message


def test_a_replica_without_a_key_of_its_region_is_refused(refusal: Refusal, config: Config) -> None:
    message = refusal({**with_key(config), "replicaRegions": ["us-west-2"]})
    assert "encryptionKey.replicaArns.us-west-2\n    is missing" in message


@pytest.mark.parametrize("settings", [{}, {"arn": ARN}])
def test_a_key_of_a_region_without_replicas_is_refused(
    refusal: Refusal, config: Config, settings: dict[str, str]
) -> None:
    config["encryptionKey"] = {**settings, "replicaArns": {"us-west-2": REPLICA_ARN}}
    message = refusal(config)
    assert "encryptionKey.replicaArns.us-west-2\n    requires encryptionKey.arn" in message


def test_a_replicas_key_of_another_region_is_refused(refusal: Refusal, config: Config) -> None:
    config = with_key(config, replicaArns={"us-east-2": REPLICA_ARN})
    message = refusal({**config, "replicaRegions": ["us-east-2"]})
    assert "is in us-west-2, but must be in us-east-2" in message
