"""The results as a Markdown page and a chart."""

import os
import platform
import subprocess
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from statistics import median

import psutil

from benchmarks.programs import Program
from sandbox import pulumi_cli

QUOTA = 50
"""AWS's default quota of source locations per account and Region.
https://docs.aws.amazon.com/mediatailor/latest/ug/quotas.html"""

Seconds = dict[tuple[str, Program, int], list[float]]
"""The seconds of each run by action, program and number of source locations."""


@dataclass(kw_only=True)
class Results:
    """All measurements."""

    seconds: Seconds = field(default_factory=dict)
    """Runs with the engine's default settings."""
    rehearsals: dict[int, list[float]] = field(default_factory=dict)
    """The seconds of each run of this program's `up` as in a rehearsal, by number of source locations."""
    calls: dict[tuple[str, Program, int], Counter[str]] = field(default_factory=dict)
    """AWS calls, `changes` and `reads`, by action, program and number of source locations."""


_PAGE = """\
# Benchmarks

**With the engine's default settings, the first `pulumi up` takes {ratio_of_one} times as long as that of a flat program
for one source location, and {ratio_of_most} times for {most}.**

The flat program declares the same AWS resources in top-level code, without a component or checks. The boto3 script
creates them with the fewest calls. All use a local AWS, the Pulumi programs through a stand-in for pulumi-aws: the times
exclude pulumi-aws, the network and AWS. Each figure is the median of the runs, with the fastest and the slowest. The
programs run in alternation.

Written by `make bench` on {date}. {machine}

## The first `pulumi up`, with the engine's default settings: seconds

![The same as a chart](results.svg)

{up}

## `pulumi preview` of a new stack, with the engine's default settings: seconds

{preview}

## `pulumi up` in a rehearsal

In a rehearsal, the engine saves the state once, at the end. This program then takes {rehearsals}.

## `make verify`

The verification of what this program deployed takes {verifications}.

## AWS calls

*n* is the number of source locations. pulumi-aws reads what it creates, and creates a secret before its value.

{calls}
"""


def describe_machine() -> str:
    """Describe the machine, without its name."""
    cli = pulumi_cli.find()
    number = subprocess.run([cli, "version"], check=True, capture_output=True, text=True).stdout  # noqa: S603
    # The official distribution has the hosts of all languages.
    official = (cli.parent / "pulumi-language-nodejs").exists()
    host = "Pulumi's own" if official else "this project's, with Pulumi's script that runs programs"
    packages = ("pulumi", "pulumi-aws", "pydantic", "boto3", "ministack")
    return (
        f"{os.cpu_count()} cores, {psutil.virtual_memory().total / 2**30:.0f} GiB of memory, {platform.system()}"
        f" {platform.machine()}, load average {os.getloadavg()[0]:.1f} at the start. Pulumi CLI {number.strip()}; language"
        f" host: {host}. Python {platform.python_version()}, {', '.join(f'{p} {version(p)}' for p in packages)}."
    )


def report(results: Results, machine: str) -> str:
    """Return the page; `machine` is from `describe_machine`."""
    times = results.seconds
    sizes = sorted({size for _, _, size in times})
    most = QUOTA if QUOTA in sizes else sizes[-1]

    def table(action: str) -> str:
        whos = [who for who in Program if (action, who, sizes[0]) in times]
        return _table(
            ["source locations", *whos, "this / flat"],
            [
                [
                    f"{size}",
                    *(_spread(times[action, who, size]) for who in whos),
                    _ratio(times, action, size),
                ]
                for size in sizes
            ],
        )

    return _PAGE.format(
        ratio_of_one=_ratio(times, "up", sizes[0]),
        ratio_of_most=_ratio(times, "up", most),
        most=most,
        date=time.strftime("%Y-%m-%d"),
        machine=machine,
        up=table("up"),
        preview=table("preview"),
        rehearsals=_linearity(results.rehearsals),
        verifications=_linearity(
            {size: runs for (action, _, size), runs in times.items() if action == "verify"}
        ),
        calls=_table(
            ["", *Program],
            [
                [f"{action}: {kind}", *(_formula(results, action, who, kind) for who in Program)]
                for action in dict.fromkeys(action for action, _, _ in results.calls)
                for kind in ("changes", "reads")
            ],
        ),
    )


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [head, ["---"] * len(list(head)), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _ratio(seconds: Seconds, action: str, size: int) -> str:
    this, flat = (median(seconds[action, who, size]) for who in (Program.THIS, Program.FLAT))
    return f"{this / flat:.2f}"


def _spread(runs: Sequence[float]) -> str:
    spread = f"{min(runs):.2f} to {max(runs):.2f}, {len(runs)} runs" if runs[1:] else "1 run"
    return f"{median(runs):.2f} ({spread})"


def _linearity(runs: Mapping[int, Sequence[float]]) -> str:
    (fewest, first), *others = ((size, median(seconds)) for size, seconds in runs.items())
    texts = [f"{first:.2f} s with {fewest}"]
    for size, seconds in others:
        each = 1000 * (seconds - first) / (size - fewest)
        texts.append(f"{seconds:.2f} s with {size:,} ({each:.0f} ms for each further one)")
    return ", ".join(texts)


def _formula(results: Results, action: str, program: Program, kind: str) -> str:
    """Format counts as a fixed part plus a part for each source location."""
    counts = sorted(
        (size, count[kind])
        for (what, who, size), count in results.calls.items()
        if (what, who) == (action, program)
    )
    if not counts[1:]:
        return "".join(str(count) for _, count in counts)
    (small, fewest), (large, most) = counts
    each = (most - fewest) // (large - small)
    fixed = fewest - each * small
    variable = {0: [], 1: ["*n*"]}.get(each, [f"{each} *n*"])
    return " + ".join([f"{fixed}"] * bool(fixed or not each) + variable)


_CHART = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 520 310" font-family="sans-serif" font-size="13">
<title>Seconds of the first pulumi up, with the engine's default settings, by number of source locations</title>
<style>
text {{ fill: #444 }} .axis {{ fill: none; stroke: #888 }} polyline {{ fill: none; stroke: currentColor; stroke-width: 2 }}
.name {{ fill: currentColor }} .a {{ color: #0969da }} .b {{ color: #bc4c00 }} .c {{ color: #1a7f37 }}
@media (prefers-color-scheme: dark) {{
  text {{ fill: #ccc }} .name {{ fill: currentColor }} .a {{ color: #58a6ff }} .b {{ color: #f0883e }} .c {{ color: #3fb950 }}
}}
</style>
<path class="axis" d="M50 20V270H500"/>
<text x="50" y="14">seconds</text><text x="230" y="304">source locations</text>
{marks}
</svg>
"""


def chart(seconds: Seconds) -> str:
    """Return a chart of the medians of the first `pulumi up` as SVG."""
    medians = {
        (who, size): median(runs) for (what, who, size), runs in seconds.items() if what == "up"
    }
    sizes = sorted({size for _, size in medians})
    slowest = max(medians.values())

    def point(size: int, figure: float) -> tuple[int, int]:
        return round(50 + 450 * size / sizes[-1]), round(270 - 240 * figure / slowest)

    marks = [
        f'<text x="{point(size, 0)[0]}" y="287" text-anchor="middle">{size}</text>'
        for size in sizes
    ]
    marks += [
        f'<text x="44" y="{point(0, y)[1] + 4}" text-anchor="end">{y:.1f}</text>'
        for y in (0, slowest / 2, slowest)
    ]
    for line, (class_, who) in enumerate(zip("abc", Program, strict=True)):
        points = " ".join("{},{}".format(*point(size, medians[who, size])) for size in sizes)
        marks.append(f'<polyline class="{class_}" points="{points}"/>')
        marks.append(f'<text class="name {class_}" x="70" y="{40 + 18 * line}">{who}</text>')
    return _CHART.format(marks="\n".join(marks))
