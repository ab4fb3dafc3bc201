"""Property values as the engine sends them, as plain Python and back.

A value that the engine does not know yet is `UNKNOWN`, on the wire and here: the SDK's
`PropertyValue` neither reads nor writes its own `Computed`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime.rpc import UNKNOWN as _UNKNOWN

UNKNOWN: Final[str] = _UNKNOWN

Values = dict[str, Any]


def has_unknown(value: object) -> bool:
    """Whether `value` is or holds something that the engine does not know yet."""
    if isinstance(value, dict):
        return any(has_unknown(each) for each in value.values())
    if isinstance(value, list):
        return any(has_unknown(each) for each in value)
    return value == UNKNOWN


def plain(properties: Mapping[str, PropertyValue]) -> Values:
    """Turn properties into Python's own types: whole numbers are `int`, absent ones are left out."""
    values = {name: _plain(value) for name, value in properties.items()}
    return {name: value for name, value in values.items() if value is not None}


def _plain(wire: PropertyValue) -> Any:  # noqa: ANN401  (whatever JSON can hold)
    value = wire.value
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(each) for each in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def wire(values: Mapping[str, Any], *, secret: frozenset[str]) -> dict[str, PropertyValue]:
    """Turn values into what the engine takes, those called by a name in `secret` into secrets."""
    return {
        name: _wire(value).with_secret(is_secret=name in secret)
        for name, value in values.items()
        if value is not None
    }


def _wire(value: object) -> PropertyValue:
    if isinstance(value, Mapping):
        return PropertyValue({name: _wire(each) for name, each in value.items()})
    if isinstance(value, Sequence) and not isinstance(value, str):
        return PropertyValue([_wire(each) for each in value])
    if isinstance(value, int) and not isinstance(value, bool):
        return PropertyValue(float(value))
    return PropertyValue(value)  # type: ignore[arg-type]  # it checks the type itself
