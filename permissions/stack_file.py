"""The config of a stack file, as the Pulumi CLI reads it and the program checks it.

The CLI runs in a temporary folder, without a login, so that the values are the same as in `pulumi up`.
"""

import json
import os
import shutil
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

_LEFT_OUT = ("environment", "secretsprovider", "encryptedkey", "encryptionsalt")
"""Top-level keys that would require a login or a passphrase."""


class StackFileError(Exception):
    """The stack file cannot be read, or the program would refuse it. The message is for the user."""


@dataclass(frozen=True, kw_only=True)
class StackFile:
    """The contents of a stack file."""

    stack: str
    """The stack's name."""
    config: StackConfig
    """The program's config, without the tokens."""
    others: Mapping[str, Any]
    """Values of other namespaces by key, such as `aws:region`."""
    left_out: Mapping[str, Any]
    """Top-level keys that are ignored, such as `environment`, with their values."""


def path_of(stack: str) -> Path:
    """Return the path of the stack file of a stack of this project."""
    project = yaml.safe_load((PROJECT / "Pulumi.yaml").read_text(encoding="utf-8"))
    return Path(PROJECT, project.get("stackConfigDir", "."), f"Pulumi.{stack}.yaml")


def read(path: Path, stack: str) -> StackFile:
    """Read a stack file.

    Raises:
        StackFileError: the file does not exist, Pulumi cannot read it, or the program would refuse its config.

    """
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except OSError as error:
        raise StackFileError(
            f"{path}: {error.strerror}. Use --stack NAME for a stack, or --config-file FILE for any stack file."
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError):  # the error's text may contain a token
        raise StackFileError(f"{path} is not valid YAML.") from None
    if not isinstance(root, yaml.MappingNode):
        raise StackFileError(f"{path} is not a stack file: it has no key `config`.")
    left_out = {key.value: value.value for key, value in root.value if key.value in _LEFT_OUT}
    root.value = [(key, value) for key, value in root.value if key.value not in _LEFT_OUT]
    with tempfile.TemporaryDirectory(prefix="permissions-") as folder:
        project = Path(folder, "project")
        copy = project / path_of(stack).relative_to(PROJECT)
        copy.parent.mkdir(parents=True)
        text = yaml.serialize(_without_tokens(root), Dumper=yaml.CSafeDumper, allow_unicode=True)
        copy.write_text(text, encoding="utf-8")
        shutil.copy(PROJECT / "Pulumi.yaml", project)
        _pulumi(project, "stack", "init", stack)
        values = json.loads(_pulumi(project, "config", "--json"))
    encrypted = [key for key, each in values.items() if each["secret"]]
    if encrypted:
        raise StackFileError(
            f"{path} has encrypted values in {', '.join(encrypted)}. Only tokens can be encrypted: replace"
            " `secure: …` with the value in plain text."
        )
    return checked(stack, {key: each["value"] for key, each in values.items()}, left_out)


def checked(stack: str, values: Mapping[str, str], left_out: Mapping[str, Any]) -> StackFile:
    """Check values as Pulumi passes them to the program: text as it is, other values as JSON.

    Raises:
        StackFileError: the program would refuse the config; the message is that of the program.

    """
    tokens_key = f"{PROJECT_NAME}:accessTokens"
    locations = _parsed(values.get(f"{PROJECT_NAME}:sourceLocations", "{}"))
    tokens = {
        name: "not-a-token"
        for name, settings in (locations.items() if isinstance(locations, dict) else ())
        if not isinstance(settings, dict) or not settings.get("tokenManagedElsewhere")
    }
    pulumi.runtime.configure(pulumi.runtime.Settings(project=PROJECT_NAME, stack=stack))
    pulumi.runtime.set_all_config({**values, tokens_key: json.dumps(tokens)}, [tokens_key])
    try:
        config = load_stack_config()
    except StackConfigError as error:
        raise StackFileError(str(error)) from None
    others = {
        key: _parsed(value)
        for key, value in values.items()
        if not key.startswith(f"{PROJECT_NAME}:")
    }
    return StackFile(stack=stack, config=config, others=others, left_out=left_out)


def _without_tokens(node: yaml.Node) -> yaml.Node:
    if isinstance(node, yaml.MappingNode):
        node.value = [
            (key, _without_tokens(value))
            for key, value in node.value
            if not str(key.value).endswith("accessTokens")
        ]
    return node


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
        raise StackFileError(f"Pulumi cannot read the stack file:\n{done.stderr.strip()}")
    return done.stdout


def _parsed(text: str) -> Any:  # noqa: ANN401 any value of a stack file
    try:
        return json.loads(text)
    except ValueError:
        return text
