"""The Pulumi CLI that rehearsals run: the one on PATH if it will do at set-up, else one of the project's own.

Only the standard library is used here, because the packages are installed at the same time.
"""

import contextlib
import os
import platform
import re
import shutil
import subprocess
import tarfile
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

from sandbox.errors import SandboxError

_SOURCE = Path(__file__).resolve().parent
_OWN_ENGINES = Path(__file__).resolve().parents[2] / ".engine"

OLDEST_USABLE = (3, 248, 0)
"""The oldest CLI that the tests were run with.

At the very least 3.187.0 is needed, which is the first to know `type: object` in Pulumi.yaml.
"""

_LANGUAGE_HOST = "pulumi-language-python"
_MODULE = "github.com/pulumi/pulumi/pkg/v3"
_VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
_DOWNLOAD = "https://get.pulumi.com/releases/sdk/pulumi-{version}-{system}-{machine}.tar.gz"
_DOWNLOAD_SILENCE_SECONDS = 5

Report = Callable[[str], None]
"""Takes a few words on what is being done."""


def find() -> Path:
    """Find the Pulumi CLI.

    Raises:
        SandboxError: there is none; `get` gets one.

    """
    own = _own_pulumi()
    if own.exists():
        return own
    on_path = _usable_pulumi_on_path()
    if on_path:
        return on_path
    raise SandboxError(
        "the Pulumi CLI is not set up. `rm -f .engine/.ready && make rehearse` does it."
    )


def get(report: Report) -> Path:
    """Find the Pulumi CLI, or get one: the official download where it can be had, else a build.

    Raises:
        SandboxError: neither can be had; the message says what to install.

    """
    with contextlib.suppress(SandboxError):
        return find()
    own = _own_pulumi()
    _OWN_ENGINES.mkdir(exist_ok=True)
    for left_behind in _OWN_ENGINES.glob("unfinished-*"):
        shutil.rmtree(left_behind)
    # It is made under another name, so that what has the right name is complete.
    with tempfile.TemporaryDirectory(prefix="unfinished-", dir=_OWN_ENGINES) as unfinished:
        folder = Path(unfinished, "bin")
        folder.mkdir()
        if not _download(folder, report):
            _build(folder, report)
        own.parent.parent.mkdir(exist_ok=True)
        folder.rename(own.parent)
    return own


def _own_pulumi() -> Path:
    return _OWN_ENGINES / _pinned_version() / "bin" / "pulumi"


def _pinned_version() -> str:
    pin = re.search(rf"{re.escape(_MODULE)} (v\S+)", (_SOURCE / "go.mod").read_text())
    if not pin:
        raise SandboxError(f"{_SOURCE / 'go.mod'} does not require {_MODULE}.")
    return pin[1]


def _usable_pulumi_on_path() -> Path | None:
    """Find the CLI on PATH, if it is recent enough and brings a language host."""
    found = shutil.which("pulumi")
    if not found:
        return None
    pulumi = Path(found).resolve()
    hosts = os.pathsep.join([str(pulumi.parent), os.environ.get("PATH", "")])
    if not shutil.which(_LANGUAGE_HOST, path=hosts):
        return None
    said = subprocess.run(
        [pulumi, "version"],
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"PULUMI_SKIP_UPDATE_CHECK": "true"},
    )
    number = re.match(r"v?(\d+)\.(\d+)\.(\d+)", said.stdout)
    recent_enough = number and tuple(map(int, number.groups())) >= OLDEST_USABLE
    return pulumi if recent_enough else None


def _download(folder: Path, report: Report) -> bool:
    """Unpack the official distribution into a folder, if the network has it."""
    machine = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}.get(
        platform.machine(), platform.machine()
    )
    url = _DOWNLOAD.format(
        version=_pinned_version(), system=platform.system().lower(), machine=machine
    )
    report("looking for the official download")
    try:
        with (
            urllib.request.urlopen(url, timeout=_DOWNLOAD_SILENCE_SECONDS) as response,  # noqa: S310  https, as above
            tarfile.open(fileobj=response, mode="r|gz") as archive,
        ):
            # Where Python has the filter, it warns or not by its version unless one is named.
            archive.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
            for member in archive:
                member.name = Path(member.name).name  # all are in one folder, `pulumi/`
                if member.isfile():
                    report(f"downloading {member.name}")
                    archive.extract(member, folder)
    except (OSError, tarfile.TarError):  # no such host, refused, silent, or not an archive
        return False
    return Path(folder, "pulumi").exists() and Path(folder, _LANGUAGE_HOST).exists()


def _build(folder: Path, report: Report) -> None:
    """Build the CLI from its Go module, and put our language host beside it."""
    if not shutil.which("go"):
        raise SandboxError(
            "the Pulumi CLI is needed. It is not on PATH (or older than "
            f"{'.'.join(map(str, OLDEST_USABLE))}), its download cannot be reached, and building it "
            "needs Go, which is not installed. Install any one of these and run this again:\n"
            "  Pulumi   https://www.pulumi.com/docs/install/\n"
            "  Go       https://go.dev/doc/install (or your system's package `golang`)"
        )
    version = _pinned_version()
    report("listing its Go packages")
    total = 0
    for line in _go("list", "-deps", "tool"):
        if line.startswith("go: downloading"):
            report(line.removeprefix("go: "))
        else:
            total += 1
    link = f"-s -w -X {_VERSION_VARIABLE}={version}"
    build = _go("build", "-v", "-trimpath", "-ldflags", link, "-o", f"{folder}/", "tool")
    for compiled, _ in enumerate(build, start=1):
        report(f"compiling Pulumi {version}: {compiled} of at most {total} Go packages")

    host = Path(folder, _LANGUAGE_HOST)
    host.write_text(
        "#!/bin/sh\n"
        'project="$(dirname "$0")/../../.."\n'
        'exec "$project/.venv/bin/python" -P "$project/sandbox/pulumi_cli/language_host.py" "$@"\n'
    )
    host.chmod(0o755)


def _go(*arguments: str) -> Iterator[str]:
    """Run go in the module's folder and yield its lines, of output and of progress."""
    with subprocess.Popen(
        ["go", *arguments],
        cwd=_SOURCE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        last = ""
        for line in process.stdout or ():
            last = line.rstrip()
            yield last
    if process.returncode != 0:
        raise SandboxError(f"`go {arguments[0]}` in {_SOURCE} failed: {last}")
