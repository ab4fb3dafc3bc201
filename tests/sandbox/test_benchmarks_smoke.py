"""A quick run of the benchmarks, and the comparability of the flat program."""

import json
import runpy
import subprocess
import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from benchmarks.programs import Program
from benchmarks.report import Results, report
from sandbox.workspace import PROJECT
from tests.support.recording_engine import TOKEN, Deployment, run, run_program

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder that a quick run writes to."""
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
    (written,) = tmp_path.glob("benchmarks-*")
    return written


def test_a_quick_run_compares_times_and_aws_calls_of_all_programs(folder: Path) -> None:
    page = (folder / "results.md").read_text()
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines()]
    cells = {row[0]: row[1:] for row in rows if row}
    assert cells["up: changes"] == ["12", "12", "9"], "with 3 source locations"
    assert cells["up: reads"] == ["18", "18", "1"]
    assert cells["up again: changes"][:2] == ["0", "0"]
    assert cells["refresh: reads"][:2] == ["17", "17"]
    assert cells["verify: changes"] == ["0", "", ""]
    assert int(cells["verify: reads"][0]) > 0
    up = next(row for row in rows if row and row[0] == "1")
    assert all(float(cell.split()[0]) > 0 for cell in up[1:4]), "seconds of each program"
    assert f"takes {up[4]} times as long" in page, "the first sentence is the result"
    assert "language host: " in page
    chart = ET.parse(folder / "results.svg")  # noqa: S314  our own file
    texts = [element.text for element in chart.iter(f"{SVG}text")]
    assert {"this program", "flat program", "boto3 script"} <= set(texts)


def test_the_flat_program_declares_the_same_aws_resources_with_the_same_inputs() -> None:
    config = {
        "sourceLocations": {name: {"headerName": "X-Access-Token"} for name in ("news", "sports")},
        "accessTokens": {"news": TOKEN, "sports": f"{TOKEN}-2"},
    }
    this = run_program(Deployment(), config)
    flat = Deployment()
    program = PROJECT / "benchmarks" / "flat" / "__main__.py"
    run(flat, lambda: runpy.run_path(str(program)))

    def declared(deployment: Deployment) -> dict[str, object]:
        found: dict[str, object] = {}
        for type_, name in deployment.resources:
            if type_.startswith("aws:"):
                inputs = deployment.inputs(type_, name)
                policy = {"policy": json.loads(inputs["policy"])} if "policy" in inputs else {}
                found[name] = (type_, inputs | policy)
        return found

    assert declared(flat) == declared(this)
    assert flat.outputs == {key: this.outputs[key] for key in flat.outputs}


def test_costs_are_reported_as_a_fixed_part_and_a_part_per_source_location() -> None:
    times = {(action, who, 1): [1.0] for action in ("preview", "up") for who in Program}
    times["verify", Program.THIS, 1] = [1.0]
    calls = {
        ("up", Program.THIS, size): Counter(changes=3 + 3 * size, reads=size) for size in (1, 3)
    }
    rehearsals = {1: [1.0, 3.0, 2.0], 101: [12.0]}
    page = report(Results(seconds=times, rehearsals=rehearsals, calls=calls), "a machine")
    assert "| up: changes | 3 + 3 *n* |" in page
    assert "| up: reads | *n* |" in page
    assert "2.00 s with 1, 12.00 s with 101 (100 ms for each further one)" in page
