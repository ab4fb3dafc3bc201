"""An update of this project changes nothing in stacks that an earlier release deployed."""

import json
from pathlib import Path

import pytest

from tests.support.released_stack import import_state, released_stack, stack_files, state_file


@pytest.mark.parametrize(
    "stack_file", stack_files(), ids=lambda file: f"{file.parent.name}-{file.stem}"
)
def test_a_stack_of_an_earlier_release_needs_no_change(stack_file: Path) -> None:
    with released_stack(stack_file) as stack:
        import_state(stack, json.loads(state_file(stack_file).read_text()))
        resources = stack.resources()
        assert resources
        plan = stack.pulumi("preview", "--expect-no-changes")
        assert f" {len(resources) + 1} unchanged\n" in plan, "the stack itself is counted, too"
