"""The requirements on the secret and its token."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.support.verification_facts import (
    GOOD,
    KEY_ARN,
    SECRET_ARN,
    answers,
    findings,
    with_secret,
)
from verification.fact import MISSING, Fact, Obstacle
from verification.facts import Facts
from verification.requirement import Answer


def test_a_secret_that_does_not_exist_is_one_finding() -> None:
    found = with_secret(described=MISSING, value=MISSING, policy=MISSING)
    assert findings(found) == {"secret-exists": f"Secrets Manager has no secret {SECRET_ARN}"}


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        (None, "the secret has no key, so the AWS managed key encrypts it"),
        ("alias/news", "the secret's key is alias/news, which is not a key ARN"),
        (
            KEY_ARN.split("/")[1],
            f"the secret's key is {KEY_ARN.split('/')[1]}, which is not a key ARN",
        ),
        (
            "arn:aws:kms:eu-west-1:123456789012:alias/news",
            "the secret's key is arn:aws:kms:eu-west-1:123456789012:alias/news, which is not a key ARN",
        ),
        (
            KEY_ARN.replace("eu-west-1", "us-west-2"),
            f"the secret's key is in another Region: {KEY_ARN.replace('eu-west-1', 'us-west-2')}",
        ),
    ],
)
def test_the_secrets_key_must_be_set_by_its_key_arn(name: str | None, problem: str) -> None:
    assert findings(with_secret(described=Fact({"KmsKeyId": name}))) == {"secret-key": problem}


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ({"SecretString": "0123-token"}, "SecretString is not a JSON object"),
        ({"SecretString": '["0123-token"]'}, "SecretString is not a JSON object"),
        ({"SecretBinary": b"0123"}, "the secret has a binary value, not a SecretString"),
        (
            {"SecretString": '{"accessToken": "0123-token", "b": ""}'},
            "SecretString has no key 'AccessToken'; its keys: 'accessToken', 'b'",
        ),
        ({"SecretString": "{}"}, "SecretString has no key 'AccessToken'; its keys: none"),
        (
            {"SecretString": '{"AccessToken": 12345678}'},
            "the value of the SecretString key 'AccessToken' is not text",
        ),
    ],
)
def test_a_value_without_the_token_is_one_finding(value: dict[str, object], problem: str) -> None:
    assert findings(with_secret(value=Fact(value))) == {"secret-string": problem}


def test_a_secret_without_a_value_is_one_finding() -> None:
    assert findings(with_secret(value=MISSING)) == {"secret-string": "the secret has no value"}


def with_token(token: str) -> dict[str, str]:
    return findings(with_secret(value=Fact({"SecretString": json.dumps({"AccessToken": token})})))


@pytest.mark.parametrize("length", [0, 7, 129])
def test_a_token_that_is_too_short_or_too_long_is_a_finding(length: int) -> None:
    assert with_token(length * "x") == {"token-length": f"the token has {length} characters"}


@pytest.mark.parametrize("length", [8, 128])
def test_a_token_of_8_to_128_characters_is_accepted(length: int) -> None:
    assert with_token(length * "x") == {}


@pytest.mark.parametrize(
    ("token", "problem"),
    [
        ("0123-token\n", "the token starts or ends with whitespace, such as a newline"),
        (" 0123-token", "the token starts or ends with whitespace, such as a newline"),
        ("0123\ttoken", "the token contains a character that is not printable ASCII"),
        ("0123-tökén", "the token contains a character that is not printable ASCII"),
    ],
)
def test_a_token_that_is_no_valid_header_value_is_a_finding(token: str, problem: str) -> None:
    assert with_token(token) == {"token-characters": problem}


def test_a_secret_that_cannot_be_described_is_not_missing() -> None:
    denied = Obstacle(
        action="secretsmanager:DescribeSecret", resource=SECRET_ARN, error="AccessDeniedException"
    )
    found = with_secret(described=Fact(obstacle=denied))
    assert findings(found) == {}
    given = answers(found)
    for requirement in ("secret-exists", "secret-key", "key-usable"):
        assert given[requirement] is Answer.NOT_CHECKED


def with_version(
    current: str, *, stages: dict[str, list[str]], value: str, is_adopted: bool = False
) -> Facts:
    assert GOOD.expected.stack
    stack = replace(GOOD.expected.stack, version_id="own", is_adopted=is_adopted)
    described = {**GOOD.secret.described.value, "VersionIdsToStages": stages}
    written = datetime(2027, 1, 31, 12, tzinfo=UTC)
    found = with_secret(
        described=Fact(described),
        value=Fact({"SecretString": value, "VersionId": current, "CreatedDate": written}),
    )
    return replace(found, expected=replace(found.expected, stack=stack))


GOOD_VALUE = '{"AccessToken": "0123-token"}'


def test_the_stacks_own_version_meets_the_requirement() -> None:
    found = with_version("own", stages={"own": ["AWSCURRENT"]}, value=GOOD_VALUE)
    assert answers(found)["secret-version"] is Answer.MET


@pytest.mark.parametrize(
    ("stages", "value", "then"),
    [
        (
            {"theirs": ["AWSCURRENT"], "own": ["AWSPREVIOUS"]},
            GOOD_VALUE,
            "`pulumi up` keeps it until the token in the stack file changes",
        ),
        (
            {"theirs": ["AWSCURRENT"], "other": ["AWSPREVIOUS"]},
            GOOD_VALUE,
            "the next `pulumi up --refresh` may overwrite it with the token in the stack file",
        ),
        (
            {"theirs": ["AWSCURRENT"], "own": ["AWSPREVIOUS"]},
            '{"AccessToken": "0123-token", "user": "u", "password": "p"}',
            (
                "`pulumi up` keeps it until the token in the stack file changes; the stack"
                " does not write its other members: password, user"
            ),
        ),
    ],
)
def test_a_value_written_outside_the_stack_is_one_finding(
    stages: dict[str, list[str]], value: str, then: str
) -> None:
    assert findings(with_version("theirs", stages=stages, value=value)) == {
        "secret-version": "the current value was written outside the stack on 2027-01-31 at"
        f" 12:00 UTC; {then}"
    }


def test_the_stack_keeps_the_other_members_of_an_adopted_secret() -> None:
    value = '{"AccessToken": "0123-token", "user": "u"}'
    stages = {"theirs": ["AWSCURRENT"], "own": ["AWSPREVIOUS"]}
    found = findings(with_version("theirs", stages=stages, value=value, is_adopted=True))
    assert found["secret-version"].endswith(
        "keeps it until the token in the stack file changes or another member does"
    )
