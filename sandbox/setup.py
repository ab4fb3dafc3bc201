"""`python3 -m sandbox.setup`: install the Python packages and get the Pulumi CLI.

This module uses only the standard library. It keeps what is already installed, so that `make` can
run it before each command.
"""

import contextlib
import fcntl
import hashlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from sandbox import pulumi_cli
from sandbox.errors import SandboxError
from sandbox.signals import leave_on_signals

_PROJECT = Path(__file__).resolve().parent.parent
_VENV = _PROJECT / ".venv"
_PYTHON = _VENV / "bin" / "python"
_READY = _VENV / ".ready"
_LOCK = _PROJECT / "requirements-dev.lock"
_SECONDS_BETWEEN_LINES = 10


def main() -> None:
    """Install what is missing.

    Raises:
        SandboxError: something cannot be installed; the message says what to do.

    """
    os.environ.update(_caches_without_a_home() | os.environ)
    if _packages_are_ready() and _cli_is_ready():
        return
    report = _reporter()
    with _alone(report):
        if not _packages_are_ready():
            _install_packages(report)
        if not _cli_is_ready():
            pulumi_cli.get(report)
    report("Set up.")


def _install_packages(report: Callable[[str], None]) -> None:
    site_packages = _site_packages()
    if not site_packages or _was_moved():
        report("Creating the virtual environment .venv")
        _run(sys.executable, "-m", "venv", "--clear", str(_VENV), fix="")
        site_packages = _site_packages()
    report("Installing the Python packages")
    lock = _LOCK.read_text()
    uv_alone = re.search(r"^uv==.*?(?=^\S|\Z)", lock, re.MULTILINE | re.DOTALL)
    # pip installs uv, which installs the rest in a quarter of the time. If uv fails, pip tries: only
    # pip reads pip's settings, such as a company mirror.
    pip = [str(_PYTHON), "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    uv = [str(_PYTHON), "-m", "uv", "--quiet", "pip", "install", "--python", str(_PYTHON)]
    hashed = ["--require-hashes", "-r"]
    fix = " Check the network, pip's index and proxy (`pip config list`) and the free disk space."
    _run(*pip, "--no-compile", *hashed, "/dev/stdin", fix=fix, text=uv_alone and uv_alone[0])
    if subprocess.call([*uv, *hashed, str(_LOCK)]) != 0:
        report("uv failed; trying pip")
        _run(*pip, "--no-compile", *hashed, str(_LOCK), fix=fix)
    # Makes `python -m sandbox` work in every folder and with PYTHONSAFEPATH. The path is relative,
    # so that the clone can be moved: `.venv/lib/python3.x/site-packages` is four levels down.
    Path(site_packages or "", "project.pth").write_text("../../../..\n")
    _READY.write_text(_packages_wanted())


def _packages_are_ready() -> bool:
    with contextlib.suppress(OSError):
        return _READY.read_text() == _packages_wanted() and bool(_site_packages())
    return False


def _packages_wanted() -> str:
    # The scripts in .venv/bin contain the path of this folder.
    return f"{hashlib.sha256(_LOCK.read_bytes()).hexdigest()}\n{_PROJECT}\n"


def _was_moved() -> bool:
    return _READY.exists() and not _READY.read_text().endswith(f"\n{_PROJECT}\n")


def _site_packages() -> str | None:
    """Return the environment's package folder, if it has pip and a recent enough Python."""
    ask = "import pip, sys, sysconfig; assert sys.version_info >= (3, 11); print(sysconfig.get_path('purelib'))"
    with contextlib.suppress(OSError):  # no environment, or its Python was removed
        done = subprocess.run([_PYTHON, "-c", ask], check=False, capture_output=True, text=True)
        return done.stdout.strip() or None
    return None


def _cli_is_ready() -> bool:
    with contextlib.suppress(SandboxError):
        return bool(pulumi_cli.find())
    return False


def _caches_without_a_home() -> dict[str, str]:
    """Return settings for pip, uv and Go on a machine whose home folder is unknown or read-only."""
    home = os.environ.get("HOME")
    if home and os.access(home, os.W_OK):
        return {}
    caches = pulumi_cli.ENGINES / "caches"
    return {
        "PIP_CACHE_DIR": str(caches / "pip"),
        "UV_CACHE_DIR": str(caches / "uv"),
        "GOCACHE": str(caches / "go-build"),
        "GOMODCACHE": str(caches / "go-mod"),
        "GOFLAGS": "-modcacherw",  # so that the folder can be deleted
    }


@contextlib.contextmanager
def _alone(report: Callable[[str], None]) -> Iterator[None]:
    pulumi_cli.ENGINES.mkdir(exist_ok=True)
    with Path(pulumi_cli.ENGINES, ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report("Waiting for another set-up of this folder to end.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run(*command: str, fix: str, text: str | None = None) -> None:
    status = subprocess.run(command, input=text, text=True, check=False).returncode
    if status != 0:
        module = command[command.index("-m") + 1]
        raise SandboxError(f"{module} failed; see its message above.{fix}")


def _reporter() -> Callable[[str], None]:
    """Return a function that prints progress; lines of one kind at most every 10 seconds."""
    start = time.monotonic()
    shown_at, shown = -float("inf"), ""

    def report(line: str) -> None:
        nonlocal shown_at, shown
        now = time.monotonic()
        kind = line.split(":", maxsplit=1)[0]
        if kind != shown or now - shown_at >= _SECONDS_BETWEEN_LINES:
            shown_at, shown = now, kind
            print(f"{now - start:5.0f} s  {line}", flush=True)  # noqa: T201  rich is not installed yet

    return report


if __name__ == "__main__":
    leave_on_signals()
    try:
        main()
    except SandboxError as error:
        sys.exit(f"error: {error}")
    except OSError as error:  # such as a full disk
        sys.exit(f"error: setting up failed: {error}")
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
