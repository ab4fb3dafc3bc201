"""`python -m benchmarks`: measure the programs, and write results.md and results.svg."""

import argparse
import signal
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.programs import Program, bench
from benchmarks.report import QUOTA, Results, chart, describe_machine, report
from sandbox.errors import SandboxError
from sandbox.signals import leave_on_signals

RUNS = {1: 15, 10: 7, QUOTA: 7, 100: 3}
"""The number of runs with the engine's default settings, by number of source locations."""
REHEARSALS = {1: 3, 10: 3, 100: 3, 300: 1, 1000: 1}
"""The number of rehearsals of this program, by number of source locations."""


def measure(
    runs: Mapping[int, int], rehearsals: Mapping[int, int], count_at: Sequence[int]
) -> Results:
    """Measure times and count AWS calls; print each time to standard error.

    Args:
        runs: see RUNS.
        rehearsals: see REHEARSALS.
        count_at: two numbers of source locations to count calls for; their difference gives the calls per location.

    """
    results = Results()
    for size, count in runs.items():
        for run in range(count):
            # Alternate the order, so that no program always follows the same one.
            for program in list(Program)[:: -1 if run % 2 else 1]:
                with bench(program, size, engine_defaults=True) as ready:
                    for action in ready.timed_actions:
                        seconds = ready.seconds(action)
                        results.seconds.setdefault((action, program, size), []).append(seconds)
                        sys.stderr.write(f"{program:13}{size:5}  {action:8}{seconds:8.2f} s\n")
    for size, count in rehearsals.items():
        for _ in range(count):
            with bench(Program.THIS, size, engine_defaults=False) as ready:
                results.rehearsals.setdefault(size, []).append(ready.seconds("up"))
                sys.stderr.write(
                    f"rehearsal    {size:5}  up      {results.rehearsals[size][-1]:8.2f} s\n"
                )
    for size in count_at:
        for program in Program:
            with bench(program, size, engine_defaults=False) as ready:
                for action in ready.actions:
                    results.calls[action, program, size] = ready.calls(action)
    return results


def main(argv: Sequence[str]) -> None:
    """Run the command line `argv`."""
    leave_on_signals()
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Compare this program with a flat one and a boto3 script, on a local AWS only.",
    )
    parser.add_argument(
        "--quick", action="store_true", help="few and small runs, written to a temporary folder"
    )
    quick = parser.parse_args(argv).quick
    try:
        machine = describe_machine()
        results = measure({1: 1}, {1: 1}, (3,))
        if not quick:  # after the warm-up, Python has compiled all imports
            results = measure(RUNS, REHEARSALS, (1, 3))
    except SandboxError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    folder = Path(tempfile.mkdtemp(prefix="benchmarks-")) if quick else Path(__file__).parent
    (folder / "results.md").write_text(report(results, machine), encoding="utf-8")
    (folder / "results.svg").write_text(chart(results.seconds), encoding="utf-8")
    sys.stdout.write(f"{folder / 'results.md'}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
