"""Failed rehearsals report the reason and the next command."""

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Start = Callable[..., "subprocess.Popen[str]"]


def test_rejected_config_is_reported_with_the_command_to_try_again(
    start: Start, stack_file: Path
) -> None:
    stack_file.write_text(stack_file.read_text().replace("X-Access-Token", "x-amz-token"))
    process = start("rehearse", "--config-file", str(stack_file))
    output, errors = process.communicate()
    assert process.returncode not in {0, 130}
    assert "\nerror: The config of stack test has 2 errors; nothing was created" in output, errors
    assert "Reading back" not in output
    assert output.endswith(
        "\nNot rehearsed: the program rejected the stack's config.\n"
        "Fix it as described above, then try again.\n"
        f"\nNext\n  .venv/bin/python -m sandbox rehearse --config-file {stack_file}\n"
    )


@pytest.mark.parametrize(
    ("change", "error"),
    [
        # The provider rejects a setting, the CLI a type.
        ("aws:assumeRole: {roleArn: 'arn:aws:iam::123456789012:role/x'}", "assumeRole"),
        ("replicaRegions: text", "must be of type"),
    ],
)
def test_other_failures_do_not_blame_the_stack_file(
    start: Start, stack_file: Path, change: str, error: str
) -> None:
    with stack_file.open("a") as file:
        file.write(f"  {change}\n")
    process = start("rehearse", "--config-file", str(stack_file), COLUMNS="200")
    output, errors = process.communicate()
    assert process.returncode not in {0, 130}
    assert error in output + errors
    assert output.endswith(
        "\nNot rehearsed: `pulumi up` failed, so nothing was checked. The error is above.\n"
        f"\nNext\n  .venv/bin/python -m sandbox shell --config-file {stack_file}\n"
    )


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_an_interrupted_rehearsal_exits_with_the_signal_s_status(
    start: Start, temporary: Path, number: signal.Signals, status: int
) -> None:
    process = start("rehearse")
    assert process.stdout
    for line in process.stdout:
        if "created" in line:
            break
    os.killpg(process.pid, number)
    output, _ = process.communicate()
    assert process.returncode == status
    assert "Ready" not in output
    assert "Fix" not in output
    assert list(temporary.iterdir()) == []
