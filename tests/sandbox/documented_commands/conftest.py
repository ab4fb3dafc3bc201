"""Shells that run the documents' snippets."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from sandbox.workspace import sandbox
from tests.support.documented_shell import DocumentedShell
from tests.support.stack_driver import Stack

OpenShell = Callable[[str], DocumentedShell]


@pytest.fixture
def open_shell(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[OpenShell]:
    """Return a function that opens a shell with a stack `prod`, given the text of its stack file."""
    shells: list[DocumentedShell] = []
    with ExitStack() as sandboxes:

        def open_shell(stack_file: str) -> DocumentedShell:
            file = tmp_path / "Pulumi.prod.yaml"
            file.write_text(stack_file)
            workspace = sandboxes.enter_context(sandbox(stack_file=file, stack="prod"))
            shell = DocumentedShell(
                stack=Stack(workspace=workspace), commands=tmp_path / "commands"
            )
            shells.append(shell)
            return shell

        yield open_shell
    for shell in shells:
        assert not shell.snippets, f"not run: {shell.snippets}"
    opened = {section for shell in shells for section in shell.opened}
    for mark in request.node.iter_markers("documents") if shells else ():
        assert {(mark.args[0], heading) for heading in mark.args[1:]} <= opened
