"""The local Cloud Control handles source locations as AWS Cloud Control does."""

import json
from typing import Any

import pytest

from sandbox.local_aws import ACCOUNT_ID, LocalAws
from tests.support.local_aws_clients import HOME, client, refused

TYPE = "AWS::MediaTailor::SourceLocation"


@pytest.fixture
def control(aws: LocalAws) -> Any:
    return client(aws, "cloudcontrol")


def desired(name: str, **properties: object) -> str:
    http = {"BaseUrl": "https://origin.example.com"}
    return json.dumps({"SourceLocationName": name, "HttpConfiguration": http, **properties})


def create(control: Any, name: str, **properties: object) -> Any:
    created = control.create_resource(TypeName=TYPE, DesiredState=desired(name, **properties))
    return finished(control, created)


def update(control: Any, name: str, *patch: dict[str, object]) -> Any:
    document = json.dumps(patch)
    updated = control.update_resource(TypeName=TYPE, Identifier=name, PatchDocument=document)
    return finished(control, updated)


def finished(control: Any, answer: Any) -> Any:
    """Return the final status of an operation, as a client reads it."""
    token = answer["ProgressEvent"]["RequestToken"]
    return control.get_resource_request_status(RequestToken=token)["ProgressEvent"]


def stored(control: Any, name: str) -> Any:
    description = control.get_resource(TypeName=TYPE, Identifier=name)["ResourceDescription"]
    return json.loads(description["Properties"])


def access(secret_arn: str) -> dict[str, object]:
    return {
        "AccessType": "SECRETS_MANAGER_ACCESS_TOKEN",
        "SecretsManagerAccessTokenConfiguration": {
            "HeaderName": "X-Access-Token",
            "SecretArn": secret_arn,
            "SecretStringKey": "AccessToken",
        },
    }


def test_a_source_location_is_identified_by_its_name_and_has_an_arn(
    control: Any, name: str
) -> None:
    event = create(control, name)
    assert (event["OperationStatus"], event["Identifier"]) == ("SUCCESS", name)
    assert stored(control, name) == {
        **json.loads(desired(name)),
        "Arn": f"arn:aws:mediatailor:{HOME}:{ACCOUNT_ID}:sourceLocation/{name}",
    }
    assert json.loads(event["ResourceModel"]) == stored(control, name)


def test_an_existing_source_location_is_not_created_again(control: Any, name: str) -> None:
    create(control, name)
    event = create(control, name, Tags=[{"Key": "a", "Value": "b"}])
    assert (event["OperationStatus"], event["ErrorCode"]) == ("FAILED", "AlreadyExists")
    assert f"with identifier '{name}' already exists." in event["StatusMessage"]
    assert "Tags" not in stored(control, name)


def test_reading_a_missing_source_location_fails(control: Any, name: str) -> None:
    with refused("ResourceNotFoundException"):
        control.get_resource(TypeName=TYPE, Identifier=name)


def test_updating_a_missing_source_location_fails(control: Any, name: str) -> None:
    event = update(control, name, {"op": "remove", "path": "/Tags"})
    assert (event["OperationStatus"], event["ErrorCode"]) == ("FAILED", "NotFound")


def test_deleting_a_missing_source_location_fails(control: Any, name: str) -> None:
    create(control, name)
    deleted = control.delete_resource(TypeName=TYPE, Identifier=name)
    assert finished(control, deleted)["OperationStatus"] == "SUCCESS"
    deleted = control.delete_resource(TypeName=TYPE, Identifier=name)
    event = finished(control, deleted)
    assert (event["OperationStatus"], event["ErrorCode"]) == ("FAILED", "NotFound")


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("create_resource", {"DesiredState": "{}"}),
        ("get_resource", {"Identifier": "i"}),
        ("update_resource", {"Identifier": "i", "PatchDocument": "[]"}),
        ("delete_resource", {"Identifier": "i"}),
    ],
)
def test_another_type_is_not_found(control: Any, operation: str, arguments: dict[str, str]) -> None:
    with refused("TypeNotFoundException"):
        getattr(control, operation)(TypeName="AWS::MediaTailor::Channel", **arguments)


@pytest.mark.parametrize("text", ["no JSON", "[]", '"text"'])
def test_a_desired_state_that_is_not_a_json_object_is_rejected(control: Any, text: str) -> None:
    with refused("InvalidRequestException"):
        control.create_resource(TypeName=TYPE, DesiredState=text)


@pytest.mark.parametrize(
    ("properties", "problem"),
    [
        ({"BaseUrl": "https://x"}, "#: Additional properties are not allowed ('BaseUrl'"),
        ({"HttpConfiguration": {}}, "#/HttpConfiguration: 'BaseUrl' is a required property"),
        ({"AccessConfiguration": {"AccessType": "TOKEN"}}, "is not one of"),
    ],
)
def test_properties_that_the_schema_does_not_allow_are_rejected(
    control: Any, name: str, properties: dict[str, object], problem: str
) -> None:
    with refused("ValidationException", "Model validation failed", problem):
        create(control, name, **properties)
    create(control, name)
    patch = [{"op": "add", "path": f"/{key}", "value": each} for key, each in properties.items()]
    with refused("ValidationException", "Model validation failed", problem):
        update(control, name, *patch)


@pytest.mark.parametrize(
    ("patch", "tags"),
    [
        ([{"op": "replace", "path": "/Tags/0/Value", "value": "new"}], {"a": "new", "b": "2"}),
        (
            [{"op": "add", "path": "/Tags/-", "value": {"Key": "c", "Value": "3"}}],
            {"a": "1", "b": "2", "c": "3"},
        ),
        (
            [{"op": "add", "path": "/Tags/0", "value": {"Key": "c", "Value": "3"}}],
            {"c": "3", "a": "1", "b": "2"},
        ),
        ([{"op": "remove", "path": "/Tags/1"}], {"a": "1"}),
        ([{"op": "remove", "path": "/Tags"}], None),
        ([{"op": "replace", "path": "/Tags", "value": []}], {}),
    ],
)
def test_a_patch_changes_lists_and_their_elements(
    control: Any, name: str, patch: list[dict[str, object]], tags: dict[str, str] | None
) -> None:
    create(control, name, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    assert update(control, name, *patch)["OperationStatus"] == "SUCCESS"
    now = stored(control, name).get("Tags")
    assert now == (None if tags is None else [{"Key": k, "Value": v} for k, v in tags.items()])


@pytest.mark.parametrize(
    "step",
    [
        {"op": "remove", "path": "/Tags"},
        {"op": "replace", "path": "/Tags/0/Value", "value": "new"},
        {"op": "replace", "path": "/AccessConfiguration", "value": {}},
        {"op": "add", "path": "/AccessConfiguration/AccessType", "value": "S3_SIGV4"},
        {"path": "/Tags"},
    ],
)
def test_a_patch_of_a_missing_path_is_rejected(
    control: Any, name: str, step: dict[str, object]
) -> None:
    create(control, name)
    with refused("ValidationException", "Invalid patch update"):
        update(control, name, step)


def test_the_name_of_a_source_location_is_not_updated(control: Any, name: str) -> None:
    create(control, name)
    with refused("NotUpdatableException", "SourceLocationName"):
        update(control, name, {"op": "replace", "path": "/SourceLocationName", "value": "new"})


@pytest.mark.parametrize(
    "tags",
    [
        [{"Key": f"tag-{number}", "Value": "v"} for number in range(51)],
        [{"Key": "aws:created-by", "Value": "v"}],
        [{"Key": "bad*key", "Value": "v"}],
        [{"Key": "twice", "Value": "v"}, {"Key": "twice", "Value": "w"}],
    ],
)
def test_tags_that_mediatailor_does_not_allow_fail_the_operation(
    control: Any, name: str, tags: list[dict[str, str]]
) -> None:
    event = create(control, name, Tags=tags)
    assert (event["OperationStatus"], event["ErrorCode"]) == ("FAILED", "InvalidRequest")
    create(control, name)
    event = update(control, name, {"op": "add", "path": "/Tags", "value": tags})
    assert (event["OperationStatus"], event["ErrorCode"]) == ("FAILED", "InvalidRequest")
    assert "Tags" not in stored(control, name)


def test_a_secret_that_mediatailor_can_read_is_accepted(
    control: Any, secrets: Any, key: str, name: str
) -> None:
    arn = secrets.create_secret(Name=name, KmsKeyId=key)["ARN"]
    event = create(control, name, AccessConfiguration=access(arn))
    assert event["OperationStatus"] == "SUCCESS"


def test_a_secret_that_mediatailor_cannot_read_fails_the_operation(
    control: Any, secrets: Any, kms: Any, key: str, name: str
) -> None:
    def fails(arn: str, problem: str) -> None:
        event = create(control, name, AccessConfiguration=access(arn))
        assert (event["OperationStatus"], event["ErrorCode"]) == ("FAILED", "InvalidRequest")
        assert problem in event["StatusMessage"]

    arn = secrets.create_secret(Name=name, KmsKeyId=key)["ARN"]
    fails(f"{arn[:-6]}XXXXXX", "does not exist")
    fails(arn.replace(HOME, "us-east-1"), "does not exist")
    without_key = secrets.create_secret(Name=f"{name}-default")["ARN"]
    fails(without_key, "not encrypted with a customer managed key")
    kms.disable_key(KeyId=key)
    fails(arn, "is disabled")
    secrets.delete_secret(SecretId=arn)
    fails(arn, "marked for deletion")
