"""A user's shell in a sandbox, which runs the documents' snippets as written."""

import shlex
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.workspace import PROJECT
from tests.support.aws_cli import install_aws_cli
from tests.support.snippets import shell_snippets
from tests.support.stack_driver import Stack


@dataclass(frozen=True, kw_only=True)
class DocumentedShell:
    """The shell, and a section's snippets that have not run yet."""

    stack: Stack
    commands: Path
    """A folder for commands that override the installed ones."""
    snippets: list[str] = field(default_factory=list)
    opened: set[tuple[str, str]] = field(default_factory=set)
    """The sections opened so far."""

    def __post_init__(self) -> None:
        self.commands.mkdir(exist_ok=True)
        install_aws_cli(self.commands)
        # A user runs make in the project, which is set up; the sandbox's copy is not.
        make = self.commands / "make"
        make.write_text(
            f"#!/bin/sh\nPATH=${{PATH#*:}}\nexec make --no-print-directory -C {shlex.quote(str(PROJECT))}"
            f' PYTHON={shlex.quote(sys.executable)} "$@"\n'
        )
        make.chmod(0o755)

    def open(self, document: str, heading: str, **instead: str) -> None:
        """Open a section to run its snippets.

        Args:
            document: path of the document.
            heading: the section's heading.
            instead: replacements for names in the document.

        """
        assert not self.snippets, f"not run: {self.snippets}"
        self.opened.add((document, heading))
        for snippet in shell_snippets(document, heading):
            text = snippet
            for name, other in instead.items():
                text = text.replace(name, other)
            self.snippets.append(text)

    def next(self, *, stdin: str = "", fails: bool = False) -> str:
        """Run the section's next snippet and return its output."""
        return self.run(self.snippets.pop(0), stdin=stdin, fails=fails)

    def rest(self) -> None:
        """Run the section's remaining snippets."""
        while self.snippets:
            self.next()

    def run(self, text: str, *, stdin: str = "", fails: bool = False) -> str:
        """Run a script and return its output."""
        environment = dict(self.stack.workspace.environment)
        done = subprocess.run(  # noqa: S603  a document's snippet
            ["bash", "-eu", "-o", "pipefail", "-c", text],  # noqa: S607  any bash
            cwd=self.stack.workspace.folder,
            env=environment
            | {
                "PATH": f"{self.commands}:{environment['PATH']}",
                "PULUMI_SKIP_CONFIRMATIONS": "true",  # a user answers yes
            },
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert (done.returncode != 0) is fails, f"{text}\n{done.stdout}"
        return done.stdout
