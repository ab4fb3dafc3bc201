"""The parts and names of a stack match the resources that the program declares."""

import fnmatch
import json
from collections.abc import Callable, Iterator

import pulumi_aws as aws
import pytest

from permissions.policies import Purpose, permissions, permissions_for, policies
from permissions.stack import stack_resources
from permissions.stack_file import StackFileError
from tests.support.permission_stacks import (
    SECRET_ARN,
    STACKS,
    Config,
    allowed_arns,
    stack,
    stack_file,
    statements,
)
from tests.support.recording_engine import ACCOUNT, KEY_ARN, REGION, Deployment

Deploy = Callable[..., Deployment]
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
    """Yield the parts of the table that the program declares and reads."""
    if "aws:secretsmanager/getSecretVersion:getSecretVersion" in deployment.invokes:
        yield "adopted value"
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
    tokens = {
        name: "a-token-of-the-origin"
        for name, settings in config["sourceLocations"].items()
        if "tokenManagedElsewhere" not in settings
    }
    ours = {key: value for key, value in config.items() if ":" not in key}
    return ours | {"accessTokens": tokens}


@pytest.mark.parametrize("name", STACKS)
def test_a_stack_has_the_parts_that_the_program_declares(name: str, deploy: Deploy) -> None:
    config = STACKS[name]
    declared = declared_parts(deploy(program_config(config)), tags="aws:defaultTags" in config)
    apart = {"step 3", "verification", "step 3 verification"}
    assert stack(config).parts - apart == set(declared)


def test_every_line_of_the_table_is_used_by_some_stack() -> None:
    stacks = [stack(config) for config in STACKS.values()]
    used = {each for one in stacks for purpose in Purpose for each in permissions_for(purpose, one)}
    assert set(permissions()) == used
    assert {each.resource for each in permissions()} == set(stacks[0].arns)


def test_the_program_calls_aws_only_for_its_account(deploy: Deploy, config: Config) -> None:
    calls = {"aws:index/getCallerIdentity:getCallerIdentity"}
    no_calls = {"aws:index/getPartition:getPartition", "aws:index/getRegion:getRegion"}
    assert set(deploy(config).invokes) == calls | no_calls


def declared_arns(deployment: Deployment) -> Iterator[str]:
    """Yield the ARNs that the resources would have, with a fixed suffix for generated names."""
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
def test_every_named_resource_of_the_program_is_in_the_policy(name: str, deploy: Deploy) -> None:
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


def test_a_token_that_is_managed_elsewhere_is_neither_written_nor_read() -> None:
    series = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:mediatailor-series-secret-*"
    for action in ("PutSecretValue", "UpdateSecretVersionStage"):
        arns = allowed_arns(STACKS["everything"], f"secretsmanager:{action}")
        assert arns
        assert series not in arns
    assert allowed_arns(STACKS["token managed elsewhere"], "secretsmanager:GetSecretValue") == []


def test_an_existing_key_is_used_but_not_managed() -> None:
    arns = allowed_arns(STACKS["existing key"], "kms:GenerateDataKey")
    assert arns == [KEY_ARN]
    for action in (
        "kms:CreateKey",
        "kms:PutKeyPolicy",
        "kms:ScheduleKeyDeletion",
        "kms:CreateAlias",
    ):
        assert allowed_arns(STACKS["existing key"], action) == []


def test_the_policies_contain_the_stacks_own_key_if_its_arn_is_given() -> None:
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


def test_a_key_arn_is_refused_for_a_stack_with_an_existing_key() -> None:
    with pytest.raises(StackFileError, match="--key-arn is not allowed"):
        stack_resources(stack_file(STACKS["existing key"]), key_arn=KEY_ARN)
