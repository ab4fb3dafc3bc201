"""The stand-in provider handles secrets, their values and their policies as pulumi-aws does."""

import json

import pytest
from pulumi.runtime.rpc import UNKNOWN

from tests.support.provider_driver import (
    POLICY,
    ROOT,
    SECRET,
    VERSION,
    Driver,
    Failed,
    Made,
    Values,
    changes,
    is_none,
    text,
)

TOKEN = "canary-3f0d-token"
READ_SECRET = ["secretsmanager.DescribeSecret", "secretsmanager.GetResourcePolicy"]


def version_of(engine: Driver, name: str, token: str = TOKEN) -> tuple[Made, Made, Values]:
    secret = engine.create(SECRET, name, {})
    inputs = {"secretId": secret.id, "secretString": json.dumps({"key": token})}
    return secret, engine.create(VERSION, name, inputs), inputs


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


# Adoption


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


# Versions


def test_a_version_is_created_and_read_by_its_id(engine: Driver, name: str) -> None:
    secret, version, inputs = version_of(engine, name)
    assert engine.calls()[-2:] == ["secretsmanager.PutSecretValue", "secretsmanager.GetSecretValue"]
    assert version.id == f"{secret.id}|{version.state['versionId']}"
    assert version.state["versionId"].startswith("terraform-")
    assert len(version.state["versionId"]) == 36
    assert version.state["secretArn"] == version.state["arn"] == secret.id
    assert version.state["versionStages"] == ["AWSCURRENT"]
    value = engine.client("secretsmanager").get_secret_value(SecretId=secret.id)
    assert value["SecretString"] == inputs["secretString"]
    assert is_none(engine.diff(version, inputs))
    assert engine.refresh(version) == version
    assert engine.import_(VERSION, name, version.id).state == version.state  # type: ignore[union-attr]


def test_a_new_value_is_a_new_version_and_the_old_one_remains_readable(
    engine: Driver, name: str
) -> None:
    secret, old, inputs = version_of(engine, name)
    inputs = {**inputs, "secretString": "another"}
    difference = engine.diff(old, inputs)
    assert changes(difference) == {"secretString": "UPDATE_REPLACE"}
    assert not difference.deleteBeforeReplace
    new = engine.create(VERSION, name, inputs)
    engine.calls()
    engine.delete(old)
    assert engine.calls() == ["secretsmanager.GetSecretValue"]
    refreshed = engine.refresh(old)
    assert refreshed is not None
    assert refreshed.state["versionStages"] == ["AWSPREVIOUS"]
    value = engine.client("secretsmanager").get_secret_value(SecretId=secret.id)
    assert value["VersionId"] == new.state["versionId"]


def test_an_unknown_value_replaces_the_version(engine: Driver, name: str) -> None:
    _, version, inputs = version_of(engine, name)
    difference = engine.diff(version, {**inputs, "secretString": UNKNOWN})
    assert list(difference.replaces) == ["secretString"]


def test_a_deleted_version_loses_the_labels_in_the_state(engine: Driver, name: str) -> None:
    secret, old, inputs = version_of(engine, name)
    engine.create(VERSION, name, {**inputs, "secretString": "another"})
    demoted = engine.refresh(old)
    assert demoted is not None
    engine.calls()
    engine.delete(demoted)
    assert engine.calls() == [
        "secretsmanager.UpdateSecretVersionStage",
        "secretsmanager.GetSecretValue",
    ]
    stages = engine.client("secretsmanager").describe_secret(SecretId=secret.id)
    assert demoted.state["versionId"] not in stages["VersionIdsToStages"]


def test_a_version_with_a_label_that_is_not_in_the_state_cannot_be_deleted(
    engine: Driver, name: str
) -> None:
    secret, version, _ = version_of(engine, name)
    engine.client("secretsmanager").update_secret_version_stage(
        SecretId=secret.id, VersionStage="blue", MoveToVersionId=version.state["versionId"]
    )
    with pytest.raises(Failed, match="it still has the staging labels AWSCURRENT, blue"):
        engine.delete(version)


def test_a_version_whose_value_cannot_be_read_cannot_be_deleted(engine: Driver, name: str) -> None:
    _, version, _ = version_of(engine, name)
    engine.gateway.refusals["GetSecretValue"] = ("AccessDeniedException", "no kms:Decrypt")
    with pytest.raises(Failed, match=r"deleting .*: AccessDeniedException: no kms:Decrypt"):
        engine.delete(version)


def test_a_version_of_a_deleted_secret_is_gone(engine: Driver, name: str) -> None:
    secret, version, _ = version_of(engine, name)
    engine.delete(secret)
    assert engine.refresh(version) is None
    engine.delete(version)


def test_an_invalid_version_id_is_rejected(engine: Driver, name: str) -> None:
    with pytest.raises(Failed, match=r"unexpected format of ID \(mine\)"):
        engine.import_(VERSION, name, "mine")


# Secret policies


def policy_of(engine: Driver, name: str) -> tuple[Made, Made, Values]:
    secret = engine.create(SECRET, name, {})
    inputs: Values = {"secretArn": secret.id, "policy": text(ROOT), "blockPublicPolicy": True}
    return secret, engine.create(POLICY, name, inputs), inputs


def test_a_secret_policy_is_created_and_then_needs_no_change(engine: Driver, name: str) -> None:
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


def test_a_secret_policy_deleted_by_hand_is_kept_and_restored(engine: Driver, name: str) -> None:
    secret, policy, inputs = policy_of(engine, name)
    engine.client("secretsmanager").delete_resource_policy(SecretId=secret.id)
    drifted = engine.refresh(policy)
    assert drifted is not None
    assert drifted.state["policy"] == ""
    assert changes(engine.diff(drifted, inputs)) == {"policy": "UPDATE"}
    assert engine.update(drifted, inputs).state == policy.state


def test_deleting_a_secret_policy_keeps_the_secret(engine: Driver, name: str) -> None:
    secret, policy, _ = policy_of(engine, name)
    engine.calls()
    engine.delete(policy)
    assert engine.calls() == ["secretsmanager.DeleteResourcePolicy"]
    answer = engine.client("secretsmanager").get_resource_policy(SecretId=secret.id)
    assert "ResourcePolicy" not in answer


@pytest.mark.parametrize(
    "refusal",
    [
        ("ResourceNotFoundException", "Secrets Manager can't find the specified secret."),
        (
            "InvalidRequestException",
            "You can't perform this operation on the secret because it was marked for deletion.",
        ),
    ],
)
def test_the_policy_of_a_secret_that_is_gone_is_gone(
    engine: Driver, name: str, refusal: tuple[str, str]
) -> None:
    _, policy, _ = policy_of(engine, name)
    engine.gateway.refusals |= {"GetResourcePolicy": refusal, "DeleteResourcePolicy": refusal}
    assert engine.refresh(policy) is None
    engine.delete(policy)
