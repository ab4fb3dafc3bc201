"""The stand-in provider replicates keys and secrets in the order that AWS requires."""

import pytest
from pulumi.runtime.rpc import UNKNOWN

from tests.support.provider_driver import (
    KEY,
    REPLICA_KEY,
    ROOT,
    SECRET,
    Driver,
    Failed,
    Made,
    Values,
    changes,
    is_none,
    text,
)

AWAY = "us-east-1"


def replica_of(engine: Driver, name: str, **inputs: object) -> tuple[Made, Made, Values]:
    key = engine.create(KEY, name, {"multiRegion": True, "tags": {"which": "primary"}})
    wanted = {"primaryKeyArn": key.state["arn"], "region": AWAY, **inputs}
    engine.calls()
    return key, engine.create(REPLICA_KEY, name, wanted), wanted


READ_REPLICA = [
    f"{AWAY} kms.DescribeKey",
    f"{AWAY} kms.GetKeyPolicy",
    f"{AWAY} kms.GetKeyRotationStatus",
    f"{AWAY} kms.ListResourceTags",
]


def test_a_key_is_replicated_by_its_own_region_and_read_in_the_other(
    engine: Driver, name: str
) -> None:
    key, replica, inputs = replica_of(engine, name, policy=text(ROOT), tags={"which": "replica"})
    assert engine.calls() == ["kms.ReplicateKey", *READ_REPLICA]
    assert replica.id == replica.state["keyId"] == key.id
    assert replica.id.startswith("mrk-")
    assert replica.state["arn"] == key.state["arn"].replace(":eu-west-1:", f":{AWAY}:")
    assert replica.state["primaryKeyArn"] == key.state["arn"]
    assert replica.state["tagsAll"] == {"which": "replica"}
    assert replica.state["deletionWindowInDays"] == 30
    assert is_none(engine.diff(replica, inputs))
    assert engine.refresh(replica) == replica
    imported = engine.import_(REPLICA_KEY, name, f"{replica.id}@{AWAY}")
    assert imported is not None
    assert imported.state["primaryKeyArn"] == key.state["arn"]


def test_a_replica_key_is_updated_in_place_in_its_own_region(engine: Driver, name: str) -> None:
    _, replica, inputs = replica_of(engine, name, description="old")
    engine.calls()
    wanted = {**inputs, "policy": text(ROOT, Id="new")}
    del wanted["description"]
    assert changes(engine.diff(replica, wanted)) == {"description": "DELETE", "policy": "UPDATE"}
    replica = engine.update(replica, wanted)
    assert engine.calls() == [
        f"{AWAY} kms.UpdateKeyDescription",
        f"{AWAY} kms.PutKeyPolicy",
        *READ_REPLICA,
    ]
    assert "description" not in replica.state


def test_a_replica_key_disabled_by_hand_is_enabled_again(engine: Driver, name: str) -> None:
    _, replica, inputs = replica_of(engine, name)
    engine.client("kms", AWAY).disable_key(KeyId=replica.id)
    drifted = engine.refresh(replica)
    assert drifted is not None
    assert changes(engine.diff(drifted, inputs)) == {"enabled": "UPDATE"}
    engine.calls()
    assert engine.update(drifted, inputs).state["enabled"] is True
    assert engine.calls() == [f"{AWAY} kms.EnableKey", *READ_REPLICA]


def test_another_primary_key_replaces_a_replica_key(engine: Driver, name: str) -> None:
    _, replica, inputs = replica_of(engine, name)
    other = engine.create(KEY, f"{name}-other", {"multiRegion": True})
    difference = engine.diff(replica, {**inputs, "primaryKeyArn": other.state["arn"]})
    assert list(difference.replaces) == ["primaryKeyArn"]
    assert not difference.deleteBeforeReplace


def test_a_replica_key_is_deleted_with_its_window(engine: Driver, name: str) -> None:
    key, replica, _ = replica_of(engine, name, deletionWindowInDays=7)
    engine.calls()
    engine.delete(replica)
    assert engine.calls() == [f"{AWAY} kms.ScheduleKeyDeletion"]
    assert engine.refresh(replica) is None
    assert engine.refresh(key) is not None


def test_a_primary_key_pending_replica_deletion_is_gone(engine: Driver, name: str) -> None:
    key, _, _ = replica_of(engine, name)
    engine.delete(key)
    metadata = engine.client("kms").describe_key(KeyId=key.id)["KeyMetadata"]
    assert metadata["KeyState"] == "PendingReplicaDeletion"
    assert engine.refresh(key) is None


def test_a_replica_is_not_a_primary_key_and_a_primary_key_is_not_a_replica(
    engine: Driver, name: str
) -> None:
    key, replica, _ = replica_of(engine, name)
    with pytest.raises(Failed, match="is not a multi-Region primary key"):
        engine.import_(KEY, name, f"{replica.id}@{AWAY}")
    with pytest.raises(Failed, match="is not a multi-Region replica key"):
        engine.import_(REPLICA_KEY, name, key.id)


def test_a_key_of_a_single_region_is_replaced_to_become_multi_region(
    engine: Driver, name: str
) -> None:
    key = engine.create(KEY, name, {})
    assert list(engine.diff(key, {"multiRegion": True}).replaces) == ["multiRegion"]
    inputs = {"primaryKeyArn": key.state["arn"], "region": AWAY}
    with pytest.raises(Failed, match=r"creating KMS Replica Key \(arn:.*\): Unsupported"):
        engine.create(REPLICA_KEY, name, inputs)


# Secrets

READ_SECRET = ["secretsmanager.DescribeSecret", "secretsmanager.GetResourcePolicy"]


def key_in(engine: Driver, region: str) -> str:
    """Create a KMS key in a Region, and return its ARN."""
    arn: str = engine.client("kms", region).create_key()["KeyMetadata"]["Arn"]
    return arn


def replicated(engine: Driver, name: str, *regions: str) -> tuple[Made, Values]:
    """Return a secret to which an update has added replicas, each with its own key."""
    inputs = {
        "replicas": [{"region": region, "kmsKeyId": key_in(engine, region)} for region in regions]
    }
    secret = engine.create(SECRET, name, {})
    engine.calls()
    return engine.update(secret, inputs), inputs


def test_replicas_are_added_with_their_keys_and_then_need_no_change(
    engine: Driver, name: str
) -> None:
    secret, inputs = replicated(engine, name, AWAY, "eu-central-1")
    assert engine.calls() == ["secretsmanager.ReplicateSecretToRegions", *READ_SECRET]
    keys = {each["region"]: each["kmsKeyId"] for each in secret.state["replicas"]}
    assert keys == {each["region"]: each["kmsKeyId"] for each in inputs["replicas"]}
    assert {each["status"] for each in secret.state["replicas"]} == {"InSync"}
    assert is_none(engine.diff(secret, inputs))
    assert is_none(engine.diff(secret, {"replicas": inputs["replicas"][::-1]}))
    assert engine.refresh(secret).state == secret.state  # type: ignore[union-attr]


def test_a_replica_with_a_new_key_is_removed_and_added(engine: Driver, name: str) -> None:
    secret, _ = replicated(engine, name, AWAY)
    engine.calls()
    key = key_in(engine, AWAY)
    inputs = {"replicas": [{"region": AWAY, "kmsKeyId": key}]}
    assert changes(engine.diff(secret, inputs)) == {"replicas": "UPDATE"}
    secret = engine.update(secret, inputs)
    assert engine.calls() == [
        "secretsmanager.RemoveRegionsFromReplication",
        "secretsmanager.ReplicateSecretToRegions",
        *READ_SECRET,
    ]
    assert secret.state["replicas"][0]["kmsKeyId"] == key


def test_omitting_the_last_replica_removes_it(engine: Driver, name: str) -> None:
    secret, _ = replicated(engine, name, AWAY)
    engine.calls()
    assert changes(engine.diff(secret, {})) == {"replicas": "DELETE"}
    secret = engine.update(secret, {})
    assert engine.calls() == ["secretsmanager.RemoveRegionsFromReplication", *READ_SECRET]
    assert "replicas" not in secret.state


def test_the_replicas_of_a_secret_are_removed_before_it_is_deleted(
    engine: Driver, name: str
) -> None:
    secret, _ = replicated(engine, name, AWAY)
    engine.calls()
    engine.delete(secret)
    assert engine.calls() == [
        "secretsmanager.RemoveRegionsFromReplication",
        "secretsmanager.DeleteSecret",
    ]


def test_a_secret_whose_replicas_are_already_gone_is_deleted(engine: Driver, name: str) -> None:
    secret, _ = replicated(engine, name, AWAY)
    engine.calls()
    engine.gateway.refusals["RemoveRegionsFromReplication"] = ("ResourceNotFoundException", "no")
    engine.gateway.fakes["DeleteSecret"] = {}
    engine.delete(secret)
    assert engine.calls()[-1] == "secretsmanager.DeleteSecret"


def test_unknown_replicas_are_a_change(engine: Driver, name: str) -> None:
    secret, _ = replicated(engine, name, AWAY)
    assert changes(engine.diff(secret, {"replicas": UNKNOWN})) == {"replicas": "UPDATE"}
    unknown_key = {"replicas": [{"region": AWAY, "kmsKeyId": UNKNOWN}]}
    assert changes(engine.diff(secret, unknown_key)) == {"replicas": "UPDATE"}


def test_a_new_secret_is_created_with_its_replicas(engine: Driver, name: str) -> None:
    key = key_in(engine, AWAY)
    replicas = [{"region": "us-west-2"}, {"region": AWAY, "kmsKeyId": key}]
    engine.create(SECRET, name, {"replicas": replicas})
    request = engine.gateway.requests["CreateSecret"]
    assert request["AddReplicaRegions"] == [
        {"Region": AWAY, "KmsKeyId": key},
        {"Region": "us-west-2"},
    ]
