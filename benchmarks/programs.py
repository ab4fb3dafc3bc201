"""The measured programs, each in a new workspace."""

import contextlib
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import yaml

from sandbox.workspace import Sandbox, sandbox
from tests.support.aws_proxy import aws_proxy

_FLAT = Path(__file__).resolve().parent / "flat"


class Program(StrEnum):
    """A measured program."""

    THIS = "this program"
    FLAT = "flat program"
    SCRIPT = "boto3 script"


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A program that is ready to run in an empty AWS."""

    program: Program
    source_locations: int
    workspace: Sandbox

    @property
    def actions(self) -> Sequence[str]:
        """The actions to run, in this order. The script can only create."""
        if self.program == Program.SCRIPT:
            return ("up",)
        own = ("verify",) if self.program == Program.THIS else ()
        return ("preview", "up", "up again", "refresh", *own)

    @property
    def timed_actions(self) -> Sequence[str]:
        """Those of the actions to measure the time of."""
        return [action for action in self.actions if action in ("preview", "up", "verify")]

    def run(self, action: str) -> None:
        """Run an action.

        Raises:
            SandboxError: the command fails.

        """
        options = () if action == "preview" else ("--yes", "--skip-preview")
        command = ["pulumi", "--non-interactive", action.split(maxsplit=1)[0], *options]
        if self.program == Program.SCRIPT:
            command = [sys.executable, "-m", "benchmarks.boto3_script", str(self.source_locations)]
        if action == "verify":
            command = [sys.executable, "-m", "verification"]
        self.workspace.output(command)

    def seconds(self, action: str) -> float:
        """Run an action, and return its duration in seconds."""
        start = time.perf_counter()
        self.run(action)
        return time.perf_counter() - start

    def calls(self, action: str) -> Counter[str]:
        """Run an action, and return the numbers of AWS calls: `changes` and `reads`."""
        with aws_proxy(self.workspace.aws_url) as proxy:
            environment = {**self.workspace.environment, "AWS_ENDPOINT_URL": proxy.url}
            replace(self, workspace=replace(self.workspace, environment=environment)).run(action)
            return Counter(
                "reads" if re.match("Get|List|Describe", request.operation) else "changes"
                for request, _ in proxy.exchanges
            )


@contextlib.contextmanager
def bench(program: Program, source_locations: int, *, engine_defaults: bool) -> Iterator[Bench]:
    """Prepare a program.

    Args:
        program: the program.
        source_locations: their number.
        engine_defaults: save the state after each step, as for a real stack; a rehearsal saves it once.

    """
    config = {
        "aws:region": "us-east-1",
        "mediatailor-access-token:sourceLocations": {
            f"location-{index:04}": {"headerName": "X-Access-Token"}
            for index in range(source_locations)
        },
    }
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        stack_file = Path(folder, "Pulumi.bench.yaml")
        stack_file.write_text(yaml.safe_dump({"config": config}), encoding="utf-8")
        with sandbox(stack="bench", stack_file=stack_file) as workspace:
            environment = dict(workspace.environment)
            if engine_defaults:
                del environment["PULUMI_SKIP_CHECKPOINTS"]
            project = workspace.folder
            if program == Program.FLAT:
                project = project.parent / "flat"
                shutil.copytree(_FLAT, project)
                shutil.copy(workspace.folder / stack_file.name, project)
                (project / ".venv").symlink_to(workspace.folder / ".venv")
            ready = Bench(
                program=program,
                source_locations=source_locations,
                workspace=replace(workspace, folder=project, environment=environment),
            )
            if program == Program.FLAT:
                ready.workspace.output(["pulumi", "stack", "init", "bench"])
            else:  # Python keeps the compiled modules of a user's project from the last run
                modules = ["components", "impact", "stack_config", "readme.py"]
                ready.workspace.output([sys.executable, "-m", "compileall", "-q", *modules])
            yield ready
