"""What is required of the secret, its token and its policy."""

import json
from typing import Any

import pytest

from tests.support.verification_facts import (
    DOCUMENTED,
    KEY_ARN,
    ROOT,
    SECRET_ARN,
    answers,
    findings,
    policy,
    with_secret,
)
from verification.facts import Fact, Obstacle
from verification.requirement import Answer


def test_a_secret_that_does_not_exist_is_one_finding() -> None:
    found = with_secret(described=Fact(), value=Fact(), policy=Fact())
    assert findings(found) == {"secret-exists": "Secrets Manager knows no such secret"}


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        (None, "the secret names no key, so AWS's own key encrypts it"),
        ("alias/news", "the secret names its key as alias/news"),
        (KEY_ARN.split("/")[1], f"the secret names its key as {KEY_ARN.split('/')[1]}"),
        (
            "arn:aws:kms:eu-west-1:123456789012:alias/news",
            "the secret names its key as arn:aws:kms:eu-west-1:123456789012:alias/news",
        ),
        (
            KEY_ARN.replace("eu-west-1", "us-west-2"),
            f"the secret names its key as {KEY_ARN.replace('eu-west-1', 'us-west-2')}",
        ),
    ],
)
def test_the_secret_must_name_its_key_by_the_key_arn(name: str | None, problem: str) -> None:
    assert findings(with_secret(described=Fact({"KmsKeyId": name}))) == {"secret-key": problem}


def test_the_arn_of_a_multi_region_key_is_a_key_arn() -> None:
    arn = "arn:aws:kms:eu-west-1:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab"
    assert findings(with_secret(described=Fact({"KmsKeyId": arn}))) == {}


@pytest.mark.parametrize(
    ("secret_string", "problem"),
    [
        ("0123-token", "SecretString is not JSON"),
        ("", "SecretString is not JSON"),
        ('["0123-token"]', "SecretString is not a JSON object"),
        ('{"accessToken": "0123-token"}', "SecretString has no text under the key 'AccessToken'"),
        ('{"AccessToken": 12345678}', "SecretString has no text under the key 'AccessToken'"),
    ],
)
def test_a_secret_string_without_the_token_is_one_finding(secret_string: str, problem: str) -> None:
    found = with_secret(value=Fact({"SecretString": secret_string}))
    assert findings(found) == {"secret-string": problem}


def test_a_secret_without_a_value_is_one_finding() -> None:
    assert findings(with_secret(value=Fact())) == {"secret-string": "the secret has no value"}


def with_token(token: str) -> dict[str, str]:
    return findings(with_secret(value=Fact({"SecretString": json.dumps({"AccessToken": token})})))


@pytest.mark.parametrize("length", [0, 7, 129])
def test_a_token_that_is_too_short_or_too_long_is_a_finding(length: int) -> None:
    assert with_token(length * "x") == {"token-length": f"the token has {length} characters"}


@pytest.mark.parametrize("length", [8, 128])
def test_a_token_of_8_to_128_characters_is_accepted(length: int) -> None:
    assert with_token(length * "x") == {}


@pytest.mark.parametrize(
    "change",
    [
        {"Principal": {"Service": "mediapackage.amazonaws.com"}},
        {"Principal": {"Service": "mediatailor.us-east-1.amazonaws.com"}},
        {"Principal": {"AWS": "arn:aws:iam::123456789012:root"}},
        {"Principal": {**DOCUMENTED["Principal"], **ROOT}},  # type: ignore[dict-item]
        {"Action": "secretsmanager:DescribeSecret"},
        {"Action": "secretsmanager:*"},
        {"Action": ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]},
        {"Resource": SECRET_ARN.replace("news", "sports")},
        {"Resource": "*"},
        {"Condition": {"StringEquals": {"aws:SourceAccount": "210987654321"}}},
        {"Condition": {"StringEquals": {"aws:SourceArn": "arn:aws:mediatailor:::*"}}},
        {"Condition": {"Bool": {"aws:SecureTransport": "false"}}},
    ],
)
def test_a_policy_without_the_documented_statement_is_a_finding(change: dict[str, Any]) -> None:
    found = with_secret(policy=Fact(policy(DOCUMENTED | change)))
    assert findings(found) == {"secret-policy": "no statement is the documented one"}


@pytest.mark.parametrize(
    "missing", [Fact(), Fact("not JSON"), Fact("{}"), Fact('{"Statement": []}')]
)
def test_a_secret_without_a_policy_is_one_finding(missing: Fact[str]) -> None:
    found = with_secret(policy=missing)
    assert findings(found) == {"secret-policy": "the secret has no resource policy"}


def test_a_policy_that_denies_is_a_finding() -> None:
    denying = DOCUMENTED | {"Effect": "Deny", "Principal": ROOT}
    found = with_secret(policy=Fact(policy(DOCUMENTED, denying)))
    assert findings(found) == {"secret-policy": "a statement denies; AWS documents none that does"}


@pytest.mark.parametrize(
    "change",
    [
        {"Sid": "MediaTailor"},
        {"Principal": {"Service": ["mediatailor.amazonaws.com"]}},
        {"Principal": {"Service": "mediatailor.eu-west-1.amazonaws.com"}},
        {"Action": ["secretsmanager:GetSecretValue"]},
        {"Resource": [SECRET_ARN, SECRET_ARN.replace("eu-west-1", "us-east-1")]},
        {"Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}}},
    ],
)
def test_the_documented_statement_may_be_written_in_other_ways(change: dict[str, Any]) -> None:
    assert findings(with_secret(policy=Fact(policy(DOCUMENTED | change)))) == {}


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"AWS": [*ROOT.values(), "*"]}])
def test_a_public_policy_is_a_finding(principal: object) -> None:
    public = DOCUMENTED | {"Principal": principal}
    found = with_secret(policy=Fact(policy(DOCUMENTED, public)))
    assert findings(found) == {"secret-private": "anyone is allowed secretsmanager:GetSecretValue"}


def test_a_secret_that_cannot_be_described_is_not_missing() -> None:
    denied = Obstacle(
        action="secretsmanager:DescribeSecret", resource=SECRET_ARN, error="AccessDeniedException"
    )
    found = with_secret(described=Fact(obstacle=denied))
    assert findings(found) == {}
    given = answers(found)
    for requirement in ("secret-exists", "secret-key", "key-usable"):
        assert given[requirement] is Answer.NOT_CHECKED
