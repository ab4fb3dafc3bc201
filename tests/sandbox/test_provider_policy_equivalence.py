"""The stand-in compares policies as the library that pulumi-aws uses does."""

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


def document(*statements: Any, **rest: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements), **rest})


def without(part: str) -> dict[str, Any]:
    return {name: value for name, value in ALLOW.items() if name != part}


def if_(operator: str, **keys: object) -> dict[str, Any]:
    return {**ALLOW, "Condition": {operator: keys}}


def of(principal: object) -> dict[str, Any]:
    return {**ALLOW, "Principal": principal}


# The results are those of github.com/hashicorp/awspolicyequivalence 1.7.0 for these pairs.
ANSWERS = [
    # Equivalent forms in AWS
    ("the order of actions", ALLOW, {**ALLOW, "Action": ["kms:Encrypt", "kms:Decrypt"]}, True),
    ("a list of one", ALLOW, {**ALLOW, "Resource": ["*"]}, True),
    ("the case of the effect", ALLOW, {**ALLOW, "Effect": "ALLOW"}, True),
    ("an account for its root", ALLOW, of({"AWS": "123456789012"}), True),
    ("a list of one principal", ALLOW, of({"AWS": ["123456789012"]}), True),
    (
        "the order of a condition's values",
        ALLOW,
        if_("StringEquals", **{"aws:SourceAccount": ["2", "1"]}),
        True,
    ),
    # Different meanings
    ("another Sid", ALLOW, {**ALLOW, "Sid": "read"}, False),
    ("another effect", ALLOW, {**ALLOW, "Effect": "Deny"}, False),
    ("one more action", ALLOW, {**ALLOW, "Action": [*ALLOW["Action"], "kms:ReEncrypt*"]}, False),
    ("the same action twice", ALLOW, {**ALLOW, "Action": ["kms:Decrypt"] * 2}, False),
    ("the case of an action", ALLOW, {**ALLOW, "Action": ["kms:decrypt", "kms:Encrypt"]}, False),
    ("another resource", ALLOW, {**ALLOW, "Resource": "arn:aws:kms:::key/1"}, False),
    ("another account", ALLOW, of({"AWS": "210987654321"}), False),
    ("a service principal", ALLOW, of({"Service": "mediatailor.amazonaws.com"}), False),
    ("another operator", ALLOW, if_("StringLike", **{"aws:SourceAccount": ["1", "2"]}), False),
    ("another condition key", ALLOW, if_("StringEquals", **{"aws:SourceArn": ["1", "2"]}), False),
    ("another condition value", ALLOW, if_("StringEquals", **{"aws:SourceAccount": "1"}), False),
    # Conditions
    ("a boolean and its text", if_("Bool", a=True), if_("Bool", a="true"), True),
    ("a boolean and other text", if_("Bool", a=True), if_("Bool", a="True"), False),
    ("a number and its text", if_("NumericEquals", a=5.0), if_("NumericEquals", a="5"), True),
    ("a fraction and its text", if_("NumericEquals", a=0.50), if_("NumericEquals", a="0.5"), True),
    ("true and 1", if_("Bool", a=True), if_("Bool", a=1), False),
    ("a condition value that is an object", if_("Bool", a={}), if_("Bool", a={}), True),
    ("an object and nothing", if_("Bool", a={}), if_("Bool", a=[]), False),
    ("the same condition value twice", if_("Bool", a="1"), if_("Bool", a=["1", "1"]), False),
    ("repeated condition values", if_("B", a=["1", "1", "2"]), if_("B", a=["1", "2", "2"]), True),
    ("an empty condition and none", {**ALLOW, "Condition": {}}, without("Condition"), False),
    ("a null condition and none", {**ALLOW, "Condition": None}, without("Condition"), True),
    ("a condition that is a list", {**ALLOW, "Condition": []}, {**ALLOW, "Condition": {}}, False),
    # Principals
    ("everyone and every AWS principal", of("*"), of({"AWS": "*"}), False),
    ("two plain-text principals", of("*"), of("arn:aws:iam::123456789012:root"), True),
    ("text and a list of it", of("*"), of(["*"]), True),
    ("everyone and nobody", of("*"), without("Principal"), True),
    ("an empty principal and none", of({}), without("Principal"), True),
    ("an empty list of principals and none", of({"AWS": []}), without("Principal"), True),
    ("a principal and none", of({"AWS": "*"}), without("Principal"), False),
    ("repeated principals", of({"AWS": ["1", "1", "2"]}), of({"AWS": ["1", "2", "2"]}), True),
    (
        "the root of another partition",
        of({"AWS": "arn:aws-cn:iam::123456789012:root"}),
        of({"AWS": "123456789012"}),
        True,
    ),
    # Names and types
    ("names in lower case", ALLOW, {name.lower(): value for name, value in ALLOW.items()}, True),
    ("an empty Sid and none", {**ALLOW, "Sid": ""}, without("Sid"), True),
    ("a Sid that is a number", {**ALLOW, "Sid": 1}, {**ALLOW, "Sid": "1"}, False),
    ("an unknown part", ALLOW, {**ALLOW, "Comment": "x"}, True),
    ("a resource that is null", {**ALLOW, "Resource": None}, without("Resource"), True),
    ("a resource that is an object", {**ALLOW, "Resource": {}}, without("Resource"), False),
    ("a statement that is text", "x", "x", True),
    ("a statement that is other text", "x", "y", False),
]


@pytest.mark.parametrize(
    ("one", "other", "answer"), [each[1:] for each in ANSWERS], ids=[each[0] for each in ANSWERS]
)
def test_statements_are_compared_as_the_library_compares_them(
    one: object, other: object, *, answer: bool
) -> None:
    assert equivalent(document(one), document(other)) is answer
    assert equivalent(document(other), document(one)) is answer


# As above.
DOCUMENT_ANSWERS = [
    ("the order of statements", document(ALLOW, OTHER), document(OTHER, ALLOW), True),
    ("one statement less", document(ALLOW, OTHER), document(ALLOW), False),
    ("a statement twice", document(ALLOW, OTHER), document(ALLOW, ALLOW), False),
    (
        "repeated statements",
        document(ALLOW, ALLOW, OTHER),
        document(ALLOW, OTHER, OTHER),
        True,
    ),
    (
        "a statement without a list",
        document(ALLOW),
        json.dumps({"Version": "2012-10-17", "Statement": ALLOW}),
        True,
    ),
    ("another version", document(ALLOW), document(ALLOW, Version="2008-10-17"), False),
    ("another Id", document(ALLOW), document(ALLOW, Id="mine"), False),
    ("an empty Id and none", document(ALLOW), document(ALLOW, Id=""), True),
    ("an Id that is a number", document(ALLOW), document(ALLOW, Id=1), False),
    ("a list of one document", document(ALLOW), f" [{document(ALLOW)}] ", True),
    ("nothing and the empty policy", "", " {} ", True),
    ("the empty list and the empty policy", "[]", "{}", True),
    ("null and the empty policy", "null", "{}", True),
    ("no statement and an empty list", "{}", '{"Statement": []}', True),
    ("a policy and nothing", document(ALLOW), "", False),
    ("a policy and the empty policy", document(ALLOW), "{}", False),
    ("a policy and other text", document(ALLOW), "not JSON", False),
    ("text that is not JSON and itself", "not JSON", "not JSON", False),
    ("a statement that is a number", '{"Statement": 1}', '{"Statement": 2}', False),
]


@pytest.mark.parametrize(
    ("one", "other", "answer"),
    [each[1:] for each in DOCUMENT_ANSWERS],
    ids=[each[0] for each in DOCUMENT_ANSWERS],
)
def test_documents_are_compared_as_the_library_compares_them(
    one: str, other: str, *, answer: bool
) -> None:
    assert equivalent(one, other) is answer
    assert equivalent(other, one) is answer


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ('{ "b": [1, 2.0],\n "a": "ü" }', '{"a":"ü","b":[1,2]}'),
        ('{"a": "<x> & \\u2028"}', r'{"a":"\u003cx\u003e \u0026 \u2028"}'),
        ("not JSON", "not JSON"),
        ("", ""),
    ],
)
def test_a_policy_is_normalised_as_go_writes_json(policy: str, expected: str) -> None:
    assert normalised(policy) == expected
