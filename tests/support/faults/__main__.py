"""Run the fault matrix and print it: `make faults [PHASE=replicas-on]`."""

import argparse
import itertools
import os
import sys
import tempfile
import textwrap
import time
from collections import Counter
from collections.abc import Collection
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from tests.support.faults.injection import Fault
from tests.support.faults.life_cycle import PHASES
from tests.support.faults.matrix import Case, Verdict, run_case, run_phases
from tests.support.faults.world import world

_WORLDS: Final = 2
_WRONG: Final = (Verdict.STUCK, Verdict.DIFFERS)


def main() -> int:
    """Run every case of the requested phases, and return 1 if the documented commands fail to recover from any of them."""
    parser = argparse.ArgumentParser(prog="python -m tests.support.faults", description=__doc__)
    parser.add_argument("phases", nargs="*", metavar="phase", help=f"any of {', '.join(PHASES)}")
    phases = parser.parse_args().phases or list(PHASES)
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]  # the user's AWS settings must not matter
    start = time.monotonic()
    with ProcessPoolExecutor(_WORLDS) as pool:
        parts = list(pool.map(partial(_run, phases), range(_WORLDS)))
    cases = list(itertools.chain(*parts))
    for phase in phases:
        Console(width=150).print(_table(phase, [case for case in cases if case.phase == phase]))
    verdicts = Counter(case.verdict for case in cases)
    counts = ", ".join(f"{verdicts[each]} {each.value}" for each in Verdict)
    sys.stdout.write(f"{len(cases)} cases in {time.monotonic() - start:.0f} s: {counts}\n")
    return int(any(verdicts[each] for each in _WRONG))


def _run(phases: Collection[str], number: int) -> list[Case]:
    """Run this process's share of the cases, and print their outcomes."""
    last = [phase for phase in PHASES if phase in phases][-1]
    cases = []
    with tempfile.TemporaryDirectory() as folder, world(Path(folder)) as here:
        for expected in run_phases(here, last):
            if expected.phase not in phases:
                continue
            pairs = itertools.product(expected.calls, Fault)
            for call, fault in itertools.islice(pairs, number, None, _WORLDS):
                case = run_case(here, expected, call, fault)
                cases.append(case)
                line = f"{case.phase:16}{call:52}{fault.value:17}{_cell(case)}\n"
                if case.verdict in _WRONG:
                    line += textwrap.indent(case.report, "    ")
                sys.stdout.write(line)
                sys.stdout.flush()
    return cases


def _cell(case: Case) -> str:
    left = ", ".join(sorted(case.left))
    return f"left: {left}" if case.verdict is Verdict.LEFT else case.verdict.value


def _table(phase: str, cases: list[Case]) -> Table:
    table = Table("call", *(fault.value for fault in Fault), title=phase)
    cells = {(case.call, case.fault): _cell(case) for case in cases}
    for call in sorted({case.call for case in cases}):
        table.add_row(call, *(cells[call, fault] for fault in Fault))
    return table


if __name__ == "__main__":
    sys.exit(main())
