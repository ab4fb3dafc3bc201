"""What the stand-in reports when something is wrong: no traceback, and never a secret."""

import json
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

STAND_IN = "the rehearsal's stand-in for pulumi-aws"
MASK = "[secret]"


class ProviderError(Exception):
    """An error of the user's, or one that AWS answered; the message is shown as it is."""


class InitializationError(ProviderError):
    """A resource exists in AWS, but a later step failed: the engine has to keep it in its state.

    Attributes:
        resource_id: the ID of the resource.
        state: the properties for the state to keep.
        secret: the names of those that are secret.

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
    """Turn whatever goes wrong in AWS calls into a `ProviderError` that starts with `doing`.

    Whatever AWS repeats of a value in `secrets`, whole or a part of its JSON, is masked.
    """
    try:
        yield
    except ProviderError as error:
        raise ProviderError(f"{doing}: {error}") from None
    except Exception as error:  # noqa: BLE001  (an answer that is not AWS's can raise anything)
        raise ProviderError(f"{doing}: {_masked(explain(error), secrets)}") from None


def explain(error: Exception) -> str:
    """Describe an error of an AWS call: what AWS answered, or why there is no answer to use."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  (slow to import)

    if isinstance(error, ClientError):
        details = error.response.get("Error", {})
        return f"{details.get('Code', 'Unknown')}: {details.get('Message', '')}"
    if isinstance(error, BotoCoreError):
        return str(error)
    # The error's own text may quote the answer, and with it a secret.
    return f"the answer is not one that AWS gives ({type(error).__name__} in {location_of(error)})"


def location_of(error: BaseException) -> str:
    """Return the innermost line of the stand-in in an error's traceback, without any value."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [each for each in frames if Path(each.filename).parent == Path(__file__).parent]
    last = (ours or frames)[-1]
    return f"{Path(last.filename).name}, line {last.lineno}"


def has_code(error: Exception, *codes: str) -> bool:
    """Return whether an error is AWS's answer with one of these error codes."""
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
    """Yield a text as it is, and as JSON spells it, once and again."""
    for _ in range(4):
        if text:
            yield text
        text = json.dumps(text)[1:-1]
