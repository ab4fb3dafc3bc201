"""The stand-in provider handles the policies of secrets as pulumi-aws does."""

import pytest

from tests.support.provider_driver import (
    POLICY,
    ROOT,
    SECRET,
    Driver,
    Made,
    Values,
    changes,
    is_none,
    text,
)


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
