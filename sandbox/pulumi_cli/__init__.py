"""The Pulumi CLI of the sandbox: the one on PATH if it is recent enough, otherwise one in `.engine/`.

This package uses only the standard library: `sandbox.setup` runs before any package is installed.
"""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from sandbox.errors import SandboxError
from sandbox.pulumi_cli import build, download

ENGINES = Path(__file__).resolve().parents[2] / ".engine"
"""The folder for everything that set-up downloads or builds, apart from the Python packages."""

OLDEST_USABLE = (3, 248, 0)
"""The oldest CLI that the tests ran with.

The project needs at least 3.187.0, the first version that accepts `type: object` in Pulumi.yaml.
"""

LANGUAGE_HOST = "pulumi-language-python"


def find() -> Path:
    """Find the Pulumi CLI.

    Raises:
        SandboxError: there is none; `get` installs one.

    """
    own = _own_pulumi()
    if own.exists():
        return own
    on_path = _usable_pulumi_on_path()
    if on_path:
        return on_path
    raise SandboxError("the Pulumi CLI is not set up. Run `make setup`.")


def get(report: Callable[[str], None]) -> Path:
    """Download the official Pulumi CLI or, if that fails, build one from source.

    Raises:
        SandboxError: both fail; the message says what to install.

    """
    own = _own_pulumi()
    version = build.pinned_version()
    ENGINES.mkdir(exist_ok=True)
    for left_behind in ENGINES.glob("unfinished-*"):
        shutil.rmtree(left_behind)
    # The folder gets its final name only when it is complete.
    with tempfile.TemporaryDirectory(prefix="unfinished-", dir=ENGINES) as unfinished:
        folder = Path(unfinished, "bin")
        try:
            download.download(version, folder, report)
        except download.DownloadError as error:
            if not shutil.which("go"):
                raise SandboxError(_NOTHING_AVAILABLE.format(reason=error)) from None
            report(f"No official download ({error}). Building the Pulumi CLI instead.")
            shutil.rmtree(folder, ignore_errors=True)
            build.build(folder, report)
        own.parent.parent.mkdir(exist_ok=True)
        folder.rename(own.parent)
    return own


_NOTHING_AVAILABLE = (
    "the Pulumi CLI is needed. There is none on PATH (or it is older than "
    f"{'.'.join(map(str, OLDEST_USABLE))} or has no Python language host), its download failed "
    "({reason}), and building it needs Go, which is not installed. "
    "Install any one of these and run the command again:\n"
    "  Pulumi   https://www.pulumi.com/docs/install/\n"
    "  Go       https://go.dev/doc/install (or your system's package `golang`)"
)


def _own_pulumi() -> Path:
    # The digest changes the folder whenever the sources change, so that no outdated build is used.
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in build.SOURCES)).hexdigest()
    return ENGINES / f"{build.pinned_version()}-{digest[:8]}" / "bin" / "pulumi"


def _usable_pulumi_on_path() -> Path | None:
    """Find the CLI on PATH, if it is recent enough and has a language host."""
    found = shutil.which("pulumi")
    if not found:
        return None
    pulumi = Path(found).resolve()
    hosts = os.pathsep.join([str(pulumi.parent), os.environ.get("PATH", "")])
    if not shutil.which(LANGUAGE_HOST, path=hosts):
        return None
    done = subprocess.run(
        [pulumi, "version"],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "true"},
    )
    number = re.match(r"v?(\d+)\.(\d+)\.(\d+)", done.stdout)
    recent_enough = number and tuple(map(int, number.groups())) >= OLDEST_USABLE
    return pulumi if recent_enough else None
