"""Config errors, the commands that fix them, and the one message with all of them. No message contains a token."""

import contextlib
import re
import shlex
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pulumi

from components.rules import InputError, InputErrors, Path, path_text


class StackConfigError(pulumi.RunError):
    """Everything that is wrong with the stack config, as one message for its user."""


@dataclass(frozen=True)
class ConfigError:
    """One error in the config: where it is, what is wrong, and the command that fixes it."""

    path: Path
    message: str
    command: str


def config_error(error: InputError) -> ConfigError:
    """Return an error in the component's inputs as one in the config, which has the same keys."""
    if error.path == ("aws:region",):
        command = f"pulumi config set aws:region {error.example}"
    elif not error.example:
        command = config_remove(error.path)
    elif error.path[0] == "accessTokens":
        command = config_set_token(error.path)
    else:
        command = config_set(error.path, error.example)
    return ConfigError(error.path, error.message, command)


def raise_if_any(found: Iterable[ConfigError]) -> None:
    """Report all errors at once.

    Raises:
        StackConfigError: there is an error.

    """
    errors = _in_order(found)
    if not errors:
        return
    count = "an error" if len(errors) == 1 else f"{len(errors)} errors"
    lines = [
        f"The config of stack {pulumi.get_stack()} has {count}; nothing was created or changed."
    ]
    for error in errors:
        lines += ["", f"  {path_text(error.path)}", f"    {error.message}", f"    {error.command}"]
    raise StackConfigError("\n".join(lines))


@contextlib.contextmanager
def report_errors() -> Iterator[None]:
    """Show what the user can fix as one engine error without a traceback, and end the program.

    A `pulumi.RunError` alone would be followed by a second error, "program exited with non-zero exit code: 1".
    """
    try:
        try:
            yield
        except InputErrors as errors:
            raise_if_any(map(config_error, errors.input_errors))
    except pulumi.RunError as error:
        pulumi.log.error(str(error))
        # Tells the language host that the user has seen the message:
        # https://github.com/pulumi/pulumi/blob/v3.274.1/sdk/python/cmd/pulumi-language-python-exec
        sys.exit(32)


def _in_order(found: Iterable[ConfigError]) -> list[ConfigError]:
    """Return the errors in an order in which their commands, run one after the other, fix the config."""
    errors = list(dict.fromkeys(found))
    removals = {error.path: error for error in errors if error.command == config_remove(error.path)}
    # Report a removal once, and drop the other errors at or below its path: fixing them would add it back.
    errors = [
        error
        for error in errors
        if error is removals.get(error.path, error)
        and not any(error.path[:end] in removals for end in range(len(error.path)))
    ]
    # Removing a list entry shifts those after it, so remove from the end.
    entries = [e for e in errors if isinstance(e.path[-1], int) and e.path in removals]
    others = [e for e in errors if not (isinstance(e.path[-1], int) and e.path in removals)]
    return others + sorted(entries, key=lambda e: int(e.path[-1]), reverse=True)


def config_set(path: Path, value: str, *, options: str = "--plaintext") -> str:
    """Return the command that sets a value."""
    # Without --plaintext the CLI refuses what looks like a secret to it, such as a secret's ARN.
    return _command("set", path, f"{options} ", f" {value}") or _edit(f"set {{}} to {value}", path)


def config_set_token(path: Path) -> str:
    """Return the command that asks for a token and encrypts it."""
    # Without a value the CLI asks for it, so that the token is in no shell history and no process list.
    return _command("set", path, "--secret ") or _edit("rename {}", path)


def config_remove(path: Path) -> str:
    """Return the command that removes a value."""
    return _command("rm", path) or _edit("remove {}", path)


def _command(verb: str, path: Path, options: str = "", value: str = "") -> str:
    """Return a `pulumi config` command, or nothing if no command can name the path."""
    # The CLI's parser of paths, a terminal and the CLI's own colour codes give these a meaning of their own.
    if any(
        re.search(r"[\\\x00-\x1f\x7f-\x9f]|<\{%", part) for part in path if isinstance(part, str)
    ):
        return ""
    if len(path) == 1 and path_text(path) != path[0]:
        # With --path, the CLI does not find a top-level key that has to be quoted.
        return f"pulumi config {verb} {options}-- {shlex.quote(str(path[0]))}{value}"
    return f"pulumi config {verb} {options}--path {shlex.quote(path_text(path))}{value}"


def _edit(what: str, path: Path) -> str:
    return f"edit Pulumi.{pulumi.get_stack()}.yaml: {what.format(path_text(path))}"
