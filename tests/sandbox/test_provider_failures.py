"""After a failure, the stand-in provider leaves the same state as pulumi-aws and reports the reason."""

import json

import pytest

from tests.support.provider_driver import (
    CLOUD_CONTROL,
    KEY,
    ROLE,
    ROLE_POLICY,
    ROOT,
    SECRET,
    TRUST,
    VERSION,
    Driver,
    Failed,
    Made,
    Values,
    changes,
    is_none,
    text,
)

CANARY = "canary-6b1f-token"
DENIED = ("AccessDeniedException", "not you")
LOCATION = "AWS::MediaTailor::SourceLocation"


def location_inputs(name: str, url: str = "https://origin.example.com") -> Values:
    desired = {"SourceLocationName": name, "HttpConfiguration": {"BaseUrl": url}}
    return {"typeName": LOCATION, "desiredState": json.dumps(desired)}


def writes(engine: Driver) -> list[str]:
    """Return the write calls since the last time."""
    reads = ("Describe", "Get", "List")
    return [call for call in engine.calls() if not call.partition(".")[2].startswith(reads)]


def test_a_key_whose_rotation_is_denied_is_kept_as_planned_and_the_next_up_succeeds_without_it(
    engine: Driver, name: str
) -> None:
    inputs = {"enableKeyRotation": True}
    engine.gateway.refusals["EnableKeyRotation"] = DENIED
    with pytest.raises(
        Failed, match=r"creating KMS Key \(.+\): AccessDeniedException: not you$"
    ) as failure:
        engine.create(KEY, name, inputs)
    key = failure.value.made
    assert key is not None
    assert key.state["enableKeyRotation"] is True
    assert "arn" not in key.state

    engine.gateway.refusals.clear()
    engine.calls()
    assert is_none(engine.diff(key, inputs))
    key = engine.update(key, inputs)  # the engine updates a failed resource even without a change
    assert writes(engine) == []
    assert key.state["enableKeyRotation"] is False
    assert key.state["arn"].endswith(key.id)

    assert changes(engine.diff(key, inputs)) == {"enableKeyRotation": "UPDATE"}
    assert engine.update(key, inputs).state["enableKeyRotation"] is True


def test_a_version_that_cannot_be_read_back_is_kept(engine: Driver, name: str) -> None:
    secret = engine.create(SECRET, name, {})
    engine.gateway.refusals["GetSecretValue"] = DENIED
    inputs = {"secretId": secret.id, "secretString": CANARY}
    with pytest.raises(Failed) as failure:
        engine.create(VERSION, name, inputs)
    version = failure.value.made
    assert version is not None
    assert version.id.startswith(f"{secret.id}|terraform-")
    assert version.state["secretString"] == CANARY
    engine.gateway.refusals.clear()
    assert engine.update(version, inputs).state["versionStages"] == ["AWSCURRENT"]


def test_a_resource_that_is_rejected_at_once_is_not_kept(engine: Driver, name: str) -> None:
    engine.gateway.refusals |= {"CreateKey": DENIED, "CreateResource": DENIED}
    for type_, inputs in ((KEY, {}), (CLOUD_CONTROL, location_inputs(name))):
        with pytest.raises(Failed, match="not you") as failure:
            engine.create(type_, name, inputs)
        assert failure.value.made is None


def failing_location(engine: Driver, name: str, code: str, **event: str) -> Made | None:
    failed = {"OperationStatus": "FAILED", "ErrorCode": code, "StatusMessage": "no"}
    started = {"OperationStatus": "IN_PROGRESS", "RequestToken": "1"} | event
    engine.gateway.fakes |= {
        "CreateResource": {"ProgressEvent": started},
        "GetResourceRequestStatus": {"ProgressEvent": started | failed},
    }
    with pytest.raises(Failed, match=f"{code}: no") as failure:
        engine.create(CLOUD_CONTROL, name, location_inputs(name))
    engine.gateway.fakes.clear()
    return failure.value.made


def test_a_source_location_that_fails_after_aws_returned_its_name_stays_in_the_state_until_a_refresh(
    engine: Driver, name: str
) -> None:
    location = failing_location(engine, name, "AccessDenied", Identifier=name)
    assert location is not None
    assert location.id == name
    assert "properties" not in location.state
    inputs = location_inputs(name)
    assert is_none(engine.diff(location, inputs))
    with pytest.raises(Failed, match="it no longer exists"):
        engine.update(location, inputs)
    assert engine.refresh(location) is None


def test_a_failed_create_adds_an_existing_source_location_to_the_stack(
    engine: Driver, name: str
) -> None:
    theirs = location_inputs(name, "https://theirs.example.com")
    engine.client("cloudcontrol").create_resource(
        TypeName=LOCATION, DesiredState=theirs["desiredState"]
    )
    location = failing_location(engine, name, "AlreadyExists", Identifier=name)
    assert location is not None
    updated = engine.update(location, location_inputs(name))
    assert "theirs.example.com" in updated.state["properties"]
    assert engine.refresh(location) is not None


def test_a_source_location_that_fails_before_aws_returned_its_name_is_not_kept(
    engine: Driver, name: str
) -> None:
    assert failing_location(engine, name, "AccessDenied") is None


def test_an_update_that_fails_halfway_keeps_the_planned_values_until_a_refresh(
    engine: Driver, name: str
) -> None:
    old = {"description": "old", "policy": text(ROOT)}
    new = {"description": "new", "policy": text(ROOT, Id="new")}
    key = engine.create(KEY, name, old)
    engine.gateway.refusals["PutKeyPolicy"] = ("MalformedPolicyDocumentException", "no")
    with pytest.raises(Failed, match=r"updating KMS Key \(.+\): MalformedPolicy") as failure:
        engine.update(key, new)
    failed = failure.value.made
    assert failed is not None
    assert json.loads(failed.state["policy"])["Id"] == "new"
    assert failed.state["arn"] == key.state["arn"]

    engine.gateway.refusals.clear()
    engine.calls()
    assert is_none(engine.diff(failed, new))
    refreshed = engine.refresh(failed)
    assert refreshed is not None
    assert changes(engine.diff(refreshed, new)) == {"policy": "UPDATE"}
    updated = engine.update(failed, new)
    assert writes(engine) == []
    assert changes(engine.diff(updated, new)) == {"policy": "UPDATE"}


def test_a_denied_update_of_a_source_location_is_lost(engine: Driver, name: str) -> None:
    location = engine.create(CLOUD_CONTROL, name, location_inputs(name))
    new = location_inputs(name, "https://new.example.com")
    engine.gateway.refusals["UpdateResource"] = DENIED
    with pytest.raises(Failed, match="not you") as failure:
        engine.update(location, new)
    failed = failure.value.made
    assert failed is not None
    assert failed.state["desiredState"] == new["desiredState"]

    engine.gateway.refusals.clear()
    engine.calls()
    made: Made | None = failed
    for again in (engine.update(failed, new), engine.refresh(failed)):
        made = again
        assert made is not None
        assert "origin.example.com" in made.state["properties"]
        assert is_none(engine.diff(made, new))
    assert writes(engine) == []


def test_a_denied_update_of_a_roles_policy_is_corrected_by_the_next_up(
    engine: Driver, name: str
) -> None:
    statement = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}
    old, new = (
        json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Sid": sid}]})
        for sid in ("Old", "New")
    )
    role = engine.create(ROLE, name, {"assumeRolePolicy": text(TRUST)})
    policy = engine.create(ROLE_POLICY, name, {"role": role.id, "policy": old})
    inputs = {"role": role.id, "policy": new}
    engine.gateway.refusals["PutRolePolicy"] = DENIED
    with pytest.raises(Failed, match="not you") as failure:
        engine.update(policy, inputs)
    failed = failure.value.made
    assert failed is not None
    engine.gateway.refusals.clear()
    assert is_none(engine.diff(failed, inputs))
    assert "New" in engine.update(failed, inputs).state["policy"]
    refreshed = engine.refresh(failed)
    assert refreshed is not None
    assert "New" in refreshed.state["policy"]


def test_updating_a_missing_resource_reports_the_command_that_helps(
    engine: Driver, name: str
) -> None:
    secret = engine.create(SECRET, name, {"recoveryWindowInDays": 0})
    engine.delete(secret)
    with pytest.raises(Failed, match="Run `pulumi refresh`") as failure:
        engine.update(secret, {"recoveryWindowInDays": 7})
    assert failure.value.made is None
