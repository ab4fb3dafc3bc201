"""Compares policy documents as pulumi-aws does.

AWS may return a policy in another form than it received: in another order, a list of one as a
string, an account ID as the ARN of its root. pulumi-aws ignores such differences.

This follows, quirks included, github.com/hashicorp/awspolicyequivalence 1.7.0, the Go library that
pulumi-aws uses. tests/sandbox/test_provider_policy_equivalence.py contains the library's results.
"""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeVar

from sandbox.provider.values import number_of, number_text

_STRING_LISTS = ("action", "notaction", "resource", "notresource")
_PRINCIPALS = ("principal", "notprincipal")
_ROOT_OF_ACCOUNT = re.compile(r"arn:[^:]*:iam:[^:]*:(\d{12}):root")
# Characters that Go escapes in JSON because they are special in HTML or JavaScript.
_ESCAPED = {ord(each): f"\\u{ord(each):04x}" for each in "<>&\u2028\u2029"}
_Part = TypeVar("_Part")


def normalised(policy: str) -> str:
    """Return JSON with sorted keys and no white space, as Go writes it, and other text unchanged."""
    try:
        document = json.loads(policy, parse_float=number_of)
    except ValueError:
        return policy
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.translate(_ESCAPED)


def equivalent(old: str, new: str) -> bool:
    """Return whether two policies are equivalent; text that is not a policy never is."""
    if old.strip() in ("", "{}") and new.strip() in ("", "{}"):
        return True
    try:
        return _same_document(_document(old), _document(new))
    except (ValueError, _NotAPolicyError):
        return False


class _NotAPolicyError(Exception):
    """A part of the document has a type that is not valid in a policy."""


class _Document(NamedTuple):
    version: str
    id: str
    statement: object


def _document(policy: str) -> _Document:
    text = policy.strip()
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1].strip()
    document = json.loads(text or "{}", parse_int=float)
    fields = _fields({} if document is None else document)
    return _Document(_text(fields.get("version")), _text(fields.get("id")), fields.get("statement"))


def _same_document(old: _Document, new: _Document) -> bool:
    # Not `==`, for which true and 1 are equal.
    if json.dumps(old, sort_keys=True) == json.dumps(new, sort_keys=True):
        return True
    ours, theirs = _statements(old.statement), _statements(new.statement)
    return (
        (old.version, old.id) == (new.version, new.id)
        and len(ours) == len(theirs)
        and _each_has_a_match(ours, theirs, _same_statement)
    )


def _each_has_a_match(
    ours: Sequence[_Part], theirs: Sequence[_Part], same: Callable[[_Part, _Part], bool]
) -> bool:
    """Return whether each element on either side matches at least one on the other."""
    return all(any(same(one, other) for other in theirs) for one in ours) and all(
        any(same(one, other) for one in ours) for other in theirs
    )


def _statements(value: object) -> list[dict[str, Any]]:
    statements = [] if value is None else value if isinstance(value, list) else [value]
    return [_checked_statement(_fields(each)) for each in statements]


def _checked_statement(statement: dict[str, Any]) -> dict[str, Any]:
    for part in ("sid", "effect"):
        _text(statement.get(part))
    for operator in _mapping(statement.get("condition")).values():
        _mapping(operator)
    return statement


def _same_statement(old: dict[str, Any], new: dict[str, Any]) -> bool:
    return (
        _text(old.get("sid")) == _text(new.get("sid"))
        and _text(old.get("effect")).casefold() == _text(new.get("effect")).casefold()
        and all(_sorted_strings(old, part) == _sorted_strings(new, part) for part in _STRING_LISTS)
        and _same_conditions(old.get("condition"), new.get("condition"))
        and all(_same_principals(old.get(part), new.get(part)) for part in _PRINCIPALS)
    )


def _same_conditions(old: dict[str, Any] | None, new: dict[str, Any] | None) -> bool:
    if old is None or new is None:
        return old is new
    return old.keys() == new.keys() and all(
        _same_operator(_mapping(old[operator]), _mapping(new[operator])) for operator in old
    )


def _same_operator(old: dict[str, Any], new: dict[str, Any]) -> bool:
    return old.keys() == new.keys() and all(
        _same_values(_strings(old[key]), _strings(new[key])) for key in old
    )


def _same_values(old: list[str] | None, new: list[str] | None) -> bool:
    if old is None or new is None:
        return False
    return len(old) == len(new) and set(old) == set(new)


def _same_principals(old: object, new: object) -> bool:
    """Compare principals; two that are not maps, such as `"*"` and an ARN, are always equal."""
    if isinstance(old, str) and isinstance(new, str) and _same_principal(old, new):
        return True
    ours, theirs = _principals(old), _principals(new)
    return ours.keys() == theirs.keys() and all(
        len(ours[kind]) == len(theirs[kind])
        and _each_has_a_match(ours[kind], theirs[kind], _same_principal)
        for kind in ours
    )


def _principals(value: object) -> dict[str, list[str]]:
    if not isinstance(value, dict):
        return {}
    return {kind: strings for kind, members in value.items() if (strings := _strings(members))}


def _same_principal(old: str, new: str) -> bool:
    return old == new or _is_root_of(old, new) or _is_root_of(new, old)


def _is_root_of(arn: str, account: str) -> bool:
    match = _ROOT_OF_ACCOUNT.fullmatch(arn)
    return match is not None and match[1] == account


def _sorted_strings(statement: dict[str, Any], part: str) -> list[str] | None:
    strings = _strings(statement.get(part))
    return None if strings is None else sorted(strings)


def _strings(value: object) -> list[str] | None:
    """Return a value as a list of strings, or None if that is not possible."""
    if value is None:
        return []
    if isinstance(value, list):
        strings = [_string(each) for each in value]
        return None if None in strings else [each for each in strings if each is not None]
    string = _string(value)
    return None if string is None else [string]


def _string(value: object) -> str | None:
    match value:
        case str():
            return value
        case bool():
            return str(value).lower()
        case float():
            return number_text(value)
    return None


def _text(value: object) -> str:
    if value is not None and not isinstance(value, str):
        raise _NotAPolicyError
    return value or ""


def _mapping(value: object) -> dict[str, Any]:
    if value is not None and not isinstance(value, dict):
        raise _NotAPolicyError
    return value or {}


def _fields(value: object) -> dict[str, Any]:
    """Return a mapping with lower-case names: Go looks up fields regardless of case."""
    if not isinstance(value, dict):
        raise _NotAPolicyError
    return {name.lower(): each for name, each in value.items()}
