"""What a stack must not adopt: a secret that it already has for another source location."""

from collections.abc import Iterator, Mapping
from typing import Any

from components.rules import mapping

from .errors import ConfigError, config_remove


def adoption_errors(
    document: Mapping[str, Any], previous: Mapping[str, Any]
) -> Iterator[ConfigError]:
    """Yield an error for every secret that belongs to another source location of the stack.

    If both source locations stay, each overwrites the token of the other. If the old one is removed in the same update, its
    secret is deleted with it.

    Args:
        document: the config.
        previous: the stack's outputs before this update, empty before the first one.

    """
    owners = {arn: name for name, arn in mapping(previous.get("secretArns")).items() if arn}
    for name, settings in mapping(document.get("sourceLocations")).items():
        arn = mapping(settings).get("adoptSecretArn")
        owner = owners.get(arn, name) if isinstance(arn, str) else name
        if owner != name:
            path = ("sourceLocations", name, "adoptSecretArn")
            message = (
                f"is the secret that the stack has for {owner}; every source location needs its own"
            )
            yield ConfigError(path, message, config_remove(path))
