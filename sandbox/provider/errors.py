"""What the stand-in says when something is wrong, without a traceback and without a secret."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

MASK = "[secret]"


class Refused(Exception):  # noqa: N818  (the user reads the message, not the name)
    """A user's mistake or a refusal by AWS; the message is for the user to read as it is."""


class InitializationFailed(Refused):
    """A resource exists in AWS, and a step after that failed: the engine must keep it in its state.

    Attributes:
        resource_id: the ID of the resource.
        state: its properties as far as they are known.

    """

    def __init__(self, message: str, *, resource_id: str, state: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.resource_id = resource_id
        self.state = dict(state)


def explain(error: Exception, *, secrets: tuple[str, ...] = ()) -> str | None:
    """Say what AWS or the way there says is wrong, or None if `error` is neither.

    Whatever the text repeats of a value in `secrets`, whole or a part of its JSON, is masked.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  (slow to import)

    if isinstance(error, ClientError):
        details = error.response.get("Error", {})
        text = f"{details.get('Code', 'Unknown')}: {details.get('Message', '')}"
    elif isinstance(error, BotoCoreError):
        text = str(error)
    else:
        return None
    for part in sorted(_parts(secrets), key=len, reverse=True):
        text = text.replace(part, MASK)
    return text


def _parts(secrets: tuple[str, ...]) -> Iterator[str]:
    for secret in secrets:
        yield from _spellings(secret)
        try:
            yield from _leaves(json.loads(secret))
        except ValueError:
            continue


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each)
    elif isinstance(value, str):
        yield from _spellings(value)


def _spellings(text: str) -> Iterator[str]:
    if text:
        yield text
        yield json.dumps(text)[1:-1]


def has_code(error: Exception, *codes: str) -> bool:
    """Whether `error` is AWS's answer with one of these error codes."""
    response = getattr(error, "response", None)
    return isinstance(response, dict) and response.get("Error", {}).get("Code") in codes
