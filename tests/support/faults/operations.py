"""The table on interrupted updates in docs/operations.md: what you see, what to run, and what may be left behind."""

import re
from pathlib import Path
from typing import Final, NamedTuple

_DOCUMENT: Final = Path(__file__).parents[3] / "docs" / "operations.md"
_SECTION: Final = re.compile(r"## Recover from an interrupted update\n(.*?)(?=\n## |\Z)", re.DOTALL)
_CODE: Final = re.compile(r"`([^`]+)`")
_LEFTOVER: Final = re.compile(
    r"^- \*\*An? (\w+)\*\*.*?```sh\n(.*?)```.*?`([^`]+)`", re.DOTALL | re.MULTILINE
)
PLACEHOLDER: Final = re.compile(r"\b(?:ALIAS|KEY_ID|NAME|REGION|ROLE)\b")


class Leftover(NamedTuple):
    """A kind of resource that may be left behind."""

    kind: str
    """The kind, such as `key`."""
    find: str
    """A shell command that prints the name or ID of each of them, one per line."""
    delete: str
    """A shell command with a placeholder for what `find` prints."""


def leftovers() -> list[Leftover]:
    """Return the kinds of resources that may be left behind."""
    return [Leftover(*found) for found in _LEFTOVER.findall(_section())]


def advice(interrupted: str, output: str) -> tuple[list[str], str]:
    """Return the advice in the first row of the table that matches.

    Args:
        interrupted: the command that was interrupted.
        output: the last command's output.

    Returns:
        The commands to run, with placeholders for values that the output does not contain; and the text on what may be left
        behind. Both are empty if no row matches.

    """
    lines = [line.strip("|").split("|") for line in _section().splitlines() if line[:1] == "|"]
    for where, seen, run, leaves in lines[2:]:
        patterns = [
            PLACEHOLDER.sub(lambda name: rf"(?P<{name[0]}>[^\s()]+)", re.escape(each))
            for each in _CODE.findall(seen)
        ]
        found = [match for each in patterns if (match := re.search(each, output))]
        if f"`{interrupted}`" not in where or len(found) < len(patterns):
            continue
        values = {name: value for match in found for name, value in match.groupdict().items()}
        commands = [
            PLACEHOLDER.sub(lambda name: values.get(name[0], name[0]), command)  # noqa: B023  called at once
            for command in _CODE.findall(run)
        ]
        return commands or _lines_below(found[0]), leaves
    return [], ""


def _lines_below(match: re.Match[str]) -> list[str]:
    """Return the lines from the one below a match to the next empty one."""
    lines = [line.strip() for line in match.string[match.end() :].splitlines()[1:]]
    return lines[: [*lines, ""].index("")]


def _section() -> str:
    section = _SECTION.search(_DOCUMENT.read_text(encoding="utf-8"))
    if section is None:
        raise ValueError(f"{_DOCUMENT} has no section on interrupted updates")
    return section[1]
