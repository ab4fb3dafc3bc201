"""Access to the inputs for rules. Keys are in camelCase, as in stack files and other languages.

Unknown values (`pulumi.Output`) and values of a wrong type are skipped.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from .errors import InputError, Path
from .values import Rule

Inputs = Mapping[str, Any]


def mapping(value: object) -> Mapping[str, Any]:
    """Return the value if it is a mapping, else an empty one; wrong types are reported elsewhere."""
    return value if isinstance(value, Mapping) else {}


def strings(value: object) -> list[tuple[int, str]]:
    """Return the strings in a list with their positions; wrong types are reported elsewhere."""
    items = value if isinstance(value, list | tuple) else ()
    return [(index, item) for index, item in enumerate(items) if isinstance(item, str)]


def value_errors(path: Path, value: object, rule: Rule) -> Iterator[InputError]:
    """Yield an error if a value has the right type but does not meet its rule."""
    if type(value) is rule.kind and not rule.is_met_by(value):
        yield InputError(path=path, message=f"must be {rule.must_be}", example=rule.example)
