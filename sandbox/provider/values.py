"""Converts property values between the engine's form and plain Python.

A value that the engine does not know yet is `UNKNOWN` in both.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from google.protobuf.struct_pb2 import Struct, Value
from pulumi.runtime.rpc import UNKNOWN as _UNKNOWN
from pulumi.runtime.rpc import _special_secret_sig, _special_sig_key

UNKNOWN: Final[str] = _UNKNOWN
DEFAULTS: Final = "__defaults"
"""The input in which the Pulumi bridge lists the inputs that the program did not set."""

Values = dict[str, Any]


def has_unknown(value: object) -> bool:
    """Return whether a value is, or contains, something that the engine does not know yet."""
    if isinstance(value, dict):
        return any(has_unknown(each) for each in value.values())
    if isinstance(value, list):
        return any(has_unknown(each) for each in value)
    return value == UNKNOWN


def read(struct: Struct) -> Values:
    """Convert the engine's values to Python types; whole numbers become `int`, nulls are dropped."""
    values = {name: _read(value) for name, value in struct.fields.items()}
    return {name: value for name, value in values.items() if value is not None}


def _read(value: Value) -> Any:  # noqa: ANN401  (any JSON value)
    match value.WhichOneof("kind"):
        case "struct_value":
            return read(value.struct_value)
        case "list_value":
            return [_read(each) for each in value.list_value.values]
        case "number_value":
            return number_of(value.number_value)
        case "string_value":
            return value.string_value
        case "bool_value":
            return value.bool_value
    return None


def write(values: Mapping[str, Any], *, secret: frozenset[str] = frozenset()) -> Struct:
    """Convert values for the engine, with the properties in `secret` marked as secret."""
    struct = Struct()
    for name, value in values.items():
        if value is not None and name in secret:
            struct[name] = {_special_sig_key: _special_secret_sig, "value": value}
        elif value is not None:
            struct[name] = value
    return struct


def number_of(value: float | str) -> float:
    """Parse a number; the result is an `int` if it is whole."""
    number = float(value)
    return int(number) if number.is_integer() else number


def number_text(number: float) -> str:
    """Format a number as pulumi-aws does: without exponent and trailing zeros."""
    text = format(Decimal(repr(float(number))), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
