"""The local Secrets Manager rejects the secret policies that AWS Secrets Manager rejects."""

import json
from typing import Any

import pytest

from sandbox.local_aws import ACCOUNT_ID
from tests.support.local_aws_clients import AWAY, refused


def statement(**elements: object) -> dict[str, object]:
    of_mediatailor = {
        "Effect": "Allow",
        "Principal": {"Service": "mediatailor.amazonaws.com"},
        "Action": "secretsmanager:GetSecretValue",
        "Resource": "*",
    }
    return {name: value for name, value in {**of_mediatailor, **elements}.items() if value}


def policy(*statements: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.mark.parametrize("operation", ["put", "get", "delete"])
def test_the_policy_of_a_secret_marked_for_deletion_is_neither_read_nor_changed(
    secrets: Any, name: str, operation: str
) -> None:
    secrets.create_secret(Name=name)
    secrets.put_resource_policy(SecretId=name, ResourcePolicy=policy(statement()))
    secrets.delete_secret(SecretId=name)
    arguments = {"ResourcePolicy": policy(statement())} if operation == "put" else {}
    with refused("InvalidRequestException", "because it was marked for deletion"):
        getattr(secrets, f"{operation}_resource_policy")(SecretId=name, **arguments)
    secrets.restore_secret(SecretId=name)
    getattr(secrets, f"{operation}_resource_policy")(SecretId=name, **arguments)


@pytest.mark.parametrize("operation", ["put", "delete"])
def test_the_policy_of_a_replica_is_not_changed(
    secrets: Any, away: Any, name: str, operation: str
) -> None:
    secrets.create_secret(Name=name, AddReplicaRegions=[{"Region": AWAY}])
    arguments = {"ResourcePolicy": policy(statement())} if operation == "put" else {}
    with refused("InvalidRequestException", "on a replica secret"):
        getattr(away, f"{operation}_resource_policy")(SecretId=name, **arguments)


@pytest.mark.parametrize(
    "text",
    [
        "no JSON",
        "{}",
        policy(),
        policy(statement(Effect="AllowSomething")),
        policy(statement(Principal=None)),
        policy(statement(Action=None)),
        policy(statement(Resource=None)),
        policy(statement(NotAction="secretsmanager:PutSecretValue")),
        policy(statement(Condition=None, Conditions={"a": "b"})),
    ],
)
def test_a_malformed_resource_policy_is_rejected(secrets: Any, name: str, text: str) -> None:
    secrets.create_secret(Name=name)
    with refused("MalformedPolicyDocumentException", "a syntax error"):
        secrets.put_resource_policy(SecretId=name, ResourcePolicy=text)
    assert "ResourcePolicy" not in secrets.get_resource_policy(SecretId=name)


@pytest.mark.parametrize(
    "principal", [{"Service": "mediatailor"}, {"AWS": "arn:aws:iam::1:role/r"}, {"AWS": "AIDAX"}]
)
def test_a_resource_policy_with_a_principal_that_cannot_exist_is_rejected(
    secrets: Any, name: str, principal: object
) -> None:
    secrets.create_secret(Name=name)
    text = policy(statement(Principal=principal))
    with refused("MalformedPolicyDocumentException", "an unsupported principal"):
        secrets.put_resource_policy(SecretId=name, ResourcePolicy=text)


@pytest.mark.parametrize("principal", ["*", {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"}])
def test_a_resource_policy_that_locks_the_account_out_is_rejected(
    secrets: Any, name: str, principal: object
) -> None:
    secrets.create_secret(Name=name)
    text = policy(statement(Effect="Deny", Principal=principal, Action="secretsmanager:*"))
    with refused("MalformedPolicyDocumentException", "will not allow you to manage"):
        secrets.put_resource_policy(SecretId=name, ResourcePolicy=text)


EVERYONE = {"AWS": "*"}


@pytest.mark.parametrize(
    "public",
    [
        statement(Principal="*"),
        statement(Principal=EVERYONE),
        statement(Principal={"AWS": [f"arn:aws:iam::{ACCOUNT_ID}:root", "*"]}),
        statement(Principal=None, NotPrincipal={"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"}),
        statement(Principal=EVERYONE, Condition={"StringEquals": {"aws:username": "u"}}),
        statement(Principal=EVERYONE, Condition={"StringNotEquals": {"aws:SourceAccount": "1"}}),
        statement(Principal=EVERYONE, Condition={"StringLike": {"aws:SourceAccount": "*"}}),
    ],
)
def test_a_public_resource_policy_is_rejected_on_request(
    secrets: Any, name: str, public: object
) -> None:
    secrets.create_secret(Name=name)
    text = policy(statement(), public)
    with refused("PublicPolicyException", "broad access"):
        secrets.put_resource_policy(SecretId=name, ResourcePolicy=text, BlockPublicPolicy=True)
    secrets.put_resource_policy(SecretId=name, ResourcePolicy=text)


@pytest.mark.parametrize(
    "private",
    [
        statement(),
        statement(Principal={"Service": "mediatailor.eu-west-1.amazonaws.com"}),
        statement(Principal={"AWS": f"arn:aws:iam::{ACCOUNT_ID}:role/path/r"}),
        statement(Effect="Deny", Principal="*"),
        statement(Principal="*", Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT_ID}}),
        statement(Principal="*", Condition={"ArnEquals": {"AWS:PrincipalArn": ["a", "b"]}}),
    ],
)
def test_a_resource_policy_that_is_not_public_is_accepted(
    secrets: Any, name: str, private: object
) -> None:
    secrets.create_secret(Name=name)
    secrets.put_resource_policy(
        SecretId=name, ResourcePolicy=policy(private), BlockPublicPolicy=True
    )
