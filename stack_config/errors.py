"""Config errors, the commands that fix them, and the one message with all of them. No message contains a token."""

import contextlib
import shlex
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pulumi

from components.rules import InputError, InputErrors, Path, path_text, printable

_LONGEST = 1_000
"""Characters of a name up to which a command with it is of use."""


class StackConfigError(pulumi.RunError):
    """Everything that is wrong with the stack config, as one message for its user."""


@dataclass(frozen=True)
class ConfigError:
    """One error in the config: where it is, what is wrong, and the command that fixes it."""

    path: Path
    message: str
    command: str
    """A command for a POSIX shell, or what to edit in the stack file if no command can do it."""


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
        path, message = path_text(error.path), printable(error.message)
        lines += ["", f"  {path}", f"    {message}", f"    {error.command}"]
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
    return _command("set", path, options, value) or edit(f"set {path_text(path)} to {value}")


def config_set_token(path: Path) -> str:
    """Return the command that asks for a token and encrypts it."""
    # Without a value the CLI asks for it, so that the token is in no shell history and no process list.
    return _command("set", path, "--secret") or edit(f"rename {path_text(path)}")


def config_remove(path: Path) -> str:
    """Return the command that removes a value."""
    return _command("rm", path) or edit(f"remove {path_text(path)}")


def edit(instruction: str) -> str:
    """Return what to do in the stack file, for what no command can do."""
    return f"edit Pulumi.{pulumi.get_stack()}.yaml: {instruction}"


def _command(verb: str, path: Path, options: str = "", value: str | None = None) -> str:
    """Return a `pulumi config` command, or nothing if no command can name the path."""
    parts = [part for part in path if isinstance(part, str)]
    # The CLI's parser of paths gives a backslash a meaning that depends on what follows it.
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
