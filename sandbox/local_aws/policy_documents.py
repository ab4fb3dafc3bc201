"""AWS's checks of key policies, secret policies and trust policies."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, TypeAlias

Statement: TypeAlias = Mapping[str, Any]

_VERSIONS = ("2008-10-17", "2012-10-17")
_ELEMENTS = frozenset({"Sid", "Effect", "Principal", "Action", "Resource", "Condition"})
_NEGATED = frozenset({"NotPrincipal", "NotAction", "NotResource"})
_NAMED = r"(root|(user|role)/[\w+=,.@/-]+)"
# In a policy, a deleted user or role becomes a unique ID, which AWS rejects like a malformed ARN.
_PRINCIPALS = {
    "AWS": rf"\*|\d{{12}}|arn:aws[a-z-]*:(iam::\d{{12}}:{_NAMED}|sts::\d{{12}}:[a-z-]+/[\w+=,.@/-]+)",
    "Service": r"[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?",
    "Federated": r".+",
    "CanonicalUser": r"[0-9a-f]{64}",
}
# Condition keys that keep a statement for all principals from being public.
_OWNERS = frozenset(
    f"aws:{name}"
    for name in (
        "principalaccount",
        "principalarn",
        "principalorgid",
        "sourceaccount",
        "sourcearn",
        "sourcevpc",
        "sourcevpce",
    )
)


def statements(text: str, *, required: Collection[str]) -> list[Statement]:
    """Return the statements of a policy.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html

    Args:
        text: the policy as JSON.
        required: the elements that each statement must have, plain or negated.

    Raises:
        ValueError: the text is not a policy; the message says why.

    """
    try:
        document = json.loads(text)
    except ValueError:
        raise ValueError("The policy is not valid JSON.") from None
    if not isinstance(document, dict) or set(document) - {"Version", "Id", "Statement"}:
        raise ValueError("A policy is an object with Version, Id and Statement.")
    if document.get("Version", _VERSIONS[0]) not in _VERSIONS:
        raise ValueError(f"The version of a policy is {' or '.join(_VERSIONS)}.")
    found = document.get("Statement")
    found = [found] if isinstance(found, dict) else found
    if not isinstance(found, list) or not found:
        raise ValueError("A policy has one or more statements.")
    for statement in found:
        _check_statement(statement, required)
    return found


def _check_statement(statement: object, required: Collection[str]) -> None:
    if not isinstance(statement, dict) or set(statement) - _ELEMENTS - _NEGATED:
        raise ValueError(f"The elements of a statement are {', '.join(sorted(_ELEMENTS))}.")
    if statement.get("Effect") not in ("Allow", "Deny"):
        raise ValueError("The effect of a statement is Allow or Deny.")
    for element in required:
        if len({element, f"Not{element}"} & set(statement)) != 1:
            raise ValueError(f"A statement has either {element} or Not{element}.")
    condition = statement.get("Condition", {})
    if not isinstance(condition, dict) or not all(
        isinstance(keys, dict) for keys in condition.values()
    ):
        raise ValueError("A condition has operators, each with keys and their values.")


def has_unknown_principals(statement: Statement) -> bool:
    """Return whether a principal is invalid in any account.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    found = list(_principals(statement))
    return not found or not all(
        re.fullmatch(_PRINCIPALS.get(kind, "(?!)"), str(name)) for kind, name in found
    )


def is_public(statement: Statement) -> bool:
    """Return whether a statement allows access to everyone.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html
    """
    everyone = ("AWS", "*") in _principals(statement) or "NotPrincipal" in statement
    return statement["Effect"] == "Allow" and everyone and not _is_limited(statement)


def locks_out(found: list[Statement], action: str, account: str) -> bool:
    """Return whether an action is denied to an account's root.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
    """
    return any(
        statement["Effect"] == "Deny" and _covers(statement, action, account) for statement in found
    )


def lets_in(found: list[Statement], action: str, account: str) -> bool:
    """Return whether an action is allowed to an account's root, which can then allow it to users.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """
    return any(
        statement["Effect"] == "Allow" and _covers(statement, action, account)
        for statement in found
    )


def _covers(statement: Statement, action: str, account: str) -> bool:
    """Return whether a statement applies unconditionally to an action of an account's root."""
    root = rf"\*|{account}|arn:aws[a-z-]*:iam::{account}:root"
    names = [str(name) for kind, name in _principals(statement) if kind == "AWS"]
    actions = _listed(statement.get("Action", statement.get("NotAction", [])))
    named = any(fnmatchcase(action.lower(), str(each).lower()) for each in actions)
    return (
        not statement.get("Condition")
        and "Principal" in statement
        and any(re.fullmatch(root, name) for name in names)
        and named is ("Action" in statement)
    )


def _principals(statement: Statement) -> Iterator[tuple[str, object]]:
    principal = statement.get("Principal", statement.get("NotPrincipal"))
    if principal == "*":
        yield "AWS", "*"
    elif isinstance(principal, dict):
        for kind, names in principal.items():
            for name in _listed(names):
                yield kind, name


def _is_limited(statement: Statement) -> bool:
    return any(
        key.lower() in _OWNERS and not any("*" in str(value) for value in _listed(values))
        for operator, keys in (statement.get("Condition") or {}).items()
        if re.fullmatch(r"(ForAnyValue:)?(String|Arn)(Equals(IgnoreCase)?|Like)", operator)
        for key, values in keys.items()
    )


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
