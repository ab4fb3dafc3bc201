"""The stand-in provider creates, changes and deletes KMS keys and aliases as pulumi-aws does."""

from datetime import UTC, datetime, timedelta

import pytest
from pulumi.runtime.rpc import UNKNOWN

from sandbox.local_aws import ACCOUNT_ID
from tests.support.provider_driver import (
    KEY,
    REGION,
    ROOT,
    Driver,
    Values,
    changes,
    is_none,
    text,
)

READ_KEY = [
    "kms.DescribeKey",
    "kms.GetKeyPolicy",
    "kms.GetKeyRotationStatus",
    "kms.ListResourceTags",
]


def test_a_key_is_created_and_then_needs_no_change(engine: Driver, name: str) -> None:
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
    assert key.state["tags"] == key.state["tagsAll"] == {"team": "video"}
    assert engine.client("kms").describe_key(KeyId=key.id)["KeyMetadata"]["Description"] == "ours"
    assert is_none(engine.diff(key, inputs))
    assert engine.calls() == []


def test_a_key_without_settings_is_created(engine: Driver, name: str) -> None:
    key = engine.create(KEY, name, {})
    assert engine.calls() == ["kms.CreateKey", *READ_KEY]
    assert "rotationPeriodInDays" not in key.state
    assert is_none(engine.diff(key, {}))


def test_a_key_is_updated_tags_first_and_in_upstreams_order(engine: Driver, name: str) -> None:
    inputs: Values = {"policy": text(ROOT), "tags": {"old": "1", "kept": "1"}}
    inputs["description"] = "old"
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
        "kms.EnableKeyRotation",
        "kms.UpdateKeyDescription",
        "kms.PutKeyPolicy",
        *READ_KEY,
    ]
    tags = {
        tag["TagKey"]: tag["TagValue"] for tag in engine.gateway.requests["TagResource"]["Tags"]
    }
    assert tags == {"kept": "2", "new": "1"}
    assert key.state["tagsAll"] == {"kept": "2", "new": "1"}
    assert is_none(engine.diff(key, inputs))


def test_a_rotation_period_without_rotation_is_not_sent(engine: Driver, name: str) -> None:
    key = engine.create(KEY, name, {})
    engine.calls()
    engine.update(key, {"enableKeyRotation": False, "rotationPeriodInDays": 100})
    assert engine.calls() == READ_KEY


def test_the_rotation_of_a_key_with_imported_material_is_not_read(
    engine: Driver, name: str
) -> None:
    made = engine.client("kms").create_key(Origin="EXTERNAL")["KeyMetadata"]
    imported = engine.import_(KEY, name, made["KeyId"])
    assert imported is not None
    assert imported.state["enableKeyRotation"] is False
    assert "kms.GetKeyRotationStatus" not in engine.calls()


def test_a_change_of_the_deletion_window_only_affects_the_state(engine: Driver, name: str) -> None:
    key = engine.create(KEY, name, {"deletionWindowInDays": 7})
    engine.calls()
    assert changes(engine.diff(key, {"deletionWindowInDays": 8})) == {
        "deletionWindowInDays": "UPDATE"
    }
    key = engine.update(key, {"deletionWindowInDays": 8})
    assert key.state["deletionWindowInDays"] == 8
    assert engine.calls() == READ_KEY


def test_omitting_a_keys_policy_or_description_is_no_change(engine: Driver, name: str) -> None:
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
def test_a_change_that_aws_cannot_make_to_a_key_replaces_it(
    engine: Driver, name: str, property_: str, value: object
) -> None:
    key = engine.create(KEY, name, {})
    difference = engine.diff(key, {property_: value})
    assert list(difference.replaces) == [property_]
    assert changes(difference)[property_] == "UPDATE_REPLACE"
    assert not difference.deleteBeforeReplace


def test_setting_the_providers_region_is_no_change(engine: Driver, name: str) -> None:
    key = engine.create(KEY, name, {})
    assert is_none(engine.diff(key, {"region": REGION}))


def test_a_region_that_neither_program_nor_provider_sets_is_kept(engine: Driver, name: str) -> None:
    key = engine.create(KEY, name, {"region": "us-east-1"})
    assert is_none(engine.diff(key, {}))


def test_all_calls_for_a_resource_go_to_its_region(engine: Driver, name: str) -> None:
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
