"""Temporary folders that are removed at the end, or by the next start if their owner was killed."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sandbox.signals import signals_held_back

# Folders of other programs may start with the same word; none of them ends like this.
_SUFFIX = ".mediatailor-access-token"


@contextlib.contextmanager
def temporary_folder(prefix: str) -> Iterator[Path]:
    """Make a private folder whose name starts with `prefix`, and remove it at the end.

    Its owner holds a lock on it, which the system releases even if the owner is killed. Folders of
    this user that have this prefix and are not locked are removed first.
    """
    with contextlib.ExitStack() as stack:
        with signals_held_back():
            _remove_leftovers(prefix)
            folder, lock = _make(prefix)
            stack.callback(_remove, folder, lock)
        yield Path(folder.name)


def _make(prefix: str) -> tuple["tempfile.TemporaryDirectory[str]", int]:
    """Return a new folder and the file descriptor that holds the lock on it."""
    while True:
        folder = tempfile.TemporaryDirectory(prefix=prefix, suffix=_SUFFIX)
        with contextlib.suppress(FileNotFoundError):
            lock = _open(Path(folder.name))
            fcntl.flock(lock, fcntl.LOCK_EX)
            if Path(folder.name).exists():
                return folder, lock
            os.close(lock)
        folder.cleanup()  # another start removed it as a leftover before we had locked it


def _remove_leftovers(prefix: str) -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{prefix}*{_SUFFIX}"):
        try:
            lock = _open(folder)
        except OSError:  # removed meanwhile, not a folder, or not ours to read
            continue
        try:
            if os.fstat(lock).st_uid == os.getuid():
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:  # its owner is alive
            pass
        finally:
            os.close(lock)


@signals_held_back()
def _remove(folder: "tempfile.TemporaryDirectory[str]", lock: int) -> None:
    folder.cleanup()
    os.close(lock)


def _open(folder: Path) -> int:
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
