"""IAM policy documents: who may do what, under which conditions.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Policy = str | Mapping[str, Any]
"""The IAM API returns an object; KMS and Secrets Manager return JSON text."""
Statement = Mapping[str, Any]

_PRINCIPAL_ID = re.compile(r"A(?:ROA|IDA)[A-Z0-9]+")
_LIMITING_KEYS = {
    key.lower()
    for key in (
        "aws:PrincipalAccount",
        "aws:PrincipalArn",
        "aws:PrincipalOrgID",
        "aws:PrincipalOrgPaths",
        "aws:SourceAccount",
        "aws:SourceArn",
        "aws:SourceOrgID",
        "aws:SourceOrgPaths",
        "aws:SourceOwner",
        "aws:SourceVpc",
        "aws:SourceVpce",
        "aws:userid",
        "kms:CallerAccount",
    )
}
"""Condition keys that exclude the public if they have a fixed value.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html"""


def statements(policy: Policy) -> list[Statement]:
    """Return a policy's statements; none if the text is not a policy."""
    try:
        document = json.loads(policy) if isinstance(policy, str) else policy
    except ValueError:
        return []
    found = document.get("Statement") if isinstance(document, dict) else None
    return [statement for statement in listed(found) if isinstance(statement, dict)]


def policy_of(statements: Iterable[Statement]) -> dict[str, Any]:
    """Return a policy with these statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def principals(statement: Statement) -> Iterator[str]:
    """Yield the principals of a statement, such as an ARN, a service or `*`."""
    principal = statement.get("Principal")
    if isinstance(principal, dict):
        for named in principal.values():
            yield from map(str, listed(named))
    elif principal is not None:
        yield str(principal)


def allowing(policy: Policy, action: str) -> Iterator[Statement]:
    """Yield the statements that allow an action under any condition."""
    for statement in statements(policy):
        if statement.get("Effect") == "Allow" and is_about(statement, action):
            yield statement


def is_about(statement: Statement, action: str) -> bool:
    """Whether a statement's Action or NotAction includes an action."""
    element = "NotAction" if "NotAction" in statement else "Action"
    matches = any(like(action, pattern) for pattern in listed(statement.get(element)))
    return matches == (element == "Action")


def like(text: str, pattern: str) -> bool:
    """Whether a text matches a pattern with `*` and `?`, ignoring case."""
    wildcards = re.escape(str(pattern)).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(wildcards, text, re.IGNORECASE) is not None


def is_public(statement: Statement) -> bool:
    """Whether a statement allows something to anyone."""
    return (
        statement.get("Effect") == "Allow"
        and ("NotPrincipal" in statement or "*" in principals(statement))
        and not any(
            key.lower() in _LIMITING_KEYS and "*" not in "".join(map(str, listed(values)))
            for operator, keys in (statement.get("Condition") or {}).items()
            if "Not" not in operator and "IfExists" not in operator
            for key, values in keys.items()
        )
    )


def public_actions(policy: Policy) -> str | None:
    """Return the actions that a policy allows anyone, or None."""
    return next((actions(s) for s in statements(policy) if is_public(s)), None)


def actions(statement: Statement) -> str:
    """Return a statement's actions as text."""
    if "NotAction" in statement:
        return f"everything except {', '.join(listed(statement['NotAction']))}"
    return ", ".join(map(str, listed(statement.get("Action"))))


def deleted_principals(policy: Policy) -> list[str]:
    """Return the unique IDs that AWS shows for deleted principals.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
    """
    return sorted(
        {
            principal
            for statement in statements(policy)
            for principal in principals(statement)
            if _PRINCIPAL_ID.fullmatch(principal)
        }
    )


def without_deleted_principals(found: Iterable[Statement]) -> list[Statement]:
    """Remove the IDs of deleted principals, and statements with no other principal."""
    kept: list[Statement] = []
    for statement in found:
        principal = statement.get("Principal")
        if not deleted_principals(policy_of([statement])) or not isinstance(principal, dict):
            kept.append(statement)
            continue
        left = {
            kind: [named for named in listed(names) if not _PRINCIPAL_ID.fullmatch(str(named))]
            for kind, names in principal.items()
        }
        if any(left.values()):
            kept.append({**statement, "Principal": {k: v for k, v in left.items() if v}})
    return kept


def condition_text(statement: Statement) -> str:
    """Return a statement's condition as text, such as ` if aws:SourceAccount is 123456789012`."""
    return "".join(
        f" if {key} {'is' if operator == 'StringEquals' else operator} {' or '.join(map(str, listed(value)))}"
        for operator, keys in (statement.get("Condition") or {}).items()
        for key, value in keys.items()
    )


def listed(value: Any) -> list[Any]:  # noqa: ANN401  JSON
    """Return the value as a list; IAM allows a single value or a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
