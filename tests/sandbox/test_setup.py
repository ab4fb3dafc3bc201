"""`python3 -m sandbox.setup` in a clone with stub programs for pip, uv and Go."""

import fcntl
import os
import shutil
import subprocess
import sys
import time
import venv
from dataclasses import dataclass, field
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]

RECORDING_PROGRAM = """\
import os, pathlib, sys
name = pathlib.Path(__file__).parent.name
with open(os.environ["CALLS"], "a") as calls:
    print(name, *sys.argv[1:], file=calls)
sys.exit(os.environ.get("FAILING_" + name))
"""


@dataclass
class Clone:
    """A clone of the project, and the environment variables for set-up."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def set_up(self, **environment: str | None) -> "subprocess.CompletedProcess[str]":
        changed = self.environment | environment
        return subprocess.run(
            [sys.executable, "-m", "sandbox.setup"],
            cwd=self.folder,
            env={name: value for name, value in changed.items() if value is not None},
            capture_output=True,
            text=True,
            check=False,
        )

    def put_on_path(self, name: str, script: str) -> None:
        program = self.folder.parent / "bin" / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)

    @property
    def python(self) -> Path:
        return self.folder / ".venv" / "bin" / "python"

    @property
    def calls(self) -> list[list[str]]:
        """Return the arguments of each call of pip and uv."""
        calls = Path(self.environment["CALLS"])
        return [line.split() for line in calls.read_text().splitlines()] if calls.exists() else []


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    """Return a clone with an empty virtual environment, and with a Pulumi CLI on PATH."""
    folder = tmp_path / "clone"
    shutil.copytree(PROJECT / "sandbox", folder / "sandbox")
    shutil.copy(PROJECT / "requirements-dev.lock", folder)
    venv.create(folder / ".venv", symlinks=True)
    (site_packages,) = folder.glob(".venv/lib/python*/site-packages")
    for name in ("pip", "uv"):
        (site_packages / name).mkdir()
        (site_packages / name / "__init__.py").touch()
        (site_packages / name / "__main__.py").write_text(RECORDING_PROGRAM)
    (tmp_path / "bin").mkdir()
    (tmp_path / "home").mkdir()
    clone = Clone(
        folder,
        {
            "PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin",
            "HOME": str(tmp_path / "home"),
            "CALLS": str(tmp_path / "calls"),
            "https_proxy": "http://127.0.0.1:9",  # no download can succeed
            "PIP_NO_INDEX": "1",
        },
    )
    clone.put_on_path("pulumi", "echo v3.274.1")
    clone.put_on_path("pulumi-language-python", "")
    return clone


def test_uv_installs_the_lock_and_pip_installs_only_uv(clone: Clone) -> None:
    done = clone.set_up()
    assert done.returncode == 0, done.stderr
    pip, uv = clone.calls
    assert pip[-3:] == ["--require-hashes", "-r", "/dev/stdin"]
    assert uv[-3:] == ["--require-hashes", "-r", str(clone.folder / "requirements-dev.lock")]


def test_a_second_set_up_does_nothing_and_prints_nothing(clone: Clone) -> None:
    clone.set_up()
    before = clone.calls
    done = clone.set_up()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert clone.calls == before


def test_a_changed_lock_is_installed(clone: Clone) -> None:
    clone.set_up()
    with (clone.folder / "requirements-dev.lock").open("a") as lock:
        lock.write("# changed\n")
    clone.set_up()
    assert len(clone.calls) == 4


def test_pip_installs_the_lock_if_uv_fails(clone: Clone) -> None:
    done = clone.set_up(FAILING_uv="no index")
    assert done.returncode == 0, done.stderr
    assert clone.calls[-1][0] == "pip"
    assert clone.calls[-1][-1] == str(clone.folder / "requirements-dev.lock")


def test_a_failed_package_installation_reports_what_to_check(clone: Clone) -> None:
    done = clone.set_up(FAILING_pip="pip's own message")
    assert done.returncode == 1
    message, error = done.stderr.splitlines()
    assert message == "pip's own message"
    assert error.startswith("error: ")
    assert "Check the network" in error


def test_a_missing_cli_is_reported(clone: Clone) -> None:
    clone.put_on_path("pulumi", "echo v3.0.0")
    done = clone.set_up()
    assert done.returncode == 1
    assert done.stderr.startswith("error: the Pulumi CLI is needed.")
    assert "needs Go, which is not installed" in done.stderr
    assert [path.name for path in (clone.folder / ".engine").iterdir()] == [".lock"]


def test_a_failed_build_is_reported_with_the_output_of_go(clone: Clone) -> None:
    clone.put_on_path("pulumi", "echo v3.0.0")
    clone.put_on_path("go", "echo 'module cache not found' >&2; exit 1")
    done = clone.set_up()
    assert done.returncode == 1
    assert done.stderr == (
        "error: building the Pulumi CLI failed: `go list` printed\nmodule cache not found\n"
    )


@pytest.mark.parametrize("home", [None, "/nonexistent"])
def test_caches_are_in_the_clone_if_there_is_no_home(clone: Clone, home: str | None) -> None:
    clone.put_on_path("pulumi", "echo v3.0.0")
    clone.put_on_path("go", "echo $GOCACHE; echo $GOMODCACHE; echo $UV_CACHE_DIR; exit 1")
    done = clone.set_up(HOME=home)
    caches = clone.folder / ".engine" / "caches"
    assert done.stderr.splitlines()[1:] == [
        str(caches / "go-build"),
        str(caches / "go-mod"),
        str(caches / "uv"),
    ]


def test_the_users_own_caches_are_used(clone: Clone) -> None:
    clone.put_on_path("pulumi", "echo v3.0.0")
    clone.put_on_path("go", "echo $GOCACHE; exit 1")
    done = clone.set_up(HOME=None, GOCACHE="/cache/of/the/user")
    assert done.stderr.splitlines()[1:] == ["/cache/of/the/user"]


def test_an_environment_whose_python_is_gone_is_recreated(clone: Clone) -> None:
    clone.set_up()
    clone.python.unlink()
    clone.python.symlink_to("/nonexistent/python")
    done = clone.set_up()
    assert "Creating the virtual environment .venv" in done.stdout
    subprocess.run([clone.python, "--version"], check=True)  # noqa: S603  our own


def test_the_environment_of_a_moved_clone_is_recreated(clone: Clone) -> None:
    clone.set_up()
    moved = clone.folder.with_name("moved")
    clone.folder.rename(moved)
    done = Clone(moved, clone.environment).set_up()
    assert "Creating the virtual environment .venv" in done.stdout


def test_python_finds_the_project_in_every_folder_and_with_safe_path(clone: Clone) -> None:
    clone.set_up()
    subprocess.run(  # noqa: S603  our own
        [clone.python, "-m", "sandbox.setup"],
        cwd="/",
        env=clone.environment | {"PYTHONSAFEPATH": "1"},
        check=True,
    )


def test_a_set_up_waits_for_another_one_of_the_same_clone(clone: Clone) -> None:
    (clone.folder / ".engine").mkdir()
    with (clone.folder / ".engine" / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with subprocess.Popen(
            [sys.executable, "-u", "-m", "sandbox.setup"],
            cwd=clone.folder,
            env=clone.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout
            assert "Waiting for another set-up" in process.stdout.readline()
            time.sleep(0.5)  # a set-up that did not wait would have called pip by now
            assert clone.calls == []
            fcntl.flock(lock, fcntl.LOCK_UN)
            process.communicate()
    assert clone.calls


def test_make_alone_prints_the_help() -> None:
    done = _make()
    assert done.returncode == 0
    assert "make rehearse [STACK=dev]" in done.stdout


def test_no_character_of_a_stack_name_is_special_to_make_or_the_shell(tmp_path: Path) -> None:
    touch = f"touch {tmp_path / 'touched'}"
    name = f"""x"; {touch}; echo "'; {touch}; '`{touch}`$({touch})$(shell {touch})$${{{touch}}}"""
    for how in ({"STACK": name}, {}):
        done = _make("rehearse", *([] if how else [f"STACK={name}"]), **how)
        assert done.returncode != 0
        assert "error: " in done.stderr
        assert list(tmp_path.iterdir()) == []


def test_make_works_with_safe_path() -> None:
    done = _make("rehearse", "STACK=nope", PYTHONSAFEPATH="1")
    assert "there is no stack file" in done.stderr


def _make(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    outer = {"MAKEFLAGS", "MFLAGS", "MAKELEVEL", "STACK"}
    inherited = {name: value for name, value in os.environ.items() if name not in outer}
    return subprocess.run(  # noqa: S603  the tested command
        ["make", *arguments],  # noqa: S607  the user's make
        cwd=PROJECT,
        env=inherited | environment,
        capture_output=True,
        text=True,
        check=False,
    )
