"""`python -m benchmarks`: measure this program beside its peers, and write down what came out."""

import argparse
import secrets
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown

from benchmarks import cdk_synth
from benchmarks.aws_calls import counted
from benchmarks.measure import cost_of, import_seconds, seconds_to_first_resource
from benchmarks.plot import can_plot, plot
from benchmarks.programs import peer, this_program, with_engine_defaults
from benchmarks.report import (
    BARE,
    BOTO3_SCRIPT,
    CDK_SYNTH,
    FLAT,
    FLAT_DEFAULTS,
    THIS,
    THIS_DEFAULTS,
    Results,
    machine,
    report,
)
from sandbox.errors import SandboxError
from sandbox.signals import leave_on_signals
from sandbox.workspace import Sandbox

_PREVIEW = ["pulumi", "preview", "--non-interactive"]
_UP = ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive"]
_REFRESH = ["pulumi", "refresh", "--yes", "--skip-preview", "--non-interactive"]
_DEFAULTS = frozenset({THIS_DEFAULTS, FLAT_DEFAULTS})


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is run, and how often: runs by number of source locations."""

    preview: Mapping[int, int]
    up: Mapping[int, int]
    calls: Sequence[int]
    """Numbers of source locations: the difference between two tells what each source location costs."""
    start_up: int
    most_with_defaults: int
    """Under the engine's defaults nothing is run with more source locations than this."""
    most_repeated_with_defaults: int
    """Under the engine's defaults only the peer has more source locations than this, once."""


FULL = Plan(
    preview={1: 21, 10: 3, 100: 3, 300: 1, 1000: 1},
    up={1: 15, 10: 3, 100: 1, 300: 1, 1000: 1},
    calls=(1, 10),
    start_up=7,
    most_with_defaults=1000,
    most_repeated_with_defaults=100,
)
QUICK = Plan(
    preview={1: 1},
    up={3: 1},
    calls=(3,),
    start_up=1,
    most_with_defaults=0,
    most_repeated_with_defaults=0,
)


class Benchmarks:
    """Carries out a plan."""

    def __init__(self, plan: Plan, console: Console, *, with_cdk: bool) -> None:
        self.results = Results(machine())
        self._plan = plan
        self._console = console
        self._with_cdk = with_cdk

    def warm_up(self) -> None:
        """Let Python write the bytecode of what each program imports, as on anybody's second run."""
        with this_program(1) as place:
            cost_of(place, _UP)
            cost_of(peer(place, "flat"), _UP)

    def preview(self) -> None:
        """Time previews of a new stack, and `cdk synth`."""
        for source_locations, runs in self._plan.preview.items():
            with this_program(source_locations) as place:
                places = {THIS: place, FLAT: peer(place, "flat")}
                places[THIS_DEFAULTS] = with_engine_defaults(places[THIS])
                places[FLAT_DEFAULTS] = with_engine_defaults(places[FLAT])
                for run in range(runs):
                    for who in self._in_turn(list(places), source_locations, run):
                        self._time("preview", who, source_locations, places[who], _PREVIEW)
                    if self._with_cdk:
                        synth = cdk_synth.command(place, source_locations)
                        self._time("preview", CDK_SYNTH, source_locations, place, synth)

    def up(self) -> None:
        """Time the first `pulumi up`, and the script: each in an AWS in which nothing is yet."""
        for source_locations, runs in self._plan.up.items():
            for run in range(runs):
                whos = [THIS, FLAT, THIS_DEFAULTS, FLAT_DEFAULTS, BOTO3_SCRIPT]
                for who in self._in_turn(whos, source_locations, run):
                    with this_program(source_locations) as place:
                        if who == BOTO3_SCRIPT:
                            script = _script(place, "up", str(source_locations))
                            self._time("up", who, source_locations, place, script)
                        else:
                            self._time("up", who, source_locations, _there(place, who), _UP)

    def calls(self) -> None:
        """Count the AWS API calls of the first `up`, and of what follows it."""
        for source_locations in self._plan.calls:
            for who in (THIS, FLAT):
                with this_program(source_locations) as place:
                    there = _there(place, who)
                    self._count("up", who, source_locations, there, _UP)
                    self._count("second up", who, source_locations, there, _UP)
                    self._count("refresh", who, source_locations, there, _REFRESH)
                    _change_token(there)
                    self._count("token change", who, source_locations, there, _UP)
            with this_program(source_locations) as place:
                script = _script(place, "up", str(source_locations))
                self._count("up", BOTO3_SCRIPT, source_locations, place, script)
                for what in ("refresh", "token change"):
                    script = _script(place, what.split()[0])
                    self._count(what, BOTO3_SCRIPT, source_locations, place, script)

    def start_up(self) -> None:
        """Time the start of a preview, and the imports."""
        with this_program(1) as place:
            places = {THIS: place, FLAT: peer(place, "flat"), BARE: peer(place, "bare")}
            for run in range(self._plan.start_up):
                for who in _turn_about(list(places), run):
                    seconds = seconds_to_first_resource(places[who])
                    self.results.start_ups.setdefault(who, []).append(seconds)
                    self._say("start-up", 1, who, f"{seconds:8.2f} s")
                self.results.imports.append(import_seconds(place))

    def _time(
        self,
        what: str,
        who: str,
        source_locations: int,
        place: Sandbox,
        command: Sequence[str],
    ) -> None:
        cost = cost_of(place, command)
        self.results.add_cost(what, who, source_locations, cost)
        self._say(what, source_locations, who, f"{cost.seconds:8.2f} s")

    def _count(
        self,
        what: str,
        who: str,
        source_locations: int,
        place: Sandbox,
        command: Sequence[str],
    ) -> None:
        with counted(place) as (there, calls):
            there.output(command)
        self.results.calls[what, who, source_locations] = calls
        self._say(what, source_locations, who, f"{calls.total():8} calls")

    def _say(self, what: str, source_locations: int, who: str, figure: str) -> None:
        self._console.print(f"{what:12} {source_locations:5}  {who:33}{figure}", highlight=False)

    def _in_turn(self, whos: Sequence[str], source_locations: int, run: int) -> Sequence[str]:
        """Return who is run in this run, and in which order."""
        plan = self._plan
        left_out: set[str] = set()
        if source_locations > plan.most_repeated_with_defaults:
            left_out = {THIS_DEFAULTS}  # the peer's figure is the one to compare with
            if run > 0 or source_locations > plan.most_with_defaults:
                left_out = set(_DEFAULTS)
        return _turn_about([who for who in whos if who not in left_out], run)


def _turn_about(whos: Sequence[str], run: int) -> Sequence[str]:
    """Return the other way round in every other run, so that nobody always follows the same."""
    return whos[::-1] if run % 2 else whos


def _there(place: Sandbox, who: str) -> Sandbox:
    there = peer(place, "flat") if who in {FLAT, FLAT_DEFAULTS} else place
    return with_engine_defaults(there) if who in _DEFAULTS else there


def _script(place: Sandbox, action: str, *arguments: str) -> list[str]:
    record = str(place.folder.parent / "boto3-script.json")
    return [sys.executable, "-m", "benchmarks.boto3_script", action, record, *arguments]


def _change_token(place: Sandbox) -> None:
    path = 'mediatailor-access-token:accessTokens["location-0000"]'
    subprocess.run(  # noqa: S603  the sandbox's
        ["pulumi", "config", "set", "--secret", "--path", path],  # noqa: S607  the sandbox's
        cwd=place.folder,
        env=place.environment,
        input=secrets.token_urlsafe(24),
        text=True,
        check=True,
    )


def main(argv: Sequence[str]) -> None:
    """Do what the command line says."""
    leave_on_signals()
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure this program beside a flat one, a boto3 script and AWS CDK, on this "
        "machine only. Takes about half an hour; writes benchmarks/results.md and results.svg.",
    )
    parser.add_argument(
        "--quick", action="store_true", help="a minute: few and small runs, written elsewhere"
    )
    quick = parser.parse_args(argv).quick
    console = Console(highlight=False)
    try:
        _run(console, quick=quick)
    except SandboxError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


def _run(console: Console, *, quick: bool) -> None:
    why_not = "this is a quick run" if quick else cdk_synth.install()
    if why_not:
        console.print(f"skipped: cdk synth, because {why_not}")
    benchmarks = Benchmarks(QUICK if quick else FULL, console, with_cdk=why_not is None)
    if not quick:
        benchmarks.warm_up()
    benchmarks.preview()
    benchmarks.up()
    benchmarks.calls()
    benchmarks.start_up()

    folder = Path(tempfile.mkdtemp(prefix="benchmarks-")) if quick else Path(__file__).parent
    results = benchmarks.results
    command = shlex.join(["python", "-m", "benchmarks", *(["--quick"] if quick else [])])
    text = report(results, command=command)
    console.print(Markdown(text))
    (folder / "results.md").write_text(text, encoding="utf-8")
    console.print(f"written: {folder / 'results.md'}")
    if can_plot():
        lines = {f"pulumi {what}": results.seconds(what) for what in ("preview", "up")}
        plot(lines, folder / "results.svg")
        console.print(f"written: {folder / 'results.svg'}")
    else:
        console.print(
            "skipped: the plot, because matplotlib is not installed: "
            "pip install -r benchmarks/requirements.txt"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
