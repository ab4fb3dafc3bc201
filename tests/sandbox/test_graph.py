"""The drawing of the deployed resources, compared with the engine's own graph."""

import itertools
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from sandbox.graph import draw
from tests.support.stack_driver import Stack

Start = Callable[..., "subprocess.Popen[str]"]
SVG = "{http://www.w3.org/2000/svg}"
EVERYTHING = """\
config:
  aws:region: eu-west-1
  mediatailor-access-token:sourceLocations:
    news: {headerName: X-Access-Token, baseUrl: https://origin.example.com}
    sports: {origin: mediapackage-v1}
    films: {origin: mediapackage-v2}
  mediatailor-access-token:replicaRegions: [us-west-2, eu-central-1]
"""


@pytest.fixture
def stack_file(tmp_path: Path) -> Path:
    file = tmp_path / "Pulumi.test.yaml"
    file.write_text(EVERYTHING)
    return file


def test_each_resource_is_a_box_with_its_name_and_each_dependency_a_line(
    deployed: Stack, tmp_path: Path
) -> None:
    state = json.loads(deployed.pulumi("stack", "export"))
    svg = ET.fromstring(draw(state))  # noqa: S314  our own

    names = [text.text for text in svg.iter(f"{SVG}text") if text.get("class") == "name"]
    expected = [resource["urn"].rpartition("::")[2] for resource in deployed.resources()]
    assert sorted(filter(None, names)) == sorted(set(expected) - {"mediatailor"})

    deployed.pulumi("stack", "graph", "--ignore-parent-edges", str(tmp_path / "graph.dot"))
    lines = re.findall(r"Resource\d+ -> Resource\d+", tmp_path.joinpath("graph.dot").read_text())
    assert len(lines) > len(names)
    assert len(list(svg.iter(f"{SVG}path"))) == len(lines)


def test_boxes_do_not_overlap_and_lines_run_left_to_right(deployed: Stack) -> None:
    svg = ET.fromstring(draw(json.loads(deployed.pulumi("stack", "export"))))  # noqa: S314  our own
    boxes = [
        [float(box.get(side, "")) for side in ("x", "y", "width", "height")]
        for box in svg.iter(f"{SVG}rect")
    ]
    for (x1, y1, width1, height1), (x2, y2, width2, height2) in itertools.combinations(boxes, 2):
        apart = x1 + width1 < x2 or x2 + width2 < x1
        assert apart or y1 + height1 < y2 or y2 + height2 < y1
    for line in svg.iter(f"{SVG}path"):
        numbers = [float(number) for number in re.findall(r"[\d.]+", line.get("d", ""))]
        assert numbers[0] < numbers[-2]


def test_rehearse_writes_the_drawing(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "graph.svg"
    process = start("rehearse", "--graph", str(file))
    output, errors = process.communicate()
    assert process.returncode == 0, output + errors
    assert "mediatailor-my-source-location-secret" in file.read_text()
    assert "prefers-color-scheme: dark" in file.read_text()


def test_a_drawing_that_cannot_be_written_is_an_error(start: Start, tmp_path: Path) -> None:
    process = start("rehearse", "--graph", str(tmp_path))
    _, errors = process.communicate()
    assert process.returncode == 1
    assert f"error: {tmp_path} cannot be written: Is a directory." in errors
