"""A changed desired state is patched as by the library that pulumi-aws uses."""

import pytest

from sandbox.provider.json_patch import create_patch

Operation = dict[str, object]

# The results are those of github.com/mattbaird/jsonpatch 0ba75a80ca38 for these pairs, except that the
# operations on an object are sorted by name: the library's order is random.
ANSWERS: list[tuple[str, str, list[Operation]]] = [
    ('{"a": 1}', '{"a": 1.0}', []),
    ('{"a": 1}', '{"a": "1"}', [{"op": "replace", "path": "/a", "value": "1"}]),
    ('{"a": true}', '{"a": 1}', [{"op": "replace", "path": "/a", "value": 1}]),
    ('{"a": null}', '{"a": 1}', [{"op": "replace", "path": "/a", "value": 1}]),
    ('{"a": 1}', '{"a": null}', [{"op": "replace", "path": "/a", "value": None}]),
    (
        '{"a": 1}',
        '{"b": 1}',
        [{"op": "add", "path": "/b", "value": 1}, {"op": "remove", "path": "/a"}],
    ),
    ('{"a": {"b": 1}}', '{"a": {"b": 2}}', [{"op": "replace", "path": "/a/b", "value": 2}]),
    ('{"a": {"b": 1}}', '{"a": [1]}', [{"op": "replace", "path": "/a", "value": [1]}]),
    ('{"~/": 1}', '{"~/": 2}', [{"op": "replace", "path": "/~0~1", "value": 2}]),
    (
        '{"Tags": [{"Key": "a", "Value": "1"}]}',
        '{"Tags": [{"Key": "a", "Value": "2"}]}',
        [{"op": "replace", "path": "/Tags/0/Value", "value": "2"}],
    ),
    (
        '{"a": ["x", "y"]}',
        '{"a": ["y", "x"]}',
        [
            {"op": "replace", "path": "/a/0", "value": "y"},
            {"op": "replace", "path": "/a/1", "value": "x"},
        ],
    ),
    ('{"a": ["x"]}', '{"a": ["y", "x"]}', [{"op": "add", "path": "/a/0", "value": "y"}]),
    (
        '{"a": ["x", "y", "x"]}',
        '{"a": ["y"]}',
        [
            {"op": "remove", "path": "/a/2"},
            {"op": "remove", "path": "/a/0"},
        ],
    ),
    (
        '{"a": [{"b": 1}, {"c": 1}]}',
        '{"a": [{"b": 2}]}',
        [
            {"op": "remove", "path": "/a/1"},
            {"op": "remove", "path": "/a/0"},
            {"op": "add", "path": "/a/0", "value": {"b": 2}},
        ],
    ),
    ('{"a": [null]}', '{"a": [1]}', [{"op": "add", "path": "/a/0", "value": 1}]),
    ('{"a": []}', '{"a": []}', []),
]


@pytest.mark.parametrize(("old", "new", "answer"), ANSWERS)
def test_a_patch_is_the_same_as_the_librarys(old: str, new: str, answer: list[Operation]) -> None:
    assert create_patch(old, new) == answer
