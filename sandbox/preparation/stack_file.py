"""The copies of `Pulumi.yaml` and the stack file that a rehearsal uses.

Both are written twice: first for the Pulumi CLI to report the config, then, completed from that
report, for the rehearsal.
"""

import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import yaml

from sandbox.errors import SandboxError
from sandbox.preparation.passphrase_encryption import PassphraseEncryption
from sandbox.preparation.yaml_file import (
    YamlFile,
    get,
    is_null,
    keys,
    mapping_like,
    put,
    remove,
    scalar,
    yaml_value,
)

ENCRYPTED: Final = f"encrypted {secrets.token_hex()}"
"""The key that replaces `secure` in the copy for the report. It is random: no file can have it."""

_ENCRYPTION: Final = ("encryptionsalt", "encryptedkey", "secretsprovider")
_REPLACED: Final = ("environment", "secretsprovider")
"""Keys of a stack file that a rehearsal ignores and reports, as it does with `aws:` settings."""


class ProjectFile(YamlFile):
    """The copy of `Pulumi.yaml`."""

    def __init__(self, source: Path) -> None:
        super().__init__(source)
        name = get(self.root, "name")
        self.name = name.value if isinstance(name, yaml.ScalarNode) else ""
        """The project's name, the namespace of config keys without one."""
        self.stack_config_dir = self._take_stack_config_dir()
        """The folder of the stack files, relative to `Pulumi.yaml`."""
        self._use_the_workspaces_virtual_environment()

    def without_settings(self, settings: Collection[str]) -> str:
        """Return the text without these config keys (`namespace:name`)."""
        if self.config is not None:
            _remove_settings(self.config, settings, project=self.name)
        return self.text()

    def _take_stack_config_dir(self) -> str:
        # `config: FOLDER` is the old spelling; Pulumi rejects both together.
        folders = {
            key: node.value
            for key in ("stackConfigDir", "config")
            if isinstance(node := get(self.root, key), yaml.ScalarNode) and not is_null(node)
        }
        if len(folders) != 1:
            return ""
        # Not in the copy: the folder may be outside the workspace.
        ((key, folder),) = folders.items()
        remove(self.root, key)
        return str(folder)

    def _use_the_workspaces_virtual_environment(self) -> None:
        runtime = get(self.root, "runtime")
        options = get(runtime, "options") if isinstance(runtime, yaml.MappingNode) else None
        if isinstance(options, yaml.MappingNode) and get(options, "virtualenv"):
            put(options, "virtualenv", scalar(".venv"))


class StackFile(YamlFile):
    """The copy of a stack file.

    Args:
        source: the user's file.
        encryption: encrypts the placeholders.

    """

    def __init__(self, source: Path, *, encryption: PassphraseEncryption) -> None:
        _raise_if_missing(source)
        super().__init__(source)
        self.source = source
        """The user's file."""
        self.replaced = tuple(key for key in _REPLACED if get(self.root, key))
        """The keys `environment` and `secretsprovider` if the file has them; the copy does not."""
        for key in (*_ENCRYPTION, *_REPLACED):
            remove(self.root, key)
        put(self.root, "encryptionsalt", scalar(encryption.salt))
        config = get(self.root, "config")
        others = set(keys(self.root)) - {*_ENCRYPTION, *_REPLACED}
        if config is None and others and "<<" not in others:
            raise SandboxError(f"{source} has no key `config`, below which all settings belong.")
        if config is None or is_null(config):
            put(self.root, "config", mapping_like(None))
        self._encryption = encryption
        self._encrypted = list(_encrypted_values(self.config))
        for number, node in enumerate(self._encrypted):
            node.value = [(scalar(ENCRYPTED), scalar(str(number)))]

    def completed(
        self,
        *,
        project: str,
        without: Collection[str],
        values: Mapping[str, str],
        tokens: Mapping[str, str],
        settings: Mapping[str, str],
    ) -> str:
        """Return the text for the rehearsal.

        Args:
            project: the project's name.
            without: config keys to leave out (`namespace:name`).
            values: placeholders, by the text under `ENCRYPTED`.
            tokens: access tokens to add, by source location.
            settings: values to set, as YAML, by config key (`namespace:name`).

        """
        for number, node in enumerate(self._encrypted):
            # Pulumi does not report a value that is merged into an object with other keys.
            node.value = self._secure(values.get(str(number), "")).value
        config = self.config
        if config is not None:  # else the Pulumi CLI has rejected it
            _remove_settings(config, without, project=project)
            if tokens:
                secured = {name: self._secure(token) for name, token in tokens.items()}
                _add_tokens(config, secured, project=project)
            for key, value in settings.items():
                put(config, key, yaml_value(value))
        return self.text()

    def _secure(self, value: str) -> yaml.MappingNode:
        node = mapping_like(None)
        put(node, "secure", scalar(self._encryption.encrypt(value)))
        return node


def qualified(key: str, project: str) -> str:
    """Return a config key as `namespace:name`, however a file spells it.

    https://github.com/pulumi/pulumi/blob/v3.274.1/sdk/go/common/resource/config/key.go
    """
    match key.split(":"):
        case [name]:
            return f"{project}:{name}"
        case [namespace, "config", name]:
            return f"{namespace}:{name}"
    return key


def _remove_settings(config: yaml.MappingNode, settings: Collection[str], *, project: str) -> None:
    for key in list(keys(config)):
        if qualified(key, project) in settings:
            remove(config, key)


def _add_tokens(config: yaml.MappingNode, tokens: Mapping[str, yaml.Node], *, project: str) -> None:
    access_tokens = f"{project}:accessTokens"
    spelled = next((k for k in keys(config) if qualified(k, project) == access_tokens), "")
    # A copy, because other keys may share the mapping through a YAML alias.
    completed = mapping_like(get(config, spelled))
    for name, token in tokens.items():
        completed.value.append((scalar(name), token))
    put(config, spelled or access_tokens, completed)


def _encrypted_values(node: yaml.Node | None) -> Iterator[yaml.MappingNode]:
    """Yield each encrypted value (`secure: …`) below a node."""
    left, seen = [node], set[int]()
    while left:
        node = left.pop()
        if node is None or id(node) in seen:  # a YAML alias
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            if _is_encrypted(node):
                yield node
            else:
                left += [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            left += node.value


def _is_encrypted(node: yaml.MappingNode) -> bool:
    if len(node.value) != 1:
        return False
    ((name, value),) = node.value
    return bool(name.value == "secure" and value.tag == "tag:yaml.org,2002:str")


def _raise_if_missing(source: Path) -> None:
    if source.exists():
        return
    stacks: Iterable[str] = sorted(
        path.name.removeprefix("Pulumi.").removesuffix(".yaml")
        for path in source.parent.glob("Pulumi.*.yaml")
    )
    raise SandboxError(
        f"there is no stack file {source}.\n"
        f"Stacks that have one: {', '.join(stacks) or 'none'}. "
        "Choose one with --stack NAME, or any file with --config-file FILE."
    )
