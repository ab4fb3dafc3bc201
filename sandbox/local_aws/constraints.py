"""The lengths, ranges, patterns and enumerations of AWS's API models, which MiniStack ignores."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.model import ListShape, OperationNotFoundError, Shape, StructureShape
from ministack.core import responses  # type: ignore[import-untyped]

# Unicode categories, which Python's `re` does not support.
_CATEGORIES = {
    r"\p{L}": r"\w",
    r"\p{N}": r"\d",
    r"\p{Z}": " \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000",
}


_TYPES: dict[str, Any] = {
    "structure": dict,
    "list": list,
    "string": str,
    "integer": int | str,
    "long": int | str,
}


def violations(service: str, operation: str, request: Mapping[str, Any]) -> str | None:
    """Return the violations of the API model in AWS's wording, without any value, or None.

    https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html
    https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
    """
    model = responses._service_model(service)  # noqa: SLF001  (MiniStack has loaded it already)
    try:
        shape = model.operation_model(operation).input_shape
    except OperationNotFoundError:
        return None
    found = [
        f"Value at '{path}' failed to satisfy constraint: Member must {rule}"
        for path, rule in _broken(shape, request, "")
    ]
    if not found:
        return None
    count = "1 validation error" if len(found) == 1 else f"{len(found)} validation errors"
    return f"{count} detected: {'; '.join(found)}"


def from_query(parameters: Mapping[str, str]) -> dict[str, Any]:
    """Nest the parameters of the query protocol, such as `Tags.member.1.Key`.

    https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
    """
    nested: dict[str, Any] = {}
    for name, value in parameters.items():
        *parents, last = name.split(".")
        node = nested
        for parent in parents:
            node = node.setdefault(parent, {})
        node[last] = value
    return {name: _with_lists(value) for name, value in nested.items()}


def _with_lists(value: Any) -> Any:  # noqa: ANN401  (any JSON value)
    if not isinstance(value, dict):
        return value
    if set(value) == {"member"}:
        return [_with_lists(item) for _, item in sorted(value["member"].items(), key=_position)]
    return {name: _with_lists(item) for name, item in value.items()}


def _position(item: tuple[str, Any]) -> int:
    return int(item[0])


def _broken(shape: Shape, value: Any, path: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    """Yield the path and the rule of each violation."""
    if isinstance(shape, ListShape) and value == "":
        return  # an empty list in the query protocol
    if not isinstance(value, _TYPES.get(shape.type_name, object)):
        yield path, f"have the type {shape.type_name}"
    elif isinstance(shape, StructureShape):
        yield from _broken_members(shape, value, path)
    else:
        for rule in _broken_rules(shape, value):
            yield path, rule
        if isinstance(shape, ListShape):
            for number, item in enumerate(value, start=1):
                yield from _broken(shape.member, item, f"{path}.{number}.member")


def _broken_members(
    shape: StructureShape, value: Mapping[str, Any], path: str
) -> Iterator[tuple[str, str]]:
    for name in shape.required_members:
        if name not in value:
            yield _join(path, name), "not be null"
    for name, item in value.items():
        if name in shape.members and item is not None:
            yield from _broken(shape.members[name], item, _join(path, name))


def _join(path: str, name: str) -> str:
    name = name[0].lower() + name[1:]
    return f"{path}.{name}" if path else name


def _broken_rules(shape: Shape, value: Any) -> Iterator[str]:  # noqa: ANN401  (any JSON value)
    limits = shape.metadata
    if shape.type_name in {"integer", "long"}:
        if int(value) < limits.get("min", int(value)):
            yield f"have value greater than or equal to {limits['min']}"
        if int(value) > limits.get("max", int(value)):
            yield f"have value less than or equal to {limits['max']}"
    elif shape.type_name in {"string", "list"}:
        if len(value) < limits.get("min", 0):
            yield f"have length greater than or equal to {limits['min']}"
        if len(value) > limits.get("max", len(value)):
            yield f"have length less than or equal to {limits['max']}"
        if "pattern" in limits and not _matches(limits["pattern"], value):
            yield f"satisfy regular expression pattern: {limits['pattern']}"
        if "enum" in limits and value not in limits["enum"]:
            yield f"satisfy enum value set: [{', '.join(limits['enum'])}]"


def _matches(pattern: str, value: str) -> bool:
    flags = re.NOFLAG if r"\p" in pattern else re.ASCII
    for category, characters in _CATEGORIES.items():
        pattern = pattern.replace(category, characters)
    return re.fullmatch(pattern, value, flags) is not None
