"""What one command costs: time, and what the process that runs the program takes of it."""

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import psutil

from sandbox.errors import SandboxError
from sandbox.workspace import Sandbox

_SECONDS_BETWEEN_SAMPLES = 0.02
_SAMPLES_BETWEEN_SEARCHES = 10


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What one run of a command cost."""

    seconds: float
    """From its start to its end."""
    cpu_seconds: float
    """Of the language host, user and system together; 0 for a command that has none."""
    peak_mebibytes: float
    """Of the language host's resident memory."""


def cost_of(place: Sandbox, command: Sequence[str]) -> Cost:
    """Run a command in a sandbox and return its cost.

    Raises:
        SandboxError: it fails; the message is what it said.

    """
    with tempfile.TemporaryFile("w+") as said:
        start = time.perf_counter()
        process = psutil.Popen(
            command,
            cwd=place.folder,
            env=place.environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        host = _LanguageHost(process)
        try:
            status = process.wait()
            seconds = time.perf_counter() - start
        finally:
            host.end()
        if status != 0:
            said.seek(0)
            raise SandboxError(f"`{' '.join(command)}` failed:\n{said.read()}")
    return Cost(
        seconds=seconds, cpu_seconds=host.cpu_seconds, peak_mebibytes=host.peak_bytes / 2**20
    )


class _LanguageHost:
    """Looks on the language host, from a thread, for as long as the command runs.

    The engine starts it more than once, and the official one starts Python as another process.
    The times of a process only grow, so that at most the last sample's worth is missed.
    """

    def __init__(self, engine: psutil.Process) -> None:
        self._engine = engine
        self._cpu_seconds: dict[psutil.Process, float] = {}
        self.peak_bytes = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look_on)
        self._thread.start()

    @property
    def cpu_seconds(self) -> float:
        return sum(self._cpu_seconds.values())

    def end(self) -> None:
        self._ended.set()
        self._thread.join()

    def _look_on(self) -> None:
        samples = 0
        while not self._ended.wait(_SECONDS_BETWEEN_SAMPLES):
            with suppress(psutil.Error):
                if samples % _SAMPLES_BETWEEN_SEARCHES == 0:  # a search costs more than a sample
                    self._search()
            samples += 1
            for process in self._cpu_seconds:
                with suppress(psutil.Error), process.oneshot():
                    times = process.cpu_times()
                    self._cpu_seconds[process] = times.user + times.system
                    self.peak_bytes = max(self.peak_bytes, process.memory_info().rss)

    def _search(self) -> None:
        for process in self._engine.children(recursive=True):
            with suppress(psutil.Error):
                if any("language" in argument for argument in process.cmdline()):
                    self._cpu_seconds.setdefault(process, 0)


def seconds_to_first_resource(place: Sandbox) -> float:
    """Run a preview and return how long it took until the program's first resource was registered.

    The engine's own events tell. The stack itself, which the SDK registers before it looks at the
    program, and providers do not count.

    Raises:
        SandboxError: it failed, or no resource was registered.

    """
    start = time.perf_counter()
    first_resource = None
    with psutil.Popen(
        ["pulumi", "preview", "--non-interactive", "--json"],
        cwd=place.folder,
        env={**place.environment, "PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        for line in process.stdout:
            event = json.loads(line).get("resourcePreEvent", {})
            kind = event.get("metadata", {}).get("type", "pulumi:")
            if first_resource is None and not kind.startswith("pulumi:"):
                first_resource = time.perf_counter() - start
    if process.returncode or first_resource is None:
        raise SandboxError("`pulumi preview` failed, or registered no resource.")
    return first_resource


def import_seconds(place: Sandbox) -> dict[str, float]:
    """Import what the program imports, as it does, and return the seconds that each package's own code takes.

    Packages of the standard library, and what the interpreter itself imports, count as `Python`.
    """
    done = subprocess.run(
        [
            sys.executable,
            "-X",
            "importtime",
            "-c",
            "import gc; gc.disable(); import pulumi, components, stack_config",
        ],
        cwd=place.folder,
        env=place.environment,
        stderr=subprocess.PIPE,
        text=True,
        check=True,
    )
    seconds: dict[str, float] = {}
    for line in done.stderr.splitlines()[1:]:  # the first is the heading
        own, _, name = line.removeprefix("import time:").split("|")
        package = name.strip().partition(".")[0]
        if package in sys.stdlib_module_names or package == "encodings":
            package = "Python"
        seconds[package] = seconds.get(package, 0) + int(own) / 1e6
    return seconds
