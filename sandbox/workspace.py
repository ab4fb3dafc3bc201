"""An isolated workspace for commands: it uses neither the user's files nor their settings.

A workspace is a private folder with the engine's home, the state and a copy of the project, with the
stack selected and configured, and a local AWS. All of it is removed at the end.
"""

import contextlib
import re
import secrets
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import psutil

from sandbox import provider_plugin, pulumi_cli
from sandbox.commands import Commands
from sandbox.environment import environment, in_account
from sandbox.errors import SandboxError
from sandbox.local_aws import local_aws
from sandbox.preparation.existing_resources import create
from sandbox.preparation.passphrase_encryption import PassphraseEncryption
from sandbox.preparation.stack import Preparation, prepare_stack
from sandbox.preparation.stack_file import ProjectFile, StackFile
from sandbox.project_copy import copy_project, make_virtual_environment
from sandbox.provider_plugin import Provider
from sandbox.signals import ignore_further_signals, signals_held_back
from sandbox.temporary_folder import temporary_folder

PROJECT = Path(__file__).resolve().parent.parent
"""The folder of the rehearsed Pulumi project."""

STACK_NAME = r"[A-Za-z0-9_.-]{1,100}"
"""Regular expression for the stack names that Pulumi accepts."""

_SECONDS_TO_END = 5


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    """A copy of the project with its stack selected and configured, and a local AWS."""

    folder: Path
    """The copy: the working directory of every command."""

    environment: Mapping[str, str]
    """The complete environment of every command."""

    region: str
    """The stack's Region."""

    aws_url: str
    """The endpoint of all AWS services."""

    provider: Provider
    """The AWS provider in use."""

    preparation: Preparation
    """How the stack's config differs from the user's."""

    def run(self, command: Sequence[str]) -> int:
        """Run a command in the foreground and return its exit status, as a shell reports it.

        Ctrl-C reaches the command directly from the terminal; we wait until the command exits. Other
        termination signals are forwarded.

        Raises:
            SandboxError: the command cannot be run.

        """
        return self._run(command)[0]

    def run_step(self, command: Sequence[str], *, read_line: Callable[[str], None]) -> int:
        """Run a command as `run` does, then exit if a signal was received meanwhile.

        Args:
            command: the command.
            read_line: gets each line that the command prints, also on standard error.

        Raises:
            SandboxError: the command cannot be run.
            KeyboardInterrupt: the signal was SIGINT.
            SystemExit: the signal was SIGTERM or SIGHUP.

        """
        status, received = self._run(command, read_line)
        if received == signal.SIGINT:
            raise KeyboardInterrupt
        if received is not None:
            sys.exit(128 + received)
        return status

    def output(self, command: Sequence[str]) -> str:
        """Run a command in the background and return its output.

        Raises:
            SandboxError: the command fails; the message includes its output.

        """
        return Commands(self.folder, self.environment).output(command)

    def _run(
        self, command: Sequence[str], read_line: Callable[[str], None] | None = None
    ) -> tuple[int, int | None]:
        process: subprocess.Popen[bytes] | None = None
        received: int | None = None

        def pass_on(number: int, _frame: FrameType | None) -> None:
            nonlocal received
            received = number
            if process is None:  # the command has not started yet
                sys.exit(128 + number)
            if number != signal.SIGINT:
                process.send_signal(number)

        ours = {
            number: signal.signal(number, pass_on)
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
            if signal.getsignal(number) != signal.SIG_IGN  # as under nohup
        }
        try:
            process = subprocess.Popen(
                command,
                cwd=self.folder,
                env=self.environment,
                stdout=subprocess.PIPE if read_line else None,
                stderr=subprocess.STDOUT if read_line else None,
            )
            if process.stdout and read_line:
                with process.stdout as lines:
                    for line in lines:
                        read_line(line.decode(errors="replace").rstrip())
            status = process.wait()
        except OSError as error:
            raise SandboxError(f"{command[0]} cannot be run: {error.strerror}.") from None
        finally:
            if received is None:
                for number, handler in ours.items():
                    signal.signal(number, handler)
            else:  # more signals may follow, and only the clean-up is left
                ignore_further_signals()
        return (status if status >= 0 else 128 - status), received


@contextlib.contextmanager
def sandbox(
    *, stack: str, stack_file: Path | None = None, provider: Provider = "stand-in"
) -> Iterator[Sandbox]:
    """Create a workspace with the stack and a local AWS, and remove everything at the end.

    Args:
        stack: the stack's name, or `organization/stack` or `organization/project/stack`.
        stack_file: the stack's config; by default, the stack file that Pulumi would use.
        provider: the AWS provider to use.

    Raises:
        SandboxError: the stack's config cannot be used, or the local AWS does not start.

    """
    pulumi = pulumi_cli.find()
    passphrase = secrets.token_urlsafe()
    with temporary_folder("rehearsal-") as temporary, local_aws() as aws:
        root = temporary.resolve()
        folder = root / PROJECT.name
        variables = {
            **environment(root=root, folder=folder, pulumi=pulumi, aws=aws, passphrase=passphrase),
            **provider_plugin.variables(provider),
        }
        try:
            project = ProjectFile(PROJECT / "Pulumi.yaml")
            name = _stack_name(stack, project=project.name)
            config = StackFile(
                stack_file or PROJECT / project.stack_config_dir / f"Pulumi.{name}.yaml",
                encryption=PassphraseEncryption(passphrase),
            )
            Path(root, "state").mkdir()
            copy_project(PROJECT, folder)
            make_virtual_environment(folder / ".venv")
            provider_plugin.install(provider, Path(variables["PULUMI_HOME"]))
            preparation = prepare_stack(
                name,
                project,
                config,
                pulumi=Commands(folder, variables),
                settings=provider_plugin.settings(provider, aws.url),
            )
            variables |= in_account(preparation.account.id, preparation.region)
            aws.wait_until_ready()
            create(preparation.existing, aws, account=preparation.account.id)
            yield Sandbox(
                folder=folder,
                environment=variables,
                region=preparation.region,
                aws_url=aws.url,
                provider=provider,
                preparation=preparation,
            )
        finally:
            _end_leftover_processes(variables["PULUMI_HOME"])


def _stack_name(stack: str, *, project: str) -> str:
    """Return the last part of a stack's name, which its file is named after.

    https://www.pulumi.com/docs/iac/concepts/stacks/
    """
    parts = re.fullmatch(rf"(?:[^/]+/(?:([^/]+)/)?)?({STACK_NAME})", stack)
    if not parts:
        raise SandboxError(
            f"{stack!r} is not a valid stack name. Use letters, digits, hyphens, underscores and"
            " periods, optionally after organization/ or organization/project/."
        )
    if parts[1] not in {None, project}:
        raise SandboxError(f"stack {stack} belongs to project {parts[1]}; this is {project}.")
    return parts[2]


@signals_held_back()
def _end_leftover_processes(pulumi_home: str) -> None:
    """End the processes that commands left behind, found by their environment.

    A killed engine leaves its plugins running, and a killed shell its engine.
    """
    left = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):  # another user's, or already gone
            if process.environ().get("PULUMI_HOME") == pulumi_home:
                process.terminate()
                left.append(process)
    _, still_alive = psutil.wait_procs(left, timeout=_SECONDS_TO_END)
    for process in still_alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
