"""The stand-in provider creates MediaTailor source locations through Cloud Control."""

import json

import pytest
from pulumi.runtime.rpc import UNKNOWN

from tests.support.provider_driver import (
    CLOUD_CONTROL,
    Driver,
    Failed,
    Made,
    Values,
    changes,
    is_none,
    known,
)

TYPE = "AWS::MediaTailor::SourceLocation"


def inputs_of(name: str, **state: object) -> Values:
    desired = {
        "SourceLocationName": name,
        "HttpConfiguration": {"BaseUrl": "https://origin.example.com"},
        "Tags": [{"Key": "a", "Value": "b"}],
        **state,
    }
    return {"typeName": TYPE, "desiredState": json.dumps(desired)}


def location_of(engine: Driver, name: str) -> tuple[Made, Values]:
    return engine.create(CLOUD_CONTROL, name, inputs_of(name)), inputs_of(name)


def test_a_source_location_is_created_and_read_back(engine: Driver, name: str) -> None:
    location, inputs = location_of(engine, name)
    assert engine.calls() == [
        "cloudformation.DescribeType",
        "cloudcontrolapi.CreateResource",
        "cloudcontrolapi.GetResourceRequestStatus",
        "cloudcontrolapi.GetResource",
    ]
    properties = json.loads(location.state["properties"])
    assert properties["SourceLocationName"] == name
    assert location.state["desiredState"] == inputs["desiredState"]
    assert is_none(engine.diff(location, inputs))
    assert engine.refresh(location) == location


def test_the_schema_of_the_type_is_secret(engine: Driver, name: str) -> None:
    planned = engine.preview(CLOUD_CONTROL, name, inputs_of(name))
    assert json.loads(planned["schema"])["typeName"] == TYPE
    assert engine.secrets(CLOUD_CONTROL, name, inputs_of(name)) == (set(), {"schema"})


def test_a_preview_only_reads_the_type(engine: Driver, name: str) -> None:
    planned = engine.preview(CLOUD_CONTROL, name, {"typeName": TYPE, "desiredState": UNKNOWN})
    assert engine.calls() == ["cloudformation.DescribeType"]
    assert set(known(planned)) == {"region", "schema", "typeName"}


@pytest.mark.parametrize(
    ("state", "problem"),
    [
        ({"HttpConfiguration": {}}, "'BaseUrl' is a required property"),
        ({"AccessConfiguration": {"AccessType": "TOKEN"}}, "'TOKEN' is not one of"),
        ({"AccesConfiguration": {}}, "'AccesConfiguration' was unexpected"),
    ],
)
def test_a_state_that_violates_the_schema_is_rejected_in_the_preview(
    engine: Driver, name: str, state: Values, problem: str
) -> None:
    with pytest.raises(Failed, match="desired_state: ") as failure:
        engine.preview(CLOUD_CONTROL, name, inputs_of(name, **state))
    assert problem in str(failure.value)


def test_a_type_that_the_project_does_not_use_is_rejected_by_name(
    engine: Driver, name: str
) -> None:
    _, failures = engine.check(
        CLOUD_CONTROL, name, {"typeName": "AWS::S3::Bucket", "desiredState": "{}"}
    )
    assert "does not know the type_name AWS::S3::Bucket. It knows" in failures[0]


def test_a_changed_state_is_a_patch_in_place(engine: Driver, name: str) -> None:
    location, _ = location_of(engine, name)
    engine.calls()
    key = engine.client("kms").create_key()["KeyMetadata"]["Arn"]
    secret = engine.client("secretsmanager").create_secret(Name=name, KmsKeyId=key)
    access = {
        "AccessType": "SECRETS_MANAGER_ACCESS_TOKEN",
        "SecretsManagerAccessTokenConfiguration": {"SecretArn": secret["ARN"]},
    }
    url = {"BaseUrl": "https://other.example.com"}
    inputs = inputs_of(
        name,
        HttpConfiguration=url,
        AccessConfiguration=access,
    )
    assert changes(engine.diff(location, inputs)) == {"desiredState": "UPDATE"}
    planned = engine.update(location, inputs, preview=True)
    assert planned.state["properties"] == UNKNOWN
    assert engine.calls() == []
    location = engine.update(location, inputs)
    assert engine.calls() == [
        "cloudcontrolapi.UpdateResource",
        "cloudcontrolapi.GetResourceRequestStatus",
        "cloudcontrolapi.GetResource",
    ]
    properties, desired = location.state["properties"], inputs["desiredState"]
    assert json.loads(properties).items() >= json.loads(desired).items()
    assert is_none(engine.diff(location, inputs))


def test_a_reformatted_state_is_an_update(engine: Driver, name: str) -> None:
    location, inputs = location_of(engine, name)
    other = json.dumps(json.loads(inputs["desiredState"]), indent=1)
    assert changes(engine.diff(location, {**inputs, "desiredState": other})) == {
        "desiredState": "UPDATE"
    }


def test_another_name_replaces_a_source_location(engine: Driver, name: str) -> None:
    location, _ = location_of(engine, name)
    difference = engine.diff(location, inputs_of(f"{name}-other"))
    assert list(difference.replaces) == ["desiredState"]
    assert not difference.deleteBeforeReplace
    unknown = engine.diff(location, {"typeName": TYPE, "desiredState": UNKNOWN})
    assert list(unknown.replaces) == []


def test_a_refresh_shows_drift_only_in_the_properties(engine: Driver, name: str) -> None:
    location, inputs = location_of(engine, name)
    patch = [{"op": "replace", "path": "/HttpConfiguration/BaseUrl", "value": "https://stranger"}]
    engine.client("cloudcontrol").update_resource(
        TypeName=TYPE, Identifier=location.id, PatchDocument=json.dumps(patch)
    )
    drifted = engine.refresh(location)
    assert drifted is not None
    assert "https://stranger" in drifted.state["properties"]
    assert is_none(engine.diff(drifted, inputs))


def test_a_changed_element_of_a_list_is_patched_by_its_position(engine: Driver, name: str) -> None:
    location, _ = location_of(engine, name)
    engine.gateway.refusals["UpdateResource"] = ("Seen", "it")
    inputs = inputs_of(name, Tags=[{"Key": "a", "Value": "changed"}])
    assert list(engine.diff(location, inputs).replaces) == []
    with pytest.raises(Failed, match="Seen"):
        engine.update(location, inputs)
    assert json.loads(engine.gateway.requests["UpdateResource"]["PatchDocument"]) == [
        {"op": "replace", "path": "/Tags/0/Value", "value": "changed"}
    ]


def test_a_source_location_is_deleted(engine: Driver, name: str) -> None:
    location, _ = location_of(engine, name)
    engine.calls()
    engine.delete(location)
    assert engine.calls() == [
        "cloudcontrolapi.DeleteResource",
        "cloudcontrolapi.GetResourceRequestStatus",
    ]
    assert engine.refresh(location) is None


def test_a_delete_that_fails_because_nothing_exists_succeeds(engine: Driver, name: str) -> None:
    location, _ = location_of(engine, name)
    event = {"OperationStatus": "FAILED", "ErrorCode": "NotFound", "RequestToken": "1"}
    engine.gateway.fakes |= {
        "DeleteResource": {"ProgressEvent": event},
        "GetResourceRequestStatus": {"ProgressEvent": event},
    }
    engine.delete(location)


def test_a_delete_that_is_rejected_at_once_fails_even_if_nothing_exists(
    engine: Driver, name: str
) -> None:
    location, _ = location_of(engine, name)
    engine.gateway.refusals["DeleteResource"] = ("ResourceNotFoundException", "was not found")
    with pytest.raises(Failed, match="ResourceNotFoundException: was not found"):
        engine.delete(location)


@pytest.mark.parametrize(
    "refusal",
    [
        ("ResourceNotFoundException", "no"),
        ("HandlerFailureException", "the location was not found"),
    ],
)
def test_a_source_location_that_aws_cannot_find_is_gone(
    engine: Driver, name: str, refusal: tuple[str, str]
) -> None:
    location, _ = location_of(engine, name)
    engine.gateway.refusals["GetResource"] = refusal
    assert engine.refresh(location) is None


def test_a_source_location_cannot_be_imported(engine: Driver, name: str) -> None:
    with pytest.raises(Failed, match="cannot be imported"):
        engine.import_(CLOUD_CONTROL, name, "mine")


def test_a_rejected_create_reports_the_reason(engine: Driver, name: str) -> None:
    engine.gateway.refusals["CreateResource"] = ("AccessDeniedException", "not you")
    with pytest.raises(Failed) as failure:
        location_of(engine, name)
    assert str(failure.value) == (
        f"creating Cloud Control API Resource ({TYPE}): AccessDeniedException: not you"
    )


def test_a_denied_describe_type_is_an_error(engine: Driver, name: str) -> None:
    engine.gateway.refusals["DescribeType"] = ("AccessDenied", "not you")
    with pytest.raises(Failed, match="AccessDenied: not you"):
        engine.preview(CLOUD_CONTROL, name, inputs_of(name))
