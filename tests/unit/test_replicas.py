"""A stack whose secrets are replicated to other Regions."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.recording_engine import ACCOUNT, KEY_ARN, REGION, Deployment, secret_arn

Deploy = Callable[..., Deployment]
Refusal = Callable[..., str]
Config = dict[str, Any]

REGIONS = ["us-west-2", "eu-central-1"]
KEY = "aws:kms/key:Key"
REPLICA_KEY = "aws:kms/replicaKey:ReplicaKey"
SECRET = "aws:secretsmanager/secret:Secret"
POLICY = "aws:secretsmanager/secretPolicy:SecretPolicy"


@pytest.fixture
def replicated(config: Config) -> Config:
    config["encryptionKey"] = {
        "sourceLocationManagers": [f"arn:aws:iam::{ACCOUNT}:role/operator"],
        "deletionWindowInDays": 14,
    }
    return {**config, "replicaRegions": REGIONS}


def test_the_key_is_a_multi_region_primary_with_a_replica_in_each_region(
    deploy: Deploy, replicated: Config
) -> None:
    deployment = deploy(replicated)
    assert deployment.inputs(KEY, "mediatailor-key")["multiRegion"] is True
    assert deployment.names(REPLICA_KEY) == [f"mediatailor-replica-{region}" for region in REGIONS]
    for region in REGIONS:
        replica = deployment.inputs(REPLICA_KEY, f"mediatailor-replica-{region}")
        assert replica["primaryKeyArn"] == KEY_ARN
        assert replica["region"] == region
        assert replica["deletionWindowInDays"] == 14


def test_each_replica_key_allows_the_grant_through_mediatailor_in_its_region(
    deploy: Deploy, replicated: Config
) -> None:
    deployment = deploy(replicated)
    for region in REGIONS:
        document = deployment.policy(REPLICA_KEY, f"mediatailor-replica-{region}")
        root, grant = document["Statement"]
        assert root["Principal"] == {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
        assert grant["Condition"]["StringEquals"] == {
            "kms:ViaService": f"mediatailor.{region}.amazonaws.com"
        }


def test_the_secrets_replicas_are_encrypted_under_the_replica_keys(
    deploy: Deploy, replicated: Config
) -> None:
    assert deploy(replicated).inputs(SECRET, "mediatailor-sports-secret")["replicas"] == [
        {"region": region, "kmsKeyId": KEY_ARN.replace(REGION, region)} for region in REGIONS
    ]


def test_the_policy_covers_the_secret_and_each_replica(deploy: Deploy, replicated: Config) -> None:
    arn = secret_arn("mediatailor-sports-secret")
    (statement,) = deploy(replicated).policy(POLICY, "mediatailor-sports-policy")["Statement"]
    assert statement["Resource"] == [arn, *(arn.replace(REGION, region) for region in REGIONS)]


def test_the_replicas_arns_are_an_output(deploy: Deploy, replicated: Config) -> None:
    arn = secret_arn("mediatailor-sports-secret")
    assert deploy(replicated).outputs["replicaSecretArns"] == {
        "sports": {region: arn.replace(REGION, region) for region in REGIONS}
    }


def test_a_stack_without_replicas_sets_no_replica_inputs(deploy: Deploy, config: Config) -> None:
    deployment = deploy(config)
    assert "multiRegion" not in deployment.inputs(KEY, "mediatailor-key")
    assert "replicas" not in deployment.inputs(SECRET, "mediatailor-sports-secret")
    assert deployment.outputs["replicaSecretArns"] == {}


@pytest.mark.parametrize(
    ("regions", "index", "problem"),
    [
        ([REGION], 0, "is the stack's own Region"),
        (["us-west-2", "us-west-2"], 1, "is already in the list"),
        (["cn-north-1"], 0, "is in partition aws-cn, but the stack deploys to aws"),
        (["us-west-1"], 0, "has no MediaTailor; Regions that have it: us-west-2"),
        (["us-west-9"], 0, "has no MediaTailor"),
        ([5], 0, "must be text"),
    ],
)
def test_a_region_that_cannot_have_a_replica_is_refused(
    refusal: Refusal, config: Config, regions: list[object], index: int, problem: str
) -> None:
    message = refusal({**config, "replicaRegions": regions})
    assert f"replicaRegions[{index}]\n    {problem}" in message
    assert f"'replicaRegions[{index}]'" in message
