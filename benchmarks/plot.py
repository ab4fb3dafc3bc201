"""The plot of time against the number of source locations."""

import importlib
import importlib.util
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Lines = Mapping[str, Mapping[int, Sequence[float]]]
"""By name of the line the seconds of each run by number of source locations."""


def can_plot() -> bool:
    """Tell whether matplotlib is installed, which only the plot needs."""
    return importlib.util.find_spec("matplotlib") is not None


def plot(panels: Mapping[str, Lines], file: Path) -> None:
    """Draw a panel for each title: medians as lines, from the fastest to the slowest run as bars."""
    # By name, because it is not among the packages that the types are checked with.
    matplotlib: Any = importlib.import_module("matplotlib")
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "benchmarks"  # the same figures make the same file
    pyplot: Any = importlib.import_module("matplotlib.pyplot")
    figure, axes = pyplot.subplots(1, len(panels), sharey=True, figsize=(6 * len(panels), 5))
    for axis, (title, lines) in zip(axes, panels.items(), strict=True):
        for name, runs in lines.items():
            sizes = sorted(runs)
            medians = [sorted(runs[size])[len(runs[size]) // 2] for size in sizes]
            below = [median - min(runs[size]) for size, median in zip(sizes, medians, strict=True)]
            above = [max(runs[size]) - median for size, median in zip(sizes, medians, strict=True)]
            axis.errorbar(sizes, medians, yerr=[below, above], marker="o", capsize=3, label=name)
        axis.set(title=title, xscale="log", yscale="log", xlabel="source locations")
        axis.grid(visible=True, which="both", alpha=0.3)
        axis.legend()
    axes[0].set_ylabel("seconds")
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None})
