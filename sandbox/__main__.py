"""`python -m sandbox rehearse`, `python -m sandbox shell` and `python -m sandbox exec -- COMMAND…`."""

import argparse
import importlib.util
import os
import re
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, get_args

from sandbox.errors import SandboxError
from sandbox.signals import leave_on_signals
from sandbox.text import printable

if not importlib.util.find_spec("psutil"):  # the first of our packages that the next imports need
    sys.exit(
        "error: this Python lacks the sandbox's packages. Run `make rehearse`, then use .venv/bin/python."
    )

from sandbox.provider_plugin import Provider
from sandbox.workspace import STACK_NAME, Sandbox, sandbox

_UNNAMED = "rehearsal"
"""The stack's name in the sandbox if the name of its file does not contain one."""


def main(argv: Sequence[str]) -> int:
    """Run the command line and return the exit status."""
    leave_on_signals()
    for stream in (sys.stdout, sys.stderr):  # some terminals lack characters of the messages
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # both are text files
    arguments = _parse(argv)
    actions = {"rehearse": _rehearse, "shell": _shell, "exec": _exec}
    try:
        return actions[arguments.action](arguments)
    except SandboxError as error:
        sys.exit(f"error: {printable(str(error))}")
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _rehearse(arguments: argparse.Namespace) -> int:
    from rich.console import Console  # noqa: PLC0415  `exec` starts faster without these
    from rich.text import Text  # noqa: PLC0415

    from sandbox.next_steps import StackChoice  # noqa: PLC0415
    from sandbox.rehearsal import rehearse  # noqa: PLC0415
    from sandbox.rehearsal_json import error_to_json, to_json  # noqa: PLC0415

    console = Console(highlight=False, stderr=arguments.json)
    console.print(Text.assemble(("Setting up", "bold"), _what_is_set_up(arguments)), soft_wrap=True)
    choice = StackChoice(stack=arguments.stack, stack_file=arguments.config_file)
    try:
        with ExitStack() as stack:
            with console.status("Starting"):
                workspace = stack.enter_context(
                    sandbox(
                        stack=arguments.stack or _UNNAMED,
                        stack_file=arguments.config_file,
                        provider=arguments.provider,
                    )
                )
            _print_notes(workspace)
            os.environ.clear()  # our own AWS calls must not depend on the user's settings either
            os.environ.update(workspace.environment)
            rehearsal = rehearse(workspace, choice, console)
            if arguments.graph and rehearsal.state:
                _draw(rehearsal.state, arguments.graph)
    except SandboxError as error:
        if arguments.json:
            sys.stdout.write(error_to_json(str(error), arguments.stack))
        raise
    if arguments.json:
        sys.stdout.write(to_json(rehearsal, arguments.stack))
    return rehearsal.status


def _draw(state: Mapping[str, Any], file: Path) -> None:
    from sandbox.graph import draw  # noqa: PLC0415  rarely needed

    try:
        file.write_text(draw(state), encoding="utf-8")
    except OSError as error:
        raise SandboxError(f"{file} cannot be written: {error.strerror}.") from None


def _shell(arguments: argparse.Namespace) -> int:
    from sandbox.shell import open_shell  # noqa: PLC0415

    sys.stderr.write(f"Setting up{_what_is_set_up(arguments)}\n")
    with sandbox(stack=arguments.stack or _UNNAMED, stack_file=arguments.config_file) as workspace:
        _print_notes(workspace)
        name = (arguments.stack or _UNNAMED).rpartition("/")[2]
        open_shell(workspace, what=_what(arguments), stack=name)
    sys.stderr.write("The sandbox was deleted. Your own files and stacks are unchanged.\n")
    return 0  # whatever the last command in the shell returned


def _exec(arguments: argparse.Namespace) -> int:
    with sandbox(stack=arguments.stack or _UNNAMED, stack_file=arguments.config_file) as workspace:
        _print_notes(workspace)
        return workspace.run(arguments.command)


def _what_is_set_up(arguments: argparse.Namespace) -> str:
    return f" a local AWS and a private Pulumi for {_what(arguments)}"


def _what(arguments: argparse.Namespace) -> str:
    return printable(str(arguments.config_file or f"stack {arguments.stack}"))


def _print_notes(workspace: Sandbox) -> None:
    for note in workspace.preparation.notes():
        sys.stderr.write(f"note: {printable(note)}\n")


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    which = argparse.ArgumentParser(add_help=False)
    source = which.add_mutually_exclusive_group()
    source.add_argument(
        "--stack", metavar="NAME", help="the stack of Pulumi.NAME.yaml (default: dev)"
    )
    source.add_argument("--config-file", metavar="FILE", type=Path, help="path of a stack file")

    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="Deploy a copy of the stack to a throw-away AWS on this machine. "
        "Your files do not change, and neither your Pulumi login nor your AWS account is used.",
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
    rehearse.add_argument(
        "--json", action="store_true", help="print JSON, and everything else to stderr"
    )
    rehearse.add_argument(
        "--graph", metavar="FILE.svg", type=Path, help="draw the deployed resources as SVG"
    )
    actions.add_parser("shell", parents=[which], help="open a shell in a sandbox")
    execute = actions.add_parser("exec", parents=[which], help="run a command in a sandbox")
    execute.usage = f"{execute.prog} [--stack NAME | --config-file FILE] -- COMMAND..."

    # Everything after `--` belongs to the command, even if it looks like an option.
    ours, command = list(argv), []
    if "--" in argv:
        mark = argv.index("--")
        ours, command = list(argv[:mark]), list(argv[mark + 1 :])
    arguments, unknown = parser.parse_known_args(ours)
    if arguments.action == "exec" and (unknown or not command):
        execute.error("put the command after --")
    if arguments.action != "exec" and (unknown or command):
        extra = " ".join([*unknown, *command])
        actions.choices[arguments.action].error(f"unrecognized arguments: {extra}")
    arguments.command = command
    if arguments.config_file:
        arguments.config_file = arguments.config_file.absolute()
        named = re.fullmatch(rf"Pulumi\.({STACK_NAME})\.yaml", arguments.config_file.name)
        arguments.stack = named[1] if named else None
    else:
        arguments.stack = arguments.stack or "dev"
    return arguments


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
