"""What is required of the key."""

from dataclasses import replace
from typing import Any

import pytest

from tests.support.verification_facts import (
    GOOD,
    GOOD_KEY,
    KEY_ARN,
    ROOT,
    answers,
    findings,
    policy,
    with_key,
    with_replica,
)
from verification.facts import Fact, KeyFacts
from verification.requirement import Answer


def test_what_aws_asks_for_meets_every_requirement() -> None:
    assert findings(GOOD) == {}
    assert set(answers(GOOD).values()) == {Answer.MET, Answer.NOT_APPLICABLE}


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("KeyManager", "AWS"),
        ("KeySpec", "RSA_2048"),
        ("KeyUsage", "SIGN_VERIFY"),
        ("KeyState", "PendingDeletion"),
    ],
)
def test_the_key_must_be_customer_managed_symmetric_and_enabled(attribute: str, value: str) -> None:
    found = with_key(metadata=Fact({**GOOD_KEY, attribute: value}))
    assert findings(found) == {"key-usable": f"{attribute} is {value}"}


def test_a_key_that_kms_does_not_know_is_one_finding() -> None:
    found = with_key(metadata=Fact(), rotation=Fact(), policy=Fact())
    assert findings(found) == {"key-usable": "KMS knows no such key"}


def test_a_key_without_rotation_is_a_finding() -> None:
    found = with_key(rotation=Fact({"KeyRotationEnabled": False}))
    assert findings(found) == {"key-rotation": "rotation is off"}


@pytest.mark.parametrize(
    "principal", [{"Principal": "*"}, {"Principal": {"AWS": "*"}}, {"NotPrincipal": ROOT}]
)
def test_a_key_policy_that_is_open_to_anyone_is_a_finding(principal: dict[str, Any]) -> None:
    statement = {"Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": "*"} | principal
    assert findings(with_key(policy=Fact(policy(statement)))) == {
        "key-principals": "anyone is allowed kms:Decrypt"
    }


@pytest.mark.parametrize(
    ("principal", "named"),
    [
        ({"Service": "mediatailor.amazonaws.com"}, "mediatailor.amazonaws.com"),
        ({**ROOT, "Service": "s3.amazonaws.com"}, "s3.amazonaws.com"),
        ({"AWS": "AROA1234567890EXAMPLE"}, "AROA1234567890EXAMPLE"),  # of a deleted role
    ],
)
def test_a_key_policy_that_allows_anything_but_iam_principals_is_a_finding(
    principal: dict[str, str], named: str
) -> None:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "kms:Decrypt"}
    assert findings(with_key(policy=Fact(policy(statement)))) == {
        "key-principals": f"it also allows {named}"
    }


OPERATOR = "arn:aws:iam::123456789012:role/operator"
THROUGH = "mediatailor.eu-west-1.amazonaws.com"
GRANT = {
    "Effect": "Allow",
    "Principal": {"AWS": [OPERATOR]},
    "Action": "kms:CreateGrant",
    "Resource": "*",
    "Condition": {"StringEquals": {"kms:ViaService": THROUGH}},
}


@pytest.mark.parametrize("through", [THROUGH, [THROUGH]])
def test_grants_through_mediatailor_are_allowed(through: object) -> None:
    grant = GRANT | {"Condition": {"StringEquals": {"kms:ViaService": through}}}
    assert findings(with_key(policy=Fact(policy(grant)))) == {}


@pytest.mark.parametrize(
    "change",
    [
        {"Condition": {}},
        {"Condition": {"StringEquals": {"kms:ViaService": "mediatailor.us-west-2.amazonaws.com"}}},
        {"Condition": {"StringLike": {"kms:ViaService": "mediatailor.*.amazonaws.com"}}},
        {"Action": ["kms:Create*"], "Condition": {}},
        {"Action": "kms:*", "Condition": {}},
        {"Principal": {"AWS": [OPERATOR, ROOT["AWS"]]}, "Condition": {}},
    ],
)
def test_grants_without_mediatailor_are_a_finding(change: dict[str, Any]) -> None:
    assert findings(with_key(policy=Fact(policy(GRANT | change)))) == {
        "key-grants": f"{OPERATOR} can create grants without {THROUGH}"
    }


def test_grants_allowed_by_a_not_action_are_a_finding() -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": OPERATOR}, "NotAction": "kms:Decrypt"}
    assert set(findings(with_key(policy=Fact(policy(statement))))) == {"key-grants"}


@pytest.mark.parametrize(
    ("statement", "requirement"),
    [
        ({"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt"}, "key-principals"),
        (GRANT, "key-grants"),  # through the MediaTailor of the primary's Region
    ],
)
def test_a_finding_in_a_replica_keys_policy_names_the_region(
    statement: dict[str, Any], requirement: str
) -> None:
    key = replace(GOOD.secret.key, policy=Fact(policy(statement)))
    found = findings(with_replica(key=key))
    assert set(found) == {requirement}
    assert found[requirement].startswith("in us-west-2, ")


def test_an_existing_key_that_the_local_aws_cannot_have_is_not_judged() -> None:
    found = with_replica(key=KeyFacts())
    found = replace(
        found,
        expected=replace(found.expected, key_is_existing=True),
        secret=replace(found.secret, key=KeyFacts()),
    )
    given = answers(found)
    assert findings(found) == {}
    for requirement in ("key-usable", "key-rotation", "key-principals", "key-grants"):
        assert given[requirement] is Answer.NOT_APPLICABLE
    assert given["replica-key-usable"] is Answer.NOT_APPLICABLE


def test_a_key_named_by_its_alias_is_judged_like_any_other() -> None:
    found = with_key(metadata=Fact({**GOOD_KEY, "KeyState": "Disabled"}))
    described = Fact({"KmsKeyId": KEY_ARN.replace("key/", "alias/")})
    found = replace(found, secret=replace(found.secret, described=described))
    assert set(findings(found)) == {"key-usable", "secret-key"}
