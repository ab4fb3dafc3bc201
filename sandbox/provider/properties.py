"""The properties of resources as pulumi-aws defines them, and the rules for their values."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from sandbox.provider import policy_equivalence

Rule = Callable[[str, Any], Iterator[str]]
"""Accepts a property's upstream name and its value, and yields errors."""

KINDS: Final = {
    str: "a string",
    bool: "a boolean",
    int: "a whole number",
    list: "a list",
    dict: "a map",
}
"""The types that a property can have, with their names in messages."""


@dataclass(frozen=True, kw_only=True)
class Property:
    """An input of a resource, and how the provider treats it."""

    kind: type = str
    required: bool = False
    settable: bool = True
    """Whether this program sets it. The others are listed so that drift in them is corrected."""
    default: object = None
    computed: bool = False
    """Whether AWS supplies a value if the program sets none; omitting it is then no change."""
    replaces: bool = False
    """Whether a change replaces the resource."""
    secret: bool = False
    recovered: bool = True
    """Whether AWS returns the value; otherwise, only the state contains it."""
    rules: tuple[Rule, ...] = ()
    same: Callable[[Any, Any], bool] = lambda old, new: bool(old == new)

    @property
    def is_policy(self) -> bool:
        """Whether it is a policy document, which is normalised in the state."""
        return self.same is policy_equivalence.equivalent


def upstream(name: str) -> str:
    """Return a property's name in upstream's messages: `secret_id` for `secretId`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def between(low: int, high: int, *, or_zero: bool = False) -> Rule:
    """Return the rule for a number from `low` to `high`, both included."""

    def rule(name: str, value: int) -> Iterator[str]:
        if low <= value <= high or (or_zero and value == 0):
            return
        if or_zero:
            yield f"expected {name} to be one of [0], got {value}"
        yield f"expected {name} to be in the range ({low} - {high}), got {value}"

    return rule


def length(low: int, high: int) -> Rule:
    """Return the rule for text of `low` to `high` characters."""

    def rule(name: str, value: str) -> Iterator[str]:
        if not low <= len(value) <= high:
            yield f"expected length of {name} to be in the range ({low} - {high}), got {value}"

    return rule


def matching(pattern: str, error: str) -> Rule:
    """Return the rule for text that matches a pattern; `{name}` in `error` is the property."""
    compiled = re.compile(pattern)

    def rule(name: str, value: str) -> Iterator[str]:
        if not compiled.fullmatch(value):
            yield error.format(name=f'"{name}"')

    return rule


def is_json(name: str, value: str) -> Iterator[str]:
    """Rule for JSON text."""
    try:
        json.loads(value)
    except ValueError as error:
        yield f'"{name}" contains an invalid JSON: {error}'


def is_arn(name: str, value: str) -> Iterator[str]:
    """Rule for an Amazon Resource Name."""
    if not re.fullmatch(r"arn:[\w-]+:[\w-]+:[\w-]*:\d*:.+", value):
        yield f'"{name}" ({value}) is an invalid ARN'


POLICY: Final = Property(rules=(is_json,), same=policy_equivalence.equivalent, computed=True)
"""A policy document. AWS supplies one if the program sets none."""
REQUIRED_POLICY: Final = Property(
    rules=(is_json,), same=policy_equivalence.equivalent, required=True
)
"""A policy document that the program must set."""
