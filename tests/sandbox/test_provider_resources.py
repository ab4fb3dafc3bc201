"""The stand-in provider does to AWS, and tells the engine, what pulumi-aws does."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from pulumi.runtime.proto.provider_pb2 import DiffResponse
from pulumi.runtime.rpc import UNKNOWN

from sandbox.local_aws import ACCOUNT_ID
from sandbox.provider.policy_equivalence import normalised
from tests.support.provider_driver import (
    ALIAS,
    KEY,
    POLICY,
    REGION,
    ROOT,
    SECRET,
    VERSION,
    Driver,
    Failed,
    Made,
    Values,
    changes,
    driver,
    is_none,
    known,
    text,
)

CANARY = "canary-6b1f-token"


@pytest.fixture(scope="module")
def shared() -> Iterator[Driver]:
    tags = json.dumps({"tags": {"stage": "test"}})
    with driver(variables={"aws:config:defaultTags": tags}) as engine:
        engine.create_keys("one-key", "other-key")
        yield engine


def version_of(engine: Driver, name: str, token: str = CANARY) -> tuple[Made, Made, Values]:
    secret = engine.create(SECRET, name, {})
    inputs = {"secretId": secret.id, "secretString": json.dumps({"key": token})}
    return secret, engine.create(VERSION, name, inputs), inputs


# What it does not know


def test_another_resource_type_is_refused_by_name(engine: Driver, name: str) -> None:
    with pytest.raises(Failed, match=r"stand-in .* does not know .* aws:s3/bucket:Bucket"):
        engine.check("aws:s3/bucket:Bucket", name, {})


def test_another_function_is_refused_by_name(engine: Driver) -> None:
    with pytest.raises(Failed, match=r"stand-in .* does not know .* aws:s3/getBucket:getBucket"):
        engine.invoke("aws:s3/getBucket:getBucket")


def test_another_argument_of_a_function_is_refused_by_name(engine: Driver) -> None:
    with pytest.raises(Failed, match=r'stand-in .* does not know the argument "regoin"'):
        engine.invoke("aws:index/getRegion:getRegion", {"regoin": REGION})


def test_another_property_is_refused_by_name(engine: Driver, name: str) -> None:
    _, failures = engine.check(SECRET, name, {"kmsKey": "x"})
    assert len(failures) == 1
    assert 'does not know the property "kmsKey" of aws:secretsmanager/secret:Secret' in failures[0]
    assert f"Examine values at '{name}.kmsKey'" in failures[0]


def test_another_provider_setting_is_refused_by_name(engine: Driver) -> None:
    with pytest.raises(Failed, match=r"does not know the provider setting aws:profile"):
        engine.check_config({"region": REGION, "profile": "mine"})


def test_an_endpoint_of_another_service_is_refused_by_name(engine: Driver) -> None:
    with pytest.raises(Failed, match=r"aws:endpoints: s3 is an invalid or unknown key"):
        engine.check_config({"endpoints": json.dumps([{"s3": "http://127.0.0.1:1"}])})


# Functions


def test_the_caller_identity_is_asked_of_aws_once(engine: Driver) -> None:
    identity = engine.invoke("aws:index/getCallerIdentity:getCallerIdentity")
    assert set(identity) == {"accountId", "arn", "id", "userId"}
    assert identity["accountId"] == identity["id"] == ACCOUNT_ID
    assert engine.calls() == ["sts.GetCallerIdentity"]


def test_the_region_and_the_partition_are_known_without_asking_aws(engine: Driver) -> None:
    assert engine.invoke("aws:index/getRegion:getRegion") == {
        "description": "Europe (Ireland)",
        "endpoint": "ec2.eu-west-1.amazonaws.com",
        "id": REGION,
        "name": REGION,
        "region": REGION,
    }
    assert engine.invoke("aws:index/getPartition:getPartition") == {
        "dnsSuffix": "amazonaws.com",
        "id": "aws",
        "partition": "aws",
        "reverseDnsPrefix": "com.amazonaws",
    }
    assert engine.calls() == []


def test_two_regions_at_once_are_refused(engine: Driver) -> None:
    with pytest.raises(Failed, match="multiple Regions matched"):
        engine.invoke("aws:index/getRegion:getRegion", {"region": REGION, "name": "us-east-1"})


def test_a_region_that_does_not_exist_is_not_found(engine: Driver) -> None:
    with pytest.raises(Failed, match='region not found for name "mars-north-1"'):
        engine.invoke("aws:index/getRegion:getRegion", {"region": "mars-north-1"})


# Check


def test_defaults_become_inputs_and_are_listed(engine: Driver, name: str) -> None:
    secret = engine.checked(SECRET, name, {})
    assert secret["__defaults"] == ["forceOverwriteReplicaSecret", "name", "recoveryWindowInDays"]
    assert secret["recoveryWindowInDays"] == 30
    assert engine.checked(KEY, name, {})["__defaults"] == [
        "bypassPolicyLockoutSafetyCheck",
        "customerMasterKeySpec",
        "enableKeyRotation",
        "isEnabled",
        "keyUsage",
    ]
    policy = {"secretArn": "arn:aws:secretsmanager:eu-west-1:1:secret:a-123456", "policy": "{}"}
    assert engine.checked(POLICY, name, policy)["__defaults"] == []


def test_a_name_is_made_of_the_resource_s_name_and_the_engine_s_seed(engine: Driver) -> None:
    first, _ = engine.check(SECRET, "origin", {}, seed=b"one")
    again, _ = engine.check(SECRET, "origin", {}, seed=b"one")
    other, _ = engine.check(SECRET, "origin", {}, seed=b"two")
    assert first["name"] == again["name"] != other["name"]
    assert first["name"].startswith("origin-")
    assert len(first["name"]) == len("origin-") + 7


def test_an_alias_s_name_begins_with_alias_once(engine: Driver) -> None:
    target = {"targetKeyId": "some-key"}
    assert engine.checked(ALIAS, "origin", target)["name"].startswith("alias/origin-")
    assert engine.checked(ALIAS, "alias/origin", target)["name"].startswith("alias/origin-")


def test_a_made_name_stays_until_the_program_gives_one(engine: Driver) -> None:
    olds = engine.checked(SECRET, "origin", {})
    inputs, _ = engine.check(SECRET, "origin", {}, olds, seed=b"another")
    assert inputs["name"] == olds["name"]
    given = engine.checked(SECRET, "origin", {"name": "mine"})
    inputs, _ = engine.check(SECRET, "origin", {}, given, seed=b"another")
    assert inputs["name"] != "mine"


def test_a_made_name_that_would_be_too_long_is_an_error(engine: Driver) -> None:
    _, failures = engine.check(SECRET, "n" * 248, {})
    assert "plus 7 random chars is longer than maximum length 255" in failures[0]


def test_default_tags_are_under_the_resource_s_own(engine: Driver, name: str) -> None:
    inputs = engine.checked(KEY, name, {"tags": {"stage": "mine", "team": "video"}})
    assert inputs["tagsAll"] == {"stage": "mine", "team": "video"}
    assert engine.checked(KEY, name, {})["tagsAll"] == {"stage": "test"}
    assert engine.checked(KEY, name, {"tags": {"team": UNKNOWN}})["tagsAll"] == UNKNOWN


@pytest.mark.parametrize(
    ("type_", "inputs", "problem"),
    [
        (KEY, {"deletionWindowInDays": 6}, "deletion_window_in_days to be in the range (7 - 30)"),
        (
            KEY,
            {"enableKeyRotation": True, "rotationPeriodInDays": 89},
            "rotation_period_in_days to be in the range (90 - 2560), got 89",
        ),
        (
            KEY,
            {"rotationPeriodInDays": 90},
            "all of `enable_key_rotation,rotation_period_in_days` must be specified",
        ),
        (KEY, {"policy": "{"}, '"policy" contains an invalid JSON'),
        (KEY, {"keyUsage": "SIGN"}, "expected key_usage to be one of"),
        (KEY, {"description": "d" * 8193}, "length of description to be in the range (0 - 8192)"),
        (KEY, {"enableKeyRotation": "yes"}, 'expected "enable_key_rotation" to be a boolean'),
        (KEY, {"deletionWindowInDays": True}, 'expected "deletion_window_in_days" to be a whole'),
        (KEY, {"tags": {"cost": 1}}, '"tags.cost" must be a string'),
        (KEY, {"region": "us-gov-west-1"}, "is not in the partition of eu-west-1"),
        (ALIAS, {"name": "mine", "targetKeyId": "k"}, "\"name\" must begin with 'alias/'"),
        (ALIAS, {"name": "alias/aws/s3", "targetKeyId": "k"}, "prefix 'alias/aws/'"),
        (ALIAS, {}, '"target_key_id" is required'),
        (SECRET, {"recoveryWindowInDays": 6}, "recovery_window_in_days to be in the range"),
        (SECRET, {"name": "a b"}, 'special characters are allowed in "name"'),
        (SECRET, {"name": "n" * 513}, '"name" cannot be greater than 512 characters'),
        (SECRET, {"name": "a", "namePrefix": "b"}, '"name": conflicts with name_prefix'),
        (SECRET, {"replicas": [{"kmsKeyId": "k"}]}, '"replicas.0" must be an object with a region'),
        (VERSION, {"secretId": "s", "secretBinary": "!"}, '"secret_binary" must be base64'),
        (
            VERSION,
            {"secretId": "s", "secretBinary": "", "secretString": CANARY},
            '"secret_binary": conflicts with secret_string',
        ),
        (POLICY, {"secretArn": "name", "policy": "{}"}, '"secret_arn" (name) is an invalid ARN'),
    ],
)
def test_what_upstream_would_refuse_is_a_check_failure(
    engine: Driver, name: str, type_: str, inputs: Values, problem: str
) -> None:
    _, failures = engine.check(type_, name, inputs)
    assert any(problem in failure for failure in failures), failures
    assert CANARY not in str(failures)
    assert engine.calls() == []


@pytest.mark.parametrize(
    ("type_", "inputs"),
    [
        (KEY, {"policy": UNKNOWN, "deletionWindowInDays": UNKNOWN, "region": UNKNOWN}),
        (VERSION, {"secretId": UNKNOWN, "secretString": UNKNOWN}),
        (POLICY, {"secretArn": UNKNOWN, "policy": UNKNOWN}),
    ],
)
def test_what_is_not_known_yet_is_not_validated(
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


def test_a_preview_asks_nothing_of_aws_and_tells_what_it_knows(engine: Driver, name: str) -> None:
    key = engine.preview(KEY, name, {"policy": text(ROOT), "deletionWindowInDays": 7})
    assert known(key) == {
        "bypassPolicyLockoutSafetyCheck": False,
        "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "deletionWindowInDays": 7,
        "enableKeyRotation": False,
        "isEnabled": True,
        "keyUsage": "ENCRYPT_DECRYPT",
        "policy": json.dumps(ROOT, sort_keys=True, separators=(",", ":")),
        "region": REGION,
        "tagsAll": {"stage": "test"},
    }
    assert {key["arn"], key["keyId"]} == {UNKNOWN}
    version = engine.preview(VERSION, name, {"secretId": UNKNOWN, "secretString": CANARY})
    assert known(version) == {"secretString": CANARY, "region": REGION}
    assert {version["secretId"], version["versionId"], version["arn"]} == {UNKNOWN}
    assert engine.calls() == []


def test_a_previewed_update_asks_nothing_of_aws(engine: Driver, name: str) -> None:
    secret = engine.create(SECRET, name, {})
    engine.calls()
    planned = engine.update(secret, {"description": UNKNOWN}, preview=True)
    assert planned.state == {**secret.state, "description": UNKNOWN}
    assert engine.calls() == []


# Keys

READ_KEY = [
    "kms.DescribeKey",
    "kms.GetKeyPolicy",
    "kms.GetKeyRotationStatus",
    "kms.ListResourceTags",
]


def test_a_key_is_made_as_asked_and_then_is_no_change(engine: Driver, name: str) -> None:
    inputs = {
        "description": "ours",
        "enableKeyRotation": True,
        "rotationPeriodInDays": 200,
        "deletionWindowInDays": 7,
        "policy": text(ROOT),
        "tags": {"team": "video"},
    }
    key = engine.create(KEY, name, inputs)
    assert engine.calls() == ["kms.CreateKey", "kms.EnableKeyRotation", *READ_KEY]
    assert key.state["arn"] == f"arn:aws:kms:{REGION}:{ACCOUNT_ID}:key/{key.id}"
    assert key.state["keyId"] == key.id
    assert key.state["rotationPeriodInDays"] == 200
    assert key.state["deletionWindowInDays"] == 7
    assert key.state["multiRegion"] is False
    assert key.state["tags"] == {"team": "video"}
    assert key.state["tagsAll"] == {"stage": "test", "team": "video"}
    assert engine.client("kms").describe_key(KeyId=key.id)["KeyMetadata"]["Description"] == "ours"
    assert is_none(engine.diff(key, inputs))
    assert engine.calls() == []


def test_a_key_without_settings_is_made_and_read(engine: Driver, name: str) -> None:
    key = engine.create(KEY, name, {})
    assert engine.calls() == ["kms.CreateKey", *READ_KEY]
    assert "rotationPeriodInDays" not in key.state
    assert is_none(engine.diff(key, {}))


def test_a_key_is_updated_tags_first_and_in_upstream_s_order(engine: Driver, name: str) -> None:
    inputs = {
        "description": "old",
        "policy": text(ROOT),
        "isEnabled": False,
        "tags": {"old": "1", "kept": "1"},
    }
    key = engine.create(KEY, name, inputs)
    engine.calls()
    inputs = {
        "description": "new",
        "policy": text(ROOT, Id="new"),
        "enableKeyRotation": True,
        "tags": {"new": "1", "kept": "2"},
    }
    assert changes(engine.diff(key, inputs)) == {
        "description": "UPDATE",
        "enableKeyRotation": "UPDATE",
        "isEnabled": "UPDATE",
        "policy": "UPDATE",
        'tags["kept"]': "UPDATE",
        'tags["new"]': "ADD",
        'tags["old"]': "DELETE",
        'tagsAll["kept"]': "UPDATE",
        'tagsAll["new"]': "ADD",
        'tagsAll["old"]': "DELETE",
    }
    key = engine.update(key, inputs)
    assert engine.calls() == [
        "kms.UntagResource",
        "kms.TagResource",
        "kms.EnableKey",
        "kms.EnableKeyRotation",
        "kms.UpdateKeyDescription",
        "kms.PutKeyPolicy",
        *READ_KEY,
    ]
    tags = {
        tag["TagKey"]: tag["TagValue"] for tag in engine.gateway.requests["TagResource"]["Tags"]
    }
    assert tags == {"kept": "2", "new": "1"}
    assert key.state["tagsAll"] == {"kept": "2", "new": "1", "stage": "test"}
    assert is_none(engine.diff(key, inputs))


def test_a_tag_like_a_default_one_is_the_resource_s_own(engine: Driver, name: str) -> None:
    inputs = {"tags": {"stage": "test"}}
    key = engine.create(KEY, name, inputs)
    assert key.state["tags"] == {"stage": "test"}
    assert is_none(engine.diff(key, inputs))
    assert engine.refresh(key) == key


def test_a_rotation_period_without_rotation_is_not_sent(engine: Driver, name: str) -> None:
    key = engine.create(KEY, name, {})
    engine.calls()
    engine.update(key, {"enableKeyRotation": False, "rotationPeriodInDays": 100})
    assert engine.calls() == READ_KEY


def test_the_rotation_of_a_key_with_imported_material_is_not_asked_for(
    engine: Driver, name: str
) -> None:
    made = engine.client("kms").create_key(Origin="EXTERNAL")["KeyMetadata"]
    imported = engine.import_(KEY, name, made["KeyId"])
    assert imported is not None
    assert imported.state["enableKeyRotation"] is False
    assert "kms.GetKeyRotationStatus" not in engine.calls()


def test_a_change_of_the_deletion_window_is_for_the_state_only(engine: Driver, name: str) -> None:
    key = engine.create(KEY, name, {"deletionWindowInDays": 7})
    engine.calls()
    assert changes(engine.diff(key, {"deletionWindowInDays": 8})) == {
        "deletionWindowInDays": "UPDATE"
    }
    key = engine.update(key, {"deletionWindowInDays": 8})
    assert key.state["deletionWindowInDays"] == 8
    assert engine.calls() == READ_KEY


def test_leaving_out_a_key_s_policy_or_description_is_no_change(engine: Driver, name: str) -> None:
    key = engine.create(KEY, name, {"description": "ours", "policy": text(ROOT)})
    assert is_none(engine.diff(key, {}))


@pytest.mark.parametrize(
    ("property_", "value"),
    [
        ("multiRegion", True),
        ("customerMasterKeySpec", "RSA_2048"),
        ("keyUsage", "SIGN_VERIFY"),
        ("region", "us-east-1"),
        ("multiRegion", UNKNOWN),
    ],
)
def test_what_aws_cannot_change_in_a_key_replaces_it(
    engine: Driver, name: str, property_: str, value: object
) -> None:
    key = engine.create(KEY, name, {})
    difference = engine.diff(key, {property_: value})
    assert list(difference.replaces) == [property_]
    assert changes(difference)[property_] == "UPDATE_REPLACE"
    assert not difference.deleteBeforeReplace


def test_naming_the_provider_s_own_region_is_no_change(engine: Driver, name: str) -> None:
    key = engine.create(KEY, name, {})
    assert is_none(engine.diff(key, {"region": REGION}))


def test_the_region_of_a_resource_is_where_all_is_done(engine: Driver, name: str) -> None:
    key = engine.create(KEY, name, {"region": "us-east-1"})
    assert key.state["region"] == "us-east-1"
    key = engine.update(key, {"region": "us-east-1", "description": "new"})
    assert engine.refresh(key) == key
    engine.delete(key)
    calls = engine.calls()
    assert len(calls) == 1 + 4 + 1 + 4 + 4 + 1
    assert all(call.startswith("us-east-1 kms.") for call in calls)


def test_a_key_is_deleted_with_the_window_of_its_state(engine: Driver, name: str) -> None:
    key = engine.create(KEY, name, {"deletionWindowInDays": 7})
    engine.calls()
    engine.delete(key)
    assert engine.calls() == ["kms.ScheduleKeyDeletion"]
    metadata = engine.client("kms").describe_key(KeyId=key.id)["KeyMetadata"]
    assert metadata["KeyState"] == "PendingDeletion"
    days = (metadata["DeletionDate"] - datetime.now(UTC)) / timedelta(days=1)
    assert round(days) == 7
    assert engine.refresh(key) is None
    engine.delete(key)


# Drift


def test_drift_shows_in_state_and_inputs_and_the_next_update_puts_it_back(
    engine: Driver, name: str
) -> None:
    inputs = {"policy": text(ROOT), "description": "ours", "enableKeyRotation": True}
    key = engine.create(KEY, name, inputs)
    kms = engine.client("kms")
    stranger = text(ROOT, Id="stranger")
    kms.put_key_policy(KeyId=key.id, PolicyName="default", Policy=stranger)
    kms.disable_key_rotation(KeyId=key.id)
    kms.tag_resource(KeyId=key.id, Tags=[{"TagKey": "who", "TagValue": "stranger"}])

    drifted = engine.refresh(key)
    assert drifted is not None
    assert drifted.state["policy"] == normalised(stranger)
    assert json.loads(drifted.inputs["policy"]) == json.loads(stranger)
    assert drifted.inputs["enableKeyRotation"] is False
    assert drifted.state["tags"] == {"who": "stranger"}
    assert changes(engine.diff(drifted, inputs)) == {
        "enableKeyRotation": "UPDATE",
        "policy": "UPDATE",
        "tags": "DELETE",
        'tagsAll["who"]': "DELETE",
    }
    repaired = engine.update(drifted, inputs)
    assert repaired.state == key.state
    assert engine.refresh(repaired) == repaired


def test_a_policy_in_other_words_is_no_drift(engine: Driver, name: str) -> None:
    key = engine.create(KEY, name, {"policy": text(ROOT)})
    statement = {**ROOT["Statement"][0], "Action": ["kms:*"], "Principal": {"AWS": [ACCOUNT_ID]}}
    engine.client("kms").put_key_policy(
        KeyId=key.id, PolicyName="default", Policy=text(ROOT, Statement=[statement])
    )
    assert engine.refresh(key) == key


# Aliases


def test_an_alias_names_a_key_by_its_bare_id(engine: Driver, name: str) -> None:
    key = engine.create(KEY, name, {})
    engine.calls()
    alias = engine.create(ALIAS, name, {"targetKeyId": key.state["arn"]})
    assert engine.calls() == ["kms.CreateAlias", "kms.ListAliases"]
    assert alias.id == alias.state["name"] == alias.inputs["name"]
    assert alias.state["targetKeyId"] == key.id
    assert alias.state["targetKeyArn"] == key.state["arn"]
    assert is_none(engine.diff(alias, {"targetKeyId": key.state["arn"]}))
    assert is_none(engine.diff(alias, {"targetKeyId": key.id}))
    assert engine.refresh(alias) == alias
    assert engine.import_(ALIAS, name, alias.id).state == alias.state  # type: ignore[union-attr]


def test_an_alias_moves_to_another_key_in_place(engine: Driver, name: str) -> None:
    one, other = engine.create(KEY, name, {}), engine.create(KEY, f"{name}-other", {})
    alias = engine.create(ALIAS, name, {"targetKeyId": one.id})
    engine.calls()
    assert changes(engine.diff(alias, {"targetKeyId": other.id})) == {"targetKeyId": "UPDATE"}
    alias = engine.update(alias, {"targetKeyId": other.id})
    assert engine.calls() == ["kms.UpdateAlias", "kms.ListAliases"]
    assert alias.state["targetKeyArn"] == other.state["arn"]


def test_a_chosen_name_makes_way_before_it_is_used_again(engine: Driver, name: str) -> None:
    key = engine.create(KEY, name, {})
    alias = engine.create(ALIAS, name, {"targetKeyId": key.id})
    difference = engine.diff(alias, {"targetKeyId": key.id, "name": f"alias/{name}"})
    assert list(difference.replaces) == ["name"]
    assert difference.deleteBeforeReplace
    secret = engine.create(SECRET, name, {})
    difference = engine.diff(secret, {"region": "us-east-1"})
    assert list(difference.replaces) == ["region"]
    assert not difference.deleteBeforeReplace


def test_an_alias_that_is_gone_is_deleted_and_read_as_gone(engine: Driver, name: str) -> None:
    key = engine.create(KEY, name, {})
    alias = engine.create(ALIAS, name, {"targetKeyId": key.id})
    engine.calls()
    engine.delete(alias)
    assert engine.calls() == ["kms.DeleteAlias"]
    assert engine.refresh(alias) is None
    engine.delete(alias)


# Secrets

READ_SECRET = ["secretsmanager.DescribeSecret", "secretsmanager.GetResourcePolicy"]


def test_a_secret_is_made_as_asked_and_then_is_no_change(engine: Driver, name: str) -> None:
    inputs = {"description": "ours", "kmsKeyId": "alias/one-key", "tags": {"team": "video"}}
    secret = engine.create(SECRET, name, inputs)
    assert engine.calls() == ["secretsmanager.CreateSecret", *READ_SECRET]
    assert secret.id == secret.state["arn"]
    assert secret.state["name"] == secret.inputs["name"]
    assert secret.state["recoveryWindowInDays"] == 30
    assert secret.state["policy"] == ""
    assert is_none(engine.diff(secret, inputs))
    assert engine.refresh(secret) == secret


def test_a_secret_is_updated_in_place(engine: Driver, name: str) -> None:
    secret = engine.create(SECRET, name, {"description": "old", "kmsKeyId": "alias/one-key"})
    engine.calls()
    inputs = {"kmsKeyId": "alias/other-key", "recoveryWindowInDays": 7}
    assert changes(engine.diff(secret, inputs)) == {
        "description": "DELETE",
        "kmsKeyId": "UPDATE",
        "recoveryWindowInDays": "UPDATE",
    }
    secret = engine.update(secret, inputs)
    assert engine.calls() == ["secretsmanager.UpdateSecret", *READ_SECRET]
    assert "description" not in secret.state
    assert secret.state["kmsKeyId"] == "alias/other-key"
    assert secret.state["recoveryWindowInDays"] == 7


def test_a_secret_s_own_policy_is_put_changed_and_deleted(engine: Driver, name: str) -> None:
    secret = engine.create(SECRET, name, {"policy": text(ROOT)})
    assert engine.calls()[:2] == [
        "secretsmanager.CreateSecret",
        "secretsmanager.PutResourcePolicy",
    ]
    assert is_none(engine.diff(secret, {}))
    secret = engine.update(secret, {"policy": "{}"})
    assert engine.calls() == ["secretsmanager.DeleteResourcePolicy", *READ_SECRET]
    assert secret.state["policy"] == ""


def test_a_secret_is_deleted_with_the_window_of_its_state(engine: Driver, name: str) -> None:
    secret = engine.create(SECRET, name, {"recoveryWindowInDays": 7})
    engine.calls()
    engine.delete(secret)
    assert engine.calls() == ["secretsmanager.DeleteSecret"]
    described = engine.client("secretsmanager").describe_secret(SecretId=secret.id)
    assert "DeletedDate" in described
    assert engine.refresh(secret) is None


def test_a_secret_with_a_window_of_0_is_deleted_for_good(engine: Driver, name: str) -> None:
    secret = engine.create(SECRET, name, {"recoveryWindowInDays": 0})
    engine.delete(secret)
    client = engine.client("secretsmanager")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_secret(SecretId=secret.id)
    engine.delete(secret)


def test_a_name_in_use_is_refused_in_aws_s_words(engine: Driver, name: str) -> None:
    engine.create(SECRET, name, {"name": name})
    with pytest.raises(Failed) as failure:
        engine.create(SECRET, name, {"name": name})
    assert str(failure.value) == (
        f"creating Secrets Manager Secret ({name}): ResourceExistsException:"
        f" The operation failed because the secret {name} already exists."
    )


# Versions


def test_a_version_is_made_and_read_by_its_id(engine: Driver, name: str) -> None:
    secret, version, inputs = version_of(engine, name)
    assert engine.calls()[-2:] == ["secretsmanager.PutSecretValue", "secretsmanager.GetSecretValue"]
    assert version.id == f"{secret.id}|{version.state['versionId']}"
    assert version.state["versionId"].startswith("terraform-")
    assert len(version.state["versionId"]) == 36
    assert version.state["secretArn"] == version.state["arn"] == secret.id
    assert version.state["versionStages"] == ["AWSCURRENT"]
    assert version.state["hasSecretStringWo"] is False
    value = engine.client("secretsmanager").get_secret_value(SecretId=secret.id)
    assert value["SecretString"] == inputs["secretString"]
    assert is_none(engine.diff(version, inputs))
    assert engine.refresh(version) == version


def test_a_new_value_is_a_new_version_and_the_old_one_stays(engine: Driver, name: str) -> None:
    secret, old, inputs = version_of(engine, name)
    inputs = {**inputs, "secretString": "another"}
    difference = engine.diff(old, inputs)
    assert changes(difference) == {"secretString": "UPDATE_REPLACE"}
    assert not difference.deleteBeforeReplace
    new = engine.create(VERSION, name, inputs)
    engine.calls()
    engine.delete(old)
    assert engine.calls() == []
    refreshed = engine.refresh(old)
    assert refreshed is not None
    assert refreshed.state["versionStages"] == ["AWSPREVIOUS"]
    value = engine.client("secretsmanager").get_secret_value(SecretId=secret.id)
    assert value["VersionId"] == new.state["versionId"]


def test_a_value_that_is_not_known_yet_replaces_the_version(engine: Driver, name: str) -> None:
    _, version, inputs = version_of(engine, name)
    difference = engine.diff(version, {**inputs, "secretString": UNKNOWN})
    assert list(difference.replaces) == ["secretString"]


def test_leaving_out_the_value_writes_nothing(engine: Driver, name: str) -> None:
    secret, version, _ = version_of(engine, name)
    engine.calls()
    inputs = {"secretId": secret.id}
    assert changes(engine.diff(version, inputs)) == {"secretString": "DELETE"}
    assert engine.update(version, inputs).state["secretString"] == version.state["secretString"]
    assert engine.calls() == ["secretsmanager.GetSecretValue"]


def test_a_write_only_value_is_neither_kept_nor_read(engine: Driver, name: str) -> None:
    secret = engine.create(SECRET, name, {})
    engine.calls()
    inputs = {"secretId": secret.id, "secretStringWo": CANARY, "secretStringWoVersion": 1}
    assert CANARY not in str(engine.preview(VERSION, name, inputs))
    version = engine.create(VERSION, name, inputs)
    assert engine.calls() == [
        "secretsmanager.PutSecretValue",
        "secretsmanager.ListSecretVersionIds",
    ]
    assert version.state["hasSecretStringWo"] is True
    assert CANARY not in str(version.state)
    assert is_none(engine.diff(version, {**inputs, "secretStringWo": "other"}))
    difference = engine.diff(version, {**inputs, "secretStringWoVersion": 2})
    assert changes(difference) == {"secretStringWoVersion": "UPDATE_REPLACE"}
    difference = engine.diff(version, {"secretId": secret.id, "secretString": CANARY})
    assert list(difference.replaces) == ["secretString"]


def test_a_value_that_becomes_write_only_is_replaced_only_if_it_differs(
    engine: Driver, name: str
) -> None:
    secret, version, inputs = version_of(engine, name)
    write_only = {"secretId": secret.id, "secretStringWoVersion": 1}
    same = {**write_only, "secretStringWo": inputs["secretString"]}
    assert list(engine.diff(version, same).replaces) == []
    assert engine.diff(version, same).changes == DiffResponse.DIFF_SOME
    other = {**write_only, "secretStringWo": "other"}
    assert list(engine.diff(version, other).replaces) == ["secretStringWoVersion"]
    assert engine.update(version, same).state["hasSecretStringWo"] is True


def test_a_binary_value_goes_to_aws_and_comes_back(engine: Driver, name: str) -> None:
    secret = engine.create(SECRET, name, {})
    version = engine.create(VERSION, name, {"secretId": secret.id, "secretBinary": "AAEC"})
    value = engine.client("secretsmanager").get_secret_value(SecretId=secret.id)
    assert value["SecretBinary"] == b"\0\1\2"
    assert version.state["secretBinary"] == "AAEC"
    difference = engine.diff(version, {"secretId": secret.id, "secretBinary": "AAED"})
    assert list(difference.replaces) == ["secretBinary"]


def test_labels_are_moved_and_taken_off_one_by_one(engine: Driver, name: str) -> None:
    secret, old, inputs = version_of(engine, name)
    current = engine.create(VERSION, name, {**inputs, "secretString": "another"})
    demoted = engine.refresh(old)
    assert demoted is not None
    engine.calls()
    old = engine.update(demoted, {**inputs, "versionStages": ["AWSCURRENT", "ours"]})
    assert engine.calls() == [
        "secretsmanager.ListSecretVersionIds",
        "secretsmanager.UpdateSecretVersionStage",
        "secretsmanager.UpdateSecretVersionStage",
        "secretsmanager.GetSecretValue",
    ]
    assert old.state["versionStages"] == ["AWSCURRENT", "ours"]
    assert engine.refresh(current).state["versionStages"] == ["AWSPREVIOUS"]  # type: ignore[union-attr]
    engine.calls()
    engine.delete(old)
    assert engine.calls() == ["secretsmanager.UpdateSecretVersionStage"]
    stages = engine.client("secretsmanager").describe_secret(SecretId=secret.id)
    assert stages["VersionIdsToStages"][old.state["versionId"]] == ["AWSCURRENT"]


def test_a_version_of_a_deleted_secret_is_gone(engine: Driver, name: str) -> None:
    secret, version, _ = version_of(engine, name)
    engine.delete(secret)
    assert engine.refresh(version) is None
    engine.delete(version)


# Secret policies


def policy_of(engine: Driver, name: str) -> tuple[Made, Made, Values]:
    secret = engine.create(SECRET, name, {})
    inputs: Values = {"secretArn": secret.id, "policy": text(ROOT), "blockPublicPolicy": True}
    return secret, engine.create(POLICY, name, inputs), inputs


def test_a_secret_policy_is_put_and_then_is_no_change(engine: Driver, name: str) -> None:
    secret, policy, inputs = policy_of(engine, name)
    assert engine.calls()[-2:] == [
        "secretsmanager.PutResourcePolicy",
        "secretsmanager.GetResourcePolicy",
    ]
    assert policy.id == policy.state["secretArn"] == secret.id
    assert policy.state["blockPublicPolicy"] is True
    assert engine.gateway.requests["PutResourcePolicy"]["BlockPublicPolicy"] is True
    assert is_none(engine.diff(policy, inputs))
    assert engine.refresh(policy) == policy
    refreshed = engine.refresh(secret)
    assert refreshed is not None
    assert is_none(engine.diff(refreshed, {}))


def test_a_secret_policy_is_changed_in_place_but_not_moved(engine: Driver, name: str) -> None:
    _, policy, inputs = policy_of(engine, name)
    engine.calls()
    changed = {**inputs, "policy": text(ROOT, Id="new")}
    assert changes(engine.diff(policy, changed)) == {"policy": "UPDATE"}
    engine.update(policy, changed)
    assert engine.gateway.requests["PutResourcePolicy"]["BlockPublicPolicy"] is True
    assert engine.calls() == [
        "secretsmanager.PutResourcePolicy",
        "secretsmanager.GetResourcePolicy",
    ]
    other = engine.create(SECRET, f"{name}-other", {})
    difference = engine.diff(policy, {**inputs, "secretArn": other.id})
    assert list(difference.replaces) == ["secretArn"]
    assert not difference.deleteBeforeReplace


def test_a_secret_policy_that_someone_deleted_is_kept_and_put_back(
    engine: Driver, name: str
) -> None:
    secret, policy, inputs = policy_of(engine, name)
    engine.client("secretsmanager").delete_resource_policy(SecretId=secret.id)
    drifted = engine.refresh(policy)
    assert drifted is not None
    assert drifted.state["policy"] == ""
    assert changes(engine.diff(drifted, inputs)) == {"policy": "UPDATE"}
    assert engine.update(drifted, inputs).state == policy.state


def test_a_secret_policy_is_deleted_alone(engine: Driver, name: str) -> None:
    secret, policy, _ = policy_of(engine, name)
    engine.calls()
    engine.delete(policy)
    assert engine.calls() == ["secretsmanager.DeleteResourcePolicy"]
    answer = engine.client("secretsmanager").get_resource_policy(SecretId=secret.id)
    assert "ResourcePolicy" not in answer


def test_a_policy_of_a_secret_that_is_gone_is_gone(engine: Driver, name: str) -> None:
    secret = engine.create(SECRET, name, {"recoveryWindowInDays": 0})
    policy = engine.create(POLICY, name, {"secretArn": secret.id, "policy": text(ROOT)})
    engine.delete(secret)
    assert engine.refresh(policy) is None
    engine.delete(policy)


# Import


def test_what_is_imported_by_id_needs_no_change_beyond_what_aws_cannot_tell(
    engine: Driver, name: str
) -> None:
    key = engine.create(KEY, name, {"description": "ours", "deletionWindowInDays": 7})
    imported = engine.import_(KEY, name, key.id)
    assert imported is not None
    assert imported.inputs["description"] == "ours"
    assert imported.inputs["__defaults"] == []
    assert "deletionWindowInDays" not in imported.state
    assert changes(engine.diff(imported, {"description": "ours"})) == {
        "bypassPolicyLockoutSafetyCheck": "ADD"
    }

    _, version, _ = version_of(engine, name)
    imported = engine.import_(VERSION, name, version.id)
    assert imported is not None
    assert imported.state == version.state

    secret, policy, _ = policy_of(engine, f"{name}-other")
    imported = engine.import_(POLICY, name, policy.id)
    assert imported is not None
    assert imported.id == secret.id


def test_an_import_takes_the_region_from_the_id(engine: Driver, name: str) -> None:
    key = engine.create(KEY, name, {"region": "us-east-1"})
    secret = engine.create(SECRET, name, {"region": "us-east-1"})
    imported = engine.import_(KEY, name, f"{key.id}@us-east-1")
    assert imported is not None
    assert imported.id == key.id
    assert imported.state["region"] == imported.inputs["region"] == "us-east-1"
    assert engine.import_(KEY, name, key.id) is None
    imported = engine.import_(SECRET, name, secret.id)
    assert imported is not None
    assert imported.state["region"] == "us-east-1"


def test_an_id_that_no_version_can_have_is_refused(engine: Driver, name: str) -> None:
    with pytest.raises(Failed, match=r"unexpected format for ID \(mine\)"):
        engine.import_(VERSION, name, "mine")


# Failures


def test_a_key_whose_rotation_is_refused_is_kept_and_finished_by_the_next_update(
    engine: Driver, name: str
) -> None:
    inputs = {"enableKeyRotation": True}
    engine.gateway.refusals["EnableKeyRotation"] = ("AccessDeniedException", "not you")
    with pytest.raises(
        Failed, match=r"creating KMS Key \(.+\): AccessDeniedException: not you$"
    ) as e:
        engine.create(KEY, name, inputs)
    key = e.value.made
    assert key is not None
    assert key.state["enableKeyRotation"] is False
    assert key.state["arn"].endswith(key.id)
    engine.gateway.refusals.clear()
    assert changes(engine.diff(key, inputs)) == {"enableKeyRotation": "UPDATE"}
    assert engine.update(key, inputs).state["enableKeyRotation"] is True


def test_a_version_that_cannot_be_read_back_is_kept(engine: Driver, name: str) -> None:
    secret = engine.create(SECRET, name, {})
    engine.gateway.refusals["GetSecretValue"] = ("AccessDeniedException", "not you")
    with pytest.raises(Failed) as failure:
        engine.create(VERSION, name, {"secretId": secret.id, "secretString": CANARY})
    assert failure.value.made is not None
    assert failure.value.made.id.startswith(f"{secret.id}|terraform-")
    assert failure.value.made.state["secretString"] == CANARY


def test_an_update_that_fails_half_way_tells_what_aws_has(engine: Driver, name: str) -> None:
    key = engine.create(KEY, name, {"description": "old", "policy": text(ROOT)})
    engine.gateway.refusals["PutKeyPolicy"] = ("MalformedPolicyDocumentException", "no")
    with pytest.raises(Failed, match=r"updating KMS Key \(.+\): MalformedPolicy") as failure:
        engine.update(key, {"description": "new", "policy": text(ROOT, Id="new")})
    assert failure.value.made is not None
    assert failure.value.made.state["description"] == "new"
    assert failure.value.made.state["policy"] == key.state["policy"]


def test_an_update_of_what_vanished_names_the_command_that_helps(engine: Driver, name: str) -> None:
    secret = engine.create(SECRET, name, {"recoveryWindowInDays": 0})
    engine.delete(secret)
    with pytest.raises(Failed, match="Run `pulumi refresh`"):
        engine.update(secret, {"recoveryWindowInDays": 7})


@pytest.mark.parametrize(
    "echo",
    [
        "Value '{}' at 'secretString' failed to satisfy constraint",
        "{}",
        json.dumps({"SecretString": json.dumps({"key": "{}"})}),
    ],
)
def test_an_answer_that_repeats_the_token_does_not_reach_the_user(
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


def test_no_error_has_a_traceback(engine: Driver, name: str) -> None:
    with pytest.raises(Failed) as failure:
        engine.create(VERSION, name, {"secretId": "nowhere", "secretString": CANARY})
    assert str(failure.value) == (
        "creating Secrets Manager Secret Version (nowhere): ResourceNotFoundException:"
        " Secrets Manager can't find the specified secret."
    )
