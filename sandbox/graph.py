"""Draws the resources in a stack's state, and their dependencies, as SVG."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any
from xml.etree import ElementTree as ET

_ROW, _HEIGHT, _GAP, _MARGIN = 44, 36, 60, 16
"""Row spacing, box height, column gap and margin, in pixels."""

_CHARACTER = 6.7
"""Width of a character in pixels: slightly more than 0.6 times the font size of 11 pixels."""

_STYLE = """
text { font: 11px ui-monospace, Menlo, Consolas, monospace; fill: #1f2328 }
text.type { fill: #59636e }
rect { fill: #f6f8fa; stroke: #818b98 }
path { fill: none; stroke: #818b98 }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc }
  text.type { fill: #9198a1 }
  rect { fill: #151b23; stroke: #656c76 }
  path { stroke: #656c76 }
}
"""


@dataclass(frozen=True)
class _Box:
    """The position of a resource's box, in pixels."""

    x: float
    y: float
    width: float


def draw(state: Mapping[str, Any]) -> str:
    """Return an SVG with a box for each AWS resource, to the right of its dependencies.

    Args:
        state: what `pulumi stack export` prints.

    """
    resources = {
        resource["urn"]: resource
        for resource in state["deployment"]["resources"]
        if resource.get("custom") and not resource["type"].startswith("pulumi:")
    }
    dependencies = {
        urn: [other for other in _dependencies(resource) if other in resources]
        for urn, resource in resources.items()
    }
    boxes = _boxes(dependencies, {urn: _lines(resource) for urn, resource in resources.items()})
    width = max((box.x + box.width for box in boxes.values()), default=0) + _MARGIN
    height = max((box.y for box in boxes.values()), default=0) + _HEIGHT + _MARGIN
    size = {"viewBox": f"0 0 {width:g} {height:g}", "width": f"{width:g}"}
    svg = ET.Element("svg", size, xmlns="http://www.w3.org/2000/svg", role="img")
    ET.SubElement(svg, "title").text = f"The {len(boxes)} AWS resources of the stack"
    ET.SubElement(svg, "style").text = _STYLE
    for urn, others in dependencies.items():
        for other in others:
            _draw_edge(svg, boxes[other], boxes[urn])
    for urn, box in boxes.items():
        _draw_box(svg, box, _lines(resources[urn]))
    ET.indent(svg)
    return ET.tostring(svg, encoding="unicode") + "\n"


def _dependencies(resource: Mapping[str, Any]) -> Iterable[str]:
    by_property = (resource.get("propertyDependencies") or {}).values()
    urns = [urn for others in by_property for urn in others or []]
    return dict.fromkeys([*urns, *(resource.get("dependencies") or [])])


def _lines(resource: Mapping[str, Any]) -> tuple[str, str]:
    """Return the two lines in a box: type and name."""
    module, _, kind = resource["type"].partition("/")
    return f"{module}:{kind.rpartition(':')[2]}", resource["urn"].rpartition("::")[2]


def _boxes(
    dependencies: Mapping[str, list[str]], lines: Mapping[str, tuple[str, str]]
) -> dict[str, _Box]:
    """Place each resource in the column after its dependencies, centered on its followers.

    A resource follows the one of its dependencies that is farthest to the right.
    """
    columns: dict[str, int] = {}
    followers: dict[str, list[str]] = {}
    firsts: list[str] = []
    for urn in TopologicalSorter(dependencies).static_order():
        last = max(dependencies[urn], key=columns.__getitem__, default=None)
        columns[urn] = 0 if last is None else columns[last] + 1
        (firsts if last is None else followers.setdefault(last, [])).append(urn)

    rows: dict[str, float] = {}
    next_row = 0

    def place(urn: str) -> None:
        nonlocal next_row
        after = sorted(followers.get(urn, []), key=lambda other: (other in followers, other))
        for other in after:
            place(other)
        if after:
            rows[urn] = (rows[after[0]] + rows[after[-1]]) / 2
        else:
            rows[urn] = next_row
            next_row += 1

    for urn in firsts:
        place(urn)

    boxes: dict[str, _Box] = {}
    x = float(_MARGIN)
    for column in sorted(set(columns.values())):
        urns = [urn for urn in columns if columns[urn] == column]
        width = max(len(text) for urn in urns for text in lines[urn]) * _CHARACTER + 16
        boxes |= {urn: _Box(x, _MARGIN + rows[urn] * _ROW, width) for urn in urns}
        x += width + _GAP
    return boxes


def _draw_edge(svg: ET.Element, start: _Box, end: _Box) -> None:
    x1, y1, x2, y2 = start.x + start.width, start.y + _HEIGHT / 2, end.x, end.y + _HEIGHT / 2
    bend = x2 - _GAP / 2
    ET.SubElement(svg, "path", d=f"M{x1:g} {y1:g}C{bend:g} {y1:g} {bend:g} {y2:g} {x2:g} {y2:g}")


def _draw_box(svg: ET.Element, box: _Box, lines: tuple[str, str]) -> None:
    corner = {"x": f"{box.x:g}", "y": f"{box.y:g}"}
    ET.SubElement(svg, "rect", corner, width=f"{box.width:g}", height=f"{_HEIGHT}", rx="4")
    for text, style, y in zip(lines, ("type", "name"), (14, 28), strict=True):
        start = {"class": style, "x": f"{box.x + 8:g}", "y": f"{box.y + y:g}"}
        ET.SubElement(svg, "text", start).text = text
