"""Stacks prepared from a config, without the Pulumi CLI."""

import json
from typing import Any

from sandbox.preparation.stack import Preparation
from sandbox.preparation.stack_file import ENCRYPTED

PROJECT = "mediatailor-access-token"
KEY = "11111111-2222-3333-4444-555555555555"


def encrypted(number: int) -> dict[str, str]:
    return {ENCRYPTED: str(number)}


def prepared(*, replaced: tuple[str, ...] = (), **config: Any) -> Preparation:
    """Prepare a stack with a config; keys without a namespace get the project's."""
    return prepared_as_reported(
        {f"{PROJECT}:{key}": value for key, value in config.items()}, replaced
    )


def prepared_as_reported(config: dict[str, Any], replaced: tuple[str, ...] = ()) -> Preparation:
    """Prepare a stack with a config in the format of `pulumi config --json`."""
    report = {
        key: {"value": value, "secret": False}
        if isinstance(value, str)
        else {"value": json.dumps(value), "objectValue": value, "secret": False}
        for key, value in config.items()
    }
    return Preparation.of(json.dumps(report), project=PROJECT, replaced=replaced)


def locations(**settings: Any) -> dict[str, Any]:
    return {"sourceLocations": {"sports": settings}}
