"""The values of a stack file, from the text that Pulumi passes to the program."""

import json
import re
from dataclasses import dataclass
from typing import Any

# The format of YAML dates in Pulumi's config: Go's time.Time.String.
_DATE = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}) ([0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?) ([+-][0-9]{2})([0-9]{2}) \S+"
)


@dataclass(frozen=True)
class Date:
    """Text that YAML parsed as a date."""

    text: str


TOO_DEEP = object()
"""Placeholder for a value that is nested too deeply to be parsed."""


def value_of(key: str, text: str) -> Any:  # noqa: ANN401 any value of a stack file
    """Return a value as it is in the stack file: Pulumi passes objects, numbers and booleans as JSON text."""
    try:
        # A token may be any text.
        return json.loads(text, object_pairs_hook=dict if key == "accessTokens" else _with_dates)
    except ValueError:
        return text
    except RecursionError:
        return TOO_DEEP


def _with_dates(members: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: _as_date(value) for name, value in members}


def _as_date(value: Any) -> Any:  # noqa: ANN401 any value of a stack file
    """Convert text that YAML parsed as a date; midnight in UTC is probably a date without a time."""
    found = _DATE.fullmatch(value) if isinstance(value, str) else None
    if not found:
        return value
    date, time, hours, minutes = found.groups()
    offset = "Z" if hours + minutes == "+0000" else f"{hours}:{minutes}"
    return Date(date if time + offset == "00:00:00Z" else f"{date}T{time}{offset}")
