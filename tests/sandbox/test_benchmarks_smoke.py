"""A quick run of the benchmarks: that they run, not what they measure."""

import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.workspace import PROJECT


@pytest.fixture
def page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the page that a quick run writes."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick"],
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    (written,) = tmp_path.glob("benchmarks-*/results.md")
    return written.read_text()


def test_a_quick_run_writes_each_figure_for_this_program_and_its_peers(page: str) -> None:
    rows = [[cell.strip(" *") for cell in line.split("|")[1:-1]] for line in page.splitlines()]
    cells = {row[0]: row[1:] for row in rows if row}
    assert len(cells["1"]) == 2, "preview: this program, the flat program"
    assert len(cells["3"]) == 3, "up: this program, the flat program, the script"
    assert cells["up: changes"] == ["12", "12", "9"]
    assert cells["up: identity"] == ["1", "1", "1"]
    assert cells["up: reads"] == ["17", "17", "0"]
    assert cells["second up: changes"] == ["0", "0", "0"]
    assert cells["token change: changes"] == ["1", "1", "1"]
    assert "pulumi" in cells, "how long its import takes"
    assert float(cells["preview, this program"][1]) > 0, "CPU seconds of the language host"
    assert float(cells["up, flat program"][1]) > 0, "likewise of the flat program's"
    assert "bare program" in cells
