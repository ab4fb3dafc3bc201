"""The stand-in provider completes and validates inputs as pulumi-aws does, before any AWS call."""

import json
from collections.abc import Iterator

import pytest
from pulumi.runtime.rpc import UNKNOWN

from sandbox.provider.provider import RESOURCES
from tests.support.provider_driver import (
    ALIAS,
    CLOUD_CONTROL,
    KEY,
    POLICY,
    REGION,
    REPLICA_KEY,
    ROLE,
    ROLE_POLICY,
    ROOT,
    SECRET,
    VERSION,
    Driver,
    Failed,
    Values,
    driver,
    known,
    text,
)

CANARY = "canary-6b1f-token"
ARN = "arn:aws:secretsmanager:eu-west-1:1:secret:a-123456"
NEVER_SET = {
    KEY: {"bypassPolicyLockoutSafetyCheck", "customKeyStoreId", "isEnabled", "xksKeyId"},
    REPLICA_KEY: {"bypassPolicyLockoutSafetyCheck", "enabled"},
    ALIAS: {"namePrefix"},
    SECRET: {"forceOverwriteReplicaSecret", "namePrefix", "policy", "type"},
    VERSION: {"secretBinary", "secretStringWo", "secretStringWoVersion", "versionStages"},
    ROLE: {
        "forceDetachPolicies",
        "inlinePolicies",
        "managedPolicyArns",
        "maxSessionDuration",
        "name",
        "path",
        "permissionsBoundary",
    },
    ROLE_POLICY: {"namePrefix"},
    CLOUD_CONTROL: {"roleArn", "schema", "typeVersionId"},
}
"""Inputs of pulumi-aws that this program never sets."""


@pytest.fixture(scope="module")
def shared() -> Iterator[Driver]:
    with driver(variables={"aws:config:region": REGION}) as engine:
        yield engine


def test_an_unknown_resource_type_is_rejected_by_name(engine: Driver, name: str) -> None:
    with pytest.raises(Failed, match=r"stand-in .* does not know .* aws:s3/bucket:Bucket"):
        engine.check("aws:s3/bucket:Bucket", name, {})


def test_an_input_that_pulumi_aws_does_not_have_is_rejected_by_name(
    engine: Driver, name: str
) -> None:
    _, failures = engine.check(SECRET, name, {"kmsKey": "x"})
    assert len(failures) == 1
    assert 'does not know the property "kmsKey" of aws:secretsmanager/secret:Secret' in failures[0]
    assert f"Examine values at '{name}.kmsKey'" in failures[0]


@pytest.mark.parametrize(
    ("type_", "property_"),
    [(type_, property_) for type_, names in NEVER_SET.items() for property_ in sorted(names)],
)
def test_an_input_that_this_program_never_sets_is_rejected_by_name(
    engine: Driver, name: str, type_: str, property_: str
) -> None:
    required = {key: UNKNOWN for key, rule in RESOURCES[type_].properties.items() if rule.required}
    _, failures = engine.check(type_, name, {**required, property_: UNKNOWN})
    assert len(failures) == 1
    assert f'does not know the property "{property_}" of {type_}' in failures[0]


def test_defaults_become_inputs_and_are_listed(engine: Driver, name: str) -> None:
    secret = engine.checked(SECRET, name, {})
    assert secret["__defaults"] == ["name", "recoveryWindowInDays"]
    assert secret["recoveryWindowInDays"] == 30
    assert engine.checked(POLICY, name, {"secretArn": ARN, "policy": "{}"})["__defaults"] == []


def test_a_default_that_is_false_is_not_an_input(engine: Driver, name: str) -> None:
    key = engine.checked(KEY, name, {})
    assert key["__defaults"] == ["customerMasterKeySpec", "isEnabled", "keyUsage"]
    assert "enableKeyRotation" not in key
    assert engine.preview(KEY, name, {})["enableKeyRotation"] is False


@pytest.mark.parametrize(
    ("type_", "inputs", "error"),
    [
        (KEY, {"deletionWindowInDays": 6}, "deletion_window_in_days to be in the range (7 - 30)"),
        (
            KEY,
            {"enableKeyRotation": True, "rotationPeriodInDays": 89},
            "rotation_period_in_days to be in the range (90 - 2560), got 89",
        ),
        (KEY, {"policy": "{"}, '"policy" contains an invalid JSON'),
        (KEY, {"description": "d" * 8193}, "length of description to be in the range (0 - 8192)"),
        (KEY, {"enableKeyRotation": "yes"}, 'expected "enable_key_rotation" to be a boolean'),
        (KEY, {"deletionWindowInDays": True}, 'expected "deletion_window_in_days" to be a whole'),
        (KEY, {"tags": {"team": {"name": "media"}}}, '"tags.team" must be text'),
        (KEY, {"tags": ["team"]}, 'expected "tags" to be a map'),
        (KEY, {"region": "us-gov-west-1"}, "is not in the partition of eu-west-1"),
        (ALIAS, {"name": "mine", "targetKeyId": "k"}, "\"name\" must begin with 'alias/'"),
        (ALIAS, {"name": "alias/aws/s3", "targetKeyId": "k"}, "prefix 'alias/aws/'"),
        (ALIAS, {}, '"target_key_id" is required'),
        (SECRET, {"recoveryWindowInDays": 6}, "recovery_window_in_days to be in the range"),
        (SECRET, {"name": "a b"}, 'special characters are allowed in "name"'),
        (SECRET, {"name": "n" * 513}, '"name" cannot be greater than 512 characters'),
        (SECRET, {"replicas": [{"kmsKeyId": "k"}]}, '"replicas.0" must be an object with a region'),
        (
            SECRET,
            {"replicas": [{"region": "us-east-1", "status": "InSync"}]},
            '"replicas.0" has the unknown property "status"',
        ),
        (POLICY, {"secretArn": "name", "policy": "{}"}, '"secret_arn" (name) is an invalid ARN'),
    ],
)
def test_input_that_upstream_rejects_is_a_check_failure_before_any_call(
    engine: Driver, name: str, type_: str, inputs: Values, error: str
) -> None:
    _, failures = engine.check(type_, name, inputs)
    assert any(error in failure for failure in failures), failures
    assert engine.calls() == []


def test_a_failure_never_quotes_a_secret(engine: Driver, name: str) -> None:
    _, failures = engine.check(VERSION, name, {"secretString": [CANARY], "regoin": "x"})
    assert len(failures) == 3
    assert CANARY not in str(failures)


@pytest.mark.parametrize(
    ("type_", "inputs"),
    [
        (KEY, {"policy": UNKNOWN, "deletionWindowInDays": UNKNOWN, "region": UNKNOWN}),
        (VERSION, {"secretId": UNKNOWN, "secretString": UNKNOWN}),
        (POLICY, {"secretArn": UNKNOWN, "policy": UNKNOWN}),
    ],
)
def test_unknown_values_are_not_validated(
    engine: Driver, name: str, type_: str, inputs: Values
) -> None:
    assert engine.checked(type_, name, inputs).items() >= inputs.items()


def test_only_the_value_of_a_secret_is_marked_secret(engine: Driver, name: str) -> None:
    secret = engine.create(SECRET, name, {})
    inputs = {"secretId": secret.id, "secretString": CANARY}
    assert engine.secrets(VERSION, name, inputs) == ({"secretString"}, {"secretString"})
    assert engine.secrets(KEY, name, {}) == (set(), set())
    assert engine.secrets(SECRET, f"{name}-other", {}) == (set(), set())


def test_a_preview_makes_no_call_and_returns_the_known_values(engine: Driver, name: str) -> None:
    key = engine.preview(KEY, name, {"policy": text(ROOT), "deletionWindowInDays": 7})
    assert known(key) == {
        "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "deletionWindowInDays": 7,
        "enableKeyRotation": False,
        "isEnabled": True,
        "keyUsage": "ENCRYPT_DECRYPT",
        "policy": json.dumps(ROOT, sort_keys=True, separators=(",", ":")),
        "region": REGION,
        "tagsAll": {},
    }
    assert {key["arn"], key["keyId"]} == {UNKNOWN}
    version = engine.preview(VERSION, name, {"secretId": UNKNOWN, "secretString": CANARY})
    assert known(version) == {"secretString": CANARY, "region": REGION}
    assert {version["secretId"], version["versionId"], version["arn"]} == {UNKNOWN}
    assert engine.calls() == []


def test_a_previewed_update_makes_no_call(engine: Driver, name: str) -> None:
    secret = engine.create(SECRET, name, {})
    engine.calls()
    planned = engine.update(secret, {"description": UNKNOWN}, preview=True)
    assert planned.state == {**secret.state, "description": UNKNOWN}
    assert engine.calls() == []
