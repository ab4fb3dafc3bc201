"""The fault matrix: every AWS call in a stack's life cycle fails in every way, followed by the documented commands."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from tests.support.faults.content import Content, kind
from tests.support.faults.injection import Fault
from tests.support.faults.life_cycle import PHASES
from tests.support.faults.operations import PLACEHOLDER, advice, leftovers
from tests.support.faults.world import Ended, World

_ROUNDS: Final = 5
_IMPACT: Final = "What this update means for MediaTailor"


class Verdict(Enum):
    """The outcome of the documented commands."""

    CONVERGED = "converged"
    """AWS has the same content as after an undisturbed update."""
    LEFT = "left"
    """The same, except for documented leftovers, which the documented commands find and delete."""
    STUCK = "STUCK"
    """The last command fails."""
    DIFFERS = "DIFFERS"
    """The last command succeeds, but the content of AWS differs from that after an undisturbed update."""


@dataclass(frozen=True, kw_only=True)
class Undisturbed:
    """A phase without a fault."""

    phase: str
    command: str
    calls: list[str]
    """The command's calls to AWS, in an order that is the same in every run."""
    content: Content
    shows_impact: bool
    """Whether the command prints what the update means for MediaTailor."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One fault at one call, and its outcome."""

    phase: str
    call: str
    fault: Fault
    verdict: Verdict
    left: frozenset[str]
    """The kinds of the leftovers."""
    report: str
    """The commands, the problems and the last command's output."""


def run_phases(world: World, until: str) -> Iterator[Undisturbed]:
    """Run the phases one after the other, up to the named one, without a fault."""
    for phase, (*preparations, command) in PHASES.items():
        for each in preparations:
            world.succeed(each)
        world.save(f"before-{phase}")
        outputs = world.outputs()
        ended = world.succeed(command)
        world.save(f"after-{phase}")
        yield Undisturbed(
            phase=phase,
            command=command,
            calls=sorted(ended.calls),
            content=world.content(world.outputs() or outputs),
            shows_impact=_IMPACT in ended.output,
        )
        if phase == until:
            return
        world.restore(f"after-{phase}")


def run_case(world: World, expected: Undisturbed, call: str, fault: Fault) -> Case:
    """Make one call of a phase fail, run the documented commands, and compare the content of AWS."""
    world.restore(f"before-{expected.phase}")
    outputs = world.outputs()
    history = [world.run(expected.command, fault=fault, at=call)]
    if call not in history[0].calls:
        raise RuntimeError(f"no {call} in {history[0].calls}:\n{history[0].output}")
    may_leave = _recover(world, history)
    outputs = world.outputs() or outputs
    found = world.content(outputs)
    problems = [*differences(found, expected.content, may_leave=may_leave)]
    if expected.shows_impact and not any(_IMPACT in each.output for each in history):
        problems.append("Nothing said what the update means for MediaTailor.")
    problems += map(str, world.state().get("pending_operations", []))
    left = found - expected.content
    if left and not problems:
        problems += _clean_up(world, left)
        rest = world.content(outputs) - expected.content
        problems += (f"Not deleted: {line}" for line in rest if not _is_deleted(line))
    verdict = Verdict.LEFT if left else Verdict.CONVERGED
    if not history[-1].succeeded:
        verdict = Verdict.STUCK
    elif problems:
        verdict = Verdict.DIFFERS
    commands = [f"$ {each.command}" for each in history]
    return Case(
        phase=expected.phase,
        call=call,
        fault=fault,
        verdict=verdict,
        left=frozenset(map(kind, left)),
        report="\n".join([*commands, *problems, history[-1].output]),
    )


def _recover(world: World, history: list[Ended]) -> str:
    """Run the documented commands, add them to the history, and return the text on what they may leave behind."""
    may_leave = ""
    for _ in range(_ROUNDS):
        commands, leaves = advice(history[0].command, history[-1].output)
        may_leave += leaves
        if not commands and history[-1].succeeded:
            break
        history += [
            world.run(command.replace("KEY_ID", world.key_id()))
            for command in commands or [history[0].command]
        ]
    return may_leave


def differences(found: Content, expected: Content, *, may_leave: str = "") -> Iterator[str]:
    """Yield the differences from the expected content, except for documented leftovers."""
    for line in (expected - found).elements():
        if kind(line) != "AWSPREVIOUS":
            yield f"- {line}"
    for line in (found - expected).elements():
        is_unused = "/other " in line or kind(line) == "AWSPREVIOUS"
        if kind(line) not in may_leave or not is_unused:
            yield f"+ {line}"


def _clean_up(world: World, left: Content) -> Iterator[str]:
    """Find and delete the leftovers as documented, and yield those that are not found."""
    for kind_, find, delete in leftovers():
        number = sum(kind(line) == kind_ for line in left.elements())
        found = world.succeed(find).output.split() if number else []
        if len(found) != number:
            yield f"Instead of {number}, the command for {kind_} finds {found}."
        for each in found:
            world.succeed(PLACEHOLDER.sub(each, delete))


def _is_deleted(line: str) -> bool:
    return kind(line) == "AWSPREVIOUS" or '"KeyState": "PendingDeletion"' in line
