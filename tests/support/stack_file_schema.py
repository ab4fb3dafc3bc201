"""Checks stack files as an editor does: against docs/stack-config.schema.json."""

import json
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator

PROJECT = Path(__file__).parents[2]
SCHEMA = PROJECT / "docs" / "stack-config.schema.json"
NAMESPACE = "mediatailor-access-token"


@cache
def _validator() -> Draft7Validator:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema)


def flaws(stack_file: Any) -> list[str]:
    """Return the errors that an editor shows in a parsed stack file."""
    return [f"{error.json_path}: {error.message}" for error in _validator().iter_errors(stack_file)]


def stack_file_of(
    config: Mapping[str, Any], *, region: str | None, encrypted: Collection[str]
) -> dict[str, Any]:
    """Return the stack file for a config, with encrypted tokens if `accessTokens` is encrypted."""
    settings = {key if ":" in key else f"{NAMESPACE}:{key}": value for key, value in config.items()}
    tokens = config.get("accessTokens")
    if isinstance(tokens, Mapping) and "accessTokens" in encrypted:
        settings[f"{NAMESPACE}:accessTokens"] = {
            name: {"secure": "v1:…"} if isinstance(token, str) else token
            for name, token in tokens.items()
        }
    return {"config": settings | ({"aws:region": region} if region else {})}
