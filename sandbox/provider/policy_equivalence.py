"""Whether two policy documents say the same, as the AWS provider judges it.

AWS hands a policy back in other words than it got: in another order, a list of one as a string, an
account id as the ARN of its root. The provider looks through these, so that only a policy that
says something else is a change.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

import json
import re
from collections.abc import Callable
from typing import Any

_ROOT_OF_ACCOUNT = re.compile(r"arn:[a-z-]+:iam::(\d{12}):root")
_STRING_LISTS = ("Action", "NotAction", "Resource", "NotResource")
_PRINCIPALS = ("Principal", "NotPrincipal")


def normalised(policy: str) -> str:
    """Write JSON text with its keys in order and without white space; leave other text as it is."""
    try:
        document = json.loads(policy)
    except ValueError:
        return policy
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def equivalent(old: str, new: str) -> bool:
    """Whether two policies grant the same; text that is no policy is equivalent to nothing."""
    if old.strip() in ("", "{}") and new.strip() in ("", "{}"):
        return True
    try:
        return _same_document(json.loads(old), json.loads(new))
    except (ValueError, _NotAPolicy):
        return False


class _NotAPolicy(Exception):  # noqa: N818  (not an error: it only ends a comparison)
    """A part of the document has a type that no policy has there."""


def _same_document(old: object, new: object) -> bool:
    if not (isinstance(old, dict) and isinstance(new, dict)):
        raise _NotAPolicy
    return (
        old.get("Version") == new.get("Version")
        and old.get("Id") == new.get("Id")
        and _same_in_any_order(_statements(old), _statements(new), _same_statement)
    )


def _statements(document: dict[str, Any]) -> list[dict[str, Any]]:
    statements = document.get("Statement", [])
    if isinstance(statements, dict):
        statements = [statements]
    if not (isinstance(statements, list) and all(isinstance(each, dict) for each in statements)):
        raise _NotAPolicy
    return statements


def _same_in_any_order(
    old: list[dict[str, Any]],
    new: list[dict[str, Any]],
    same: Callable[[dict[str, Any], dict[str, Any]], bool],
) -> bool:
    if len(old) != len(new):
        return False
    left = list(new)
    for each in old:
        match = next((index for index, other in enumerate(left) if same(each, other)), None)
        if match is None:
            return False
        del left[match]
    return True


def _same_statement(old: dict[str, Any], new: dict[str, Any]) -> bool:
    return (
        old.get("Sid", "") == new.get("Sid", "")
        and str(old.get("Effect", "")).lower() == str(new.get("Effect", "")).lower()
        and all(_strings(old.get(part)) == _strings(new.get(part)) for part in _STRING_LISTS)
        and all(_same_principals(old.get(part), new.get(part)) for part in _PRINCIPALS)
        and _conditions(old.get("Condition")) == _conditions(new.get("Condition"))
    )


def _strings(value: object) -> list[str]:
    if value is None:
        return []
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(each, str) for each in values):
        # Upstream compares text only: a JSON number or boolean is never equal, even to itself.
        raise _NotAPolicy
    return sorted(values)


def _same_principals(old: object, new: object) -> bool:
    if isinstance(old, dict) and isinstance(new, dict):
        return _principals(old) == _principals(new)
    return old == new


def _principals(principals: dict[str, Any]) -> dict[str, list[str]]:
    return {
        kind: sorted(
            _ROOT_OF_ACCOUNT.sub(r"\1", each) if kind == "AWS" else each
            for each in _strings(members)
        )
        for kind, members in principals.items()
    }


def _conditions(condition: object) -> dict[str, dict[str, list[str]]]:
    if condition is None:
        return {}
    if not isinstance(condition, dict) or not all(isinstance(c, dict) for c in condition.values()):
        raise _NotAPolicy
    return {
        operator: {key: sorted(set(_strings(values))) for key, values in keys.items()}
        for operator, keys in condition.items()
    }
