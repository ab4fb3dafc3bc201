"""The copy of the project: complete, and without links to the user's files."""

import os
import subprocess
from pathlib import Path

import pytest

from sandbox.errors import SandboxError
from sandbox.project_copy import copy_project, make_virtual_environment


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.joinpath("program", "sub").mkdir(parents=True)
    folder.joinpath("program", "sub", "module.py").write_text("x = 1\n")
    folder.joinpath("Pulumi.yaml").write_text("name: x\n")
    return folder


def copied(project: Path) -> dict[str, str]:
    """Copy a project, assert that the copy has no links, and return its files."""
    copy = project.parent / "copy"
    copy_project(project, copy)
    assert not [path for path in copy.rglob("*") if path.is_symlink()]
    return {
        str(path.relative_to(copy)): path.read_text() for path in copy.rglob("*") if path.is_file()
    }


def test_files_in_all_folders_are_copied(project: Path) -> None:
    assert copied(project) == {"Pulumi.yaml": "name: x\n", "program/sub/module.py": "x = 1\n"}


def test_stack_files_are_left_out_of_every_folder(project: Path) -> None:
    project.joinpath("Pulumi.dev.yaml").touch()
    project.joinpath("program", "Pulumi.prod.yaml").touch()
    assert set(copied(project)) == {"Pulumi.yaml", "program/sub/module.py"}


@pytest.mark.parametrize(
    "path",
    [
        ".git/config",
        ".engine/pulumi",
        "__pycache__/x.pyc",
        "program/node_modules/x.js",
        "venv/pyvenv.cfg",
        ".mypy_cache/CACHEDIR.TAG",
    ],
)
def test_files_that_the_program_does_not_need_are_left_out(project: Path, path: str) -> None:
    project.joinpath(path).parent.mkdir(parents=True)
    project.joinpath(path).touch()
    assert set(copied(project)) == {"Pulumi.yaml", "program/sub/module.py"}


def test_links_are_followed(project: Path) -> None:
    outside = project.parent / "outside"
    outside.mkdir()
    outside.joinpath("shared.py").write_text("y = 2\n")
    project.joinpath("shared").symlink_to(outside)
    project.joinpath("one.py").symlink_to(outside / "shared.py")
    project.joinpath("same").symlink_to("program")
    files = copied(project)
    assert files["shared/shared.py"] == files["one.py"] == "y = 2\n"
    assert files["same/sub/module.py"] == "x = 1\n"


@pytest.mark.parametrize("target", [".", "..", "/", "program/loop", "nowhere"])
def test_circular_and_broken_links_are_left_out(project: Path, target: str) -> None:
    project.joinpath("program", "loop").symlink_to(
        target if target in {"/", "nowhere"} else project / target
    )
    assert set(copied(project)) == {"Pulumi.yaml", "program/sub/module.py"}


def test_special_files_are_left_out(project: Path) -> None:
    os.mkfifo(project / "pipe")
    assert "pipe" not in copied(project)


def test_the_copy_of_a_read_only_project_is_writable(project: Path) -> None:
    script = project / "script.sh"
    script.touch()
    script.chmod(0o555)
    project.joinpath("program").chmod(0o555)
    copied(project)
    copy = project.parent / "copy"
    assert copy.joinpath("script.sh").stat().st_mode & 0o777 == 0o755
    assert copy.joinpath("program").stat().st_mode & 0o700 == 0o700
    project.joinpath("program").chmod(0o755)


def test_a_failed_copy_is_reported(project: Path) -> None:
    with pytest.raises(SandboxError, match=r"cannot copy .* to .*: No such file or directory\."):
        copy_project(project, project / "no" / "folder")


def test_the_virtual_environment_has_our_packages_and_installs_into_its_own_folder(
    tmp_path: Path,
) -> None:
    make_virtual_environment(tmp_path / ".venv")
    ask = "import sys, sysconfig, pulumi; print(sys.prefix); print(sysconfig.get_path('purelib'))"
    python = tmp_path / ".venv" / "bin" / "python"
    said = subprocess.run([python, "-c", ask], check=True, capture_output=True, text=True)  # noqa: S603
    prefix, purelib = said.stdout.split()
    assert prefix == str(tmp_path / ".venv")
    assert purelib.startswith(prefix)
    assert not tmp_path.joinpath(".venv").is_symlink()
