"""The JSON Patch that pulumi-aws sends to Cloud Control.

Like github.com/mattbaird/jsonpatch, the Go library that pulumi-aws uses, it compares lists of equal
length by position. It sorts the names of an object, whose order in the library is random.
https://datatracker.ietf.org/doc/html/rfc6902
"""

import json
from collections.abc import Iterator
from typing import Any

from sandbox.provider.values import Values, number_of


def create_patch(old: str, new: str) -> list[Values]:
    """Return the operations that turn one JSON document into another."""
    before, after = (json.loads(each, parse_float=number_of) for each in (old, new))
    return list(_compare("", before, after))


def _compare(path: str, old: object, new: object) -> Iterator[Values]:
    match old, new:
        case dict(), dict():
            yield from _compare_objects(path, old, new)
        case list(), list() if len(old) == len(new):
            for index, (before, after) in enumerate(zip(old, new, strict=True)):
                yield from _compare(f"{path}/{index}", before, after)
        case list(), list():
            yield from _compare_lists(path, old, new)
        case None, None:
            pass
        case None, _:
            yield {"op": "add", "path": path, "value": new}
        case _ if _text(old) != _text(new):
            yield {"op": "replace", "path": path, "value": new}


def _compare_objects(path: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Values]:
    for name in sorted(new):
        pointer = _pointer(path, name)
        if name not in old:
            yield {"op": "add", "path": pointer, "value": new[name]}
        elif old[name] is None and new[name] is not None:
            yield {"op": "replace", "path": pointer, "value": new[name]}
        else:
            yield from _compare(pointer, old[name], new[name])
    for name in sorted(set(old) - set(new)):
        yield {"op": "remove", "path": _pointer(path, name)}


def _compare_lists(path: str, old: list[Any], new: list[Any]) -> Iterator[Values]:
    for index in reversed(_missing(old, new)):
        yield {"op": "remove", "path": f"{path}/{index}"}
    for index in _missing(new, old):
        yield {"op": "add", "path": f"{path}/{index}", "value": new[index]}


def _missing(elements: list[Any], others: list[Any]) -> list[int]:
    """Return the indexes of the elements without a counterpart among the others."""
    left = [_text(each) for each in others]
    missing = []
    for index, element in enumerate(elements):
        if (text := _text(element)) in left:
            left.remove(text)
        else:
            missing.append(index)
    return missing


def _text(value: object) -> str:
    """Return a value as text for comparisons: for `==`, true and 1 are equal."""
    return json.dumps(value, sort_keys=True)


def _pointer(path: str, name: str) -> str:
    return f"{path}/{name.replace('~', '~0').replace('/', '~1')}"
