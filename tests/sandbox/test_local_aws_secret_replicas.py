"""The local Secrets Manager replicates secrets as AWS Secrets Manager does."""

from typing import Any

import pytest

from sandbox.local_aws import LocalAws
from tests.support.local_aws_clients import AWAY, HOME, client, refused

ELSEWHERE = "eu-central-1"


@pytest.fixture
def key_away(aws: LocalAws) -> str:
    return str(client(aws, "kms", AWAY).create_key()["KeyMetadata"]["Arn"])


def replicas_of(secrets: Any, name: str) -> dict[str, tuple[str, str]]:
    statuses = secrets.describe_secret(SecretId=name).get("ReplicationStatus", [])
    return {each["Region"]: (each["Status"], each["StatusMessage"]) for each in statuses}


def test_a_secret_is_replicated_when_it_is_created(
    secrets: Any, away: Any, name: str, key_away: str
) -> None:
    created = secrets.create_secret(
        Name=name, AddReplicaRegions=[{"Region": AWAY, "KmsKeyId": key_away}]
    )
    assert [status["Region"] for status in created["ReplicationStatus"]] == [AWAY]
    assert replicas_of(secrets, name)[AWAY][0] == "InSync"
    assert away.describe_secret(SecretId=name)["KmsKeyId"] == key_away


def test_a_secret_with_a_replica_in_its_own_region_is_not_created(secrets: Any, name: str) -> None:
    with refused("InvalidParameterException"):
        secrets.create_secret(Name=name, AddReplicaRegions=[{"Region": HOME}])
    with refused("ResourceNotFoundException"):
        secrets.describe_secret(SecretId=name)


def test_a_name_that_is_taken_in_a_region_fails_only_the_replica_there(
    secrets: Any, away: Any, name: str
) -> None:
    away.create_secret(Name=name, SecretString="of another stack")
    regions = [{"Region": AWAY}, {"Region": ELSEWHERE}]
    secrets.create_secret(Name=name, SecretString="one", AddReplicaRegions=regions)
    replicas = replicas_of(secrets, name)
    assert replicas[AWAY] == ("Failed", "Secret with this name already exists in this region")
    assert replicas[ELSEWHERE][0] == "InSync"
    secrets.put_secret_value(SecretId=name, SecretString="two")
    assert replicas_of(secrets, name)[AWAY][0] == "Failed"
    assert away.get_secret_value(SecretId=name)["SecretString"] == "of another stack"

    secrets.remove_regions_from_replication(SecretId=name, RemoveReplicaRegions=[AWAY])
    assert away.get_secret_value(SecretId=name)["SecretString"] == "of another stack"


def test_a_name_that_is_taken_in_a_region_can_be_overwritten(
    secrets: Any, away: Any, name: str
) -> None:
    away.create_secret(Name=name, SecretString="of another stack")
    secrets.create_secret(Name=name, SecretString="one", AddReplicaRegions=[{"Region": AWAY}])
    secrets.replicate_secret_to_regions(
        SecretId=name, AddReplicaRegions=[{"Region": AWAY}], ForceOverwriteReplicaSecret=True
    )
    assert replicas_of(secrets, name)[AWAY][0] == "InSync"
    assert away.get_secret_value(SecretId=name)["SecretString"] == "one"


def test_a_key_that_does_not_exist_in_a_region_fails_the_replica_there(
    secrets: Any, away: Any, name: str, key: str
) -> None:
    secrets.create_secret(
        Name=name, SecretString="one", AddReplicaRegions=[{"Region": AWAY, "KmsKeyId": key}]
    )
    status, message = replicas_of(secrets, name)[AWAY]
    assert (status, message) == ("Failed", f"Key {key} does not exist in {AWAY}.")
    with refused("ResourceNotFoundException"):
        away.describe_secret(SecretId=name)


def test_a_replica_with_an_unusable_key_keeps_its_value_until_the_key_is_usable(
    aws: LocalAws, secrets: Any, away: Any, name: str, key_away: str
) -> None:
    secrets.create_secret(
        Name=name, SecretString="one", AddReplicaRegions=[{"Region": AWAY, "KmsKeyId": key_away}]
    )
    client(aws, "kms", AWAY).disable_key(KeyId=key_away)
    secrets.put_secret_value(SecretId=name, SecretString="two")
    assert replicas_of(secrets, name)[AWAY] == ("Failed", f"{key_away} is disabled.")

    client(aws, "kms", AWAY).enable_key(KeyId=key_away)
    assert away.get_secret_value(SecretId=name)["SecretString"] == "one"
    secrets.put_secret_value(SecretId=name, SecretString="three")
    assert replicas_of(secrets, name)[AWAY][0] == "InSync"
    assert away.get_secret_value(SecretId=name)["SecretString"] == "three"


def test_a_replica_is_in_sync_while_there_is_nothing_to_encrypt(
    aws: LocalAws, secrets: Any, away: Any, name: str, key_away: str
) -> None:
    secrets.create_secret(
        Name=name, SecretString="one", AddReplicaRegions=[{"Region": AWAY, "KmsKeyId": key_away}]
    )
    client(aws, "kms", AWAY).disable_key(KeyId=key_away)
    secrets.tag_resource(SecretId=name, Tags=[{"Key": "new", "Value": "v"}])
    assert replicas_of(secrets, name)[AWAY][0] == "InSync"
    assert away.describe_secret(SecretId=name)["Tags"] == [{"Key": "new", "Value": "v"}]


def test_a_replica_is_removed_from_its_region(secrets: Any, away: Any, name: str) -> None:
    secrets.create_secret(Name=name, AddReplicaRegions=[{"Region": AWAY}, {"Region": ELSEWHERE}])
    secrets.remove_regions_from_replication(SecretId=name, RemoveReplicaRegions=[AWAY])
    assert set(replicas_of(secrets, name)) == {ELSEWHERE}
    with refused("ResourceNotFoundException"):
        away.describe_secret(SecretId=name)


def test_a_replica_cannot_remove_regions(secrets: Any, away: Any, name: str) -> None:
    secrets.create_secret(Name=name, AddReplicaRegions=[{"Region": AWAY}])
    with refused("InvalidRequestException"):
        away.remove_regions_from_replication(SecretId=name, RemoveReplicaRegions=[AWAY])


def test_a_missing_secret_is_neither_replicated_nor_removed(secrets: Any, name: str) -> None:
    with refused("ResourceNotFoundException"):
        secrets.replicate_secret_to_regions(SecretId=name, AddReplicaRegions=[{"Region": AWAY}])
    with refused("ResourceNotFoundException"):
        secrets.remove_regions_from_replication(SecretId=name, RemoveReplicaRegions=[AWAY])


def test_a_secret_with_replicas_is_not_deleted(secrets: Any, name: str) -> None:
    secrets.create_secret(Name=name, AddReplicaRegions=[{"Region": AWAY}])
    with refused("InvalidRequestException", f"still has replica regions [{AWAY}]"):
        secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    secrets.remove_regions_from_replication(SecretId=name, RemoveReplicaRegions=[AWAY])
    assert "DeletionDate" in secrets.delete_secret(SecretId=name)
