"""A stack whose config changes, behind an AWS that can refuse calls."""

import contextlib
import dataclasses
import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from sandbox.workspace import sandbox
from tests.support.aws_cli import install_aws_cli
from tests.support.aws_proxy import AwsProxy, aws_proxy
from tests.support.provider_driver import Gateway
from tests.support.stack_driver import Stack

NAMESPACE = "mediatailor-access-token:"
REGION = "eu-west-1"
IMPACT = "What this update means for MediaTailor:"
_READS = ("Describe", "Get", "List")

Config = dict[str, Any]
Change = Callable[[Config], object]

BASE_URL = "https://origin.example.com"
BY_HAND: Config = {"headerName": "X-Token"}
OWN: Config = {**BY_HAND, "baseUrl": BASE_URL}
"""Settings of a source location that the stack does not create, and of one that it creates."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The result of a preview."""

    operations: Mapping[str, str]
    """By resource name without the component's name: create, update, replace, delete or import; no unchanged resources."""
    order: list[tuple[str, str]]
    """Each step's operation and resource name, in the engine's order."""
    impact: str
    """The message about the impact on MediaTailor, or an empty string."""


@dataclass(frozen=True, kw_only=True)
class ChangingStack(Stack):
    """A stack whose config changes, behind an AWS that can refuse calls."""

    gateway: Gateway
    proxy: AwsProxy
    name: str = "test"
    file: Path = field(kw_only=True)

    def change(self, *changes: Change) -> None:
        """Apply changes to the stack file's config, whose keys have no namespace."""
        document = yaml.safe_load(self.file.read_text(encoding="utf-8"))
        config = {key.removeprefix(NAMESPACE): value for key, value in document["config"].items()}
        for change in changes:
            change(config)
        document["config"] = {
            key if ":" in key else f"{NAMESPACE}{key}": value for key, value in config.items()
        }
        self.file.write_text(yaml.safe_dump(document), encoding="utf-8")

    def up(self, *options: str, fails: bool = False) -> str:
        return self.pulumi(
            "up", "--yes", "--skip-preview", "--stack", self.name, *options, fails=fails
        )

    def plan(self, *changes: Change) -> Plan:
        """Return the preview of these changes; the stack file stays as it is."""
        file = self.file.with_name(f"{self.file.stem}.{os.urandom(4).hex()}.yaml")
        file.write_text(self.file.read_text(encoding="utf-8"), encoding="utf-8")
        dataclasses.replace(self, file=file).change(*changes)
        try:
            printed = self.pulumi(
                "preview",
                "--json",
                "--show-replacement-steps",
                "--stack",
                self.name,
                "--config-file",
                str(file),
            )
        finally:
            file.unlink()
        plan = json.loads(printed)
        order = [
            (step["op"], step["urn"].rpartition("::")[2].removeprefix("mediatailor-"))
            for step in plan["steps"]
            if "$aws:" in step["urn"] and step["op"] != "same"
        ]
        messages = [each["message"] for each in plan.get("diagnostics", [])]
        found = [message for message in messages if IMPACT in message]
        assert len(found) <= 1, "the impact must be one message"
        return Plan(
            operations=_operations(order),
            order=order,
            impact="".join(found).removeprefix("warning: ").rstrip(),
        )

    def shell(self, command: str, **environment: str) -> None:
        """Run a printed command in a shell, as a user would."""
        done = subprocess.run(  # noqa: S603  a printed command
            ["/bin/sh", "-c", command],
            cwd=self.workspace.folder,
            env={**self.workspace.environment, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def run_commands(self, message: str) -> list[str]:
        """Run the commands of a message in a shell, with our own `aws` command, and return them."""
        folder = self.workspace.folder / "aws-cli"
        folder.mkdir(exist_ok=True)
        install_aws_cli(folder)
        commands = commands_of(message)
        for command in commands:
            self.shell(command, PATH=f"{folder}:{self.workspace.environment['PATH']}")
        return commands

    def calls(self) -> list[str]:
        """Return the AWS calls since the last call of this method, in the form `kms.CreateKey`."""
        calls = [f"{each.service}.{each.operation}" for each, _ in self.proxy.exchanges]
        self.proxy.exchanges.clear()
        return calls

    def writes(self) -> list[str]:
        """Return the AWS calls that change something since the last call of this method or `calls`."""
        return [each for each in self.calls() if not each.partition(".")[2].startswith(_READS)]

    def source_location(self, name: str) -> dict[str, Any]:
        """Return MediaTailor's description of the source location."""
        described = self.client("mediatailor").describe_source_location(SourceLocationName=name)
        described.pop("ResponseMetadata")
        return dict(described)

    def create_source_location(self, name: str, **settings: Any) -> None:
        """Create a source location by hand, with the stack's access configuration (AWS's step 3)."""
        self.client("mediatailor").create_source_location(
            SourceLocationName=name,
            HttpConfiguration={"BaseUrl": "https://by-hand.example.com"},
            AccessConfiguration=self.outputs()["accessConfigurations"][name],
            **settings,
        )


def set_in(*path: str, to: object) -> Change:
    """Return the change that sets a value at a path."""

    def change(config: Any) -> None:
        for key in path[:-1]:
            config = config[key]
        config[path[-1]] = to

    return change


def drop(*path: str) -> Change:
    """Return the change that removes a value."""

    def change(config: Any) -> None:
        for key in path[:-1]:
            config = config[key]
        del config[path[-1]]

    return change


def _operations(order: list[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for operation, name in order:
        kind = "replace" if "replace" in operation else operation
        if found.get(name) != "replace":
            found[name] = kind
    return found


def impact_of(printed: str) -> str:
    """Return the message about the impact on MediaTailor, from the CLI's output."""
    _, title, rest = printed.partition("Diagnostics:")[2].partition(IMPACT)
    lines = [line.removeprefix("    ") for line in rest.partition("\n\n  aws:")[0].splitlines()]
    message = "\n".join([title, *lines[1:]])
    for end in ("\nOutputs:", "\nResources:"):
        message = message.partition(end)[0]
    return message.rstrip()


def lines_of(message: str) -> list[str]:
    """Return a message's lines about source locations, without the title and commands."""
    title, *lines = message.partition("\n\n")[0].splitlines() or [IMPACT]
    assert title == IMPACT
    return [line.strip() for line in lines]


def commands_of(message: str) -> list[str]:
    """Return the commands in a message."""
    return [
        line.strip()
        for line in message.splitlines()
        if line.strip().startswith(("aws ", "pulumi refresh "))
    ]


MakeStack = Callable[..., ChangingStack]
"""Deploys a stack with these source locations and this config."""


@contextlib.contextmanager
def changing_stack(folder: Path, **config: object) -> Iterator[ChangingStack]:
    """Yield a stack with this config, not yet deployed."""
    file = folder / "Pulumi.test.yaml"
    values = {"aws:region": REGION} | {
        key if ":" in key else f"{NAMESPACE}{key}": value for key, value in config.items()
    }
    file.write_text(json.dumps({"config": values}))
    gateway = Gateway()
    with (
        sandbox(stack_file=file, stack="test") as workspace,
        aws_proxy(workspace.aws_url, instead=gateway.answer) as proxy,
    ):
        environment = {**workspace.environment, "AWS_ENDPOINT_URL": proxy.url}
        yield ChangingStack(
            workspace=dataclasses.replace(workspace, environment=environment),
            gateway=gateway,
            proxy=proxy,
            file=workspace.folder / "Pulumi.test.yaml",
        )
