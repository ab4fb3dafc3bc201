"""The account that a rehearsal deploys to."""

from typing import Any

import pytest

from tests.support.prepared import (
    KEY,
    PROJECT,
    encrypted,
    prepared,
    prepared_as_reported,
)


@pytest.mark.parametrize(
    ("config", "account"),
    [
        ({}, "123456789012"),
        ({"aws:allowedAccountIds": ["210987654321"]}, "210987654321"),
        ({"aws:allowedAccountIds": '["210987654321"]'}, "210987654321"),
        ({"aws:allowedAccountIds": "210987654321"}, "210987654321"),
        ({"aws:allowedAccountIds": [210987654321]}, "210987654321"),
        ({"aws:assumeRoles": [{"roleArn": "arn:aws:iam::210987654321:role/x"}]}, "210987654321"),
        ({"aws:assumeRoles": '[{"roleArn": "arn:aws:iam::210987654321:role/x"}]'}, "210987654321"),
        (
            {"aws:assumeRoleWithWebIdentity": {"roleArn": "arn:aws:iam::210987654321:role/x"}},
            "210987654321",
        ),
        (
            {
                "aws:assumeRoles": [
                    {"roleArn": "arn:aws:iam::111111111111:role/hub"},
                    {"roleArn": "arn:aws:iam::210987654321:role/x"},
                ]
            },
            "210987654321",
        ),
        (
            {f"{PROJECT}:encryptionKey": {"arn": f"arn:aws:kms:eu-west-1:210987654321:key/{KEY}"}},
            "210987654321",
        ),
        (
            {
                f"{PROJECT}:sourceLocations": {
                    "a": {
                        "adoptSecretArn": "arn:aws:secretsmanager:eu-west-1:210987654321:secret:a-AbCdEf"
                    }
                }
            },
            "210987654321",
        ),
        (
            {f"{PROJECT}:encryptionKey": {"administrators": ["arn:aws:iam::210987654321:role/x"]}},
            "210987654321",
        ),
        (
            {
                "aws:allowedAccountIds": ["111111111111", "210987654321"],
                f"{PROJECT}:encryptionKey": {
                    "arn": f"arn:aws:kms:eu-west-1:210987654321:key/{KEY}"
                },
            },
            "210987654321",
        ),
        # Not the account that the stack deploys to:
        ({"aws:forbiddenAccountIds": ["210987654321"]}, "123456789012"),
        ({"aws:assumeRoles": [{"roleArn": "no ARN"}, "x", None]}, "123456789012"),
        ({"other:topicArn": "arn:aws:sns:eu-west-1:210987654321:x"}, "123456789012"),
        ({f"{PROJECT}:encryptionKey": {"arn": encrypted(0)}}, "123456789012"),
    ],
)
def test_the_account_comes_from_the_config(config: dict[str, Any], account: str) -> None:
    assert prepared_as_reported(config).account.id == account


def test_the_accounts_of_intermediate_roles_are_not_reported() -> None:
    roles = [{"roleArn": f"arn:aws:iam::{account}:role/x"} for account in ("1" * 12, "2" * 12)]
    account = prepared_as_reported({"aws:assumeRoles": roles}).account
    assert (account.id, account.notes) == ("2" * 12, ())


def test_the_account_of_a_key_overrides_that_of_a_principal() -> None:
    preparation = prepared(
        encryptionKey={
            "administrators": ["arn:aws:iam::111111111111:role/security"],
            "arn": f"arn:aws:kms:eu-west-1:210987654321:key/{KEY}",
        }
    )
    assert preparation.account.id == "210987654321"
    (note,) = preparation.account.notes
    assert note == (
        "the config names several accounts: 210987654321 (encryptionKey.arn) is used here, not"
        " 111111111111 (encryptionKey.administrators[0])."
    )


def test_a_key_outside_the_allowed_accounts_is_reported() -> None:
    preparation = prepared_as_reported(
        {
            "aws:allowedAccountIds": ["210987654321"],
            f"{PROJECT}:encryptionKey": {"arn": f"arn:aws:kms:eu-west-1:111111111111:key/{KEY}"},
        }
    )
    assert preparation.account.id == "210987654321"
    (note,) = preparation.account.notes
    assert note == (
        "the config names several accounts: 210987654321 (aws:allowedAccountIds) is used here, not"
        " 111111111111 (encryptionKey.arn)."
    )


@pytest.mark.parametrize("ids", ["x", ["x", "1234"], "[" * 5000, {"a": "b"}, ["\uff11" * 12]])
def test_an_invalid_account_id_is_not_checked(ids: object) -> None:
    account = prepared_as_reported({"aws:allowedAccountIds": ids}).account
    assert (account.id, account.notes) == ("123456789012", ())


def test_an_account_id_without_quotes_that_lost_its_zero_is_reported() -> None:
    preparation = prepared_as_reported({"aws:allowedAccountIds": [12345678901]})
    (note,) = preparation.account.notes
    assert note.startswith("aws:allowedAccountIds has 12345678901, which is not an account ID.")
    assert "quotes" in note
