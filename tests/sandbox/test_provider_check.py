"""The stand-in provider completes and validates inputs as pulumi-aws does, before any AWS call."""

import json
from collections.abc import Iterator

import pytest
from pulumi.runtime.proto.provider_pb2 import CheckRequest
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

Autonaming = CheckRequest.AutonamingOptions
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


# Unknown types and inputs


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


# Defaults


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


def test_the_providers_region_becomes_an_input(engine: Driver, name: str) -> None:
    assert engine.checked(SECRET, name, {})["region"] == REGION
    assert engine.checked(SECRET, name, {"region": "us-east-1"})["region"] == "us-east-1"
    assert "region" not in engine.checked(ROLE, name, {"assumeRolePolicy": "{}"})


# Names


def test_a_name_is_the_logical_name_and_digits_from_the_engines_seed(engine: Driver) -> None:
    first, _ = engine.check(SECRET, "origin", {}, seed=b"one")
    again, _ = engine.check(SECRET, "origin", {}, seed=b"one")
    other, _ = engine.check(SECRET, "origin", {}, seed=b"two")
    assert first["name"] == again["name"] != other["name"]
    assert first["name"].startswith("origin-")
    assert len(first["name"]) == len("origin-") + 7


def test_the_name_of_an_alias_has_the_prefix_alias_once(engine: Driver) -> None:
    target = {"targetKeyId": "some-key"}
    assert engine.checked(ALIAS, "origin", target)["name"].startswith("alias/origin-")
    assert engine.checked(ALIAS, "alias/origin", target)["name"].startswith("alias/origin-")


def test_an_automatic_name_does_not_change(engine: Driver) -> None:
    olds = engine.checked(SECRET, "origin", {})
    inputs, _ = engine.check(SECRET, "origin", {}, olds, seed=b"another")
    assert inputs["name"] == olds["name"]


def test_a_name_that_the_program_no_longer_sets_becomes_a_default(engine: Driver) -> None:
    olds = engine.checked(SECRET, "origin", {"name": "ours"})
    assert "name" not in olds["__defaults"]
    inputs, _ = engine.check(SECRET, "origin", {}, olds, seed=b"another")
    assert inputs["name"] == "ours"
    assert "name" in inputs["__defaults"]


def test_an_automatic_name_that_would_be_too_long_is_an_error(engine: Driver) -> None:
    _, failures = engine.check(SECRET, "n" * 248, {})
    assert failures == [
        f"name '{'n' * 248}-' plus 7 random chars is longer than maximum length 255"
    ]


# Names by the stack's `pulumi:autonaming`


def test_the_provider_supports_autonaming_configuration(engine: Driver) -> None:
    assert engine.configure({"aws:config:region": REGION}).supports_autonaming_configuration


@pytest.mark.parametrize(
    ("type_", "proposed", "expected"),
    [
        (SECRET, "dev-origin", "dev-origin"),
        (ALIAS, "dev-origin", "alias/dev-origin"),
        (ALIAS, "alias/dev-origin", "alias/dev-origin"),
    ],
)
def test_a_pattern_determines_the_name(
    engine: Driver, type_: str, proposed: str, expected: str
) -> None:
    news = {"targetKeyId": "k"} if type_ == ALIAS else {}
    autonaming = Autonaming(mode=Autonaming.PROPOSE, proposed_name=proposed)
    inputs, failures = engine.check(type_, "origin", news, autonaming=autonaming)
    assert failures == []
    assert inputs["name"] == expected
    assert "name" in inputs["__defaults"]


def test_a_pattern_that_results_in_too_long_a_name_is_an_error(engine: Driver) -> None:
    autonaming = Autonaming(mode=Autonaming.PROPOSE, proposed_name="n" * 256)
    _, failures = engine.check(SECRET, "origin", {}, autonaming=autonaming)
    assert failures == [f"calculated name '{'n' * 256}' exceeds maximum length of 255"]


def test_an_enforced_name_is_used_unchanged_even_if_aws_rejects_it(engine: Driver) -> None:
    autonaming = Autonaming(mode=Autonaming.ENFORCE, proposed_name="origin")
    inputs, failures = engine.check(SECRET, "origin", {}, autonaming=autonaming)
    assert failures == []
    assert inputs["name"] == "origin"
    _, failures = engine.check(ALIAS, "origin", {"targetKeyId": "k"}, autonaming=autonaming)
    assert len(failures) == 1
    assert "\"name\" must begin with 'alias/'" in failures[0]


def test_without_autonaming_the_program_must_set_a_name(engine: Driver) -> None:
    autonaming = Autonaming(mode=Autonaming.DISABLE)
    _, failures = engine.check(SECRET, "origin", {}, autonaming=autonaming)
    assert failures == ["automatic naming is disabled but no explicit name was provided"]
    _, failures = engine.check(SECRET, "origin", {"name": "ours"}, autonaming=autonaming)
    assert failures == []
    prefixed = {"assumeRolePolicy": "{}", "namePrefix": "ours-"}
    _, failures = engine.check(ROLE, "origin", prefixed, autonaming=autonaming)
    assert failures == []


def test_changing_the_autonaming_does_not_rename_deployed_resources(engine: Driver) -> None:
    olds = engine.checked(SECRET, "origin", {})
    for mode in (Autonaming.PROPOSE, Autonaming.ENFORCE, Autonaming.DISABLE):
        autonaming = Autonaming(mode=mode, proposed_name="another")
        inputs, failures = engine.check(SECRET, "origin", {}, olds, autonaming=autonaming)
        assert failures == []
        assert inputs["name"] == olds["name"]


# Validation


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


# Preview


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
