"""Mistakes in the stack's config, and how people are told of them. Never with a token."""

import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass

import pulumi


class StackConfigError(pulumi.RunError):
    """Everything that is wrong with the stack's config, as one message for people."""


Path = tuple[str | int, ...]
"""Where something stands in the config: `("sourceLocations", "sports", "headerName")`."""


@dataclass(frozen=True)
class Mistake:
    """One thing that is wrong: where, what, and the command that mends it."""

    path: Path
    problem: str
    command: str


def raise_if_any(found: Iterable[Mistake]) -> None:
    """Tell all mistakes at once.

    Raises:
        StackConfigError: there is a mistake.

    """
    mistakes = _in_order(found)
    if not mistakes:
        return
    count = "a mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
    lines = [
        f"The config of stack {pulumi.get_stack()!r} has {count}; nothing was created or changed."
    ]
    for mistake in mistakes:
        lines += [
            "",
            f"  {path_text(mistake.path)}",
            f"    {mistake.problem}",
            f"    {mistake.command}",
        ]
    raise StackConfigError("\n".join(lines))


def _in_order(found: Iterable[Mistake]) -> list[Mistake]:
    """Return the mistakes so that their commands mend the config when they are run one after the other."""
    mistakes = list(dict.fromkeys(found))
    removals = {m.path: m for m in mistakes if m.command == config_remove(m.path)}
    # What goes is told once. What else is wrong with it, or inside of it, must not be set again.
    mistakes = [
        mistake
        for mistake in mistakes
        if mistake is removals.get(mistake.path, mistake)
        and not any(mistake.path[:end] in removals for end in range(len(mistake.path)))
    ]
    # An entry that goes moves up those behind it, so that the last one goes first.
    entries = [m for m in mistakes if isinstance(m.path[-1], int) and m.path in removals]
    others = [mistake for mistake in mistakes if mistake not in entries]
    return others + sorted(entries, key=lambda m: m.path[-1], reverse=True)


def path_text(path: Path) -> str:
    """Write a path as `pulumi config --path` reads it."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif re.fullmatch(r"[\w:-]+", part):
            text += f".{part}" if text else part
        else:
            escaped = part.replace('"', '\\"')
            text += f'["{escaped}"]'
    return text


def config_set(path: Path, value: str) -> str:
    """Return the command that sets a value."""
    # Without --plaintext the CLI refuses what looks like a secret to it, such as a secret's ARN.
    return f"pulumi config set --plaintext --path {shlex.quote(path_text(path))} {value}"


def config_set_token(name: str) -> str:
    """Return the command that asks for a source location's token and encrypts it."""
    # Without a value the CLI asks for it, so that the token stands in no shell history and no process list.
    return f"pulumi config set --secret --path {shlex.quote(path_text(('accessTokens', name)))}"


def config_remove(path: Path) -> str:
    """Return the command that removes a value."""
    return f"pulumi config rm --path {shlex.quote(path_text(path))}"
