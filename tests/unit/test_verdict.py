"""Each of AWS's requirements, met once and broken in every way that its check knows."""

import json
from dataclasses import replace
from typing import Any

import pytest

from sandbox.verdict import REQUIREMENTS, ReadBack

ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:news-AbCdEf"
KEY_ARN = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ROOT = {"AWS": "arn:aws:iam::123456789012:root"}
MEDIATAILOR = {"Service": "mediatailor.amazonaws.com"}

DOCUMENTED = {
    "Effect": "Allow",
    "Principal": MEDIATAILOR,
    "Action": "secretsmanager:GetSecretValue",
    "Resource": ARN,
}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


GOOD = ReadBack(
    secret_arn=ARN,
    secret_string_key="AccessToken",
    secret={"KmsKeyId": KEY_ARN},
    secret_string='{"AccessToken": "0123-token"}',
    resource_policy=policy(DOCUMENTED),
    key={
        "KeyManager": "CUSTOMER",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": "Enabled",
    },
    rotation={"KeyRotationEnabled": True},
    key_policy=policy(
        {"Effect": "Allow", "Principal": ROOT, "Action": "kms:*", "Resource": "*"},
    ),
)

KEY_KIND = "the key is customer managed, symmetric and enabled"
KEY_ARN_NAMED = "the secret names the key by its key ARN"
KEY_ROTATES = "the key rotates"
KEY_IS_PRIVATE = "the key policy names who may use the key, never everybody"
IS_JSON = "SecretString is a JSON object with the SecretString key"
TOKEN_LENGTH = "the token has 8 to 128 characters"
MEDIATAILOR_READS = "the secret's policy lets MediaTailor read it, as documented"
IS_PRIVATE = "the secret's policy is not public"


def problems(found: ReadBack) -> dict[str, str]:
    said = {requirement.title: requirement.problem(found) for requirement in REQUIREMENTS}
    return {title: problem for title, problem in said.items() if problem}


def test_what_aws_asks_for_meets_every_requirement() -> None:
    assert problems(GOOD) == {}


@pytest.mark.parametrize(
    ("change", "title", "problem"),
    [
        ({"KeyManager": "AWS"}, KEY_KIND, "KeyManager is AWS"),
        ({"KeySpec": "RSA_2048"}, KEY_KIND, "KeySpec is RSA_2048"),
        ({"KeyUsage": "SIGN_VERIFY"}, KEY_KIND, "KeyUsage is SIGN_VERIFY"),
        ({"KeyState": "PendingDeletion"}, KEY_KIND, "KeyState is PendingDeletion"),
    ],
)
def test_another_kind_of_key_is_a_problem(change: dict[str, str], title: str, problem: str) -> None:
    assert problems(replace(GOOD, key={**GOOD.key, **change})) == {title: problem}


def test_a_key_that_kms_does_not_know_is_a_problem() -> None:
    found = replace(GOOD, key={}, rotation={}, key_policy="")
    assert problems(found) == {
        KEY_KIND: "KMS knows no such key",
        KEY_ROTATES: "rotation is off",
        KEY_IS_PRIVATE: "the key policy cannot be read",
    }


@pytest.mark.parametrize(
    ("named", "problem"),
    [
        (None, "the secret names no key, so AWS's own key encrypts it"),
        ("alias/news", "the secret names its key as alias/news"),
        (KEY_ARN.split("/")[1], f"the secret names its key as {KEY_ARN.split('/')[1]}"),
        (
            "arn:aws:kms:eu-west-1:123456789012:alias/news",
            "the secret names its key as arn:aws:kms:eu-west-1:123456789012:alias/news",
        ),
    ],
)
def test_a_key_named_by_anything_but_its_key_arn_is_a_problem(
    named: str | None, problem: str
) -> None:
    assert problems(replace(GOOD, secret={"KmsKeyId": named})) == {KEY_ARN_NAMED: problem}


def test_a_multi_region_key_is_named_by_its_key_arn() -> None:
    arn = "arn:aws:kms:eu-west-1:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab"
    assert problems(replace(GOOD, secret={"KmsKeyId": arn})) == {}


def test_a_key_without_rotation_is_a_problem() -> None:
    found = replace(GOOD, rotation={"KeyRotationEnabled": False})
    assert problems(found) == {KEY_ROTATES: "rotation is off"}


@pytest.mark.parametrize(
    "principal", [{"Principal": "*"}, {"Principal": {"AWS": "*"}}, {"NotPrincipal": ROOT}]
)
def test_a_key_policy_for_everybody_is_a_problem(principal: dict[str, Any]) -> None:
    statement = {"Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": "*"} | principal
    assert problems(replace(GOOD, key_policy=policy(statement))) == {
        KEY_IS_PRIVATE: "everybody is allowed kms:Decrypt"
    }


@pytest.mark.parametrize(
    ("secret_string", "problem"),
    [
        ("0123-token", "SecretString is not JSON"),
        ("", "SecretString is not JSON"),
        ('["0123-token"]', "SecretString is not a JSON object"),
        (
            '{"accessToken": "0123-token"}',
            "SecretString has no text under the key 'AccessToken'",
        ),
        ('{"AccessToken": 12345678}', "SecretString has no text under the key 'AccessToken'"),
    ],
)
def test_a_secret_string_that_mediatailor_cannot_look_up_is_a_problem(
    secret_string: str, problem: str
) -> None:
    found = replace(GOOD, secret_string=secret_string)
    assert problems(found) == {IS_JSON: problem, TOKEN_LENGTH: "there is no token"}


@pytest.mark.parametrize("length", [0, 7, 129])
def test_a_token_of_another_length_is_a_problem(length: int) -> None:
    found = replace(GOOD, secret_string=json.dumps({"AccessToken": length * "x"}))
    assert problems(found) == {TOKEN_LENGTH: f"the token has {length} characters"}


@pytest.mark.parametrize("length", [8, 128])
def test_a_token_of_the_lengths_that_aws_states_is_none(length: int) -> None:
    found = replace(GOOD, secret_string=json.dumps({"AccessToken": length * "x"}))
    assert problems(found) == {}


@pytest.mark.parametrize(
    "change",
    [
        {"Principal": {"Service": "mediapackage.amazonaws.com"}},
        {"Principal": {"Service": "mediatailor.us-east-1.amazonaws.com"}},
        {"Principal": {"AWS": "arn:aws:iam::123456789012:root"}},
        {"Principal": {**MEDIATAILOR, **ROOT}},
        {"Action": "secretsmanager:DescribeSecret"},
        {"Action": "secretsmanager:*"},
        {"Action": ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]},
        {"Resource": ARN.replace("news", "sports")},
        {"Resource": "*"},
        {"Condition": {"StringEquals": {"aws:SourceAccount": "210987654321"}}},
        {"Condition": {"StringEquals": {"aws:SourceArn": "arn:aws:mediatailor:::*"}}},
        {"Condition": {"Bool": {"aws:SecureTransport": "false"}}},
    ],
)
def test_a_policy_with_another_statement_than_the_documented_one_is_a_problem(
    change: dict[str, Any],
) -> None:
    found = replace(GOOD, resource_policy=policy(DOCUMENTED | change))
    assert problems(found) == {MEDIATAILOR_READS: "no statement is the documented one"}


@pytest.mark.parametrize("missing", ["", "not JSON", "{}", '{"Statement": []}'])
def test_a_secret_without_a_policy_is_a_problem(missing: str) -> None:
    found = replace(GOOD, resource_policy=missing)
    assert problems(found) == {MEDIATAILOR_READS: "the secret has no resource policy"}


def test_a_policy_that_denies_is_a_problem() -> None:
    denying = DOCUMENTED | {"Effect": "Deny", "Principal": ROOT}
    found = replace(GOOD, resource_policy=policy(DOCUMENTED, denying))
    assert problems(found) == {
        MEDIATAILOR_READS: "a statement denies; AWS documents none that does"
    }


@pytest.mark.parametrize(
    "change",
    [
        {"Sid": "MediaTailor"},
        {"Principal": {"Service": ["mediatailor.amazonaws.com"]}},
        {"Principal": {"Service": "mediatailor.eu-west-1.amazonaws.com"}},
        {"Action": ["secretsmanager:GetSecretValue"]},
        {"Resource": [ARN, ARN.replace("eu-west-1", "us-east-1")]},
        {"Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}}},
    ],
)
def test_the_documented_statement_in_another_spelling_is_none(change: dict[str, Any]) -> None:
    assert problems(replace(GOOD, resource_policy=policy(DOCUMENTED | change))) == {}


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"AWS": [*ROOT.values(), "*"]}])
def test_a_public_policy_is_a_problem(principal: object) -> None:
    public = DOCUMENTED | {"Principal": principal}
    found = replace(GOOD, resource_policy=policy(DOCUMENTED, public))
    assert problems(found) == {IS_PRIVATE: "everybody is allowed secretsmanager:GetSecretValue"}


def test_the_readers_are_those_whom_any_statement_lets_read() -> None:
    found = replace(
        GOOD,
        resource_policy=policy(
            DOCUMENTED,
            {"Effect": "Allow", "Principal": ROOT, "Action": "secretsmanager:Get*"},
            {"Effect": "Allow", "Principal": "*", "Action": "secretsmanager:DescribeSecret"},
            {"Effect": "Deny", "Principal": {"AWS": "210987654321"}, "Action": "*"},
        ),
    )
    assert found.readers == ["arn:aws:iam::123456789012:root", "mediatailor.amazonaws.com"]
