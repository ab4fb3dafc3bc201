"""`python -m sandbox rehearse` and `python -m sandbox exec -- COMMAND…`."""

import argparse
import importlib.util
import os
import re
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from sandbox.errors import SandboxError
from sandbox.signals import leave_on_signals

if not importlib.util.find_spec("psutil"):  # the first that a Python without our packages lacks
    sys.exit(
        "error: this Python lacks the sandbox's packages. Run `make rehearse`, then use .venv/bin/python."
    )

from sandbox.workspace import DEFAULT_REGION, PROJECT, Sandbox, sandbox


def main(argv: Sequence[str]) -> int:
    """Do what the command line says and return the exit status."""
    leave_on_signals()
    for stream in (sys.stdout, sys.stderr):  # a terminal may lack a character of a message
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # both are text files
    arguments = _parse(argv)
    try:
        return _rehearse(arguments) if arguments.action == "rehearse" else _exec(arguments)
    except SandboxError as error:
        sys.exit(f"error: {error}")
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _rehearse(arguments: argparse.Namespace) -> int:
    from rich.console import Console  # noqa: PLC0415  `exec` starts faster without these

    from sandbox.rehearsal import rehearse  # noqa: PLC0415

    console = Console(highlight=False)
    console.print(
        f"[bold]Setting up[/] a local AWS and a private Pulumi for {arguments.stack_file.name}"
    )
    with sandbox(stack_file=arguments.stack_file, stack=arguments.stack) as place:
        _mention_assumed_region(place, arguments)
        os.environ.clear()  # what we ask AWS must not depend on the person's AWS settings either
        os.environ.update(place.environment)
        return rehearse(place, console)


def _exec(arguments: argparse.Namespace) -> int:
    with sandbox(stack_file=arguments.stack_file, stack=arguments.stack) as place:
        _mention_assumed_region(place, arguments)
        return place.run(arguments.command)


def _mention_assumed_region(place: Sandbox, arguments: argparse.Namespace) -> None:
    if place.region_is_assumed:
        sys.stderr.write(
            f"note: {arguments.stack_file.name} has no aws:region; {DEFAULT_REGION} is used here. "
            "For real AWS set it: pulumi config set aws:region REGION\n"
        )


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    which = argparse.ArgumentParser(add_help=False)
    source = which.add_mutually_exclusive_group()
    source.add_argument("--stack", metavar="NAME", help="the stack Pulumi.NAME.yaml (default: dev)")
    source.add_argument("--config-file", metavar="FILE", type=Path, help="a stack file anywhere")

    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="Run the stack on an AWS that lives on this machine for this command only. "
        "Your Pulumi, your AWS and your stack file are not touched.",
    )
    actions = parser.add_subparsers(dest="action", required=True)
    rehearse = actions.add_parser(
        "rehearse", parents=[which], help="pulumi up, then check what MediaTailor would find"
    )
    execute = actions.add_parser("exec", parents=[which], help="run any command there")
    execute.usage = f"{execute.prog} [--stack NAME | --config-file FILE] -- COMMAND..."

    # What follows `--` is the command's own, whatever it looks like.
    ours, command = list(argv), []
    if "--" in argv:
        mark = argv.index("--")
        ours, command = list(argv[:mark]), list(argv[mark + 1 :])
    arguments, unknown = parser.parse_known_args(ours)
    if arguments.action == "exec" and (unknown or not command):
        execute.error("give the command after --")
    if arguments.action == "rehearse" and (unknown or command):
        rehearse.error(f"it takes no {' '.join([*unknown, *command])}")
    arguments.command = command
    if arguments.config_file:
        arguments.stack_file = arguments.config_file.absolute()
        named = re.fullmatch(r"Pulumi\.([A-Za-z0-9_.-]+)\.yaml", arguments.config_file.name)
        arguments.stack = named[1] if named else "rehearsal"
    else:
        arguments.stack = arguments.stack or "dev"
        arguments.stack_file = PROJECT / f"Pulumi.{arguments.stack}.yaml"
    return arguments


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
