"""Builds the Pulumi CLI from its Go module, and a language host for it.

The module includes the official script that runs Python programs, but not the official language host
(a Go module that no proxy serves). `pulumi-language-python/main.go` replaces that host.
"""

import os
import re
import shutil
import subprocess
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

from sandbox.errors import SandboxError

_SOURCE = Path(__file__).resolve().parent

SOURCES = (
    Path(__file__),
    _SOURCE / "go.mod",
    _SOURCE / "go.sum",
    _SOURCE / "pulumi-language-python" / "main.go",
)
"""The files that the build depends on."""

_CLI = "github.com/pulumi/pulumi/pkg/v3"
_SDK = "github.com/pulumi/pulumi/sdk/v3"
_SCRIPT = "python/cmd/pulumi-language-python-exec"

# Optimising only the packages that the engine spends its time in saves a third of the compiler's CPU time. Debug
# information is not needed anywhere.
_OPTIMISED = (
    "std",
    "github.com/pulumi/pulumi/sdk/v3/...",
    *(f"{_CLI}/{part}/..." for part in ("backend", "engine", "resource", "secrets")),
    "github.com/segmentio/...",  # the JSON of the state
    "google.golang.org/grpc/...",
    "google.golang.org/protobuf/...",
)
_NOT_OPTIMISED = "-gcflags=all=-N -l -dwarf=false"

_ENVIRONMENT = {
    "CGO_ENABLED": "0",  # no C compiler is needed
    "GOGC": "400",  # the compiler's own garbage collector runs less often
    "GOWORK": "off",  # a go.work in a parent folder is for other modules
}
_LINES_OF_A_FAILURE = 20


def pinned_version() -> str:
    """Return the version of Pulumi that go.mod requires, such as `v3.274.1`."""
    pin = re.search(rf"{re.escape(_CLI)} (v\S+)", (_SOURCE / "go.mod").read_text())
    if not pin:
        raise SandboxError(f"{_SOURCE / 'go.mod'} does not require {_CLI}.")
    return pin[1]


def build(folder: Path, report: Callable[[str], None]) -> None:
    """Build the CLI and the language host into a folder that does not exist yet.

    Raises:
        SandboxError: Go fails; the message includes the end of its output.

    """
    folder.mkdir()
    report("Downloading the Go modules")
    total = sum(not line.startswith("go: ") for line in _go("list", "-deps", "tool"))
    version = pinned_version()
    settings = [
        "-trimpath",
        f"-ldflags=-s -w -X {_SDK}/go/common/version.Version={version}",
        _NOT_OPTIMISED,
        *(f"-gcflags={packages}=-dwarf=false" for packages in _OPTIMISED),
    ]
    targets = ["tool", "./pulumi-language-python"]
    for compiled, _ in enumerate(_go("build", "-v", *settings, "-o", f"{folder}/", *targets)):
        report(f"Compiling Pulumi {version}: {compiled} of at most {total} Go packages")
    *_, sdk = _go("list", "-m", "-f", "{{.Dir}}", _SDK)
    shutil.copyfile(Path(sdk, _SCRIPT), folder / Path(_SCRIPT).name)


def _go(*arguments: str) -> Iterator[str]:
    """Run go in the module's folder and yield the lines of its output and error output."""
    with subprocess.Popen(
        ["go", *arguments],
        cwd=_SOURCE,
        env=os.environ | _ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        last_lines: deque[str] = deque(maxlen=_LINES_OF_A_FAILURE)
        try:
            for line in process.stdout or ():
                last_lines.append(line.rstrip())
                yield last_lines[-1]
        except BaseException:  # such as Ctrl-C
            process.terminate()
            raise
    if process.returncode != 0:
        raise SandboxError(
            f"building the Pulumi CLI failed: `go {arguments[0]}` printed\n" + "\n".join(last_lines)
        )
