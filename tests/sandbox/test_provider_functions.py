"""The stand-in provider implements pulumi-aws's functions."""

import pytest

from sandbox.local_aws import ACCOUNT_ID
from tests.support.provider_driver import REGION, Driver, Failed

GET_SECRET_VERSION = "aws:secretsmanager/getSecretVersion:getSecretVersion"


def test_the_caller_identity_requires_one_call(engine: Driver) -> None:
    identity = engine.invoke("aws:index/getCallerIdentity:getCallerIdentity")
    assert set(identity) == {"accountId", "arn", "id", "userId"}
    assert identity["accountId"] == identity["id"] == ACCOUNT_ID
    assert engine.calls() == ["sts.GetCallerIdentity"]


def test_the_region_and_the_partition_require_no_call(engine: Driver) -> None:
    assert engine.invoke("aws:index/getRegion:getRegion") == {
        "description": "Europe (Ireland)",
        "endpoint": "ec2.eu-west-1.amazonaws.com",
        "id": REGION,
        "name": REGION,
        "region": REGION,
    }
    assert engine.invoke("aws:index/getPartition:getPartition") == {
        "dnsSuffix": "amazonaws.com",
        "id": "aws",
        "partition": "aws",
        "reverseDnsPrefix": "com.amazonaws",
    }
    assert engine.calls() == []


def test_a_region_that_does_not_exist_is_not_found(engine: Driver) -> None:
    engine.configure({"aws:config:region": "mars-north-1"})
    with pytest.raises(Failed, match='region not found for name "mars-north-1"'):
        engine.invoke("aws:index/getRegion:getRegion")
    engine.configure({})


def test_the_current_value_of_a_secret_requires_one_call(engine: Driver, name: str) -> None:
    secrets = engine.client("secretsmanager")
    arn = secrets.create_secret(Name=name, SecretString="canary")["ARN"]
    engine.calls()
    version = engine.invoke(GET_SECRET_VERSION, {"secretId": arn})
    assert version["secretString"] == "canary"
    assert version["id"] == f"{arn}|AWSCURRENT"
    assert version["arn"] == arn
    assert engine.calls() == ["secretsmanager.GetSecretValue"]


@pytest.mark.parametrize("missing", ["value", "secret"])
def test_an_empty_secret_and_a_missing_secret_are_not_found(
    engine: Driver, name: str, missing: str
) -> None:
    if missing == "value":
        engine.client("secretsmanager").create_secret(Name=name)
    with pytest.raises(
        Failed,
        match=rf"reading Secrets Manager Secret Version \({name}\|AWSCURRENT\): couldn't find",
    ):
        engine.invoke(GET_SECRET_VERSION, {"secretId": name})


def test_an_unknown_function_is_rejected_by_name(engine: Driver) -> None:
    with pytest.raises(Failed, match=r"stand-in .* does not know .* aws:s3/getBucket:getBucket"):
        engine.invoke("aws:s3/getBucket:getBucket")


def test_an_unknown_argument_is_rejected_by_name(engine: Driver) -> None:
    with pytest.raises(Failed, match=r'stand-in .* does not know the argument "region"'):
        engine.invoke("aws:index/getRegion:getRegion", {"region": REGION})
