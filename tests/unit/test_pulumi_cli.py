"""Which Pulumi CLI is taken, and how one is got."""

import io
import tarfile
from pathlib import Path

import pytest

from sandbox import pulumi_cli
from sandbox.errors import SandboxError

PIN = "v3.274.1"


@pytest.fixture(autouse=True)
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a fresh clone's engines, on a machine that has nothing."""
    folder = tmp_path / ".engine"
    monkeypatch.setattr(pulumi_cli, "_OWN_ENGINES", folder)
    monkeypatch.setattr(pulumi_cli, "_DOWNLOAD", (tmp_path / "no-such-archive").as_uri())
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return folder


def put_on_path(folder: Path, *, says: str, language_host: bool) -> Path:
    names = ["pulumi", "pulumi-language-python"] if language_host else ["pulumi"]
    for name in names:
        program = folder / "bin" / name
        program.write_text(f"#!/bin/sh\necho {says}\n")
        program.chmod(0o755)
    return folder / "bin" / "pulumi"


@pytest.mark.parametrize("says", ["v3.248.0", "v3.300.1", "4.0.0", "v3.275.0-alpha.1"])
def test_the_cli_on_path_is_taken_if_it_is_recent_enough(tmp_path: Path, says: str) -> None:
    pulumi = put_on_path(tmp_path, says=says, language_host=True)
    assert pulumi_cli.find() == pulumi


@pytest.mark.parametrize(
    ("says", "language_host"), [("v3.247.9", True), ("nonsense", True), ("v3.300.1", False)]
)
def test_the_cli_on_path_is_not_taken_if_it_is_old_or_has_no_language_host(
    tmp_path: Path, says: str, *, language_host: bool
) -> None:
    put_on_path(tmp_path, says=says, language_host=language_host)
    with pytest.raises(SandboxError, match="is not set up"):
        pulumi_cli.find()


def test_the_official_distribution_is_unpacked_where_it_can_be_had(
    tmp_path: Path, clone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tarfile.open(tmp_path / "archive.tar.gz", "w:gz") as archive:
        for name in ("pulumi", "pulumi-language-python"):
            member = tarfile.TarInfo(f"pulumi/{name}")
            member.mode, member.size = 0o755, 10
            archive.addfile(member, io.BytesIO(b"#!/bin/sh\n"))
    monkeypatch.setattr(pulumi_cli, "_DOWNLOAD", (tmp_path / "archive.tar.gz").as_uri())

    pulumi = pulumi_cli.get(lambda _: None)

    assert pulumi == clone / PIN / "bin" / "pulumi" == pulumi_cli.find()
    assert pulumi.stat().st_mode & 0o100
    assert sorted(path.name for path in clone.iterdir()) == [PIN]


@pytest.mark.parametrize("content", [b"<html>sign in first</html>", b""])
def test_what_is_no_distribution_is_left_alone(
    tmp_path: Path, clone: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    (tmp_path / "page").write_bytes(content)
    monkeypatch.setattr(pulumi_cli, "_DOWNLOAD", (tmp_path / "page").as_uri())
    with pytest.raises(SandboxError, match="needs Go, which is not installed"):
        pulumi_cli.get(lambda _: None)
    assert list(clone.iterdir()) == []


def test_says_what_to_install_where_nothing_can_be_had() -> None:
    with pytest.raises(SandboxError) as error:
        pulumi_cli.get(lambda _: None)
    assert "https://go.dev/doc/install" in str(error.value)
    assert "https://www.pulumi.com/docs/install/" in str(error.value)


def test_what_an_interrupted_build_left_is_cleared(clone: Path) -> None:
    (clone / "unfinished-abc" / "bin").mkdir(parents=True)
    with pytest.raises(SandboxError):
        pulumi_cli.get(lambda _: None)
    assert list(clone.iterdir()) == []
