"""Temporary folders that are removed on exit, or by the next run if the process was killed."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sandbox.signals import signals_held_back

# Folders of other programs may have the same prefix, but not this suffix.
_SUFFIX = ".mediatailor-access-token"


@contextlib.contextmanager
def temporary_folder(prefix: str) -> Iterator[Path]:
    """Create a private folder whose name starts with `prefix`, and remove it at the end.

    This process keeps the folder locked; the system releases the lock even if the process is killed.
    The user's unlocked folders with this prefix are removed first.
    """
    with contextlib.ExitStack() as stack:
        with signals_held_back():
            _remove_leftovers(prefix)
            folder, lock = _make(prefix)
            stack.callback(_remove, folder, lock)
        yield Path(folder.name)


def _make(prefix: str) -> tuple["tempfile.TemporaryDirectory[str]", int]:
    """Return a new folder and the file descriptor of its lock."""
    while True:
        folder = tempfile.TemporaryDirectory(prefix=prefix, suffix=_SUFFIX)
        with contextlib.suppress(FileNotFoundError):
            lock = _open(Path(folder.name))
            fcntl.flock(lock, fcntl.LOCK_EX)
            if Path(folder.name).exists():
                return folder, lock
            os.close(lock)
        folder.cleanup()  # another process removed it before we locked it


def _remove_leftovers(prefix: str) -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*{_SUFFIX}"):
        try:
            lock = _open(folder)
        except OSError:  # already removed, not a folder, or not readable
            continue
        try:
            if os.fstat(lock).st_uid == os.getuid():
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:  # in use
            pass
        finally:
            os.close(lock)


@signals_held_back()
def _remove(folder: "tempfile.TemporaryDirectory[str]", lock: int) -> None:
    folder.cleanup()
    os.close(lock)


def _open(folder: Path) -> int:
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
