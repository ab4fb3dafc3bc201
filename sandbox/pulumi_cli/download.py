"""Downloads the official distribution of Pulumi: the CLI and its language hosts."""

import hashlib
import http.client
import platform
import re
import tarfile
import tempfile
import urllib.error
import urllib.parse
import urllib.request
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO

_RELEASES = "https://get.pulumi.com/releases/sdk"
_SECONDS_WITHOUT_DATA = 5
_CHUNK = 1 << 20
_CHUNKS_BETWEEN_REPORTS = 20
_FAILURES = (
    OSError,  # unknown host, connection refused, timeout, disk full
    http.client.HTTPException,  # not HTTP, or cut off
    tarfile.TarError,
    zlib.error,
    EOFError,
    ValueError,  # a checksum file that is not text
)


class DownloadError(Exception):
    """The download failed; the message says why in a few words."""


def download(version: str, folder: Path, report: Callable[[str], None]) -> None:
    """Download a version (such as `v3.274.1`), verify its published checksum and unpack it into a folder.

    Raises:
        DownloadError: the download fails, or its checksum is wrong. The folder may then be
            incomplete.

    """
    machine = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    archive = f"pulumi-{version}-{platform.system().lower()}-{machine}.tar.gz"
    try:
        with tempfile.TemporaryFile(dir=folder.parent) as file:
            published = _published_checksum(version, archive)
            if _fetch(archive, file, report) != published:
                raise DownloadError(f"{archive} does not match its published checksum")
            file.seek(0)
            _unpack(file, folder)
    except _FAILURES as error:
        raise DownloadError(_reason(error)) from error


def _reason(error: Exception) -> str:
    """Return why a download failed, without what urllib puts around it."""
    if isinstance(error, urllib.error.URLError) and isinstance(error.reason, OSError):
        host = urllib.parse.urlsplit(_RELEASES).hostname
        return f"{host}: {error.reason.strerror or error.reason}"
    return str(error) or type(error).__name__


def _published_checksum(version: str, archive: str) -> str:
    url = f"{_RELEASES}/pulumi-{version.removeprefix('v')}-checksums.txt"
    with _open(url) as response:
        lines = response.read(_CHUNK).decode("ascii")
    found = re.search(rf"^([0-9a-f]{{64}})\s+\*?{re.escape(archive)}$", lines, re.MULTILINE)
    if not found:
        raise DownloadError(f"no checksum of {archive} is published")
    return found[1]


def _fetch(archive: str, file: IO[bytes], report: Callable[[str], None]) -> str:
    """Write the archive to a file and return its SHA-256."""
    digest = hashlib.sha256()
    with _open(f"{_RELEASES}/{archive}") as response:
        for count, chunk in enumerate(iter(lambda: response.read(_CHUNK), b"")):
            if count % _CHUNKS_BETWEEN_REPORTS == 0:
                report(f"Downloading {archive}: {count} MiB")
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()


def _open(url: str) -> http.client.HTTPResponse:
    response: http.client.HTTPResponse = urllib.request.urlopen(url, timeout=_SECONDS_WITHOUT_DATA)  # noqa: S310  https, as above
    return response


def _unpack(file: IO[bytes], folder: Path) -> None:
    """Extract the files of the archive's only folder, `pulumi/`, into a folder."""
    folder.mkdir()
    with tarfile.open(fileobj=file, mode="r:gz") as archive:
        # Python 3.12 and 3.13 warn if no filter is set; the first releases of 3.11 have none.
        archive.extraction_filter = getattr(tarfile, "data_filter", lambda member, _: member)
        for member in archive:
            member.name = Path(member.name).name
            if member.isfile():
                archive.extract(member, folder)
