"""The stand-in provider handles secrets as pulumi-aws does."""

import pytest

from tests.support.provider_driver import (
    SECRET,
    Driver,
    Failed,
    changes,
    is_none,
)

READ_SECRET = ["secretsmanager.DescribeSecret", "secretsmanager.GetResourcePolicy"]


def test_a_secret_is_created_and_then_needs_no_change(engine: Driver, name: str) -> None:
    inputs = {"description": "ours", "tags": {"team": "video"}}
    secret = engine.create(SECRET, name, inputs)
    assert engine.calls() == ["secretsmanager.CreateSecret", *READ_SECRET]
    assert secret.id == secret.state["arn"]
    assert secret.state["name"] == secret.inputs["name"]
    assert secret.state["recoveryWindowInDays"] == 30
    assert secret.state["policy"] == ""
    assert is_none(engine.diff(secret, inputs))
    assert engine.refresh(secret) == secret


def test_a_secret_is_updated_in_place(engine: Driver, name: str) -> None:
    kms = engine.client("kms")
    one, other = (kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2))
    secret = engine.create(SECRET, name, {"description": "old", "kmsKeyId": one})
    engine.calls()
    inputs = {"kmsKeyId": other, "recoveryWindowInDays": 7}
    assert changes(engine.diff(secret, inputs)) == {
        "description": "DELETE",
        "kmsKeyId": "UPDATE",
        "recoveryWindowInDays": "UPDATE",
    }
    secret = engine.update(secret, inputs)
    assert engine.calls() == ["secretsmanager.UpdateSecret", *READ_SECRET]
    assert "description" not in secret.state
    assert secret.state["kmsKeyId"] == other
    assert secret.state["recoveryWindowInDays"] == 7


def test_a_key_that_the_program_no_longer_sets_is_a_permanent_change(
    engine: Driver, name: str
) -> None:
    key = engine.client("kms").create_key()["KeyMetadata"]["Arn"]
    secret = engine.create(SECRET, name, {"kmsKeyId": key})
    assert changes(engine.diff(secret, {})) == {"kmsKeyId": "DELETE"}
    secret = engine.update(secret, {})
    assert "KmsKeyId" not in engine.gateway.requests["UpdateSecret"]
    assert changes(engine.diff(secret, {})) == {"kmsKeyId": "DELETE"}


def test_a_secret_is_deleted_with_the_window_of_its_state(engine: Driver, name: str) -> None:
    secret = engine.create(SECRET, name, {"recoveryWindowInDays": 7})
    engine.calls()
    engine.delete(secret)
    assert engine.calls() == ["secretsmanager.DeleteSecret"]
    assert engine.gateway.requests["DeleteSecret"]["RecoveryWindowInDays"] == 7
    described = engine.client("secretsmanager").describe_secret(SecretId=secret.id)
    assert "DeletedDate" in described
    assert engine.refresh(secret) is None


def test_a_secret_with_a_window_of_0_is_deleted_permanently(engine: Driver, name: str) -> None:
    secret = engine.create(SECRET, name, {"recoveryWindowInDays": 0})
    engine.delete(secret)
    client = engine.client("secretsmanager")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_secret(SecretId=secret.id)
    engine.delete(secret)


def test_a_name_in_use_is_rejected_with_aws_own_message(engine: Driver, name: str) -> None:
    engine.create(SECRET, name, {"name": name})
    with pytest.raises(Failed) as failure:
        engine.create(SECRET, name, {"name": name})
    assert str(failure.value) == (
        f"creating Secrets Manager Secret ({name}): ResourceExistsException:"
        f" The operation failed because the secret {name} already exists."
    )
    assert failure.value.made is None


def test_an_existing_secret_is_imported_by_its_arn_and_changed_in_place(
    engine: Driver, name: str
) -> None:
    client = engine.client("secretsmanager")
    made = client.create_secret(Name=name, SecretString="theirs", Description="theirs")
    imported = engine.import_(SECRET, name, made["ARN"])
    assert imported is not None
    assert imported.id == made["ARN"]
    assert imported.inputs == {
        "__defaults": [],
        "description": "theirs",
        "name": name,
        "region": "eu-west-1",
    }
    key = engine.client("kms").create_key()["KeyMetadata"]["Arn"]
    inputs = {"name": name, "kmsKeyId": key, "description": "ours"}
    difference = engine.diff(imported, inputs)
    assert list(difference.replaces) == []
    assert changes(difference) == {
        "description": "UPDATE",
        "kmsKeyId": "ADD",
        "recoveryWindowInDays": "ADD",
    }
    adopted = engine.update(imported, inputs)
    assert adopted.state["arn"] == made["ARN"]
    assert client.describe_secret(SecretId=name)["KmsKeyId"] == key
    assert client.get_secret_value(SecretId=name)["SecretString"] == "theirs"
    assert is_none(engine.diff(adopted, inputs))
    assert list(engine.diff(imported, {"name": "another"}).replaces) == ["name"]


def test_a_secret_with_an_at_sign_in_its_name_can_be_adopted(engine: Driver, name: str) -> None:
    for odd in (f"media@{name}", f"media@eu-west-1@{name}", f"{name}@a"):
        made = engine.client("secretsmanager").create_secret(Name=odd)
        imported = engine.import_(SECRET, name, made["ARN"])
        assert imported is not None
        assert imported.state["name"] == odd


def test_a_secret_whose_name_looks_generated_is_imported_with_its_name(
    engine: Driver, name: str
) -> None:
    generated = f"{name}{'0' * 26}"
    made = engine.client("secretsmanager").create_secret(Name=generated)
    imported = engine.import_(SECRET, name, made["ARN"])
    assert imported is not None
    assert imported.inputs["name"] == generated
    assert "namePrefix" not in imported.inputs


def test_a_secret_with_replicas_is_adopted_without_a_call_for_them(
    engine: Driver, name: str
) -> None:
    client = engine.client("secretsmanager")
    made = client.create_secret(Name=name, SecretString="theirs")
    key = engine.client("kms", "us-east-1").create_key()["KeyMetadata"]["Arn"]
    client.replicate_secret_to_regions(
        SecretId=name, AddReplicaRegions=[{"Region": "us-east-1", "KmsKeyId": key}]
    )
    imported = engine.import_(SECRET, name, made["ARN"])
    assert imported is not None
    assert imported.state["replicas"][0]["status"]
    assert imported.inputs["replicas"] == [{"region": "us-east-1", "kmsKeyId": key}]

    inputs = {"name": name, "recoveryWindowInDays": 7}
    kept = ("replicas", "tags", "description")
    assert changes(engine.diff(imported, inputs, ignored=kept)) == {"recoveryWindowInDays": "ADD"}
    engine.calls()
    adopted = engine.update(imported, inputs, ignored=kept)
    assert engine.calls() == READ_SECRET
    assert is_none(engine.diff(adopted, inputs, ignored=kept))


def test_a_tag_added_by_hand_to_an_adopted_secret_is_removed_unless_tags_all_is_ignored_too(
    engine: Driver, name: str
) -> None:
    client = engine.client("secretsmanager")
    theirs = [{"Key": "owner", "Value": "them"}]
    made = client.create_secret(Name=name, SecretString="theirs", Tags=theirs)
    imported = engine.import_(SECRET, name, made["ARN"])
    assert imported is not None
    inputs = {"name": name}
    adopted = engine.update(imported, inputs, ignored=("tags",))
    assert adopted.state["tags"] == {"owner": "them"}

    client.tag_resource(SecretId=name, Tags=[{"Key": "audit", "Value": "yes"}])
    drifted = engine.refresh(adopted)
    assert drifted is not None
    assert drifted.inputs["tags"] == {"owner": "them"}
    assert changes(engine.diff(drifted, inputs, ignored=("tags",))) == {
        'tagsAll["audit"]': "DELETE"
    }
    both = ("tags", "tagsAll")
    assert is_none(engine.diff(drifted, inputs, ignored=both))

    changed = {"name": name, "description": "ours"}
    planned = engine.update(drifted, changed, ignored=both, preview=True)
    assert planned.state["tags"] == planned.state["tagsAll"] == {"audit": "yes", "owner": "them"}
    engine.calls()
    assert engine.update(drifted, changed, ignored=both).state["tags"] == {
        "audit": "yes",
        "owner": "them",
    }
    assert engine.calls() == ["secretsmanager.UpdateSecret", *READ_SECRET]
    engine.update(drifted, inputs, ignored=("tags",))
    assert engine.calls()[0] == "secretsmanager.UntagResource"


def test_an_adopted_secret_that_was_never_updated_is_deleted_permanently(
    engine: Driver, name: str
) -> None:
    made = engine.client("secretsmanager").create_secret(Name=name)
    imported = engine.import_(SECRET, name, made["ARN"])
    assert imported is not None
    engine.delete(imported)
    assert engine.gateway.requests["DeleteSecret"]["ForceDeleteWithoutRecovery"] is True


def test_a_missing_resource_cannot_be_imported(engine: Driver, name: str) -> None:
    arn = f"arn:aws:secretsmanager:eu-west-1:123456789012:secret:{name}-AbCdEf"
    assert engine.import_(SECRET, name, arn) is None


def test_an_import_reads_the_region_from_the_arn(engine: Driver, name: str) -> None:
    secret = engine.create(SECRET, name, {"region": "us-east-1"})
    imported = engine.import_(SECRET, name, secret.id)
    assert imported is not None
    assert imported.state["region"] == "us-east-1"
