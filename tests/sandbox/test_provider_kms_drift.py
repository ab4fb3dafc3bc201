"""The stand-in provider reads and imports keys as pulumi-aws does."""

from sandbox.local_aws import ACCOUNT_ID
from sandbox.provider.policy_equivalence import normalised
from tests.support.provider_driver import (
    KEY,
    ROOT,
    Driver,
    changes,
    text,
)

READ_KEY = [
    "kms.DescribeKey",
    "kms.GetKeyPolicy",
    "kms.GetKeyRotationStatus",
    "kms.ListResourceTags",
]


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
