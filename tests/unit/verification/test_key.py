"""The requirements on the key."""

from dataclasses import replace
from datetime import UTC, datetime
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
from verification.fact import MISSING, Fact
from verification.facts import Facts
from verification.requirement import Answer


def test_a_correct_setup_meets_every_requirement() -> None:
    assert findings(GOOD) == {}
    assert set(answers(GOOD).values()) == {Answer.MET, Answer.NOT_APPLICABLE}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"KeyManager": "AWS"}, "the key is an AWS managed key"),
        (
            {"KeySpec": "RSA_2048"},
            "the key is not a symmetric encryption key: RSA_2048, ENCRYPT_DECRYPT",
        ),
        (
            {"KeyUsage": "GENERATE_VERIFY_MAC"},
            "the key is not a symmetric encryption key: SYMMETRIC_DEFAULT, GENERATE_VERIFY_MAC",
        ),
        (
            {"KeyState": "PendingDeletion", "DeletionDate": datetime(2027, 1, 31, tzinfo=UTC)},
            "the key is scheduled for deletion on 2027-01-31",
        ),
        ({"KeyState": "PendingReplicaDeletion"}, "the key is scheduled for deletion"),
        ({"KeyState": "Disabled"}, "the key is disabled"),
        ({"KeyState": "PendingImport"}, "the key's state is PendingImport"),
    ],
)
def test_the_key_must_be_customer_managed_symmetric_and_enabled(
    change: dict[str, object], problem: str
) -> None:
    found = with_key(metadata=Fact({**GOOD_KEY, **change}))
    assert findings(found) == {"key-usable": problem}


def test_a_key_that_does_not_exist_is_one_finding() -> None:
    found = with_key(metadata=MISSING, rotation=MISSING, policy=MISSING)
    assert findings(found) == {"key-usable": f"KMS has no key {KEY_ARN}"}


def test_a_key_without_rotation_is_a_finding() -> None:
    found = with_key(rotation=Fact({"KeyRotationEnabled": False}))
    assert findings(found) == {"key-rotation": "automatic rotation is off"}


@pytest.mark.parametrize(
    "principal", [{"Principal": "*"}, {"Principal": {"AWS": "*"}}, {"NotPrincipal": ROOT}]
)
def test_a_key_policy_that_is_open_to_anyone_is_a_finding(principal: dict[str, Any]) -> None:
    statement = {"Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": "*"} | principal
    assert findings(with_key(policy=Fact(policy(statement)))) == {
        "key-private": "anyone is allowed kms:Decrypt"
    }


@pytest.mark.parametrize(
    ("principal", "named"),
    [
        ({"Service": "mediatailor.amazonaws.com"}, "mediatailor.amazonaws.com"),
        ({**ROOT, "Service": "s3.amazonaws.com"}, "s3.amazonaws.com"),
    ],
)
def test_a_key_policy_that_allows_a_service_is_a_finding(
    principal: dict[str, str], named: str
) -> None:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "kms:Decrypt"}
    assert findings(with_key(policy=Fact(policy(statement)))) == {
        "key-principals": f"it also allows {named}"
    }


@pytest.mark.parametrize("id_", ["AROA1234567890EXAMPLE", "AIDA1234567890EXAMPLE"])
def test_a_deleted_principal_in_the_key_policy_is_one_finding(id_: str) -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": id_}, "Action": "kms:CreateGrant"}
    assert findings(with_key(policy=Fact(policy(statement)))) == {
        "key-principals": f"it contains a deleted role or user, {id_}:"
        " remove it from the stack's encryptionKey settings as well"
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
def test_grants_without_kms_via_service_are_a_finding(change: dict[str, Any]) -> None:
    assert findings(with_key(policy=Fact(policy(GRANT | change)))) == {
        "key-grants": f"{OPERATOR} can create grants without {THROUGH}"
    }


def test_grants_allowed_by_a_not_action_are_a_finding() -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": OPERATOR}, "NotAction": "kms:Decrypt"}
    assert set(findings(with_key(policy=Fact(policy(statement))))) == {"key-grants"}


@pytest.mark.parametrize(
    ("statement", "requirement"),
    [
        ({"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt"}, "key-private"),
        (GRANT, "key-grants"),  # for MediaTailor in the primary Region
    ],
)
def test_a_finding_in_the_policy_of_a_replica_key_includes_the_region(
    statement: dict[str, Any], requirement: str
) -> None:
    (replica,) = with_replica().replicas.values()
    found = findings(with_replica(key=replace(replica.key, policy=Fact(policy(statement)))))
    assert set(found) == {requirement}
    assert found[requirement].startswith("in us-west-2, ")


REQUIRED = (
    {
        "Sid": "UseThroughSecretsManager",
        "Effect": "Allow",
        "Principal": ROOT,
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": "*",
        "Condition": {
            "StringEquals": {"kms:ViaService": ["secretsmanager.eu-west-1.amazonaws.com"]}
        },
    },
    GRANT,
)


def with_existing_key(key_policy: str, **change: Any) -> Facts:
    """Return GOOD with an existing key."""
    found = with_key(policy=Fact(key_policy), **change)
    assert found.expected.stack
    stack = replace(found.expected.stack, required_key_policy_statements=REQUIRED)
    return replace(found, expected=replace(found.expected, stack=stack))


@pytest.mark.parametrize(
    "key_policy",
    [
        policy(*REQUIRED),
        policy({"Effect": "Allow", "Principal": ROOT, "Action": "kms:*", "Resource": "*"}),
        policy(
            REQUIRED[0] | {"Action": ["kms:GenerateDataKey*", "kms:Decrypt"], "Condition": {}},
            GRANT | {"Principal": {"AWS": [OPERATOR, f"{OPERATOR}-2"]}},
            {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "kms:*"},
        ),
    ],
)
def test_an_existing_key_may_allow_more_than_the_stack_needs(key_policy: str) -> None:
    found = with_existing_key(key_policy, rotation=MISSING)
    given = answers(found)
    assert findings(found) == {}
    assert given["key-statements"] is Answer.MET
    assert given["key-usable"] is Answer.MET
    for requirement in ("key-rotation", "key-grants"):
        assert given[requirement] is Answer.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("statements", "problem"),
    [
        (
            (GRANT,),
            (
                f"the key policy does not allow {ROOT['AWS']} kms:Decrypt, kms:GenerateDataKey"
                " if kms:ViaService is secretsmanager.eu-west-1.amazonaws.com"
            ),
        ),
        (
            REQUIRED[:1],
            f"the key policy does not allow {OPERATOR} kms:CreateGrant if kms:ViaService is {THROUGH}",
        ),
        (
            (REQUIRED[0], GRANT | {"Condition": {"StringEquals": {"kms:ViaService": "x"}}}),
            f"the key policy does not allow {OPERATOR} kms:CreateGrant if kms:ViaService is {THROUGH}",
        ),
    ],
)
def test_an_existing_keys_policy_without_a_required_statement_is_a_finding(
    statements: tuple[dict[str, Any], ...], problem: str
) -> None:
    assert findings(with_existing_key(policy(*statements))) == {"key-statements": problem}


def test_a_key_other_than_the_stacks_is_one_finding() -> None:
    other = KEY_ARN.replace("1234abcd", "0000abcd")
    found = with_key(metadata=Fact({**GOOD_KEY, "Arn": other}), rotation=Fact({}))
    found = replace(found, secret=replace(found.secret, described=Fact({"KmsKeyId": other})))
    assert findings(found) == {
        "secret-key": f"the secret is encrypted under {other}, not under the stack's key"
    }


def test_a_key_set_by_its_alias_is_checked_as_well() -> None:
    found = with_key(metadata=Fact({**GOOD_KEY, "KeyState": "Disabled"}))
    described = Fact({"KmsKeyId": KEY_ARN.replace("key/", "alias/")})
    found = replace(found, secret=replace(found.secret, described=described))
    assert set(findings(found)) == {"key-usable", "secret-key"}
