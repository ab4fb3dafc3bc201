"""The commands that follow a rehearsal."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sandbox.preparation.stack import Preparation
from sandbox.preparation.stack_settings import commands_to_set_tokens

_TOKENS_LISTED = 3
"""Show the commands that set tokens for up to this many source locations."""


@dataclass(frozen=True, kw_only=True)
class StackChoice:
    """The stack that the command line names."""

    stack: str | None
    """Its name, or `organization/stack` or `organization/project/stack`; None if it is unknown."""

    stack_file: Path | None
    """The absolute path of its file, if that is not where Pulumi looks for it; otherwise None."""

    def command(self, action: Literal["rehearse", "shell"]) -> str:
        """Return the command that rehearses the stack or opens a shell in its workspace."""
        if self.stack_file:
            return f".venv/bin/python -m sandbox {action}{self._file_option}"
        return f"make {action} STACK={self.stack}"

    def commands_to_deploy(self, preparation: Preparation) -> Iterator[str]:
        """Yield the commands that deploy the stack to AWS and check it, one per line."""
        stack = self.stack or "NAME"
        yield f"pulumi stack select --create {stack}"
        if not preparation.settings.has_region:
            yield f"pulumi config set{self._file_option} aws:region REGION"
        if preparation.tokens:
            commands = commands_to_set_tokens(
                list(preparation.tokens), options=self._file_option, at_most=_TOKENS_LISTED
            )
            yield from map(str.strip, commands.splitlines())
        yield f"pulumi up{self._file_option}"
        yield f"make verify STACK={stack}"

    @property
    def _file_option(self) -> str:
        return f" --config-file {shlex.quote(str(self.stack_file))}" if self.stack_file else ""
