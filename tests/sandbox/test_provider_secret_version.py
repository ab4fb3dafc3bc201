"""The stand-in provider handles the versions of secrets as pulumi-aws does."""

import json

import pytest
from pulumi.runtime.rpc import UNKNOWN

from tests.support.provider_driver import (
    SECRET,
    VERSION,
    Driver,
    Failed,
    Made,
    Values,
    changes,
    is_none,
)

TOKEN = "canary-3f0d-token"


def version_of(engine: Driver, name: str, token: str = TOKEN) -> tuple[Made, Made, Values]:
    secret = engine.create(SECRET, name, {})
    inputs = {"secretId": secret.id, "secretString": json.dumps({"key": token})}
    return secret, engine.create(VERSION, name, inputs), inputs


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
