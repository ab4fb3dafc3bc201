"""Runs commands in the background."""

import shlex
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.errors import SandboxError


class CommandError(SandboxError):
    """A command failed.

    Args:
        command: the command.
        output: its error output, or its output if that is empty.

    """

    def __init__(self, command: Sequence[str], output: str) -> None:
        super().__init__(f"`{shlex.join(command)}` failed:\n{output}")
        self.output = output


@dataclass(frozen=True)
class Commands:
    """Runs commands in a folder with an environment."""

    folder: Path
    environment: Mapping[str, str]

    def output(self, command: Sequence[str]) -> str:
        """Run a command and return its output.

        Raises:
            CommandError: the command fails.

        """
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise CommandError(command, done.stderr or done.stdout)
        return done.stdout
