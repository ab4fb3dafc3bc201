"""The stand-in provider reports errors in one line, without a part of a secret."""

import json

import pytest

from tests.support.provider_driver import (
    KEY,
    POLICY,
    ROLE,
    ROOT,
    SECRET,
    VERSION,
    Driver,
    Failed,
    text,
)

CANARY = "canary-6b1f-token"


@pytest.mark.parametrize(
    "echo",
    [
        "Value '{}' at 'secretString' failed to satisfy constraint",
        "{}",
        json.dumps({"SecretString": json.dumps({"key": "{}"})}),
    ],
)
def test_a_response_that_contains_the_token_is_not_shown(
    engine: Driver, name: str, echo: str
) -> None:
    value = 'canary "quoted" \\ token'
    secret = engine.create(SECRET, name, {})
    for spelling in (value, json.dumps(value)[1:-1], json.dumps({"key": value})):
        engine.gateway.refusals["PutSecretValue"] = ("Bad", echo.replace("{}", spelling))
        inputs = {"secretId": secret.id, "secretString": json.dumps({"key": value})}
        with pytest.raises(Failed, match="Bad: ") as failure:
            engine.create(VERSION, name, inputs)
        assert "canary" not in str(failure.value)
        assert "[secret]" in str(failure.value)


def test_an_aws_error_is_reported_in_one_line(engine: Driver, name: str) -> None:
    with pytest.raises(Failed) as failure:
        engine.create(VERSION, name, {"secretId": "nowhere", "secretString": CANARY})
    assert str(failure.value) == (
        "creating Secrets Manager Secret Version (nowhere): ResourceNotFoundException:"
        " Secrets Manager can't find the specified secret."
    )


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"canary"',
        b"<html>canary</html>",
        b"\xff\xfecanary",
        b'{"KeyMetadata": "canary"}',
        b'{"KeyMetadata": {}}',
        b'{"KeyMetadata": {"KeyId": {"canary": 1}, "CreationDate": "canary"}}',
        b'{"ARN": {"canary": 1}}',
        b"[" * 3000,
    ],
)
def test_a_malformed_response_is_reported_in_one_line_without_a_value(
    engine: Driver, name: str, garbage: bytes
) -> None:
    engine.gateway.garbage |= dict.fromkeys(("CreateKey", "GetRole", "CreateRole"), garbage)
    for type_, inputs in ((KEY, {}), (ROLE, {"assumeRolePolicy": "{}"})):
        with pytest.raises(Failed) as failure:
            engine.create(type_, name, inputs)
        message = str(failure.value)
        assert message.startswith("creating ")
        assert "AWS's response is malformed (" in message
        assert "canary" not in message
        assert "\n" not in message
        assert "Traceback" not in message


def test_garbage_instead_of_a_policy_is_reported_in_one_line(engine: Driver, name: str) -> None:
    secret = engine.create(SECRET, name, {})
    policy = engine.create(POLICY, name, {"secretArn": secret.id, "policy": text(ROOT)})
    engine.gateway.garbage["GetResourcePolicy"] = b'{"ResourcePolicy": {"canary": 1}}'
    with pytest.raises(Failed, match=r"reading .*: AWS's response is malformed") as failure:
        engine.refresh(policy)
    assert "canary" not in str(failure.value)
