"""What came out, as a Markdown page that a terminal can show too."""

import os
import platform
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from statistics import median

import psutil

from benchmarks.aws_calls import IDENTITY, Calls, is_read
from benchmarks.measure import Cost
from sandbox import pulumi_cli

THIS = "this program"
FLAT = "flat program"
THIS_DEFAULTS = "this program, engine's defaults"
FLAT_DEFAULTS = "flat program, engine's defaults"
BARE = "bare program"
CDK_SYNTH = "cdk synth"
BOTO3_SCRIPT = "boto3 script"


@dataclass
class Results:
    """All that was measured."""

    machine: Sequence[str]
    """What it was measured on."""
    costs: dict[tuple[str, str, int], list[Cost]] = field(default_factory=dict)
    """By what was run, who ran and how many source locations there were: the cost of each run."""
    calls: dict[tuple[str, str, int], Calls] = field(default_factory=dict)
    """Likewise, the AWS API calls."""
    start_ups: dict[str, list[float]] = field(default_factory=dict)
    """By who ran, the seconds from `pulumi preview` to the program's first resource of each run."""
    imports: list[dict[str, float]] = field(default_factory=list)
    """Of each run, seconds by package."""

    def add_cost(self, what: str, who: str, source_locations: int, cost: Cost) -> None:
        """Add a run's cost."""
        self.costs.setdefault((what, who, source_locations), []).append(cost)

    def seconds(self, what: str) -> dict[str, dict[int, list[float]]]:
        """Return by who ran, and with how many source locations, the seconds of each run."""
        seconds: dict[str, dict[int, list[float]]] = {}
        for (which, who, source_locations), costs in self.costs.items():
            if which == what:
                of_who = seconds.setdefault(who, {})
                of_who[source_locations] = [cost.seconds for cost in costs]
        return seconds


def machine() -> list[str]:
    """Say what the benchmarks run on, without the machine's name."""
    memory = psutil.virtual_memory().total / 2**30
    pulumi = subprocess.run(  # noqa: S603  as the sandbox does
        [pulumi_cli.find(), "version"], check=True, capture_output=True, text=True
    ).stdout.strip()
    packages = ("pulumi", "pulumi-aws", "pydantic", "boto3", "ministack")
    return [
        f"{os.cpu_count()} cores, {memory:.0f} GiB of memory",
        f"{platform.system()} {platform.release().partition('-')[0]}, {platform.machine()}",
        f"load average before the first run: {os.getloadavg()[0]:.1f}",
        f"Pulumi CLI {pulumi}, Python {platform.python_version()}, "
        + ", ".join(f"{package} {version(package)}" for package in packages),
    ]


def report(results: Results, *, command: str) -> str:
    """Return the page."""
    return "\n".join(_lines(results, command))


def _lines(results: Results, command: str) -> Iterator[str]:
    yield "# What it costs beside the least that does the same"
    yield ""
    yield f"`{command}` on {time.strftime('%Y-%m-%d')}:"
    yield ""
    for line in results.machine:
        yield f"- {line}"
    yield ""
    yield (
        "The flat program declares the same resources with the same inputs, without components"
        " or checks. Both run with the sandbox's settings, which write the state once, and with the"
        " engine's defaults, which write it after each step, as they must for a real stack; there only"
        " the flat program has more than 100 source locations. All talk to the local AWS by way of"
        " the rehearsal's stand-in for pulumi-aws, so that what pulumi-aws, the network and AWS"
        " itself take is not in the figures. A figure is the median of the runs, with the fastest"
        " and the slowest; runs alternate."
    )
    yield ""
    yield "## `pulumi preview` of a new stack, and `cdk synth`: seconds"
    yield from _times(results, "preview")
    yield "## The first `pulumi up`: seconds"
    yield from _times(results, "up")
    yield "## The language host"
    yield from _language_host(results)
    yield "## AWS API calls"
    yield from _calls(results)
    yield "## Start-up: seconds"
    yield from _start_ups(results)


def _times(results: Results, what: str) -> Iterator[str]:
    seconds = results.seconds(what)
    sizes = sorted({size for runs in seconds.values() for size in runs})
    yield from _table(
        ["source locations", *seconds],
        [[f"{size:,}", *(_spread(runs.get(size)) for runs in seconds.values())] for size in sizes],
    )
    for who, other in ((THIS, FLAT), (THIS_DEFAULTS, FLAT_DEFAULTS), (FLAT_DEFAULTS, THIS)):
        both = sorted(set(seconds.get(who, ())) & set(seconds.get(other, ())))
        ratios = [
            f"{median(seconds[who][size]) / median(seconds[other][size]):.2f} with {size:,}"
            for size in dict.fromkeys((*both[:1], *both[-1:]))
        ]
        if ratios:
            yield f"- {who} / {other}: {', '.join(ratios)}"
    yield ""


def _spread(figures: Sequence[float] | None) -> str:
    if not figures:
        return ""
    if len(figures) == 1:
        return f"{figures[0]:.2f} (1 run)"
    return f"{median(figures):.2f} ({min(figures):.2f} to {max(figures):.2f}, {len(figures)} runs)"


def _language_host(results: Results) -> Iterator[str]:
    yield ""
    yield (
        "CPU time and peak memory of the process that runs the program. Per source location: what"
        " is more than with the fewest, divided by how many are more."
    )
    sums: dict[tuple[str, str], dict[int, tuple[float, float]]] = {}
    for (what, who, size), costs in results.costs.items():
        cpu = median(cost.cpu_seconds for cost in costs)
        memory = median(cost.peak_mebibytes for cost in costs)
        if cpu:  # the script and the CDK have no language host
            sums.setdefault((what, who), {})[size] = (cpu, memory)
    rows = []
    for (what, who), by_size in sums.items():
        fewest = min(by_size)
        for size, (cpu, memory) in sorted(by_size.items()):
            each = ["", ""]
            if size > fewest:
                cpu_each, memory_each = (
                    (figure - least) / (size - fewest)
                    for figure, least in zip((cpu, memory), by_size[fewest], strict=True)
                )
                each = [f"{cpu_each * 1000:.2f}", f"{memory_each * 1024:.0f}"]
            rows.append(
                [f"{what}, {who}", f"{size:,}", f"{cpu:.2f}", each[0], f"{memory:.0f}", each[1]]
            )
    yield from _table(
        ["", "source locations", "CPU s", "per location, ms", "peak MiB", "per location, KiB"], rows
    )


def _calls(results: Results) -> Iterator[str]:
    whos = [THIS, FLAT, BOTO3_SCRIPT]
    sizes = sorted({size for _, _, size in results.calls})
    yield ""
    yield (
        f"*n* is the number of source locations (counted with {' and '.join(map(str, sizes))})."
        " The script makes the fewest calls that do the job resource by resource: it takes for"
        " granted that nothing exists before and that what it made is there and stays as it is. The"
        " reads that it does not make are the provider's own, and so is PutSecretValue: a secret"
        " and its value are two resources."
    )
    whats = list(dict.fromkeys(what for what, _, _ in results.calls))
    rows = []
    for what in whats:
        tables = {
            who: [results.calls.get((what, who, size), Calls()) for size in sizes] for who in whos
        }
        made = {call for counts in tables.values() for count in counts for call in count}
        kinds: list[tuple[str, Callable[[str], bool]]] = [
            ("changes", lambda call: not is_read(call)),
            ("identity", lambda call: call == IDENTITY),
            ("reads", lambda call: is_read(call) and call != IDENTITY),
        ]
        for kind, belongs in kinds:
            calls = sorted(filter(belongs, made))
            sums = {
                who: [sum(count[call] for call in calls) for count in counts]
                for who, counts in tables.items()
            }
            rows.append([f"**{what}: {kind}**", *(f"**{_formula(sums[w], sizes)}**" for w in whos)])
            rows += [
                [call, *(_formula([count[call] for count in tables[w]], sizes) for w in whos)]
                for call in calls
            ]
    yield from _table(["", *whos], rows)


def _formula(counts: Sequence[int], sizes: Sequence[int]) -> str:
    """Write counts as a sum of what is always there and what each source location adds."""
    if len(counts) == 1:
        return f"{counts[0]}"
    each = (counts[-1] - counts[0]) / (sizes[-1] - sizes[0])
    fixed = counts[0] - each * sizes[0]
    terms = [f"{fixed:g}"] if fixed or not each else []
    terms += [f"{each:g} *n*" if each != 1 else "*n*"] if each else []
    return " + ".join(terms)


def _start_ups(results: Results) -> Iterator[str]:
    yield ""
    yield (
        "The flat program is without this program's own imports, which are pydantic and the"
        " components; the bare program is without pulumi-aws and its provider as well."
    )
    yield from _table(
        ["with one source location", "until the program's first resource is registered"],
        [[who, _spread(seconds)] for who, seconds in results.start_ups.items()],
    )
    packages = {package for run in results.imports for package in run}
    milliseconds = {
        package: median(run.get(package, 0) * 1000 for run in results.imports)
        for package in packages
    }
    yield "What importing takes, by the package whose code runs:"
    yield from _table(
        ["package", "ms"],
        [
            [package, f"{taken:.0f}"]
            for package, taken in sorted(milliseconds.items(), key=lambda item: -item[1])
            if taken >= 1
        ],
    )


def _table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield ""
    yield f"| {' | '.join(heading)} |"
    yield f"|{'---|' * len(heading)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""
