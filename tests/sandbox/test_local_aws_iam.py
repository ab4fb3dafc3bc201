"""The local IAM rejects the requests that AWS IAM rejects."""

import json
from typing import Any

import pytest

from sandbox.local_aws import LocalAws
from tests.support.local_aws_clients import client, refused


@pytest.fixture
def iam(aws: LocalAws) -> Any:
    return client(aws, "iam")


def trust(**elements: object) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "mediapackage.amazonaws.com"},
        "Action": "sts:AssumeRole",
        **elements,
    }
    present = {element: value for element, value in statement.items() if value}
    return json.dumps({"Version": "2012-10-17", "Statement": [present]})


@pytest.mark.parametrize(
    "document",
    [
        "no JSON",
        "{}",
        trust(Principal=None),
        trust(Action=None),
        trust(Resource="*"),
        trust(Principal={"Service": "mediapackage"}),
        trust(Principal={"AWS": "AROAEXAMPLE"}),
    ],
)
def test_a_malformed_trust_policy_is_rejected(iam: Any, name: str, document: str) -> None:
    with refused("MalformedPolicyDocument"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=document)
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust())
    with refused("MalformedPolicyDocument"):
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=document)


@pytest.mark.parametrize("bad", ["with space", "colon:", "x" * 65])
def test_a_name_that_aws_does_not_allow_is_rejected(iam: Any, name: str, bad: str) -> None:
    with refused("ValidationError", "roleName"):
        iam.create_role(RoleName=bad, AssumeRolePolicyDocument=trust())
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust())
    with refused("ValidationError", "policyName"):
        iam.put_role_policy(RoleName=name, PolicyName=bad * 2, PolicyDocument=trust(Resource="*"))


def tags(*names: str, value: str = "v") -> list[dict[str, str]]:
    return [{"Key": name, "Value": value} for name in names]


FIFTY = [f"tag-{number}" for number in range(50)]


@pytest.mark.parametrize(
    ("tags_", "code"),
    [
        (tags("aws:created-by"), "InvalidInput"),
        (tags("bad*key"), "ValidationError"),
        (tags("key", value="bad*value"), "ValidationError"),
        (tags("x" * 129), "ValidationError"),
        (tags("key", value="x" * 257), "ValidationError"),
        (tags(*FIFTY, "one-more"), "ValidationError"),
    ],
)
def test_tags_that_aws_does_not_allow_are_rejected(
    iam: Any, name: str, tags_: list[dict[str, str]], code: str
) -> None:
    with refused(code):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(), Tags=tags_)
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust())
    with refused(code):
        iam.tag_role(RoleName=name, Tags=tags_)


def test_a_role_has_at_most_fifty_tags(iam: Any, name: str) -> None:
    iam.create_role(RoleName=f"{name}-none", AssumeRolePolicyDocument=trust(), Tags=[])
    fifty = tags(*FIFTY, value="Grüße 1+2=3: a/b@c_d. -")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(), Tags=fifty)
    iam.tag_role(RoleName=name, Tags=tags("tag-0", value=""))
    with refused("LimitExceeded", "TagsPerRole: 50"):
        iam.tag_role(RoleName=name, Tags=tags("one-more"))
    iam.untag_role(RoleName=name, TagKeys=["tag-0"])
    iam.tag_role(RoleName=name, Tags=tags("one-more"))
