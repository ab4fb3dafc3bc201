"""The stand-in's errors: they contain no traceback and no secret."""

import json
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

STAND_IN = "the rehearsal's stand-in for pulumi-aws"
MASK = "[secret]"


class ProviderError(Exception):
    """A user's error, or one that AWS returned; the message is shown unchanged."""


class InitializationError(ProviderError):
    """A resource exists in AWS, but a later step failed: the engine must keep it in the state.

    Attributes:
        resource_id: the ID of the resource.
        state: the properties to keep in the state.
        secret: the names of the secret properties.

    """

    def __init__(
        self, message: str, *, resource_id: str, state: Mapping[str, Any], secret: frozenset[str]
    ) -> None:
        super().__init__(message)
        self.resource_id = resource_id
        self.state = dict(state)
        self.secret = secret


@contextmanager
def explained(doing: str, *, secrets: tuple[str, ...] = ()) -> Iterator[None]:
    """Turn any error in AWS calls into a `ProviderError` that starts with `doing`.

    Values in `secrets`, and strings in their JSON, are masked in AWS's message.
    """
    try:
        yield
    except ProviderError as error:
        raise ProviderError(f"{doing}: {error}") from None
    except Exception as error:  # noqa: BLE001  (a malformed response can raise anything)
        raise ProviderError(f"{doing}: {_masked(explain(error), secrets)}") from None


def explain(error: Exception) -> str:
    """Describe an error of an AWS call: AWS's error, or why there is no usable response."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  (slow to import)

    if isinstance(error, ClientError):
        details = error.response.get("Error", {})
        return f"{details.get('Code', 'Unknown')}: {details.get('Message', '')}"
    if isinstance(error, BotoCoreError):
        return str(error)
    # The error's own text may quote the response, and with it a secret.
    return f"AWS's response is malformed ({type(error).__name__} in {location_of(error)})"


def location_of(error: BaseException) -> str:
    """Return the innermost line of the stand-in in an error's traceback, without any value."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [each for each in frames if Path(each.filename).parent == Path(__file__).parent]
    last = (ours or frames)[-1]
    return f"{Path(last.filename).name}, line {last.lineno}"


def has_code(error: Exception, *codes: str) -> bool:
    """Return whether AWS returned an error with one of these codes."""
    response = getattr(error, "response", None)
    return isinstance(response, dict) and response.get("Error", {}).get("Code") in codes


def _masked(text: str, secrets: tuple[str, ...]) -> str:
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
    """Yield a text as it is, and encoded as a JSON string up to three times."""
    for _ in range(4):
        if text:
            yield text
        text = json.dumps(text)[1:-1]
