"""A sandbox leaves nothing behind, however it ends."""

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.stack_driver import process_list

Start = Callable[..., "subprocess.Popen[str]"]


def is_ready(process: "subprocess.Popen[str]") -> bool:
    """Wait until the command prints its first line."""
    return bool(process.stdout and process.stdout.readline())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_no_number_of_signals_leaves_anything_behind(
    start: Start, temporary: Path, number: signal.Signals
) -> None:
    process = start("exec", "--", "sh", "-c", "echo ready; exec sleep 60")
    assert is_ready(process)
    while process.poll() is None:
        os.killpg(process.pid, number)
    process.communicate()
    assert list(temporary.iterdir()) == []
    assert str(temporary) not in process_list()
    # -number is for a signal that arrives after the clean-up; shells report both the same.
    assert process.returncode in {128 + number, -number}


def test_the_next_run_removes_the_folders_of_a_killed_sandbox(
    start: Start, temporary: Path
) -> None:
    killed = start("exec", "--", "sh", "-c", "echo ready; exec sleep 1")
    assert is_ready(killed)
    left = set(temporary.iterdir())
    assert {folder.name.partition("-")[0] for folder in left} == {"rehearsal", "local"}
    killed.kill()
    killed.communicate()
    assert set(temporary.iterdir()) == left

    _, errors = start("exec", "--", "true").communicate()
    assert errors == ""
    assert list(temporary.iterdir()) == []


def test_another_run_does_not_affect_a_running_sandbox(
    start: Start, temporary: Path, tmp_path: Path
) -> None:
    go_on = tmp_path / "go-on"
    wait = f"echo ready; until test -e {go_on}; do sleep 0.1; done; pulumi stack ls"
    running = start("exec", "--", "sh", "-c", wait)
    assert is_ready(running)
    folders = set(temporary.iterdir())
    start("exec", "--", "true").communicate()
    left = set(temporary.iterdir())
    go_on.touch()
    output, errors = running.communicate()
    assert left == folders
    assert "dev*" in output, errors
