"""Setups without a stack, with faults that the local AWS rejects or that only AWS causes."""

import json
from typing import Any

import pytest

from tests.support.aws_cli import run_aws_cli
from tests.support.aws_proxy import Answer, Request, aws_proxy
from tests.support.changed_answers import Change, changed_answers
from tests.support.setup_by_hand import (
    HandMade,
    found,
)


def add_statement(name: str, statement: dict[str, Any]) -> Change:
    def change(answer: dict[str, Any]) -> None:
        policy = json.loads(answer[name])
        policy["Statement"].append(statement)
        answer[name] = json.dumps(policy)

    return change


DELETED = {
    "Effect": "Allow",
    "Principal": {"AWS": "AROA0123456789EXAMPLE"},
    "Action": "kms:Decrypt",
    "Resource": "*",
}

CHANGED: dict[str, tuple[str, str, str, Change]] = {
    "the key is asymmetric": (
        "key-usable",
        "the key is not a symmetric encryption key: RSA_2048, ENCRYPT_DECRYPT",
        "DescribeKey",
        lambda answer: answer["KeyMetadata"].update(KeySpec="RSA_2048"),
    ),
    "the key is an AWS managed key": (
        "key-usable",
        "the key is an AWS managed key",
        "DescribeKey",
        lambda answer: answer["KeyMetadata"].update(KeyManager="AWS"),
    ),
    "the key has no key material yet": (
        "key-usable",
        "the key's state is PendingImport",
        "DescribeKey",
        lambda answer: answer["KeyMetadata"].update(KeyState="PendingImport"),
    ),
    "a role in the key policy was deleted": (
        "key-principals",
        "it contains a deleted role or user, AROA0123456789EXAMPLE",
        "GetKeyPolicy",
        add_statement("Policy", DELETED),
    ),
    "a role in the secret's policy was deleted": (
        "secret-principals",
        "it contains a deleted role or user, AROA0123456789EXAMPLE",
        "GetResourcePolicy",
        add_statement("ResourcePolicy", DELETED),
    ),
    "the secret has no key": (
        "secret-key",
        "the secret has no key, so the AWS managed key encrypts it",
        "DescribeSecret",
        lambda answer: answer.pop("KmsKeyId"),
    ),
    "the value is binary": (
        "secret-string",
        "the secret has a binary value, not a SecretString",
        "GetSecretValue",
        lambda answer: answer.pop("SecretString"),
    ),
}


@pytest.mark.parametrize("name", CHANGED)
def test_a_fault_in_a_response_is_one_finding_and_its_commands_are_valid(
    setup: HandMade, name: str
) -> None:
    requirement, text, operation, change = CHANGED[name]
    with changed_answers(
        setup.aws.url, lambda service, _: setup.client(service), operation, change
    ) as url:
        ((reported, finding),) = found(setup.verify(url))
    assert (reported, finding.text) == (requirement, text)
    for command in finding.fix:
        words = {
            "KEY_ARN": setup.key_arn,
            "file://SECRET_STRING.json": '{"AccessToken": "0123-token"}',
        }
        run_aws_cli(" ".join(command), setup.session, setup.aws.url, words)
    assert found(setup.verify()) == []


def test_a_key_that_was_deleted_is_one_finding(setup: HandMade) -> None:
    def forget(request: Request) -> Answer | None:
        body = json.dumps({"__type": "NotFoundException", "message": "No such key"}).encode()
        return Answer(status=400, body=body) if request.operation == "DescribeKey" else None

    with aws_proxy(setup.aws.url, instead=forget) as proxy:
        ((reported, finding),) = found(setup.verify(proxy.url))
    assert (reported, finding.text) == ("key-usable", f"KMS has no key {setup.key_arn}")


def test_a_secret_that_was_deleted_is_one_finding(setup: HandMade) -> None:
    setup.client("secretsmanager").delete_secret(
        SecretId=setup.secret_arn, ForceDeleteWithoutRecovery=True
    )
    ((reported, finding),) = found(setup.verify())
    assert (reported, finding.text) == (
        "secret-exists",
        f"Secrets Manager has no secret {setup.secret_arn}",
    )
