"""Reads IAM policy documents: who may do what, under which conditions.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

Policy = str | Mapping[str, Any]
"""IAM's API returns an object, KMS's and Secrets Manager's return its JSON text."""
Statement = Mapping[str, Any]


def statements(policy: Policy) -> list[Statement]:
    """Return a policy's statements; a text that is not a policy has none."""
    try:
        document = json.loads(policy) if isinstance(policy, str) else policy
    except ValueError:
        return []
    found = document.get("Statement") if isinstance(document, dict) else None
    return [statement for statement in listed(found) if isinstance(statement, dict)]


def principals(statement: Statement) -> Iterator[str]:
    """Yield the principals of a statement, such as an ARN, a service or `*`."""
    principal = statement.get("Principal")
    if isinstance(principal, dict):
        for named in principal.values():
            yield from listed(named)
    elif principal is not None:
        yield principal


def allowing(policy: Policy, action: str) -> Iterator[Statement]:
    """Yield the statements that allow an action, whatever their condition."""
    for statement in statements(policy):
        if statement.get("Effect") == "Allow" and is_about(statement, action):
            yield statement


def is_about(statement: Statement, action: str) -> bool:
    """Whether a statement's Action or NotAction includes an action."""
    element = "NotAction" if "NotAction" in statement else "Action"
    matches = any(
        re.fullmatch(
            re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), action, re.IGNORECASE
        )
        for pattern in listed(statement.get(element))
    )
    return matches == (element == "Action")


def public_actions(policy: Policy) -> str | None:
    """Return what a policy allows anyone to do, or None."""
    for statement in statements(policy):
        if statement.get("Effect") == "Allow" and (
            "NotPrincipal" in statement or "*" in principals(statement)
        ):
            return ", ".join(listed(statement.get("Action"))) or "everything but some actions"
    return None


def condition_text(statement: Statement) -> str:
    """Return a statement's condition for people, such as ` if aws:SourceAccount is 123456789012`."""
    return "".join(
        f" if {key} {'is' if operator == 'StringEquals' else operator} {' or '.join(listed(value))}"
        for operator, keys in statement.get("Condition", {}).items()
        for key, value in keys.items()
    )


def listed(value: Any) -> list[Any]:  # noqa: ANN401  JSON of IAM's: one value or a list of them
    """Return IAM's "one or several" as a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
