"""Stacks as a release deployed them: stack files and the states after their deployment.

`python -m tests.support.released_stack VERSION` deploys each stack file in tests/sandbox/releases/VERSION with the
current program, and writes the state next to it.
"""

import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sandbox.workspace import sandbox
from tests.support.stack_driver import Stack

RELEASES = Path(__file__).parents[1] / "sandbox" / "releases"

_OF_ONE_RUN = ("created", "modified", "sourcePosition", "stackTrace")
"""Properties of a resource's state that depend on the run and the machine."""


def stack_files(release: str = "*") -> list[Path]:
    """Return the stack files of a release, or of all releases."""
    return sorted(RELEASES.glob(f"{release}/*.yaml"))


def state_file(stack_file: Path) -> Path:
    """Return the path of a stack file's state."""
    return stack_file.with_suffix(".json")


@contextlib.contextmanager
def released_stack(stack_file: Path) -> Iterator[Stack]:
    """Yield the undeployed stack of a stack file in a sandbox, with the same tokens each time."""
    with sandbox(stack_file=stack_file, stack="release") as workspace:
        stack = Stack(workspace=workspace)
        for name in workspace.preparation.tokens:
            stack.set_token(name, f"throw-away-token-of-{name}")
        yield stack


def import_state(stack: Stack, resources: list[Any]) -> None:
    """Import the resources of a release's state into a stack."""
    state = json.loads(stack.pulumi("stack", "export"))
    state["deployment"]["resources"] = resources
    stack.pulumi("stack", "import", stdin=json.dumps(state))


def _resources(stack: Stack) -> list[Any]:
    export = json.loads(stack.pulumi("stack", "export", "--show-secrets"))
    return [
        {key: value for key, value in resource.items() if key not in _OF_ONE_RUN}
        for resource in export["deployment"]["resources"]
    ]


def main(release: str) -> None:
    """Write the state of each stack of a release."""
    for stack_file in stack_files(release):
        with released_stack(stack_file) as stack:
            stack.pulumi("up", "--yes", "--skip-preview")
            state = json.dumps(_resources(stack), indent=1, sort_keys=True)
        state_file(stack_file).write_text(f"{state}\n")


if __name__ == "__main__":
    main(sys.argv[1])
