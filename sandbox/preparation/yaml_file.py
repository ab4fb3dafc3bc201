"""A Pulumi YAML file as a tree of nodes: everything that is not edited reaches Pulumi as written.

Nodes are never converted to values here: only Pulumi interprets the file.
"""

from collections.abc import Iterator
from pathlib import Path

import yaml

from sandbox.errors import SandboxError

_MAP = "tag:yaml.org,2002:map"
_MERGE = "tag:yaml.org,2002:merge"
_NULL = "tag:yaml.org,2002:null"
_STRING = "tag:yaml.org,2002:str"


class YamlFile:
    """The first document of a YAML file, which is the one that Pulumi reads.

    Args:
        source: `Pulumi.yaml` or a stack file.

    Raises:
        SandboxError: the file cannot be read, or is not a YAML mapping.

    """

    def __init__(self, source: Path) -> None:
        self.root = _mapping(_first_document(source), source)
        _resolve_merge_keys(self.root)

    @property
    def config(self) -> yaml.MappingNode | None:
        """The mapping `config`, if there is one."""
        config = get(self.root, "config")
        if not isinstance(config, yaml.MappingNode):
            return None
        _resolve_merge_keys(config)
        return config

    def text(self) -> str:
        """Return the document as YAML."""
        return str(yaml.serialize(self.root, Dumper=yaml.CSafeDumper, allow_unicode=True))


def get(mapping: yaml.MappingNode, key: str) -> yaml.Node | None:
    """Return the value of a key, or None."""
    return next((value for name, value in mapping.value if name.value == key), None)


def keys(mapping: yaml.MappingNode) -> Iterator[str]:
    """Yield the keys that are scalars, as written."""
    for name, _ in mapping.value:
        if isinstance(name, yaml.ScalarNode):
            yield name.value


def remove(mapping: yaml.MappingNode, key: str) -> None:
    """Remove a key, if present."""
    mapping.value = [(name, value) for name, value in mapping.value if name.value != key]


def put(mapping: yaml.MappingNode, key: str, value: yaml.Node) -> None:
    """Set the value of a key."""
    remove(mapping, key)
    mapping.value.append((scalar(key), value))


def scalar(value: str) -> yaml.ScalarNode:
    """Return a string, which is quoted in the file where YAML would read another type."""
    return yaml.ScalarNode(_STRING, value)


def yaml_value(text: str) -> yaml.Node:
    """Parse a YAML value, such as `true` or `[1]`."""
    value = yaml.compose(text, Loader=yaml.CSafeLoader)
    return scalar("") if value is None else value


def mapping_like(original: yaml.Node | None) -> yaml.MappingNode:
    """Return a copy of a mapping, which a YAML alias may share; an empty one for anything else."""
    entries = original.value if isinstance(original, yaml.MappingNode) else []
    return yaml.MappingNode(_MAP, list(entries))


def is_null(node: yaml.Node) -> bool:
    """Return whether a value is null or was left empty."""
    return bool(node.tag == _NULL)


def _resolve_merge_keys(mapping: yaml.MappingNode) -> None:
    """Replace `<<` with the entries it adds, so that they can be removed.

    A mapping's own entries win, then those of the first mapping: https://yaml.org/type/merge.html
    Pulumi rejects several `<<`, and one whose value is not a mapping or a list of mappings.
    """
    merged = [value for name, value in mapping.value if name.tag == _MERGE]
    if len(merged) != 1:
        return
    sources = merged[0].value if isinstance(merged[0], yaml.SequenceNode) else merged
    if mapping in sources or not all(isinstance(source, yaml.MappingNode) for source in sources):
        return
    mapping.value = [(name, value) for name, value in mapping.value if name.tag != _MERGE]
    for source in sources:
        _resolve_merge_keys(source)
        own = set(keys(mapping))
        mapping.value += [
            (name, value)
            for name, value in source.value
            if not isinstance(name, yaml.ScalarNode) or name.value not in own
        ]


def _first_document(source: Path) -> yaml.Node | None:
    try:
        loader = yaml.CSafeLoader(source.read_bytes())
        return loader.get_node() if loader.check_node() else None
    except OSError as error:
        raise SandboxError(f"{source} cannot be read: {error.strerror}.") from None
    except yaml.MarkedYAMLError as error:
        # Not the error's own text: it may quote the line, which may contain a token.
        where = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise SandboxError(f"{source} is not valid YAML{where}: {error.problem}.") from None
    except yaml.reader.ReaderError as error:
        raise SandboxError(f"{source} is not valid YAML: {error.reason}.") from None


def _mapping(node: yaml.Node | None, source: Path) -> yaml.MappingNode:
    if node is None or is_null(node):  # an empty file
        return mapping_like(None)
    if not isinstance(node, yaml.MappingNode):
        raise SandboxError(f"{source} must be a YAML mapping, not a list or a scalar.")
    return node
