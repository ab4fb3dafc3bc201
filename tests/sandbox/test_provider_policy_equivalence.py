"""Two policies that say the same are no change; two that do not are one."""

import json
from typing import Any

import pytest

from sandbox.provider.policy_equivalence import equivalent, normalised

ALLOW: dict[str, Any] = {
    "Sid": "Read",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
    "Action": ["kms:Decrypt", "kms:Encrypt"],
    "Resource": "*",
    "Condition": {"StringEquals": {"aws:SourceAccount": ["1", "2"]}},
}
OTHER = {"Sid": "Other", "Effect": "Deny", "Principal": "*", "Action": "a:B", "Resource": "*"}


def document(*statements: dict[str, Any], **rest: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements), **rest})


@pytest.mark.parametrize(
    ("reason", "changes"),
    [
        ("the order of the actions", {"Action": ["kms:Encrypt", "kms:Decrypt"]}),
        ("a list of one", {"Resource": ["*"]}),
        ("the case of the effect", {"Effect": "ALLOW"}),
        ("an account for its root", {"Principal": {"AWS": "123456789012"}}),
        ("a list of one principal", {"Principal": {"AWS": ["123456789012"]}}),
        (
            "the order of a condition's values",
            {"Condition": {"StringEquals": {"aws:SourceAccount": ["2", "1"]}}},
        ),
    ],
)
def test_policies_that_differ_only_in_wording_are_equivalent(
    reason: str, changes: dict[str, Any]
) -> None:
    assert equivalent(document(ALLOW), document({**ALLOW, **changes})), reason
    assert equivalent(document({**ALLOW, **changes}), document(ALLOW)), reason


@pytest.mark.parametrize(
    ("reason", "changes"),
    [
        ("Sid", {"Sid": "read"}),
        ("effect", {"Effect": "Deny"}),
        ("an action more", {"Action": ["kms:Decrypt", "kms:Encrypt", "kms:ReEncrypt*"]}),
        ("the case of an action", {"Action": ["kms:decrypt", "kms:Encrypt"]}),
        ("a resource", {"Resource": "arn:aws:kms:::key/1"}),
        ("another account", {"Principal": {"AWS": "210987654321"}}),
        ("a service principal", {"Principal": {"Service": "mediatailor.amazonaws.com"}}),
        ("everyone", {"Principal": "*"}),
        ("an operator", {"Condition": {"StringLike": {"aws:SourceAccount": ["1", "2"]}}}),
        ("a condition's key", {"Condition": {"StringEquals": {"aws:SourceArn": ["1", "2"]}}}),
        ("a condition's value", {"Condition": {"StringEquals": {"aws:SourceAccount": "1"}}}),
        ("no condition", {"Condition": {}}),
    ],
)
def test_policies_that_say_something_else_are_not_equivalent(
    reason: str, changes: dict[str, Any]
) -> None:
    assert not equivalent(document(ALLOW), document({**ALLOW, **changes})), reason
    assert not equivalent(document({**ALLOW, **changes}), document(ALLOW)), reason


def test_everyone_is_not_the_same_as_every_aws_principal() -> None:
    everyone = document({**ALLOW, "Principal": "*"})
    assert not equivalent(everyone, document({**ALLOW, "Principal": {"AWS": "*"}}))


def test_the_order_of_statements_does_not_matter_but_their_number_does() -> None:
    assert equivalent(document(ALLOW, OTHER), document(OTHER, ALLOW))
    assert not equivalent(document(ALLOW, OTHER), document(ALLOW))
    assert not equivalent(document(ALLOW, OTHER), document(ALLOW, ALLOW))


def test_one_statement_needs_no_list() -> None:
    assert equivalent(document(ALLOW), json.dumps({"Version": "2012-10-17", "Statement": ALLOW}))


def test_version_and_id_of_the_document_count() -> None:
    assert not equivalent(document(ALLOW), document(ALLOW, Version="2008-10-17"))
    assert not equivalent(document(ALLOW), document(ALLOW, Id="mine"))


def test_a_condition_with_a_boolean_is_never_equivalent_as_upstream_compares_text_only() -> None:
    boolean = document({**ALLOW, "Condition": {"Bool": {"aws:SecureTransport": True}}})
    assert not equivalent(boolean, boolean)


@pytest.mark.parametrize("other", ["", "{}", "not JSON", "[]", '{"Statement": 1}'])
def test_text_that_is_no_policy_is_equivalent_to_no_policy(other: str) -> None:
    assert not equivalent(document(ALLOW), other)
    assert not equivalent(other, document(ALLOW))


def test_no_policy_and_the_empty_policy_are_equivalent() -> None:
    assert equivalent("", "{}")
    assert equivalent("{}", "")


def test_a_normalised_policy_has_sorted_keys_and_no_white_space() -> None:
    assert normalised('{ "b": [1, 2],\n "a": "ü" }') == '{"a":"ü","b":[1,2]}'
    assert normalised("not JSON") == "not JSON"
