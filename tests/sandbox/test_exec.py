"""`python -m sandbox exec`: runs any command in a new workspace."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from sandbox.workspace import PROJECT, sandbox
from tests.support.stack_driver import Stack, process_list, processes_of

Start = Callable[..., "subprocess.Popen[str]"]


def test_returns_the_status_of_the_command(start: Start) -> None:
    process = start("exec", "--", "sh", "-c", "exit 7")
    assert process.wait() == 7


def test_returns_128_plus_the_number_of_the_signal_that_ended_the_command(start: Start) -> None:
    process = start("exec", "--", "sh", "-c", "kill -KILL $$")
    assert process.wait() == 128 + signal.SIGKILL


def test_names_the_command_that_it_cannot_run(start: Start) -> None:
    process = start("exec", "--", "no-such-command")
    _, errors = process.communicate()
    assert (process.returncode, errors) == (
        1,
        "error: no-such-command cannot be run: No such file or directory.\n",
    )


def test_explains_where_the_command_belongs_on_the_command_line(start: Start) -> None:
    process = start("exec", "true")
    _, errors = process.communicate()
    assert process.returncode == 2
    assert errors == (
        "usage: python -m sandbox exec [--stack NAME | --config-file FILE] -- COMMAND...\n"
        "python -m sandbox exec: error: put the command after --\n"
    )


def test_prints_only_the_output_of_the_command(start: Start) -> None:
    process = start("exec", "--", "pulumi", "stack", "ls", "--json")
    output, errors = process.communicate()
    assert [stack["name"] for stack in json.loads(output)] == ["dev"]
    assert not errors


def test_selects_the_stack_and_puts_the_local_aws_in_the_environment(start: Start) -> None:
    ask = "import boto3; print(boto3.client('sts').get_caller_identity()['Account'])"
    script = f'pulumi stack --show-name; pulumi config get aws:region; python -c "{ask}"'
    output, errors = start("exec", "--stack", "prod", "--", "sh", "-c", script).communicate()
    assert output.split() == ["prod", "us-east-1", "123456789012"], errors


def test_accepts_a_stack_file_in_any_folder_and_does_not_change_it(
    start: Start, stack_file: Path
) -> None:
    before = stack_file.read_bytes()
    set_and_show = "pulumi config set protect true; pulumi stack --show-name"
    process = start("exec", "--config-file", str(stack_file), "--", "sh", "-c", set_and_show)
    output, errors = process.communicate()
    assert output == "test\n", errors
    assert stack_file.read_bytes() == before


def test_no_file_that_pulumi_writes_is_a_link_to_the_project(start: Start) -> None:
    list_them = "ls Pulumi*.yaml; find . -maxdepth 1 -name 'Pulumi.*' -type l"
    output, errors = start("exec", "--", "sh", "-c", list_them).communicate()
    assert output.split() == ["Pulumi.dev.yaml", "Pulumi.yaml"], errors


def test_neither_changes_nor_exposes_the_settings_of_the_user(start: Start, tmp_path: Path) -> None:
    home = tmp_path / "home"
    settings = {
        home / ".pulumi" / "credentials.json": '{"current": "https://example.com"}',
        home / ".aws" / "config": "[default]\nregion = ap-south-1\n",
        home / ".aws" / "credentials": "[default]\naws_access_key_id = AKIDOFTHEUSER\n",
    }
    for file, content in settings.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)

    script = "pulumi up --yes --skip-preview >&2 && env"
    output, errors = start(
        "exec",
        "--",
        "sh",
        "-c",
        script,
        HOME=str(home),
        AWS_PROFILE="of-the-user",
        AWS_SESSION_TOKEN="of-the-user",
        PULUMI_ACCESS_TOKEN="of-the-user",
        PULUMI_BACKEND_URL="https://example.com/of-the-user",
    ).communicate()

    assert "PULUMI_BACKEND_URL=file://" in output, errors
    assert "of-the-user" not in output
    files = {path: path.read_text() for path in home.rglob("*") if path.is_file()}
    assert files == settings


def test_two_sandboxes_side_by_side_do_not_see_each_other(stack: Stack, stack_file: Path) -> None:
    with sandbox(stack_file=stack_file, stack="test") as other_workspace:
        other = Stack(workspace=other_workspace)
        other.pulumi("up", "--yes", "--skip-preview")
        assert len(other.aws("secretsmanager").list_secrets()["SecretList"]) == 2
        assert stack.aws("secretsmanager").list_secrets()["SecretList"] == []
        assert stack.resources() == []


def test_listens_on_the_loopback_address_only(start: Start, temporary: Path) -> None:
    process = start("exec", "--", "sh", "-c", "pulumi up --yes --skip-preview")
    listening: set[str] = set()
    while process.poll() is None:
        for ours in processes_of(temporary):
            with contextlib.suppress(psutil.Error):  # already gone
                listening |= {
                    connection.laddr.ip
                    for connection in ours.net_connections("tcp")
                    if connection.status == psutil.CONN_LISTEN
                }
    assert process.returncode == 0
    assert {ip.removeprefix("::ffff:") for ip in listening} == {"127.0.0.1"}


@pytest.mark.parametrize(
    "numbers",
    [
        [signal.SIGINT],
        [signal.SIGTERM],
        [signal.SIGINT, signal.SIGINT],
        [signal.SIGINT] * 5,
        [signal.SIGHUP, signal.SIGTERM],
    ],
)
def test_an_interrupt_leaves_no_process_and_no_file(
    start: Start, temporary: Path, numbers: list[signal.Signals]
) -> None:
    process = start("exec", "--", "sh", "-c", "pulumi up --yes --skip-preview; echo ended $?")
    assert process.stdout
    for line in process.stdout:
        if "creating" in line:
            break
    assert str(temporary) in process_list()

    for number in numbers:
        with contextlib.suppress(ProcessLookupError):  # the first was enough
            os.killpg(process.pid, number)
        time.sleep(0.1)
    output, _ = process.communicate()

    assert process.returncode != 0, output
    assert str(temporary) not in process_list()
    assert list(temporary.iterdir()) == []


def test_the_local_aws_does_not_outlive_a_sandbox_that_is_killed(start: Start) -> None:
    process = start("exec", "--", "sh", "-c", "echo $AWS_ENDPOINT_URL; exec sleep 1")
    assert process.stdout
    address = urlsplit(process.stdout.readline().strip())
    assert address.hostname
    assert address.port
    process.kill()
    process.communicate()  # ends with the last process that holds its output: the command
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address.hostname, address.port))


def test_background_processes_of_a_command_end_with_it(start: Start, temporary: Path) -> None:
    process = start("exec", "--", "sh", "-c", "sleep 60 >/dev/null 2>&1 &")
    _, errors = process.communicate()
    assert process.returncode == 0, errors
    assert str(temporary) not in process_list()


def test_an_interrupt_during_set_up_leaves_no_process_and_no_file(
    start: Start, temporary: Path
) -> None:
    # If set-up is over before the interrupt arrives, the interrupt ends the command.
    process = start("exec", "--", "sleep", "60")
    while not list(temporary.glob("rehearsal-*/*/Pulumi.yaml")):
        assert process.poll() is None
    os.killpg(process.pid, signal.SIGINT)
    output, errors = process.communicate()
    assert (process.returncode, output) == (128 + signal.SIGINT, ""), errors
    assert str(temporary) not in process_list()
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("config: [", "{file} is not valid YAML, line 2: did not find expected node content."),
        ("config:\n  a:b: canary-token: x", "{file} is not valid YAML, line 2: mapping values"),
        ("config: {? [a] : b}", "Pulumi rejects {file} or Pulumi.yaml:\n"),
        (
            """config: {"a:\\e]0;b:c": x}""",
            "Pulumi rejects {file} or Pulumi.yaml:\ninvalid YAML file: could not unmarshal map:",
        ),
    ],
)
def test_reports_the_error_in_a_stack_file(
    start: Start, stack_file: Path, content: str, message: str
) -> None:
    stack_file.write_text(content)
    process = start("exec", "--config-file", str(stack_file), "--", "true")
    output, errors = process.communicate()
    assert (process.returncode, output) == (1, "")
    assert errors.startswith(f"error: {message.format(file=stack_file)}")
    assert "canary-token" not in errors
    assert "\x1b" not in errors


def test_lists_the_stacks_if_the_stack_does_not_exist(start: Start) -> None:
    process = start("exec", "--stack", "nope", "--", "true")
    _, errors = process.communicate()
    assert process.returncode == 1
    assert f"there is no stack file {PROJECT / 'Pulumi.nope.yaml'}" in errors
    stacks = errors.partition("Stacks that have one: ")[2].partition(". ")[0].split(", ")
    assert {"dev", "prod"} <= set(stacks)


def test_notes_go_to_the_error_output(start: Start, stack_file: Path) -> None:
    stack_file.write_text("config: {aws:profile: users}")
    process = start("exec", "--config-file", str(stack_file), "--", "echo", "done")
    output, errors = process.communicate()
    assert output == "done\n"
    ignored, region = errors.splitlines()
    assert ignored == "note: ignored, because the local AWS replaces them: aws:profile."
    assert region.startswith("note: the config has no aws:region; us-east-1 is used here.")


def test_python_packages_are_installed_into_the_workspace(start: Start) -> None:
    ask = "import pulumi, sysconfig, os; print(sysconfig.get_path('purelib') == os.path.join(os.getcwd(), *'.venv lib'.split(), f'python{sysconfig.get_python_version()}', 'site-packages'))"
    output, errors = start("exec", "--", "python", "-c", ask).communicate()
    assert output == "True\n", errors
