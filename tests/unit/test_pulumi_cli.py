"""Which Pulumi CLI is used, and how set-up installs one."""

import gc
import hashlib
import http.server
import io
import os
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import pulumi_cli
from sandbox.errors import SandboxError
from sandbox.pulumi_cli import build, download

# urllib leaves the sockets of invalid responses to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

VERSION = build.pinned_version()
ARCHIVE = f"pulumi-{VERSION}-linux-x64.tar.gz"
CHECKSUMS = f"pulumi-{VERSION[1:]}-checksums.txt"


class Releases:
    """A web server with release files, which sends the given raw bytes."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        releases = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = releases.files.get(self.path.strip("/"))
                if body is not None and not body.startswith(b"raw:"):
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                self.wfile.write(
                    b"HTTP/1.0 404 Not Found\r\n\r\n"
                    if body is None
                    else body.removeprefix(b"raw:")
                )

            def log_message(self, *_arguments: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def publish(self, archive: bytes, *, checksum_of: bytes | None = None) -> None:
        digest = hashlib.sha256(archive if checksum_of is None else checksum_of).hexdigest()
        self.files[ARCHIVE] = archive
        self.files[CHECKSUMS] = f"{'0' * 64}  another.tar.gz\n{digest}  {ARCHIVE}\n".encode()


@pytest.fixture(autouse=True)
def engines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the engine folder of a fresh clone, with an empty PATH."""
    folder = tmp_path / ".engine"
    monkeypatch.setattr(pulumi_cli, "ENGINES", folder)
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    return folder


@pytest.fixture(autouse=True)
def releases(monkeypatch: pytest.MonkeyPatch) -> Iterator[Releases]:
    """Return a server in place of get.pulumi.com, without releases."""
    releases = Releases()
    monkeypatch.setattr(download, "_RELEASES", releases.url)
    threading.Thread(target=releases.server.serve_forever, args=(0.01,), daemon=True).start()
    yield releases
    releases.server.shutdown()
    releases.server.server_close()
    gc.collect()  # here, where their warning is ignored


def put_on_path(folder: Path, *, says: str, language_host: bool) -> Path:
    names = ["pulumi", "pulumi-language-python"] if language_host else ["pulumi"]
    for name in names:
        program = folder / "bin" / name
        program.write_text(f"#!/bin/sh\necho {says}\n")
        program.chmod(0o755)
    return folder / "bin" / "pulumi"


def put_go_on_path(folder: Path, script: str) -> None:
    go = folder / "bin" / "go"
    go.write_text(f"#!/bin/sh\n{script}\n")
    go.chmod(0o755)


def distribution() -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for name in ("pulumi", "pulumi-language-python"):
            member = tarfile.TarInfo(f"pulumi/{name}")
            member.mode, member.size = 0o755, 50_000
            archive.addfile(member, io.BytesIO(os.urandom(member.size)))
    return content.getvalue()


@pytest.mark.parametrize("says", ["v3.248.0", "v3.300.1", "4.0.0", "v3.275.0-alpha.1"])
def test_the_cli_on_path_is_used_if_it_is_recent_enough(tmp_path: Path, says: str) -> None:
    pulumi = put_on_path(tmp_path, says=says, language_host=True)
    assert pulumi_cli.find() == pulumi


@pytest.mark.parametrize(
    ("says", "language_host"), [("v3.247.9", True), ("nonsense", True), ("v3.300.1", False)]
)
def test_the_cli_on_path_is_not_used_if_it_is_old_or_has_no_language_host(
    tmp_path: Path, says: str, *, language_host: bool
) -> None:
    put_on_path(tmp_path, says=says, language_host=language_host)
    with pytest.raises(SandboxError, match="Run `make setup`"):
        pulumi_cli.find()


def test_the_official_distribution_is_used_if_it_has_its_published_checksum(
    engines: Path, releases: Releases
) -> None:
    releases.publish(distribution())
    pulumi = pulumi_cli.get(lambda _: None)
    assert pulumi == pulumi_cli.find()
    assert pulumi.is_relative_to(engines)
    assert pulumi.stat().st_mode & 0o100
    assert sorted(path.name for path in pulumi.parent.iterdir()) == [
        "pulumi",
        "pulumi-language-python",
    ]
    assert list(engines.iterdir()) == [pulumi.parent.parent]


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({}, "404"),
        ({CHECKSUMS: b"<html>sign in first</html>"}, "no checksum of .* is published"),
        ({CHECKSUMS: b"\xff\xfe"}, "codec"),
        ({CHECKSUMS: b"raw:"}, "closed connection without response"),
        ({CHECKSUMS: b"raw:garbage\r\n\r\n"}, "garbage"),
        ({CHECKSUMS: b"raw:HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000}, "too long|got more than"),
        (
            {
                CHECKSUMS: b"raw:HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
            },
            "IncompleteRead",
        ),
        ({ARCHIVE: b"raw:HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nab"}, "does not match"),
        ({ARCHIVE: b"<html>sign in first</html>"}, "does not match"),
    ],
)
def test_a_failed_download_is_explained_and_leaves_nothing(
    engines: Path, releases: Releases, files: dict[str, bytes], reason: str
) -> None:
    if files:
        releases.publish(distribution())
    releases.files |= files
    with pytest.raises(SandboxError, match=reason) as error:
        pulumi_cli.get(lambda _: None)
    assert "needs Go, which is not installed" in str(error.value)
    assert list(engines.iterdir()) == []


def test_the_host_that_cannot_be_reached_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "_RELEASES", "http://127.0.0.1:1/releases")
    reports: list[str] = []
    with pytest.raises(SandboxError, match=r"failed \(127.0.0.1: Connection refused\)"):
        pulumi_cli.get(reports.append)
    assert not reports


@pytest.mark.parametrize("content", [b"", b"no archive", distribution()[:60_000]])
def test_an_incomplete_archive_leaves_nothing(
    engines: Path, releases: Releases, content: bytes
) -> None:
    releases.publish(content)
    with pytest.raises(SandboxError, match="needs Go, which is not installed"):
        pulumi_cli.get(lambda _: None)
    assert list(engines.iterdir()) == []


def test_without_a_download_and_go_the_error_says_what_to_install() -> None:
    with pytest.raises(SandboxError) as error:
        pulumi_cli.get(lambda _: None)
    assert "https://go.dev/doc/install" in str(error.value)
    assert "https://www.pulumi.com/docs/install/" in str(error.value)


def test_a_failed_build_shows_gos_output_and_leaves_nothing(tmp_path: Path, engines: Path) -> None:
    put_go_on_path(tmp_path, "echo package/one; echo write: no space left on device >&2; exit 1")
    with pytest.raises(SandboxError) as error:
        pulumi_cli.get(lambda _: None)
    assert str(error.value) == (
        "building the Pulumi CLI failed: `go list` printed\n"
        "package/one\n"
        "write: no space left on device"
    )
    assert list(engines.iterdir()) == []


def test_a_build_has_the_official_script_next_to_the_cli_and_the_language_host(
    tmp_path: Path,
) -> None:
    sdk = tmp_path / "sdk"
    script = sdk / "python" / "cmd" / "pulumi-language-python-exec"
    script.parent.mkdir(parents=True)
    script.write_text("the official script")
    put_go_on_path(
        tmp_path,
        f'case "$*" in *-m*) echo {sdk};;'
        ' build*) while [ "$1" != -o ]; do shift; done; echo cli > "${2}pulumi"; echo a/package;; esac',
    )
    reports: list[str] = []
    pulumi = pulumi_cli.get(reports.append)
    assert pulumi.with_name(script.name).read_text() == "the official script"
    assert "Building the Pulumi CLI instead." in reports[0]
    assert reports[-1] == f"Compiling Pulumi {VERSION}: 0 of at most 0 Go packages"


def test_a_cli_built_from_other_sources_is_not_used(
    releases: Releases, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    releases.publish(distribution())
    pulumi_cli.get(lambda _: None)
    changed = tmp_path / "main.go"
    changed.write_text("package main")
    monkeypatch.setattr(build, "SOURCES", (*build.SOURCES[:-1], changed))
    with pytest.raises(SandboxError, match="Run `make setup`"):
        pulumi_cli.find()


def test_leftovers_of_an_interrupted_build_are_removed(engines: Path) -> None:
    (engines / "unfinished-abc" / "bin").mkdir(parents=True)
    with pytest.raises(SandboxError):
        pulumi_cli.get(lambda _: None)
    assert list(engines.iterdir()) == []
