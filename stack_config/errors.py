"""Config errors, the commands that fix them, and the message that lists them all. No message contains a token."""

import contextlib
import shlex
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pulumi

from components.rules import InputError, InputErrors, Path, path_text, printable

_LONGEST = 1_000
"""Length of the longest name, in characters, for which a command is printed."""


class StackConfigError(pulumi.RunError):
    """All errors in the stack config, as one message for the user."""


@dataclass(frozen=True)
class ConfigError:
    """An error in the config: its path, what is wrong, and the command that fixes it."""

    path: Path
    message: str
    command: str
    """A POSIX shell command, or how to edit the stack file if no command can fix it."""


def config_error(error: InputError) -> ConfigError:
    """Convert an error in the component's inputs, which have the same keys as the config."""
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
        path, message = path_text(error.path), printable(error.message)
        lines += ["", f"  {path}", f"    {message}", f"    {error.command}"]
    raise StackConfigError("\n".join(lines))


@contextlib.contextmanager
def report_errors() -> Iterator[None]:
    """Report errors that the user can fix as one engine error without a traceback, and exit.

    A `pulumi.RunError` alone would be followed by a second error, "program exited with non-zero exit code: 1".
    """
    try:
        try:
            yield
        except InputErrors as errors:
            raise_if_any(map(config_error, errors.input_errors))
    except pulumi.RunError as error:
        pulumi.log.error(str(error))
        # Tells the language host that the error has been reported:
        # https://github.com/pulumi/pulumi/blob/v3.274.1/sdk/python/cmd/pulumi-language-python-exec
        sys.exit(32)


def _in_order(found: Iterable[ConfigError]) -> list[ConfigError]:
    """Sort the errors so that running their commands in order fixes the config."""
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
    # Without --plaintext the CLI refuses values that look like secrets, such as a secret's ARN.
    return _command("set", path, options, value) or edit(f"set {path_text(path)} to {value}")


def config_set_token(path: Path) -> str:
    """Return the command that prompts for a token and encrypts it."""
    # The prompt keeps the token out of the shell history and the process list.
    return _command("set", path, "--secret") or edit(f"rename {path_text(path)}")


def config_remove(path: Path) -> str:
    """Return the command that removes a value."""
    return _command("rm", path) or edit(f"remove {path_text(path)}")


def edit(instruction: str) -> str:
    """Return how to edit the stack file, for errors that no command can fix."""
    return f"edit Pulumi.{pulumi.get_stack()}.yaml: {instruction}"


def _command(verb: str, path: Path, options: str = "", value: str | None = None) -> str:
    """Return a `pulumi config` command; empty if no command can contain the path."""
    parts = [part for part in path if isinstance(part, str)]
    # The meaning of a backslash in a path depends on the next character.
    if any("\\" in part or part != printable(part) or len(part) > _LONGEST for part in parts):
        return ""
    text = path_text(path)
    words = ["pulumi", "config", verb, *options.split()]
    if len(path) > 1 or text == path[0]:
        words.append("--path")
    else:  # with --path, the CLI does not find a top-level key that has to be quoted
        text = str(path[0])
    arguments = [text] if value is None else [text, value]
    if any(argument.startswith("-") for argument in arguments):
        words.append("--")
    return shlex.join([*words, *arguments])
