"""The stand-in provider creates roles and their inline policies as pulumi-aws does."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.local_aws import ACCOUNT_ID
from sandbox.provider.iam import Role
from tests.support.provider_driver import (
    ROLE,
    ROLE_POLICY,
    TRUST,
    Driver,
    Failed,
    Made,
    Values,
    changes,
    is_none,
    known,
    text,
)

READ: Values = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}],
}
READ_ROLE = ["iam.GetRole", "iam.ListRolePolicies", "iam.ListAttachedRolePolicies"]


def calls(engine: Driver) -> list[str]:
    # IAM has no Region: its requests are signed for us-east-1.
    return [call.removeprefix("us-east-1 ") for call in engine.calls()]


def role_of(engine: Driver, name: str, **inputs: object) -> tuple[Made, Values]:
    wanted = {"assumeRolePolicy": text(TRUST), **inputs}
    return engine.create(ROLE, name, wanted), wanted


def test_a_role_is_created_and_then_needs_no_change(engine: Driver, name: str) -> None:
    role, inputs = role_of(engine, name, description="ours", tags={"a": "b"})
    assert calls(engine) == ["iam.CreateRole", *READ_ROLE]
    assert role.id == role.state["name"] == role.inputs["name"]
    assert role.state["arn"] == f"arn:aws:iam::{ACCOUNT_ID}:role/{role.id}"
    assert role.state["maxSessionDuration"] == 3600
    assert role.state["tagsAll"] == {"a": "b"}
    assert "region" not in role.state
    assert is_none(engine.diff(role, inputs))
    assert engine.refresh(role) == role
    imported = engine.import_(ROLE, name, role.id)
    assert imported is not None
    assert json.loads(imported.inputs["assumeRolePolicy"]) == TRUST


def test_a_role_with_a_name_prefix_gets_26_more_digits(engine: Driver, name: str) -> None:
    role, inputs = role_of(engine, name, namePrefix="ours-")
    assert role.id.startswith("ours-")
    assert len(role.id) == len("ours-") + 26
    assert role.state["namePrefix"] == "ours-"
    assert "name" not in role.inputs
    assert is_none(engine.diff(role, inputs))
    difference = engine.diff(role, {**inputs, "namePrefix": "other-"})
    assert list(difference.replaces) == ["namePrefix"]
    assert not difference.deleteBeforeReplace
    _, failures = engine.check(ROLE, name, {**inputs, "namePrefix": "n" * 39})
    assert "length of name_prefix to be in the range (1 - 38)" in failures[0]


def test_a_role_is_not_gone_if_one_of_its_policies_is() -> None:
    answer: Any = {"Error": {"Code": "NoSuchEntity", "Message": "no such"}}
    assert Role().is_gone(ClientError(answer, "GetRole"))
    assert not Role().is_gone(ClientError(answer, "GetRolePolicy"))


def test_a_previewed_role_makes_no_call(engine: Driver, name: str) -> None:
    role = known(engine.preview(ROLE, name, {"assumeRolePolicy": text(TRUST)}))
    assert role["maxSessionDuration"] == 3600
    assert "arn" not in role
    assert calls(engine) == []


def test_a_role_is_updated_tags_first(engine: Driver, name: str) -> None:
    role, _ = role_of(engine, name, description="old", tags={"old": "1"})
    calls(engine)
    inputs = {"assumeRolePolicy": text(TRUST, Id="new")}
    assert changes(engine.diff(role, inputs)) == {
        "assumeRolePolicy": "UPDATE",
        "description": "DELETE",
        "tags": "DELETE",
        'tagsAll["old"]': "DELETE",
    }
    role = engine.update(role, inputs)
    assert calls(engine) == [
        "iam.UntagRole",
        "iam.UpdateAssumeRolePolicy",
        "iam.UpdateRoleDescription",
        *READ_ROLE,
    ]
    assert is_none(engine.diff(role, inputs))


def test_a_session_duration_changed_by_hand_is_restored(engine: Driver, name: str) -> None:
    role, inputs = role_of(engine, name)
    engine.client("iam").update_role(RoleName=role.id, MaxSessionDuration=7200)
    drifted = engine.refresh(role)
    assert drifted is not None
    assert changes(engine.diff(drifted, inputs)) == {"maxSessionDuration": "UPDATE"}
    calls(engine)
    assert engine.update(drifted, inputs).state["maxSessionDuration"] == 3600
    assert calls(engine) == ["iam.UpdateRole", *READ_ROLE]


def test_an_automatic_role_name_has_at_most_64_characters(engine: Driver) -> None:
    _, failures = engine.check(ROLE, "n" * 57, {"assumeRolePolicy": text(TRUST)})
    assert "longer than maximum length 64" in failures[0]
    _, failures = engine.check(ROLE, "not valid", {"assumeRolePolicy": text(TRUST)})
    assert 'invalid value for "name"' in failures[0]


def test_an_automatic_name_of_a_role_policy_is_rejected_if_it_is_too_long_for_iam(
    engine: Driver,
) -> None:
    _, failures = engine.check(ROLE_POLICY, "n" * 121, {"role": "r", "policy": text(READ)})
    assert "length of name to be in the range (1 - 128)" in failures[0]


def test_a_role_with_a_policy_that_is_not_in_the_state_is_not_deleted(
    engine: Driver, name: str
) -> None:
    role, _ = role_of(engine, name)
    iam = engine.client("iam")
    iam.put_role_policy(RoleName=role.id, PolicyName="x", PolicyDocument=text(READ))
    with pytest.raises(Failed, match=r"deleting IAM Role \(.*\): DeleteConflict: "):
        engine.delete(role)
    iam.attach_role_policy(RoleName=role.id, PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    refreshed = engine.refresh(role)
    assert refreshed is not None
    assert [policy["name"] for policy in refreshed.state["inlinePolicies"]] == ["x"]
    assert refreshed.state["managedPolicyArns"] == ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
    engine.delete(refreshed)
    assert engine.refresh(role) is None


def test_a_role_that_is_gone_is_deleted(engine: Driver, name: str) -> None:
    role, _ = role_of(engine, name)
    calls(engine)
    engine.delete(role)
    assert calls(engine) == ["iam.ListInstanceProfilesForRole", "iam.DeleteRole"]
    assert engine.refresh(role) is None
    engine.delete(role)


def test_a_role_policy_is_created_changed_imported_and_deleted(engine: Driver, name: str) -> None:
    role, _ = role_of(engine, name)
    calls(engine)
    inputs = {"role": role.id, "policy": text(READ)}
    policy = engine.create(ROLE_POLICY, name, inputs)
    assert calls(engine) == ["iam.PutRolePolicy", "iam.GetRolePolicy"]
    assert policy.id == f"{role.id}:{policy.state['name']}"
    assert is_none(engine.diff(policy, inputs))
    changed = {**inputs, "policy": text(READ, Id="new")}
    assert changes(engine.diff(policy, changed)) == {"policy": "UPDATE"}
    policy = engine.update(policy, changed)
    assert calls(engine) == ["iam.PutRolePolicy", "iam.GetRolePolicy"]
    assert engine.refresh(policy) == policy
    assert list(engine.diff(policy, {**changed, "role": "another"}).replaces) == ["role"]
    imported = engine.import_(ROLE_POLICY, name, policy.id)
    assert imported is not None
    assert imported.inputs["role"] == role.id
    calls(engine)
    engine.delete(policy)
    assert calls(engine) == ["iam.DeleteRolePolicy"]
    assert engine.refresh(policy) is None
    engine.delete(policy)


def test_a_role_policy_with_a_name_is_replaced_by_another_name_after_its_deletion(
    engine: Driver, name: str
) -> None:
    role, _ = role_of(engine, name)
    inputs = {"role": role.id, "policy": text(READ), "name": "ours"}
    policy = engine.create(ROLE_POLICY, name, inputs)
    assert policy.id == f"{role.id}:ours"
    assert is_none(engine.diff(policy, inputs))
    difference = engine.diff(policy, {**inputs, "name": "other"})
    assert list(difference.replaces) == ["name"]
    assert difference.deleteBeforeReplace


def test_an_invalid_role_policy_id_is_rejected(engine: Driver, name: str) -> None:
    with pytest.raises(Failed, match="must be of the form <role name>:<policy name>"):
        engine.import_(ROLE_POLICY, name, "mine")
