"""A stack in a sandbox, and a local AWS whose calls fail on request. Both can be restored to any saved state."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

from sandbox.local_aws import LocalAws, local_aws
from sandbox.workspace import Sandbox, sandbox
from tests.support.aws_cli import install_aws_cli
from tests.support.aws_proxy import aws_proxy
from tests.support.faults import restorable_aws
from tests.support.faults.content import Content, content
from tests.support.faults.injection import Fault, Injector
from tests.support.faults.life_cycle import STACK_FILE

_STACK: Final = "test"


@dataclass(frozen=True, kw_only=True)
class Ended:
    """The result of a shell command."""

    command: str
    output: str
    succeeded: bool
    calls: list[str]
    """The calls to AWS."""


@dataclass(frozen=True, kw_only=True)
class World:
    """A stack, its workspace, its state and its AWS."""

    workspace: Sandbox
    aws: LocalAws
    injector: Injector
    saved: Path

    def save(self, name: str) -> None:
        """Save everything under a name."""
        restorable_aws.request(self.aws, "save", name)
        for part, path in self._parts().items():
            _copy(path, self.saved / name / part)

    def restore(self, name: str) -> None:
        """Restore what was saved under a name."""
        restorable_aws.request(self.aws, "restore", name)
        for part, path in self._parts().items():
            _copy(self.saved / name / part, path)

    def run(self, command: str, *, fault: Fault | None = None, at: str = "") -> Ended:
        """Run a shell command, with a fault at one of its calls to AWS."""
        self.injector.calls, self.injector.fault, self.injector.at = [], fault, at
        self.injector.cli = subprocess.Popen(  # noqa: S603  a command of a test or of the documentation
            ["bash", "-c", f"exec {command}" if fault else command],  # noqa: S607
            cwd=self.workspace.folder,
            env=self.workspace.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        output, _ = self.injector.cli.communicate()
        status = self.injector.cli.returncode
        if status == -signal.SIGKILL:
            output += "Killed\n"  # what the user's shell prints
        calls = self.injector.calls
        return Ended(command=command, output=output, succeeded=status == 0, calls=calls)

    def succeed(self, command: str) -> Ended:
        """Run a shell command that must succeed."""
        ended = self.run(command)
        if not ended.succeeded:
            raise RuntimeError(f"`{command}` failed without a fault:\n{ended.output}")
        return ended

    def state(self) -> dict[str, Any]:
        """Return the stack's state, from its file: `pulumi stack export` would take longer than all checks of a case."""
        file = self._parts()["state"] / f".pulumi/stacks/mediatailor-access-token/{_STACK}.json"
        return json.loads(file.read_text(encoding="utf-8"))["checkpoint"].get("latest") or {}

    def outputs(self) -> Mapping[str, Any]:
        """Return the stack's outputs, empty before its deployment and after `pulumi destroy`."""
        for resource in self.state().get("resources", []):
            if resource["type"] == "pulumi:pulumi:Stack":
                outputs: Mapping[str, Any] = resource.get("outputs", {})
                return outputs
        return {}

    def key_id(self) -> str:
        """Return the key's ID, as in `pulumi stack --show-ids`, or an empty string before its creation."""
        for resource in self.state().get("resources", []):
            if resource["urn"].endswith("::mediatailor-key") and not resource.get("delete"):
                return str(resource["id"])
        return ""

    def content(self, outputs: Mapping[str, Any]) -> Content:
        """Return the content of AWS, with the names of the stack's outputs."""
        return content(restorable_aws.request(self.aws, "read"), outputs)

    def _parts(self) -> Mapping[str, Path]:
        state = urlsplit(self.workspace.environment["PULUMI_BACKEND_URL"]).path
        stack_file = self.workspace.folder / f"Pulumi.{_STACK}.yaml"
        return {"state": Path(url2pathname(state)), "stack file": stack_file}


@contextlib.contextmanager
def world(folder: Path) -> Iterator[World]:
    """Start a world with a stack that is not deployed yet.

    Args:
        folder: an empty folder for the saved states.

    """
    stack_file = folder / f"Pulumi.{_STACK}.yaml"
    stack_file.write_text(STACK_FILE, encoding="utf-8")
    injector = Injector()
    with (
        local_aws(module=restorable_aws.MODULE) as aws,
        sandbox(stack=_STACK, stack_file=stack_file) as workspace,
        aws_proxy(aws.url, instead=injector.instead, delivers=injector.delivers) as proxy,
    ):
        aws.wait_until_ready()
        install_aws_cli(folder)
        environment = {
            **workspace.environment,
            "AWS_ENDPOINT_URL": proxy.url,
            "AWS_SESSION_TOKEN": aws.session_token,
            "PATH": os.pathsep.join([str(folder), workspace.environment["PATH"]]),
            "PULUMI_SKIP_CONFIRMATIONS": "true",
            "PULUMI_OPTION_NON_INTERACTIVE": "true",
            "PULUMI_OPTION_SKIP_PREVIEW": "true",
            # One call at a time, so that each has the same name in every run.
            "PULUMI_PARALLEL": "1",
        }
        # Users' own backends save the state at every step.
        del environment["PULUMI_SKIP_CHECKPOINTS"]
        failing = replace(workspace, environment=environment)
        yield World(workspace=failing, aws=aws, injector=injector, saved=folder)


def _copy(source: Path, target: Path) -> None:
    if source.is_file():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)
        return
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)
