"""`python -m sandbox rehearse` and `python -m sandbox exec -- COMMAND…`."""

import argparse
import importlib.util
import os
import re
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from sandbox.errors import SandboxError
from sandbox.signals import leave_on_signals

if not importlib.util.find_spec("psutil"):  # the first that a Python without our packages lacks
    sys.exit(
        "error: this Python lacks the sandbox's packages. Run `make rehearse`, then use .venv/bin/python."
    )

from sandbox.provider_plugin import Provider
from sandbox.workspace import STACK_NAME, Sandbox, sandbox


def main(argv: Sequence[str]) -> int:
    """Do what the command line says and return the exit status."""
    leave_on_signals()
    for stream in (sys.stdout, sys.stderr):  # a terminal may lack a character of a message
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # both are text files
    arguments = _parse(argv)
    try:
        return _rehearse(arguments) if arguments.action == "rehearse" else _exec(arguments)
    except SandboxError as error:
        sys.exit(f"error: {_printable(str(error))}")
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _rehearse(arguments: argparse.Namespace) -> int:
    from rich.console import Console  # noqa: PLC0415  `exec` starts faster without these

    from sandbox.rehearsal import rehearse  # noqa: PLC0415

    console = Console(highlight=False)
    what = arguments.config_file or f"stack {arguments.stack}"
    console.print(f"[bold]Setting up[/] a local AWS and a private Pulumi for {what}")
    with sandbox(
        stack=arguments.stack, stack_file=arguments.config_file, provider=arguments.provider
    ) as workspace:
        _print_notes(workspace)
        os.environ.clear()  # what we ask AWS must not depend on the user's AWS settings either
        os.environ.update(workspace.environment)
        return rehearse(workspace, console)


def _exec(arguments: argparse.Namespace) -> int:
    with sandbox(stack=arguments.stack, stack_file=arguments.config_file) as workspace:
        _print_notes(workspace)
        return workspace.run(arguments.command)


def _print_notes(workspace: Sandbox) -> None:
    for note in workspace.preparation.notes():
        sys.stderr.write(f"note: {_printable(note)}\n")


def _printable(text: str) -> str:
    """Escape control characters of a stack file, which a terminal would obey."""
    return re.sub(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", lambda found: ascii(found[0])[1:-1], text)


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    which = argparse.ArgumentParser(add_help=False)
    source = which.add_mutually_exclusive_group()
    source.add_argument(
        "--stack", metavar="NAME", help="the stack of Pulumi.NAME.yaml (default: dev)"
    )
    source.add_argument("--config-file", metavar="FILE", type=Path, help="a stack file anywhere")

    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="Deploy a copy of the stack to a throw-away AWS on this machine. "
        "Nothing of yours is written, and neither your Pulumi nor your AWS is used.",
    )
    actions = parser.add_subparsers(dest="action", required=True)
    rehearse = actions.add_parser(
        "rehearse", parents=[which], help="pulumi up, then check what MediaTailor would find"
    )
    rehearse.add_argument(
        "--provider",
        choices=get_args(Provider),
        default="stand-in",
        help="the AWS provider: a stand-in that needs no network (default), or the real one",
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
        arguments.config_file = arguments.config_file.absolute()
        named = re.fullmatch(rf"Pulumi\.({STACK_NAME})\.yaml", arguments.config_file.name)
        arguments.stack = named[1] if named else "rehearsal"
    else:
        arguments.stack = arguments.stack or "dev"
    return arguments


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
