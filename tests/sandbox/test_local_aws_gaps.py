"""The local AWS does with replicas, names and source locations what AWS does."""

import asyncio
import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from ministack.core.responses import request_scope  # type: ignore[import-untyped]
from ministack.services import cloudcontrol, secretsmanager  # type: ignore[import-untyped]

from sandbox.local_aws.gaps import fill_gaps

AWAY = "us-east-1"
_numbers = itertools.count()


@pytest.fixture(autouse=True)
def filled(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(secretsmanager, "handle_request", secretsmanager.handle_request)
    monkeypatch.setattr(
        cloudcontrol,
        "_extract_identifier",
        cloudcontrol._extract_identifier,  # noqa: SLF001  (MiniStack has no other door)
    )
    fill_gaps()
    with request_scope("123456789012", "eu-west-1"):
        yield


@pytest.fixture
def name() -> str:
    return f"secret-{next(_numbers)}"


def ask(service: Any, action: str, **request: object) -> dict[str, Any]:
    headers = {"x-amz-target": f"service.{action}"}
    body = json.dumps(request).encode()
    _, _, answer = asyncio.run(service.handle_request("POST", "/", headers, body, {}))
    told: dict[str, Any] = json.loads(answer)
    return told


def secrets(action: str, **request: object) -> dict[str, Any]:
    return ask(secretsmanager, action, **request)


def replicas_of(name: str) -> dict[str, str]:
    statuses = secrets("DescribeSecret", SecretId=name).get("ReplicationStatus", [])
    return {status["Region"]: status["KmsKeyId"] for status in statuses}


def test_a_secret_is_replicated_when_it_is_made(name: str) -> None:
    told = secrets(
        "CreateSecret", Name=name, AddReplicaRegions=[{"Region": AWAY, "KmsKeyId": "key-1"}]
    )
    assert [status["Region"] for status in told["ReplicationStatus"]] == [AWAY]
    assert replicas_of(name) == {AWAY: "key-1"}
    with request_scope("123456789012", AWAY):
        assert secrets("DescribeSecret", SecretId=name)["KmsKeyId"] == "key-1"


def test_a_secret_whose_replicas_are_refused_is_not_made(name: str) -> None:
    told = secrets("CreateSecret", Name=name, AddReplicaRegions=[{"Region": "eu-west-1"}])
    assert told["__type"] == "InvalidParameterException"
    assert secrets("DescribeSecret", SecretId=name)["__type"] == "ResourceNotFoundException"


def test_a_secret_made_without_a_value_has_no_version(name: str) -> None:
    assert "VersionId" not in secrets("CreateSecret", Name=name)
    assert secrets("GetSecretValue", SecretId=name)["__type"] == "ResourceNotFoundException"
    secrets("PutSecretValue", SecretId=name, SecretString="one", ClientRequestToken="a" * 32)
    stages = secrets("DescribeSecret", SecretId=name)["VersionIdsToStages"]
    assert stages == {"a" * 32: ["AWSCURRENT"]}


def test_a_secret_made_with_a_value_has_one_version(name: str) -> None:
    told = secrets("CreateSecret", Name=name, SecretString="one")
    assert secrets("GetSecretValue", SecretId=name)["VersionId"] == told["VersionId"]


def test_a_replica_is_removed_from_its_region(name: str) -> None:
    regions = [
        {"Region": AWAY, "KmsKeyId": "key-1"},
        {"Region": "eu-central-1", "KmsKeyId": "key-2"},
    ]
    secrets("CreateSecret", Name=name, AddReplicaRegions=regions)
    told = secrets("RemoveRegionsFromReplication", SecretId=name, RemoveReplicaRegions=[AWAY])
    assert [status["Region"] for status in told["ReplicationStatus"]] == ["eu-central-1"]
    assert replicas_of(name) == {"eu-central-1": "key-2"}
    with request_scope("123456789012", AWAY):
        assert secrets("DescribeSecret", SecretId=name)["__type"] == "ResourceNotFoundException"


def test_a_replica_itself_removes_no_region(name: str) -> None:
    secrets("CreateSecret", Name=name, AddReplicaRegions=[{"Region": AWAY, "KmsKeyId": "k"}])
    with request_scope("123456789012", AWAY):
        told = secrets("RemoveRegionsFromReplication", SecretId=name, RemoveReplicaRegions=[AWAY])
    assert told["__type"] == "InvalidRequestException"


def test_a_region_cannot_be_removed_from_a_secret_that_does_not_exist(name: str) -> None:
    told = secrets("RemoveRegionsFromReplication", SecretId=name, RemoveReplicaRegions=[AWAY])
    assert told["__type"] == "ResourceNotFoundException"


def test_a_secret_with_replicas_is_not_deleted(name: str) -> None:
    secrets("CreateSecret", Name=name, AddReplicaRegions=[{"Region": AWAY, "KmsKeyId": "k"}])
    told = secrets("DeleteSecret", SecretId=name, ForceDeleteWithoutRecovery=True)
    assert told["__type"] == "InvalidRequestException"
    assert f"still has replica regions [{AWAY}]" in told["message"]
    secrets("RemoveRegionsFromReplication", SecretId=name, RemoveReplicaRegions=[AWAY])
    assert "DeletionDate" in secrets("DeleteSecret", SecretId=name)


def test_a_name_that_waits_for_its_deletion_cannot_be_used_again(name: str) -> None:
    secrets("CreateSecret", Name=name)
    secrets("DeleteSecret", SecretId=name)
    told = secrets("CreateSecret", Name=name)
    assert told["__type"] == "InvalidRequestException"
    assert "already scheduled for deletion" in told["message"]


def test_a_source_location_is_identified_by_its_name_and_has_an_arn(name: str) -> None:
    request = {
        "TypeName": "AWS::MediaTailor::SourceLocation",
        "DesiredState": json.dumps({"SourceLocationName": name}),
    }
    told = ask(cloudcontrol, "CreateResource", **request)
    assert told["ProgressEvent"]["Identifier"] == name
    assert json.loads(told["ProgressEvent"]["ResourceModel"]) == {
        "SourceLocationName": name,
        "Arn": f"arn:aws:mediatailor:eu-west-1:123456789012:sourceLocation/{name}",
    }
    assert ask(cloudcontrol, "CreateResource", **request)["__type"] == "AlreadyExistsException"


def test_a_resource_of_another_type_is_as_before() -> None:
    told = ask(cloudcontrol, "CreateResource", TypeName="AWS::X::Y", DesiredState='{"Name": "n"}')
    assert told["ProgressEvent"]["Identifier"] == "n"
    assert "Arn" not in told["ProgressEvent"]["ResourceModel"]
