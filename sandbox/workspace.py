"""A workspace to run commands in that writes nothing of the user's and uses none of their settings.

It is a private folder with the engine's home, the state, and a copy of the project with its stack
selected and configured, together with an AWS on this machine. All of it is gone at the end.
"""

import contextlib
import re
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
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
"""The folder of the Pulumi project that is rehearsed."""

STACK_NAME = r"[A-Za-z0-9_.-]{1,100}"
"""What Pulumi takes as a stack's name, as a regular expression."""

_SECONDS_TO_END = 5


@dataclass(frozen=True, kw_only=True)
class Sandbox:
    """A copy of the project with its stack selected and configured, and a local AWS."""

    folder: Path
    """The copy: the working directory of every command."""

    environment: Mapping[str, str]
    """The whole environment of every command."""

    region: str
    """The stack's Region."""

    aws_url: str
    """The endpoint of all AWS services."""

    provider: Provider
    """The AWS provider in use."""

    preparation: Preparation
    """How the stack's config differs from the user's."""

    def run(self, command: Sequence[str]) -> int:
        """Run a command in the foreground and return its status, as a shell reports it.

        A Ctrl-C reaches the command from the terminal, as it would without us; we wait for its end.
        A termination signal that only we get is passed on.

        Raises:
            SandboxError: it cannot be run.

        """
        return self._run(command)[0]

    def run_step(self, command: Sequence[str]) -> int:
        """Run a command as `run` does, but end by the signal that came meanwhile, if one did.

        Raises:
            SandboxError: it cannot be run.
            KeyboardInterrupt: the signal was SIGINT.
            SystemExit: the signal was SIGTERM or SIGHUP.

        """
        status, received = self._run(command)
        if received == signal.SIGINT:
            raise KeyboardInterrupt
        if received is not None:
            sys.exit(128 + received)
        return status

    def output(self, command: Sequence[str]) -> str:
        """Run a command in the background and return what it prints.

        Raises:
            SandboxError: it fails; the message is what it said.

        """
        return Commands(self.folder, self.environment).output(command)

    def _run(self, command: Sequence[str]) -> tuple[int, int | None]:
        process: subprocess.Popen[bytes] | None = None
        received: int | None = None

        def pass_on(number: int, _frame: FrameType | None) -> None:
            nonlocal received
            received = number
            if process is None:  # the command that could end by it is not there yet
                sys.exit(128 + number)
            if number != signal.SIGINT:
                process.send_signal(number)

        ours = {
            number: signal.signal(number, pass_on)
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
            if signal.getsignal(number) != signal.SIG_IGN  # as under nohup
        }
        try:
            process = subprocess.Popen(command, cwd=self.folder, env=self.environment)
            status = process.wait()
        except OSError as error:
            raise SandboxError(f"{command[0]} cannot be run: {error.strerror}.") from None
        finally:
            if received is None:
                for number, handler in ours.items():
                    signal.signal(number, handler)
            else:  # whoever sent it may send more, and only the clean-up is left
                ignore_further_signals()
        return (status if status >= 0 else 128 - status), received


@contextlib.contextmanager
def sandbox(
    *, stack: str, stack_file: Path | None = None, provider: Provider = "stand-in"
) -> Iterator[Sandbox]:
    """Make the workspace, start the local AWS, create and select the stack; remove all at the end.

    Args:
        stack: the stack's name, or `organization/stack` or `organization/project/stack`.
        stack_file: its config, by default the file in which Pulumi looks for it.
        provider: the AWS provider to use.

    Raises:
        SandboxError: the stack's config cannot be used, or a part does not start.

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
            _end_what_still_runs(variables["PULUMI_HOME"])


def _stack_name(stack: str, *, project: str) -> str:
    """Return the last part of a stack's name, which its file is named after.

    https://www.pulumi.com/docs/iac/concepts/stacks/
    """
    parts = re.fullmatch(rf"(?:[^/]+/(?:([^/]+)/)?)?({STACK_NAME})", stack)
    if not parts:
        raise SandboxError(
            f"{stack!r} is not the name of a stack: letters, digits, hyphens, underscores and periods,"
            " after organization/ or organization/project/ if you like."
        )
    if parts[1] not in {None, project}:
        raise SandboxError(f"stack {stack} is of project {parts[1]}, and this is {project}.")
    return parts[2]


@signals_held_back()
def _end_what_still_runs(pulumi_home: str) -> None:
    """End the processes that commands left behind: each has the sandbox's environment.

    An engine that is killed leaves its plugins, and a killed shell leaves its engine.
    """
    left = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):  # another user's, or gone meanwhile
            if process.environ().get("PULUMI_HOME") == pulumi_home:
                process.terminate()
                left.append(process)
    _, still_alive = psutil.wait_procs(left, timeout=_SECONDS_TO_END)
    for process in still_alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
