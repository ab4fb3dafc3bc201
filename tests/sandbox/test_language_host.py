"""What users see of a program with the Python language host in use, the official one or ours."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psutil
import pytest

from sandbox import pulumi_cli
from sandbox.workspace import PROJECT

SLEEPS = "import time\nprint('now asleep', flush=True)\ntime.sleep(600)\n"


@dataclass(frozen=True)
class Project:
    """A Pulumi project with one source file, its own stack and its own state."""

    folder: Path
    environment: dict[str, str]

    def start(self, *command: str) -> "subprocess.Popen[str]":
        """Start a Pulumi command, as the leader of a process group."""
        return subprocess.Popen(  # noqa: S603  the test's command
            ["pulumi", "--non-interactive", *command],  # noqa: S607  the one on the project's PATH
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            process_group=0,
        )

    def run(self, *command: str, fails: bool = False) -> str:
        """Run a Pulumi command and return its output and error output."""
        process = self.start(*command)
        output, _ = process.communicate()
        assert (process.returncode != 0) is fails, output
        return output

    def processes(self) -> list[psutil.Process]:
        """Return all processes of this project."""
        own = self.environment["PULUMI_BACKEND_URL"]
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):  # another user's, or already gone
                if process.environ().get("PULUMI_BACKEND_URL") == own:
                    found.append(process)
        return found


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return an environment for Pulumi commands.

    The AWS plugin in it does nothing. The official host asks for one because the package is installed.
    """
    folder = tmp_path_factory.mktemp("pulumi")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "PULUMI_"))}
    path = [str(pulumi_cli.find().parent), str(Path(sys.executable).parent), kept["PATH"]]
    environment = kept | {
        "PATH": os.pathsep.join(path),
        "PULUMI_HOME": str(folder),
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    plugin = folder / "pulumi-resource-aws"
    plugin.write_text("#!/bin/sh\n")
    plugin.chmod(0o755)
    install = ["pulumi", "plugin", "install", "resource", "aws", version("pulumi-aws")]
    subprocess.run([*install, "--file", str(plugin)], env=environment, check=True)  # noqa: S603  ours
    return environment


@pytest.fixture
def project(tmp_path: Path, environment: dict[str, str]) -> Iterator[Callable[[str], Project]]:
    """Return a function that creates a project from a program's text."""

    def make(program: str) -> Project:
        folder = tmp_path / "project"
        folder.mkdir()
        options = f"{{toolchain: pip, virtualenv: {PROJECT / '.venv'}}}"
        (folder / "Pulumi.yaml").write_text(
            f"name: project\nruntime: {{name: python, options: {options}}}\n"
        )
        (folder / "__main__.py").write_text(program)
        state = tmp_path / "state"
        state.mkdir()
        made = Project(folder, environment | {"PULUMI_BACKEND_URL": state.as_uri()})
        made.run("stack", "init", "dev")
        started.append(made)
        return made

    started: list[Project] = []
    yield make
    for made in started:
        for process in made.processes():
            process.kill()


@pytest.mark.parametrize("program", ["import sys; sys.exit(0)", ""])
def test_a_program_that_exits_with_0_succeeds(
    project: Callable[[str], Project], program: str
) -> None:
    assert "error" not in project(program).run("up", "--yes", "--skip-preview")


def test_an_exit_code_is_reported_in_one_line_without_a_traceback(
    project: Callable[[str], Project],
) -> None:
    output = project("import sys; sys.exit(3)").run("up", "--yes", "--skip-preview", fails=True)
    assert _errors(output) == [
        "error: an unhandled error occurred: program exited with non-zero exit code: 3"
    ]
    assert "Traceback" not in output


def test_exit_code_32_means_that_the_program_has_printed_its_error(
    project: Callable[[str], Project],
) -> None:
    program = "import pulumi, sys; pulumi.log.error('the only error'); sys.exit(32)"
    output = project(program).run("up", "--yes", "--skip-preview", fails=True)
    assert _errors(output) == ["error: the only error"]


def test_a_run_error_shows_its_message_and_the_exit_code(
    project: Callable[[str], Project],
) -> None:
    program = "import pulumi; raise pulumi.RunError('the message')"
    output = project(program).run("up", "--yes", "--skip-preview", fails=True)
    assert _errors(output) == [
        "error: the message",
        "error: an unhandled error occurred: program exited with non-zero exit code: 1",
    ]
    assert "Traceback" not in output


def test_an_exception_shows_the_traceback_of_the_program_only(
    project: Callable[[str], Project],
) -> None:
    program = "def fail() -> None:\n    raise ValueError('the reason')\n\n\nfail()\n"
    output = project(program).run("up", "--yes", "--skip-preview", fails=True)
    assert _errors(output) == ["error: Program failed with an unhandled exception:"]
    files = [line.split('"')[1] for line in output.splitlines() if 'File "' in line]
    assert {Path(file).name for file in files} == {"__main__.py"}
    assert "ValueError: the reason" in output


def test_a_package_that_is_not_installed_is_named(project: Callable[[str], Project]) -> None:
    output = project("import no_such_package").run("up", "--yes", "--skip-preview", fails=True)
    assert "ModuleNotFoundError: No module named 'no_such_package'" in output
    assert len(_errors(output)) == 1


def test_only_the_output_and_the_logs_of_a_program_are_shown(
    project: Callable[[str], Project],
) -> None:
    program = "import logging\nprint('on stdout')\nlogging.warning('a warning')\n"
    output = project(program).run("up", "--yes", "--skip-preview")
    _, diagnostics = output.split("Diagnostics:\n")
    shown, _ = diagnostics.split("Resources:\n")
    assert {line.strip() for line in shown.splitlines() if line.strip()} == {
        "pulumi:pulumi:Stack (project-dev):",
        "on stdout",
        "WARNING:root:a warning",
    }


def test_the_config_and_the_arguments_are_as_documented_by_pulumi(
    project: Callable[[str], Project],
) -> None:
    made = project(
        "import os, pulumi, sys\n"
        "config = pulumi.Config()\n"
        "print([sys.argv, pulumi.get_project(), pulumi.get_stack(), pulumi.get_organization()])\n"
        "print(os.path.samefile(os.getcwd(), pulumi.runtime.get_root_directory()))\n"
        "print(config.require('plain'), pulumi.runtime.config.is_config_secret('project:hidden'))\n"
    )
    made.run("config", "set", "plain", "<ä>")
    made.run("config", "set", "--secret", "hidden", "x")
    output = made.run("preview")
    assert "[['.'], 'project', 'dev', 'organization']" in output
    assert "True" in output
    assert "<ä> True" in output


def test_a_config_too_large_for_the_environment_is_an_error_without_a_traceback(
    project: Callable[[str], Project],
) -> None:
    made = project("")
    (made.folder / "Pulumi.dev.yaml").write_text(f"config:\n  project:large: {'x' * 3_000_000}\n")
    output = made.run("preview", fails=True)
    (error,) = _errors(output)
    assert "too l" in error  # "too large" in ours, "argument list too long" in the official one
    assert "Traceback" not in output


def test_an_interrupt_ends_the_program(project: Callable[[str], Project]) -> None:
    made = project(SLEEPS)
    process = made.start("up", "--yes", "--skip-preview")
    _read_until(process, "now asleep")
    os.killpg(process.pid, signal.SIGINT)
    process.communicate()
    assert process.returncode != 0
    assert made.processes() == []


def test_a_program_does_not_outlive_a_language_host_that_is_killed(
    project: Callable[[str], Project],
) -> None:
    made = project(SLEEPS)
    process = made.start("up", "--yes", "--skip-preview")
    _read_until(process, "now asleep")
    (host,) = [p for p in made.processes() if p.name().startswith("pulumi-language")]
    host.kill()
    process.communicate()
    assert process.returncode != 0
    assert made.processes() == []


def test_about_lists_the_packages_of_the_program(project: Callable[[str], Project]) -> None:
    output = project("").run("about")
    assert f"executable='{PROJECT / '.venv' / 'bin' / 'python'}'" in output
    assert "pulumi-aws" in output
    assert "not implemented" not in output


def _errors(output: str) -> list[str]:
    return [line.strip() for line in output.splitlines() if line.strip().startswith("error:")]


def _read_until(process: "subprocess.Popen[str]", text: str) -> None:
    assert process.stdout
    while text not in process.stdout.readline():
        assert process.poll() is None
        time.sleep(0)
