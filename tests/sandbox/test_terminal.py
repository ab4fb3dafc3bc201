"""What users see in a terminal of 80 columns and 24 lines."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.workspace import PROJECT
from tests.support.screen import Screen, run_in_terminal

SANDBOX = [sys.executable, "-m", "sandbox"]
COLOR = re.compile(r"\x1b\[[0-9;]*3[0-9][0-9;]*m")
FORTY = "config:\n  aws:region: eu-west-1\n  mediatailor-access-token:sourceLocations:\n" + "".join(
    f"    location-{number:02}: {{headerName: X-Access-Token}}\n" for number in range(40)
)


def screen(*arguments: str, typed: tuple[tuple[str, str], ...] = (), **variables: str) -> Screen:
    environment = {k: v for k, v in os.environ.items() if k not in {"NO_COLOR", "FORCE_COLOR"}}
    return run_in_terminal(
        [*SANDBOX, *arguments], folder=PROJECT, environment=environment | variables, typed=typed
    )


def test_each_resource_has_its_plan_and_status() -> None:
    shown = screen("rehearse", "--stack", "prod")
    assert shown.status == 0
    table = shown.lines[shown.lines.index("  Plan    Status    Resource") + 1 :][:8]
    expected = {"key", "alias"} | {
        f"{location}-{part}"
        for location in ("news", "sports")
        for part in ("secret", "version", "policy")
    }
    assert set(table) == {f"  create  created   mediatailor-{name}" for name in expected}


def test_the_last_screen_shows_the_verdict_and_the_next_commands() -> None:
    shown = screen("rehearse")
    last = [line for line in shown.lines if line][-24:]
    assert "Ready: MediaTailor would find what it needs for 1 source location." in last
    assert last[-5:] == [
        "Next",
        "  pulumi stack select --create dev",
        "  pulumi config set --secret --path accessTokens.my-source-location",
        "  pulumi up",
        "  make verify STACK=dev",
    ]
    assert COLOR.search(shown.raw)
    assert "Planning" in shown.raw
    assert "Reading" in shown.raw


@pytest.mark.parametrize(
    "command",
    [
        ["make", "help"],
        *([*SANDBOX, *action, "--help"] for action in ([], ["rehearse"], ["shell"])),
    ],
)
def test_help_fits_into_80_columns(command: list[str]) -> None:
    done = subprocess.run(  # noqa: S603  our own command
        command,
        cwd=PROJECT,
        env={**os.environ, "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_the_variable_no_color_turns_colors_off() -> None:
    shown = screen("rehearse", NO_COLOR="1")
    assert shown.status == 0
    assert not COLOR.search(shown.raw)


def test_one_changed_token_among_forty_source_locations_prints_few_lines(tmp_path: Path) -> None:
    file = tmp_path / "Pulumi.forty.yaml"
    file.write_text(FORTY)
    script = """
        pulumi up --yes --skip-preview >first
        head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \\n' |
            pulumi config set --secret --path 'mediatailor-access-token:accessTokens.location-07'
        clear
        echo second; pulumi up --yes
    """
    shown = screen("exec", "--config-file", str(file), "--", "sh", "-c", script)
    assert shown.status == 0
    second = [line for line in shown.lines[shown.lines.index("second") + 1 :] if line]
    assert "    +-1 replaced" in second
    assert len(second) < 40


def test_a_rehearsal_of_forty_source_locations_prints_fewer_than_forty_lines_and_the_next_steps(
    tmp_path: Path,
) -> None:
    file = tmp_path / "Pulumi.forty.yaml"
    file.write_text(FORTY)
    shown = screen("rehearse", "--config-file", str(file))
    assert shown.status == 0
    assert "  create  created   40 aws:secretsmanager:Secret" in shown.lines
    before_the_next_steps = shown.lines[: shown.lines.index("Next")]
    assert len([line for line in before_the_next_steps if line]) < 40


def test_banner_and_prompt_of_the_shell_show_that_it_is_temporary() -> None:
    prompt = "[throw-away dev]"
    shown = screen(
        "shell",
        typed=((prompt, "pulumi stack ls\r"), (prompt, "false\r"), (prompt, "exit\r")),
        HISTFILE="/dev/full",
    )
    assert shown.status == 0
    assert shown.lines[1:3] == [
        "This is a sandbox for stack dev.",
        "When you leave it, everything in it is deleted, including config changes.",
    ]
    assert len([line for line in shown.lines if line.startswith(prompt)]) == 3
    assert any(line.startswith("dev*") for line in shown.lines)
    assert "The sandbox was deleted. Your own files and stacks are unchanged." in shown.lines


def test_the_shell_ignores_the_user_s_startup_files(tmp_path: Path) -> None:
    tmp_path.joinpath(".bashrc").write_text("export AWS_PROFILE=users\n")
    prompt = "[throw-away dev]"
    shown = screen(
        "shell", typed=((prompt, "echo =$AWS_PROFILE=\r"), (prompt, "exit\r")), HOME=str(tmp_path)
    )
    assert "==" in shown.lines
    assert not tmp_path.joinpath(".bash_history").exists()


@pytest.mark.parametrize("action", ["rehearse", "shell"])
def test_an_interrupted_command_exits_with_130(action: str) -> None:
    shown = screen(action, typed=(("Setting up", "\x03"),))
    assert shown.status == 130
    assert not any("Ready" in line or "Not rehearsed" in line for line in shown.lines)
