"""`python3 -m sandbox.setup`: install the packages and get the engine, side by side.

Only the standard library is used here. What is there already is left alone.
"""

import fcntl
import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
import venv
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from sandbox import pulumi_cli
from sandbox.errors import SandboxError
from sandbox.signals import leave_on_signals

_PROJECT = Path(__file__).resolve().parent.parent
_VENV = _PROJECT / ".venv"
_REQUIREMENTS = (_PROJECT / "requirements.txt", _PROJECT / "requirements-dev.txt")
_PACKAGES_READY = _VENV / ".ready"
_ENGINE_READY = _PROJECT / ".engine" / ".ready"
_SECONDS_BETWEEN_LINES = 5
_LINE_WIDTH = 60
_LINES_OF_A_FAILURE = 30


def main(argv: Sequence[str]) -> None:
    """Set up everything, or, given its name, do one of the two jobs."""
    leave_on_signals()
    if argv == ["packages"]:
        _install_packages()
    elif argv == ["engine"]:
        pulumi_cli.get(_say)
    else:
        _set_up()


def _set_up() -> None:
    _ENGINE_READY.parent.mkdir(exist_ok=True)
    with Path(_ENGINE_READY.parent, ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("Waiting for another set-up of this folder to end.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        jobs = []
        if not _packages_are_ready():
            jobs.append(_Job("packages"))
        if not _engine_is_ready():
            jobs.append(_Job("engine"))
        if jobs:
            _say(
                "Setting up, once: the Python packages and, where there is none, the Pulumi engine with its CLI."
            )
            _see_through(jobs)
        # make compares the times of these with those of the files they depend on
        _PACKAGES_READY.write_text(_requirements_digest())
        _ENGINE_READY.touch()


class _Job:
    """One of the two jobs, in a process of its own, and the last lines that it said."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.said: deque[str] = deque(["starting"], maxlen=_LINES_OF_A_FAILURE)
        self._process = subprocess.Popen(
            [sys.executable, "-u", "-m", "sandbox.setup", name],
            cwd=_PROJECT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # so that it can be stopped with all that it started
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        for line in self._process.stdout or ():
            self.said.append(line.strip())

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    @property
    def failed(self) -> bool:
        return self._process.poll() not in (None, 0)

    def stop(self) -> None:
        if self.running:
            os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait()
        self._listener.join()


def _see_through(jobs: Sequence[_Job]) -> None:
    """Show how the jobs get on until all are done; stop all when one fails or we are stopped."""
    start = time.monotonic()
    next_line = start + _SECONDS_BETWEEN_LINES
    try:
        while any(job.running for job in jobs) and not any(job.failed for job in jobs):
            time.sleep(0.2)
            if time.monotonic() >= next_line:
                next_line += _SECONDS_BETWEEN_LINES
                progress = [f"{j.name}: {j.said[-1][:_LINE_WIDTH]}" for j in jobs if j.running]
                _say(f"{time.monotonic() - start:5.0f} s  {' | '.join(progress)}")
    finally:
        for job in jobs:
            job.stop()
    for job in jobs:
        if job.failed:
            lines = "\n".join(job.said)
            sys.exit(f"Setting up the {job.name} failed:\n{lines}")
    _say(f"{time.monotonic() - start:5.0f} s  set up")


def _packages_are_ready() -> bool:
    return _PACKAGES_READY.exists() and _PACKAGES_READY.read_text() == _requirements_digest()


def _engine_is_ready() -> bool:
    try:
        pulumi_cli.find()
    except SandboxError:
        return False
    return True


def _requirements_digest() -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in _REQUIREMENTS)).hexdigest()


def _install_packages() -> None:
    python = _VENV / "bin" / "python"
    pip = [str(python), "-m", "pip"]
    has_pip = python.exists() and not subprocess.call([*pip, "--version"])
    if not has_pip:
        _say("making the virtual environment")
        venv.create(_VENV, clear=True, with_pip=True)
    # Without --no-compile, pip compiles all of pulumi-aws, of which we import a thousandth.
    options = ["--no-compile", "--disable-pip-version-check", "--progress-bar", "off"]
    sys.exit(subprocess.call([*pip, "install", *options, "-r", str(_REQUIREMENTS[-1])]))


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201  there is no rich before the packages are installed


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except SandboxError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
