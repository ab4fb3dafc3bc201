"""The local KMS rejects the key policies that AWS KMS rejects."""

import json
from typing import Any

import pytest

from sandbox.local_aws import ACCOUNT_ID
from tests.support.local_aws_clients import AWAY, refused

ROOT = {
    "Effect": "Allow",
    "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"},
    "Action": "kms:*",
    "Resource": "*",
}


def policy(*statements: object, **elements: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements), **elements})


def changed(**elements: object) -> dict[str, object]:
    return {**ROOT, **elements}


GRANT = changed(Action="kms:CreateGrant", Principal={"AWS": f"arn:aws:iam::{ACCOUNT_ID}:role/r"})


@pytest.mark.parametrize(
    "policy_text",
    [
        "no JSON",
        "[]",
        policy(),
        policy("statement"),
        policy(ROOT, Version="2020-01-01"),
        policy(ROOT, Extra=1),
        policy(changed(Effect="allow")),
        policy(changed(Actions="kms:*")),
        policy(changed(Effect=["Allow"])),
        policy(changed(Condition=[])),
        policy(changed(Condition={"StringEquals": "kms:ViaService"})),
        policy({name: ROOT[name] for name in ("Effect", "Action", "Resource")}),
    ],
)
def test_a_malformed_key_policy_is_rejected(kms: Any, key: str, policy_text: str) -> None:
    with refused("MalformedPolicyDocumentException"):
        kms.create_key(Policy=policy_text)
    with refused("MalformedPolicyDocumentException"):
        kms.put_key_policy(KeyId=key, Policy=policy_text)
    with refused("MalformedPolicyDocumentException"):
        kms.replicate_key(KeyId=key, ReplicaRegion=AWAY, Policy=policy_text)


@pytest.mark.parametrize(
    "principal",
    [
        {"AWS": "arn:aws:iam::123456789012:role"},
        {"AWS": "arn:aws:iam::1234:role/r"},
        {"AWS": "arn:aws:iam::123456789012:group/g"},
        {"AWS": "arn:aws:iam::123456789012:role/*"},
        {"AWS": "AROAEXAMPLEEXAMPLEEX"},
        {"AWS": [f"arn:aws:iam::{ACCOUNT_ID}:root", "nobody"]},
        {"Service": "mediatailor"},
        {"Robot": "r"},
        {},
        "everyone",
    ],
)
def test_a_key_policy_with_a_principal_that_cannot_exist_is_rejected(
    kms: Any, principal: object
) -> None:
    with refused("MalformedPolicyDocumentException", "one or more invalid principals"):
        kms.create_key(Policy=policy(ROOT, changed(Principal=principal)))


@pytest.mark.parametrize("action", ["kms:*", "*", "kms:Put*"])
def test_a_key_policy_that_denies_the_account_management_of_the_key_is_rejected(
    kms: Any, action: str
) -> None:
    denied = changed(Effect="Deny", Principal="*", Action=action)
    with refused("MalformedPolicyDocumentException", "will not allow you to update"):
        kms.create_key(Policy=policy(ROOT, denied))
    kms.create_key(
        Policy=policy(ROOT, {**denied, "Condition": {"Bool": {"aws:SecureTransport": "false"}}})
    )


@pytest.mark.parametrize(
    "statement",
    [
        changed(Effect="Deny"),
        {**GRANT, "Action": "kms:*"},
        {name: ROOT[name] for name in ("Effect", "Principal", "Resource")} | {"NotAction": "kms:*"},
        {name: ROOT[name] for name in ("Effect", "Action")} | {"NotPrincipal": ROOT["Principal"]},
        changed(Action=["kms:Decrypt", "kms:Put*Alias"]),
        changed(Condition={"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}),
        changed(Principal={"AWS": "arn:aws:iam::999999999999:root"}),
        changed(Principal={"AWS": f"arn:aws:iam::{ACCOUNT_ID}:role/{ACCOUNT_ID}"}),
        changed(Principal={"Service": "mediatailor.amazonaws.com"}),
        changed(Principal={"Federated": "*"}),
    ],
)
def test_a_key_policy_that_locks_the_account_out_is_rejected(
    kms: Any, key: str, statement: object
) -> None:
    locking = policy(statement)
    with refused("MalformedPolicyDocumentException", "will not allow you to update"):
        kms.put_key_policy(KeyId=key, Policy=locking)
    kms.put_key_policy(KeyId=key, Policy=locking, BypassPolicyLockoutSafetyCheck=True)


@pytest.mark.parametrize(
    "statement",
    [
        ROOT,
        changed(Principal="*"),
        changed(Principal={"AWS": ACCOUNT_ID}),
        changed(Principal={"AWS": ["arn:aws:iam::999999999999:root", ACCOUNT_ID]}),
        changed(Action=["kms:Get*", "KMS:Put*"]),
        {name: ROOT[name] for name in ("Effect", "Principal", "Action")},
        {name: ROOT[name] for name in ("Effect", "Principal")} | {"NotAction": "kms:Decrypt"},
    ],
)
def test_a_key_policy_that_lets_the_account_manage_the_key_is_accepted(
    kms: Any, key: str, statement: object
) -> None:
    kms.put_key_policy(KeyId=key, Policy=policy(GRANT, statement))


def test_a_key_policy_of_more_than_32_kilobytes_is_rejected(kms: Any, key: str) -> None:
    def of_size(size: int) -> str:
        text = policy(ROOT, Id="")
        return text.replace('"Id": ""', f'"Id": "{"x" * (size - len(text))}"')

    kms.put_key_policy(KeyId=key, Policy=of_size(32_768))
    with refused("LimitExceededException"):
        kms.put_key_policy(KeyId=key, Policy=of_size(32_769))
