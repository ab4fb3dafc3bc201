"""A place to run Pulumi and AWS commands in that touches nothing of the person's.

It is a private folder with the engine's home, the state and a project folder that looks like the
person's own, beside an AWS that lives on this machine. All of it is gone at the end.
"""

import contextlib
import os
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from types import FrameType

import psutil

from sandbox import pulumi_cli
from sandbox.errors import SandboxError
from sandbox.local_aws import ACCOUNT_ID, local_aws
from sandbox.signals import signals_held_back
from sandbox.stack_file import rehearsal_stack_file
from sandbox.temporary_folder import temporary_folder

PROJECT = Path(__file__).resolve().parent.parent
"""The folder of the Pulumi project that is rehearsed."""

DEFAULT_REGION = "us-east-1"
"""Where a stack without `aws:region` is rehearsed."""

_SECONDS_TO_END = 5


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    """A project folder with its stack selected and configured, and what reaches the local AWS."""

    folder: Path
    """The project folder: the working directory of every command."""

    environment: Mapping[str, str]
    """The whole environment of every command."""

    region: str
    """The stack's Region."""

    region_is_assumed: bool
    """The stack file does not say the Region."""

    aws_url: str
    """The endpoint of all AWS services."""

    def run(self, command: Sequence[str]) -> int:
        """Run a command in the foreground and return its status, as a shell reports it.

        A Ctrl-C reaches the command from the terminal, as it would without us; we wait for its end.
        A termination signal that only we get is passed on.
        """
        process: subprocess.Popen[bytes] | None = None

        def pass_on(number: int, _frame: FrameType | None) -> None:
            if process is None:  # the command that could end by it is not there yet
                sys.exit(128 + number)
            if number != signal.SIGINT:
                process.send_signal(number)

        ours = {
            number: signal.signal(number, pass_on)
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        }
        try:
            process = subprocess.Popen(command, cwd=self.folder, env=self.environment)
            status = process.wait()
        except OSError as error:
            raise SandboxError(f"{command[0]} cannot be run: {error.strerror}.") from None
        finally:
            for number, handler in ours.items():
                signal.signal(number, handler)
        return status if status >= 0 else 128 - status

    def output(self, command: Sequence[str]) -> str:
        """Run a command in the background and return what it prints.

        Raises:
            SandboxError: it fails; the message is what it said.

        """
        return _output(command, cwd=self.folder, env=self.environment)


@contextlib.contextmanager
def sandbox(*, stack_file: Path, stack: str) -> Iterator[Sandbox]:
    """Make the place, start the local AWS, make and select the stack; take all down at the end.

    Raises:
        SandboxError: the stack file cannot be used, or a part does not start.

    """
    pulumi = pulumi_cli.find()
    passphrase = secrets.token_urlsafe()
    with (
        temporary_folder("rehearsal-") as temporary,
        local_aws() as aws,
    ):
        root = temporary.resolve()
        rehearsal = rehearsal_stack_file(stack_file, passphrase=passphrase)
        folder = root / PROJECT.name
        _lay_out_project(folder)
        Path(folder, f"Pulumi.{stack}.yaml").write_text(rehearsal.text, encoding="utf-8")

        region = rehearsal.region or DEFAULT_REGION
        environment = {
            **_environment(root, pulumi=pulumi, region=region, passphrase=passphrase),
            "AWS_ENDPOINT_URL": aws.url,
            "AWS_SESSION_TOKEN": aws.session_token,
        }
        try:
            _install_stand_in_provider(root, environment)
            _output(["pulumi", "stack", "init", stack], cwd=folder, env=environment)
            aws.wait_until_ready()
            yield Sandbox(
                folder=folder,
                environment=environment,
                region=region,
                region_is_assumed=rehearsal.region is None,
                aws_url=aws.url,
            )
        finally:
            _end_what_still_runs(environment["PULUMI_HOME"])


def _lay_out_project(folder: Path) -> None:
    """Make a folder that looks like the person's project, and where Pulumi may write.

    Pulumi writes to the project file and the stack files, so none of these leads to the person's.
    """
    folder.mkdir()
    with contextlib.suppress(OSError):  # a project that can't be written is compiled anew each time
        PROJECT.joinpath("__pycache__").mkdir(exist_ok=True)
    for entry in PROJECT.iterdir():
        if entry.name == "Pulumi.yaml":
            shutil.copy(entry, folder)
        elif entry.name != ".git" and not entry.match("Pulumi.*.yaml"):
            Path(folder, entry.name).symlink_to(entry)


def _environment(root: Path, *, pulumi: Path, region: str, passphrase: str) -> dict[str, str]:
    # Without Python's cache of compiled modules each command would compile pulumi-aws again.
    persons = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith(("AWS_", "PULUMI_")) and k != "PYTHONDONTWRITEBYTECODE"
    }
    path = [str(pulumi.parent), str(Path(sys.executable).parent), os.environ.get("PATH", "")]
    state = root / "state"
    state.mkdir()
    return persons | {
        "PATH": os.pathsep.join(path),
        # A proxy must not get to see what is meant for the local AWS.
        "NO_PROXY": ",".join(filter(None, [persons.get("NO_PROXY"), "127.0.0.1"])),
        "AWS_ACCESS_KEY_ID": ACCOUNT_ID,
        "AWS_SECRET_ACCESS_KEY": "rehearsal",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_CONFIG_FILE": str(root / "no-aws-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(root / "no-aws-credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "PULUMI_HOME": str(root / "pulumi-home"),
        "PULUMI_BACKEND_URL": state.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": passphrase,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        # The stand-in must not be joined by a download of the real thing.
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        # Writes the state at the end of an operation only, failed ones too, not after each step:
        # minutes less with many source locations. An engine that is killed leaves no state, which
        # would be wrong for a real stack; here it is thrown away in any case.
        "PULUMI_SKIP_CHECKPOINTS": "true",
    }


def _install_stand_in_provider(root: Path, environment: Mapping[str, str]) -> None:
    """Install the stand-in as the version of the AWS plugin that the program's SDK asks for."""
    plugin = root / "pulumi-resource-aws"
    plugin.write_text(
        "#!/bin/sh\n"
        f"export PYTHONPATH={shlex.quote(str(Path(__file__).resolve().parent.parent))}\n"
        f'exec {shlex.quote(sys.executable)} -P -m sandbox.provider "$@"\n',
        encoding="utf-8",
    )
    plugin.chmod(0o755)
    install = ["pulumi", "plugin", "install", "resource", "aws", version("pulumi-aws")]
    _output([*install, "--file", str(plugin)], cwd=root, env=environment)


@signals_held_back()
def _end_what_still_runs(pulumi_home: str) -> None:
    """End the processes that commands left behind: each has the sandbox's environment.

    An engine that is killed leaves its plugins, and a killed shell leaves its engine.
    """
    left = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):  # another person's, or gone meanwhile
            if process.environ().get("PULUMI_HOME") == pulumi_home:
                process.terminate()
                left.append(process)
    _, still_alive = psutil.wait_procs(left, timeout=_SECONDS_TO_END)
    for process in still_alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def _output(command: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> str:
    done = subprocess.run(command, cwd=cwd, env=env, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise SandboxError(f"`{shlex.join(command)}` failed:\n{done.stderr or done.stdout}")
    return done.stdout
