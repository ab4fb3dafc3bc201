"""A deployed stack for each test."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.changing_stack import IMPACT, ChangingStack, Config, MakeStack, changing_stack


@pytest.fixture
def make_stack(tmp_path: Path) -> Iterator[MakeStack]:
    """Return a function that deploys a stack with these source locations and this config."""
    with ExitStack() as stacks:

        def make(source_locations: Config, **config: object) -> ChangingStack:
            stack = stacks.enter_context(
                changing_stack(tmp_path, sourceLocations=source_locations, **config)
            )
            assert IMPACT not in stack.up(), "a first update changes nothing"
            stack.calls()
            return stack

        yield make
