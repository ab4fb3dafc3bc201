"""The config of a stack file, as Pulumi reads it and the program accepts it.

The Pulumi CLI reads it in a private folder, without a login, so that the values are those of `pulumi up`.
"""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from sandbox import pulumi_cli
from stack_config import StackConfig

PROJECT = Path(__file__).resolve().parent.parent

NAMESPACE = "mediatailor-access-token:"

ENCRYPTED = "ENCRYPTED"
"""In place of each encrypted value, which can't be read without the stack's secrets provider."""

_LEFT_OUT = ("environment", "secretsprovider", "encryptedkey", "encryptionsalt")
"""Top-level keys for which Pulumi would need a login or a passphrase."""


class StackFileError(Exception):
    """The stack file can't be read, or does not fit the program. The message is for people."""


@dataclass(frozen=True, kw_only=True)
class StackFile:
    """What a stack file says."""

    stack: str
    """The stack's name."""
    config: Mapping[str, Any]
    """The values by key, such as `aws:region`, with those that Pulumi.yaml sets."""
    left_out: Mapping[str, Any]
    """The top-level keys that are not read, such as `environment`, with their values."""


def path_of(stack: str) -> Path:
    """Return the path of the stack file of a stack of this project."""
    project = yaml.safe_load((PROJECT / "Pulumi.yaml").read_text(encoding="utf-8"))
    return Path(PROJECT, project.get("stackConfigDir", "."), f"Pulumi.{stack}.yaml")


def read(path: Path, stack: str) -> StackFile:
    """Read a stack file.

    Raises:
        StackFileError: there is no such file, or Pulumi can't read it.

    """
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except OSError as error:
        raise StackFileError(f"{path}: {error.strerror}.") from None
    except (yaml.YAMLError, UnicodeDecodeError):  # whose text may quote a token
        raise StackFileError(f"{path} is not valid YAML.") from None
    if not isinstance(root, yaml.MappingNode):
        raise StackFileError(f"{path} is not a stack file: it has no key `config`.")
    left_out = {key.value: value.value for key, value in root.value if key.value in _LEFT_OUT}
    root.value = [(key, value) for key, value in root.value if key.value not in _LEFT_OUT]
    with tempfile.TemporaryDirectory(prefix="permissions-") as folder:
        project = Path(folder, "project")
        copy = project / path_of(stack).relative_to(PROJECT)
        copy.parent.mkdir(parents=True)
        text = yaml.serialize(_without_secrets(root), Dumper=yaml.CSafeDumper, allow_unicode=True)
        copy.write_text(text, encoding="utf-8")
        shutil.copy(PROJECT / "Pulumi.yaml", project)
        _pulumi(project, "stack", "init", stack)
        values = json.loads(_pulumi(project, "config", "--json"))
    config = {key: each.get("objectValue", _parsed(each["value"])) for key, each in values.items()}
    return StackFile(stack=stack, config=config, left_out=left_out)


def _without_secrets(node: yaml.Node) -> yaml.Node:
    """Put `ENCRYPTED` in place of each `secure: …`, as Pulumi writes an encrypted value, and leave the tokens out."""
    if isinstance(node, yaml.MappingNode):
        if [key.value for key, _ in node.value] == ["secure"]:
            return yaml.ScalarNode("tag:yaml.org,2002:str", ENCRYPTED)
        node.value = [
            (key, _without_secrets(value))
            for key, value in node.value
            if not str(key.value).endswith("accessTokens")
        ]
    elif isinstance(node, yaml.SequenceNode):
        node.value = [_without_secrets(item) for item in node.value]
    return node


def _pulumi(project: Path, *arguments: str) -> str:
    """Run the Pulumi CLI with nothing of the user's: no login, no settings, no state."""
    home = project.parent
    done = subprocess.run(  # noqa: S603  the project's own CLI
        [pulumi_cli.find(), "--non-interactive", *arguments],
        cwd=project,
        env={
            "PATH": os.environ.get("PATH", os.defpath),
            "PULUMI_HOME": str(home / "home"),
            "PULUMI_BACKEND_URL": home.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "nothing here is encrypted",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise StackFileError(f"Pulumi can't read the stack file:\n{done.stderr.strip()}")
    return done.stdout


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text


def program_config(file: StackFile) -> dict[str, Any]:
    """Return the values of the program's own keys, without their namespace.

    Raises:
        StackFileError: the program would refuse one of the values, or one that the policies need is encrypted.

    """
    config = {
        key.removeprefix(NAMESPACE): value
        for key, value in file.config.items()
        if key.startswith(NAMESPACE)
    }
    names = config.get("sourceLocations", {})
    tokens = dict.fromkeys(names, "not-a-token") if isinstance(names, Mapping) else {}
    try:
        StackConfig.model_validate({**config, "accessTokens": tokens})
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False)
        wrong = [
            ".".join(map(str, each["loc"]))
            for each in details
            if each["input"] != ENCRYPTED or each["type"] in {"dict_type", "model_type"}
        ]
        if wrong:
            raise StackFileError(
                f"The stack config has errors: {', '.join(wrong)}.\n"
                "A rehearsal of the stack file explains them: make rehearse STACK=NAME"
            ) from None
    hidden = list(_encrypted_names(config))
    if hidden:
        raise StackFileError(
            f"Encrypted, but needed for the policies: {', '.join(hidden)}.\n"
            "Names and ARNs are no secrets. Store each in plain text:"
            f" pulumi config set --plaintext --path {hidden[0]} VALUE"
        )
    return config


def _encrypted_names(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield the paths of encrypted values that the policies need."""
    needed = {"arn", "alias", "replicaRegions", "adoptSecretArn", "secretName", "origin"}

    def walk(value: object, *path: str) -> Iterator[str]:
        if value == ENCRYPTED:
            if path[-1] in needed or path[:2] == ("encryptionKey", "replicaArns"):
                yield ".".join(path)
        elif isinstance(value, Mapping):
            for key, each in value.items():
                yield from walk(each, *path, key)
        elif isinstance(value, list):
            for each in value:
                yield from walk(each, *path)

    yield from walk(config)
