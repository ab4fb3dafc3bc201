"""A temporary folder exists as long as its owner, however the owner ends."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.temporary_folder import temporary_folder

OWNER = """
import sys, time
from sandbox.signals import leave_on_signals
from sandbox.temporary_folder import temporary_folder
leave_on_signals()
with temporary_folder("rehearsal-") as folder:
    for number in range(int(sys.argv[1])):
        folder.joinpath(str(number)).touch()
    print(folder, flush=True)
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def start_owner(temporary: Path, *, files: int = 1) -> tuple["subprocess.Popen[str]", Path]:
    owner = subprocess.Popen(  # noqa: S603  our own script
        [sys.executable, "-c", OWNER, str(files)],
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert owner.stdout
    return owner, Path(owner.stdout.readline().strip())


@pytest.fixture
def killed(temporary: Path) -> Path:
    """Return the folder of an owner that was killed."""
    owner, folder = start_owner(temporary)
    owner.kill()
    owner.communicate()
    assert folder.is_dir()
    return folder


@pytest.fixture
def alive(temporary: Path) -> Iterator[Path]:
    """Return the folder of an owner that is still running."""
    owner, folder = start_owner(temporary)
    yield folder
    owner.kill()
    owner.communicate()


def test_the_folder_is_private_and_removed_at_the_end(temporary: Path) -> None:
    with temporary_folder("rehearsal-") as folder:
        folder.joinpath("file").touch()
        assert (folder.parent, folder.stat().st_mode & 0o777) == (temporary, 0o700)
    assert list(temporary.iterdir()) == []


def test_the_next_start_removes_the_folder_of_an_owner_that_was_killed(killed: Path) -> None:
    with temporary_folder("rehearsal-"):
        assert not killed.exists()


def test_the_next_start_keeps_the_folder_of_a_running_owner(alive: Path) -> None:
    with temporary_folder("rehearsal-"):
        assert alive.joinpath("0").exists()


def test_a_start_keeps_the_folder_of_another_one_in_the_same_process(temporary: Path) -> None:
    with temporary_folder("rehearsal-") as one, temporary_folder("rehearsal-") as other:
        assert set(temporary.iterdir()) == {one, other}


def test_the_next_start_keeps_the_leftovers_of_other_users(
    killed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getuid", lambda: os.geteuid() + 1)
    with temporary_folder("rehearsal-"):
        assert killed.exists()


@pytest.mark.parametrize("name", ["rehearsal-notes", "local-aws-x.mediatailor-access-token"])
def test_the_next_start_keeps_folders_that_are_not_its_own(temporary: Path, name: str) -> None:
    temporary.joinpath(name).mkdir()
    with temporary_folder("rehearsal-"):
        assert temporary.joinpath(name).exists()


def test_simultaneous_starts_do_not_remove_each_others_folders() -> None:
    kept: list[bool] = []

    def use_folders() -> None:
        for _ in range(50):
            with temporary_folder("rehearsal-") as folder:
                kept.append(folder.is_dir())

    threads = [threading.Thread(target=use_folders) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kept == [True] * 400


def test_a_signal_during_the_clean_up_waits_for_its_end(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean_up = tempfile.TemporaryDirectory.cleanup

    def interrupted(folder: "tempfile.TemporaryDirectory[str]") -> None:
        signal.raise_signal(signal.SIGINT)
        clean_up(folder)

    monkeypatch.setattr(tempfile.TemporaryDirectory, "cleanup", interrupted)
    with pytest.raises(KeyboardInterrupt), temporary_folder("rehearsal-"):
        pass
    assert list(temporary.iterdir()) == []


def test_further_signals_do_not_interrupt_the_clean_up(temporary: Path) -> None:
    owner, folder = start_owner(temporary, files=3000)
    while owner.poll() is None:
        owner.send_signal(signal.SIGINT)
    owner.communicate()
    assert not folder.exists()
