"""The keys and secrets that a stack expects to exist."""

import json

import pytest

from tests.support.prepared import (
    KEY,
    PROJECT,
    encrypted,
    locations,
    prepared,
    prepared_as_reported,
)


def test_keys_and_secrets_in_the_config_are_expected_to_exist() -> None:
    preparation = prepared(
        encryptionKey={
            "arn": f"arn:aws:kms:eu-west-1:210987654321:key/{KEY}",
            "replicaArns": {"us-west-2": "arn:aws:kms:us-west-2:210987654321:key/mrk-abc"},
        },
        **locations(
            adoptSecretArn="arn:aws:secretsmanager:eu-west-1:210987654321:secret:a/b-1-AbCdEf"
        ),
    )
    assert [(each.path, each.region, each.service) for each in preparation.existing] == [
        ("encryptionKey.arn", "eu-west-1", "kms"),
        ("encryptionKey.replicaArns.us-west-2", "us-west-2", "kms"),
        ("sourceLocations.sports.adoptSecretArn", "eu-west-1", "secretsmanager"),
    ]
    key, replica, secret = (each.parameters for each in preparation.existing)
    assert (key, replica) == ({"MultiRegion": False}, {"MultiRegion": True})
    assert secret["Name"] == "a/b-1"
    assert len(json.loads(secret["SecretString"])["AccessToken"]) == 32


def test_an_encrypted_arn_is_an_existing_secret_as_well() -> None:
    (secret,) = prepared(**locations(adoptSecretArn=encrypted(0))).existing
    assert secret.arn == "arn:aws:secretsmanager:us-east-1:123456789012:secret:rehearsal-0-AbCdEf"


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:kms:eu-west-1:123456789012:alias/x",
        "arn:aws-cn:kms:cn-north-1:123456789012:key/" + KEY,
        KEY,
        "",
        5,
        {"a": "b"},
    ],
)
def test_an_invalid_key_arn_is_left_for_the_program_to_refuse(arn: object) -> None:
    assert not prepared(encryptionKey={"arn": arn}).existing


def test_a_key_of_another_account_is_left_for_the_program_to_refuse() -> None:
    preparation = prepared_as_reported(
        {
            "aws:allowedAccountIds": ["210987654321"],
            f"{PROJECT}:encryptionKey": {"arn": f"arn:aws:kms:eu-west-1:111111111111:key/{KEY}"},
        }
    )
    assert not preparation.existing
