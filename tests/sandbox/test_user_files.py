"""No command changes the user's files, for any layout of the project."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox.errors import SandboxError
from sandbox.workspace import PROJECT, sandbox
from tests.support.stack_driver import STACK_FILE

NOT_COPIED = shutil.ignore_patterns(
    ".*", "__pycache__", "tests", "benchmarks", "docs", "Pulumi.*.yaml"
)
# With a team's secrets provider and ciphertexts.
USERS_STACK_FILE = f"""\
secretsprovider: awskms://alias/team?region=eu-west-1
encryptedkey: AQICAHh
{STACK_FILE}\
  mediatailor-access-token:accessTokens:
    news: {{secure: AAABAPb5XyzU6Sb3CTL8JVmNK5w==}}
"""
# Change the config, then append a line to every file and add a file to every folder.
WRITE_EVERYWHERE = """\
set -e
pulumi config set protect true
pulumi config set --secret --path accessTokens.sports a-token-of-16-chars
pulumi config rm accessTokens --path
pulumi stack init other
pulumi config set mediatailor-access-token:protect true
pulumi stack select dev
find -L . -path ./.venv -prune -o -type f -exec sh -c 'echo >> "$1"' _ {} \\;
find -L . -path ./.venv -prune -o -type d -exec touch {}/written \\;
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a copy of the project with one stack, next to a folder with shared files."""
    project = tmp_path / "users" / "project"
    shutil.copytree(PROJECT, project, ignore=NOT_COPIED)
    for installed in (".engine", ".venv"):
        project.joinpath(installed).symlink_to(PROJECT / installed)
    project.joinpath("Pulumi.dev.yaml").write_text(USERS_STACK_FILE)
    shared = project.parent / "shared"
    shared.mkdir()
    shared.joinpath("Pulumi.dev.yaml").write_text(USERS_STACK_FILE)
    return project


def plain(_: Path) -> None:
    """Leave the project unchanged."""


def stack_config_dir(project: Path) -> None:
    move_stack_file(project, "stacks", "stackConfigDir: stacks\n")


def old_stack_config_dir(project: Path) -> None:
    file = project / "Pulumi.yaml"
    head = file.read_text().partition("\nconfig:\n")[0]
    file.write_text(head + "\n")
    move_stack_file(project, "deep/stacks", "config: deep/stacks\n")


def stack_config_dir_outside(project: Path) -> None:
    move_stack_file(project, "../stacks", "stackConfigDir: ../stacks\n")


def absolute_stack_config_dir_behind_a_link(project: Path) -> None:
    project.joinpath("stacks").symlink_to(project.parent / "shared")
    project.joinpath("Pulumi.dev.yaml").unlink()
    add_to_project_file(project, f"stackConfigDir: {project / 'stacks'}\n")


def linked_files_and_folders(project: Path) -> None:
    shared = project.parent / "shared"
    shutil.move(project / "components", shared / "components")
    project.joinpath("components").symlink_to(shared / "components")
    shutil.move(project / "Pulumi.yaml", shared / "Pulumi.yaml")
    project.joinpath("Pulumi.yaml").symlink_to(shared / "Pulumi.yaml")
    project.joinpath("Pulumi.dev.yaml").unlink()
    project.joinpath("Pulumi.dev.yaml").symlink_to(shared / "Pulumi.dev.yaml")


def program_in_a_subfolder(project: Path) -> None:
    packages = [project / name for name in ("components", "impact", "stack_config")]
    for path in (*project.glob("*.py"), project / "Pulumi.README.md", *packages):
        shutil.move(path, project / "program" / path.name)
    add_to_project_file(project, "main: program/\n")


def region_of_the_project(project: Path) -> None:
    stack_file = project / "Pulumi.dev.yaml"
    stack_file.write_text(stack_file.read_text().replace("  aws:region: eu-west-1\n", ""))
    add_to_project_file(project, "  aws:region: {value: eu-west-1}\n")


def move_stack_file(project: Path, folder: str, line: str) -> None:
    project.joinpath(folder).mkdir(parents=True)
    shutil.move(project / "Pulumi.dev.yaml", project / folder / "Pulumi.dev.yaml")
    add_to_project_file(project, line)


def add_to_project_file(project: Path, line: str) -> None:
    with project.joinpath("Pulumi.yaml").open("a") as file:
        file.write(line)


def contents(folder: Path) -> dict[str, bytes | str]:
    """Return the bytes of each file and the target of each link, except compiled Python files."""
    return {
        str(path.relative_to(folder)): str(path.readlink())
        if path.is_symlink()
        else path.read_bytes()
        if path.is_file()
        else "folder"
        for path in folder.rglob("*")
        if "__pycache__" not in path.parts
    }


def run(
    project: Path, *arguments: str, stdin: str | None = None
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603  our own command
        [sys.executable, "-m", "sandbox", *arguments],
        cwd=project,
        env=dict(os.environ),
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )


LAYOUTS: list[Callable[[Path], None]] = [
    plain,
    stack_config_dir,
    old_stack_config_dir,
    stack_config_dir_outside,
    absolute_stack_config_dir_behind_a_link,
    linked_files_and_folders,
    program_in_a_subfolder,
    region_of_the_project,
]


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
def test_no_command_writes_to_the_project(project: Path, layout: Callable[[Path], None]) -> None:
    project.joinpath("program").mkdir()
    layout(project)
    before = contents(project.parent)
    done = run(project, "exec", "--", "sh", "-c", WRITE_EVERYWHERE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert contents(project.parent) == before


@pytest.mark.parametrize("layout", [plain, stack_config_dir, linked_files_and_folders])
def test_a_shell_writes_nothing_to_the_project(
    project: Path, layout: Callable[[Path], None]
) -> None:
    layout(project)
    before = contents(project.parent)
    written = "echo done: $(find . -name written | wc -l)\n"
    done = run(project, "shell", stdin=f"{WRITE_EVERYWHERE}{written}")
    assert re.search("^done: [1-9]", done.stdout, re.MULTILINE), done.stdout + done.stderr
    assert contents(project.parent) == before


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
def test_a_rehearsal_finds_the_stack_file_and_writes_nothing(
    project: Path, layout: Callable[[Path], None]
) -> None:
    project.joinpath("program").mkdir()
    layout(project)
    before = contents(project.parent)
    done = run(project, "rehearse", "--stack", "dev")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Ready: MediaTailor would find what it needs for 2 source locations." in done.stdout
    assert "\n  secret            arn:aws:secretsmanager:eu-west-1:" in done.stdout
    assert "aws:region" not in done.stderr
    assert contents(project.parent) == before


@pytest.mark.parametrize(
    "stack", ["dev", "acme/dev", "organization/mediatailor-access-token/dev", "a/dev"]
)
def test_a_stack_name_can_include_its_organization_and_project(project: Path, stack: str) -> None:
    project.joinpath("Pulumi.a").mkdir()
    project.joinpath("Pulumi.a", "dev.yaml").write_text(USERS_STACK_FILE)
    before = contents(project.parent)
    done = run(project, "exec", "--stack", stack, "--", "pulumi", "stack", "--show-name")
    assert done.stdout == "dev\n", done.stderr
    assert contents(project.parent) == before


@pytest.mark.parametrize("stack", ["", "a/", "a//dev", "a/b/c/dev", "a b", "dev\n", "é"])
def test_an_invalid_stack_name_is_rejected(stack: str) -> None:
    with pytest.raises(SandboxError, match="is not a valid stack name"), sandbox(stack=stack):
        pass


def test_a_stack_of_another_project_is_rejected() -> None:
    message = "stack acme/other/dev belongs to project other; this is mediatailor-access-token"
    with pytest.raises(SandboxError, match=message), sandbox(stack="acme/other/dev"):
        pass


@pytest.fixture(autouse=True)
def _folders_can_be_removed(tmp_path: Path) -> Iterator[None]:
    yield
    shutil.rmtree(tmp_path / "users", ignore_errors=True)
