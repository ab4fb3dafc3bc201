"""Missing and invalid inputs, reported all at once and without any token."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pulumi

Path = tuple[str | int, ...]
"""The path of an input: `("sourceLocations", "sports", "headerName")`."""


@dataclass(frozen=True, kw_only=True)
class InputError:
    """A missing or invalid input: its path, what is wrong, and what to set instead."""

    path: Path
    message: str
    """Follows the path in a sentence, such as "is missing"."""
    example: str = ""
    """A value to set; empty if the input has to be removed."""


class InputErrors(pulumi.InputPropertiesError):
    """All missing and invalid inputs of a component; the engine reports them by name in any language."""

    def __init__(self, errors: Iterable[InputError]) -> None:
        self.input_errors = tuple(errors)
        details: list[pulumi.InputPropertyErrorDetails] = [
            {"property_path": path_text(error.path), "reason": printable(error.message)}
            for error in self.input_errors
        ]
        lines = [f"{each['property_path']} {each['reason']}" for each in details]
        super().__init__("\n".join(["Missing or invalid inputs:", *lines]), details)


def raise_if_any(errors: Iterable[InputError]) -> None:
    """Report all errors at once.

    Raises:
        InputErrors: there are errors.

    """
    found = tuple(errors)
    if found:
        raise InputErrors(found)


def path_text(path: Path) -> str:
    """Format a path for `pulumi config --path`, with YAML's escapes for characters that no command can contain."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif re.fullmatch(r"[\w:-]+", part):
            text += f".{part}" if text else part
        else:
            escaped = part.replace("\\", r"\\").replace('"', r"\"")
            text += f'["{escaped}"]'
    return printable(text)


def printable(text: str) -> str:
    """Escape, as YAML does, control and bidirectional characters, which terminals interpret, and Pulumi's color codes."""
    if text.isprintable() and "<{%" not in text:
        return text
    escaped = "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
    # https://github.com/pulumi/pulumi/blob/v3.274.1/sdk/go/common/diag/colors/colors.go
    return escaped.replace("<{%", r"<\x7b%")
