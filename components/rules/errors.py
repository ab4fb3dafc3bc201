"""Wrong and missing inputs, reported all at once and without any token."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import pulumi

Path = tuple[str | int, ...]
"""Where an input is: `("sourceLocations", "sports", "headerName")`."""


@dataclass(frozen=True, kw_only=True)
class InputError:
    """A wrong or missing input: where it is, what is wrong, and what to set instead."""

    path: Path
    message: str
    """Follows the path in a sentence, such as "is missing"."""
    example: str = ""
    """A value to set; empty if the input has to be removed."""


class InputErrors(pulumi.InputPropertiesError):
    """All wrong and missing inputs of a component, which the engine reports by their names in any language."""

    def __init__(self, errors: Iterable[InputError]) -> None:
        self.input_errors = tuple(errors)
        details: list[pulumi.InputPropertyErrorDetails] = [
            {"property_path": path_text(error.path), "reason": printable(error.message)}
            for error in self.input_errors
        ]
        lines = [f"{each['property_path']} {each['reason']}" for each in details]
        super().__init__("\n".join(["Inputs are missing or wrong:", *lines]), details)


def raise_if_any(errors: Iterable[InputError]) -> None:
    """Report all errors at once.

    Raises:
        InputErrors: there are errors.

    """
    found = tuple(errors)
    if found:
        raise InputErrors(found)


def path_text(path: Path) -> str:
    """Write a path as `pulumi config --path` reads it, with YAML's escapes for what no command can contain."""
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
    """Escape, as YAML does, what a terminal would act on (control and bidirectional characters) and Pulumi's colour codes."""
    if text.isprintable() and "<{%" not in text:
        return text
    escaped = "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
    # https://github.com/pulumi/pulumi/blob/v3.274.1/sdk/go/common/diag/colors/colors.go
    return escaped.replace("<{%", r"<\x7b%")
