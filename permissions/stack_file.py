"""The config of a stack file, as the Pulumi CLI reads it and the program checks it.

The CLI runs in a temporary folder, without a login, so that the values are the same as in `pulumi up`.
"""

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pulumi
import yaml

from sandbox import pulumi_cli
from sandbox.errors import SandboxError
from stack_config import StackConfigError, load_stack_config
from stack_config.model import StackConfig

PROJECT = Path(__file__).resolve().parent.parent

PROJECT_NAME = "mediatailor-access-token"
"""The project's name, unless Pulumi.yaml has another."""

_OTHERS = ("allowedAccountIds", "assumeRoles", "defaultTags", "region")
"""The settings of pulumi-aws that the policies depend on."""

_FOLDERS = ("stackConfigDir", "config")
"""Keys of Pulumi.yaml that can name the folder of the stack files; `config` is the old one."""

_LEFT_OUT = ("environment", "secretsprovider", "encryptedkey", "encryptionsalt")
"""Top-level keys that would require a login or a passphrase."""


class StackFileError(Exception):
    """The stack file cannot be read, or the program would refuse it. The message is for the user."""


@dataclass(frozen=True, kw_only=True)
class StackFile:
    """The contents of a stack file."""

    stack: str
    """The stack's name."""
    project: str
    """The project's name."""
    config: StackConfig
    """The program's config, without the tokens."""
    others: Mapping[str, Any]
    """Values of other namespaces by key, such as `aws:region`."""
    left_out: Mapping[str, Any]
    """Top-level keys that are ignored, such as `environment`, with their values."""


def path_of(stack: str) -> Path:
    """Return the path of the stack file of a stack of this project."""
    project = yaml.safe_load((PROJECT / "Pulumi.yaml").read_bytes())
    folders = [project[key] for key in _FOLDERS if isinstance(project.get(key), str)]
    return Path(PROJECT, *folders, f"Pulumi.{stack}.yaml")


def read(path: Path, stack: str) -> StackFile:
    """Read a stack file.

    Raises:
        StackFileError: the file does not exist, Pulumi cannot read it, or the program would refuse its config.

    """
    root, project = _mapping(path), _mapping(PROJECT / "Pulumi.yaml")
    name = next(value.value for key, value in project.value if key.value == "name")
    left_out = {key.value: value.value for key, value in root.value if key.value in _LEFT_OUT}
    root.value = [(key, value) for key, value in root.value if key.value not in _LEFT_OUT]
    project.value = [
        (key, value)
        for key, value in project.value
        if key.value not in _FOLDERS or isinstance(value, yaml.MappingNode)
    ]
    with tempfile.TemporaryDirectory(prefix="permissions-") as folder:
        copy = Path(folder, "project")
        copy.mkdir()
        for file, node in (
            (f"Pulumi.{stack}.yaml", _without_tokens(root)),
            ("Pulumi.yaml", project),
        ):
            text = yaml.serialize(node, Dumper=yaml.CSafeDumper, allow_unicode=True)
            copy.joinpath(file).write_text(text, encoding="utf-8")
        _pulumi(copy, "stack", "init", stack)
        try:
            values = json.loads(_pulumi(copy, "config", "--json"))
        except RecursionError:
            raise StackFileError(f"{path} is nested too deeply.") from None
    used = {f"aws:{each}" for each in _OTHERS} | {"pulumi:autonaming"}
    encrypted = [
        key
        for key, each in values.items()
        if each["secret"] and (key in used or key.startswith(f"{name}:"))
    ]
    if encrypted:
        raise StackFileError(
            f"{path} has encrypted values in {', '.join(encrypted)}, which the policies depend on: replace `secure: …`"
            " with the value in plain text."
        )
    plain = {key: each["value"] for key, each in values.items() if not each["secret"]}
    return checked(stack, plain, left_out, project=name)


def checked(
    stack: str,
    values: Mapping[str, str],
    left_out: Mapping[str, Any],
    *,
    project: str = PROJECT_NAME,
) -> StackFile:
    """Check values as Pulumi passes them to the program: text as it is, other values as JSON.

    Raises:
        StackFileError: the program would refuse the config; the message is that of the program.

    """
    tokens_key = f"{project}:accessTokens"
    locations = _parsed(values.get(f"{project}:sourceLocations", "{}"))
    tokens = {
        name: "not-a-token"
        for name, settings in (locations.items() if isinstance(locations, dict) else ())
        if not isinstance(settings, dict) or not settings.get("tokenManagedElsewhere")
    }
    pulumi.runtime.configure(pulumi.runtime.Settings(project=project, stack=stack))
    pulumi.runtime.set_all_config({**values, tokens_key: json.dumps(tokens)}, [tokens_key])
    try:
        config = load_stack_config()
    except StackConfigError as error:
        raise StackFileError(str(error)) from None
    others = {
        key: _parsed(value) for key, value in values.items() if not key.startswith(f"{project}:")
    }
    return StackFile(stack=stack, project=project, config=config, others=others, left_out=left_out)


def _mapping(path: Path) -> yaml.MappingNode:
    """Return the first document of a YAML file, which is the one that Pulumi reads."""
    try:
        loader = yaml.CSafeLoader(path.read_bytes())
        root = loader.get_node() if loader.check_node() else None
    except FileNotFoundError:
        raise StackFileError(
            f"there is no stack file {path}. Choose a stack with --stack NAME, or any file with --config-file FILE."
        ) from None
    except OSError as error:
        raise StackFileError(f"{path} cannot be read: {error.strerror}.") from None
    except yaml.YAMLError:  # the error's text may contain a token
        raise StackFileError(f"{path} is not valid YAML.") from None
    if not isinstance(root, yaml.MappingNode):
        raise StackFileError(f"{path} is not a stack file: it has no key `config`.")
    return root


def _without_tokens(root: yaml.MappingNode) -> yaml.MappingNode:
    left: list[yaml.Node] = [root]
    seen = set[int]()
    while left:
        node = left.pop()
        if isinstance(node, yaml.MappingNode) and id(node) not in seen:  # else a YAML alias
            seen.add(id(node))
            node.value = [
                (key, value)
                for key, value in node.value
                if not str(key.value).endswith("accessTokens")
            ]
            left += [value for _, value in node.value]
    return root


def _pulumi(project: Path, *arguments: str) -> str:
    """Run the Pulumi CLI without the user's login, settings or state."""
    home = project.parent
    try:
        cli = pulumi_cli.find()
    except SandboxError as error:
        raise StackFileError(str(error)) from None
    done = subprocess.run(  # noqa: S603  the project's own CLI
        [cli, "--non-interactive", *arguments],
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
        reason = done.stderr.strip().removeprefix("error: ")
        reason = re.sub(r"(?<=!!str) `[^`]*`", "", reason)  # the value may be a token
        raise StackFileError(f"Pulumi cannot read the stack file: {reason}")
    return done.stdout


def _parsed(text: str) -> Any:  # noqa: ANN401 any value of a stack file
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
