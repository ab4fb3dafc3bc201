"""The copy of the project folder that commands run in.

Files are copied, never linked: Pulumi, pip, Python and editors write to project folders, and no
command may change the user's files.
"""

import os
import shutil
import stat
import sys
import venv
from pathlib import Path

from sandbox.errors import SandboxError

_LEFT_OUT = frozenset({".engine", ".git", "__pycache__", "node_modules"})
_MARKS = ("pyvenv.cfg", "CACHEDIR.TAG")
"""Files that mark virtual environments and caches (https://bford.info/cachedir/), which can be large."""


def copy_project(project: Path, folder: Path) -> None:
    """Copy the project files that a Pulumi program can use.

    Stack files are left out: they can name a secrets provider and contain encrypted values. Links are
    followed, except those to a folder that contains the link.

    Raises:
        SandboxError: a file cannot be copied.

    """
    try:
        _copy(project, folder, inside={project.resolve(), *project.resolve().parents})
    except OSError as error:
        raise SandboxError(f"cannot copy {project} to {folder}: {error.strerror}.") from None


def make_virtual_environment(folder: Path) -> None:
    """Create a writable virtual environment that includes the packages of the running Python.

    `pulumi install` and `pip install` then change this one, not the user's.
    """
    venv.create(folder, symlinks=True)
    packages = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    (site_packages,) = folder.glob("lib/python*/site-packages")
    links = "".join(f"import site; site.addsitedir({path!r})\n" for path in packages)
    Path(site_packages, "packages_of_the_project.pth").write_text(links, encoding="utf-8")


def _copy(source: Path, target: Path, *, inside: set[Path]) -> None:
    target.mkdir()
    for entry in source.iterdir():
        if not os.access(entry, os.R_OK):  # or a broken link
            continue
        if entry.is_dir():
            folder = entry.resolve()
            if folder not in inside and not _is_left_out(entry):
                _copy(entry, target / entry.name, inside={*inside, folder})
        elif entry.is_file() and not entry.match("Pulumi.*.yaml"):
            copied = Path(shutil.copy(entry, target))
            copied.chmod(copied.stat().st_mode | stat.S_IWUSR)


def _is_left_out(folder: Path) -> bool:
    return folder.name in _LEFT_OUT or any(folder.joinpath(mark).exists() for mark in _MARKS)
