"""The stand-in provider creates, changes and deletes KMS keys and aliases as pulumi-aws does."""

from datetime import UTC, datetime, timedelta

import pytest
from pulumi.runtime.rpc import UNKNOWN

from sandbox.local_aws import ACCOUNT_ID
from sandbox.provider.policy_equivalence import normalised
from tests.support.provider_driver import (
    ALIAS,
    KEY,
    REGION,
    ROOT,
    SECRET,
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


# Drift


def test_a_refresh_shows_drift_and_the_next_update_corrects_it(engine: Driver, name: str) -> None:
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


def test_a_refresh_changes_inputs_but_adds_none_and_keeps_policies_as_written(
    engine: Driver, name: str
) -> None:
    inputs = {"policy": text(ROOT), "enableKeyRotation": True, "tags": {"team": "video"}}
    key = engine.create(KEY, name, inputs)
    kms = engine.client("kms")
    kms.put_key_policy(KeyId=key.id, PolicyName="default", Policy=text(ROOT, Id="stranger"))
    kms.disable_key_rotation(KeyId=key.id)
    kms.update_key_description(KeyId=key.id, Description="stranger's")
    kms.disable_key(KeyId=key.id)
    stranger = [{"TagKey": "who", "TagValue": "stranger"}, {"TagKey": "team", "TagValue": "audio"}]
    kms.tag_resource(KeyId=key.id, Tags=stranger)

    drifted = engine.refresh(key)
    assert drifted is not None
    assert drifted.inputs["policy"] == inputs["policy"]
    assert drifted.inputs["enableKeyRotation"] is False
    assert drifted.inputs["isEnabled"] is False
    assert "description" not in drifted.inputs
    assert drifted.inputs["tags"] == {"team": "audio"}
    assert drifted.inputs["tagsAll"] == {"team": "audio"}
    assert drifted.inputs["__defaults"] == ["customerMasterKeySpec", "keyUsage"]


def test_a_key_disabled_by_hand_is_enabled_before_anything_else(engine: Driver, name: str) -> None:
    key = engine.create(KEY, name, {"description": "old"})
    engine.client("kms").disable_key(KeyId=key.id)
    drifted = engine.refresh(key)
    assert drifted is not None
    inputs = {"description": "new"}
    assert changes(engine.diff(drifted, inputs)) == {
        "description": "UPDATE",
        "isEnabled": "UPDATE",
    }
    engine.calls()
    assert engine.update(drifted, inputs).state["isEnabled"] is True
    assert engine.calls() == ["kms.EnableKey", "kms.UpdateKeyDescription", *READ_KEY]


def test_an_equivalent_policy_is_not_drift(engine: Driver, name: str) -> None:
    key = engine.create(KEY, name, {"policy": text(ROOT)})
    statement = {**ROOT["Statement"][0], "Action": ["kms:*"], "Principal": {"AWS": [ACCOUNT_ID]}}
    engine.client("kms").put_key_policy(
        KeyId=key.id, PolicyName="default", Policy=text(ROOT, Statement=[statement])
    )
    assert engine.refresh(key) == key


def test_the_policy_of_a_key_is_sent_and_stored_without_white_space(
    engine: Driver, name: str
) -> None:
    key = engine.create(KEY, name, {"policy": text(ROOT)})
    assert engine.gateway.requests["CreateKey"]["Policy"] == normalised(text(ROOT))
    assert key.state["policy"] == normalised(text(ROOT))
    engine.update(key, {"policy": text(ROOT, Id="new")})
    assert engine.gateway.requests["PutKeyPolicy"]["Policy"] == normalised(text(ROOT, Id="new"))


# Import


def test_an_imported_key_needs_no_change_beyond_what_aws_does_not_return(
    engine: Driver, name: str
) -> None:
    key = engine.create(KEY, name, {"description": "ours", "deletionWindowInDays": 7})
    imported = engine.import_(KEY, name, key.id)
    assert imported is not None
    assert imported.inputs["description"] == "ours"
    assert imported.inputs["__defaults"] == []
    assert "deletionWindowInDays" not in imported.state
    inputs = {"description": "ours", "deletionWindowInDays": 7}
    assert changes(engine.diff(imported, inputs)) == {"deletionWindowInDays": "ADD"}


def test_an_import_reads_the_region_from_the_id(engine: Driver, name: str) -> None:
    key = engine.create(KEY, name, {"region": "us-east-1"})
    imported = engine.import_(KEY, name, f"{key.id}@us-east-1")
    assert imported is not None
    assert imported.id == key.id
    assert imported.state["region"] == imported.inputs["region"] == "us-east-1"
    assert engine.import_(KEY, name, key.id) is None


# Aliases


def test_an_alias_refers_to_a_key_by_its_id(engine: Driver, name: str) -> None:
    key = engine.create(KEY, name, {})
    engine.calls()
    alias = engine.create(ALIAS, name, {"targetKeyId": key.state["arn"]})
    assert engine.calls() == ["kms.CreateAlias", "kms.ListAliases"]
    assert alias.id == alias.state["name"] == alias.inputs["name"]
    assert alias.state["targetKeyId"] == key.id
    assert alias.state["targetKeyArn"] == key.state["arn"]
    assert is_none(engine.diff(alias, {"targetKeyId": key.state["arn"]}))
    assert is_none(engine.diff(alias, {"targetKeyId": key.id}))
    assert engine.refresh(alias).state == alias.state  # type: ignore[union-attr]
    assert engine.import_(ALIAS, name, alias.id).state == alias.state  # type: ignore[union-attr]


def test_an_alias_moves_to_another_key_in_place(engine: Driver, name: str) -> None:
    one, other = engine.create(KEY, name, {}), engine.create(KEY, f"{name}-other", {})
    alias = engine.create(ALIAS, name, {"targetKeyId": one.id})
    engine.calls()
    assert changes(engine.diff(alias, {"targetKeyId": other.id})) == {"targetKeyId": "UPDATE"}
    alias = engine.update(alias, {"targetKeyId": other.id})
    assert engine.calls() == ["kms.UpdateAlias", "kms.ListAliases"]
    assert alias.state["targetKeyArn"] == other.state["arn"]


def test_only_a_resource_with_a_name_from_the_user_is_deleted_before_it_is_replaced(
    engine: Driver, name: str
) -> None:
    key = engine.create(KEY, name, {})
    alias = engine.create(ALIAS, name, {"targetKeyId": key.id})
    difference = engine.diff(alias, {"targetKeyId": key.id, "name": f"alias/{name}"})
    assert list(difference.replaces) == ["name"]
    assert difference.deleteBeforeReplace
    secret = engine.create(SECRET, name, {})
    difference = engine.diff(secret, {"region": "us-east-1"})
    assert list(difference.replaces) == ["region"]
    assert not difference.deleteBeforeReplace


def test_an_alias_whose_name_the_program_no_longer_sets_is_kept(engine: Driver, name: str) -> None:
    key = engine.create(KEY, name, {})
    inputs = {"targetKeyId": key.id, "name": f"alias/{name}"}
    alias = engine.create(ALIAS, name, inputs)
    assert is_none(engine.diff(alias, {"targetKeyId": key.id}))


def test_an_alias_that_is_gone_is_deleted_and_read_as_gone(engine: Driver, name: str) -> None:
    key = engine.create(KEY, name, {})
    alias = engine.create(ALIAS, name, {"targetKeyId": key.id})
    engine.calls()
    engine.delete(alias)
    assert engine.calls() == ["kms.DeleteAlias"]
    assert engine.refresh(alias) is None
    engine.delete(alias)
