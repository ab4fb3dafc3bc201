"""Errors about unknown keys and values of the wrong type, with the key or value that was probably meant."""

import difflib
import json
import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from components.rules import Path, path_text, rule_at

from .errors import ConfigError, config_remove, config_set, config_set_token, edit
from .model import EncryptionKeyConfig, SourceLocationConfig, StackConfig
from .values import Date

# Integers and names that make the Pulumi CLI mistake a value for a secret:
# https://github.com/pulumi/pulumi/blob/v3.274.1/pkg/cmd/pulumi/config/config.go#L1561
_SECRET_LOOKING = re.compile("[0-9]{13}|-[0-9]{7}")
_SECRET_NAME = re.compile("pass|pwd|secret|token", re.IGNORECASE)

_SECTIONS: Mapping[str, type[BaseModel]] = {
    "at the top level": StackConfig,
    "in encryptionKey": EncryptionKeyConfig,
    "in a source location": SourceLocationConfig,
}


def type_error(kind: str, path: Path, document: Mapping[str, Any]) -> ConfigError:
    """Return the error for an unknown key or a value of the wrong type.

    Args:
        kind: Pydantic's type of the error, such as `extra_forbidden`.
        path: the path of the key or value.
        document: the config.

    """
    if kind == "extra_forbidden":
        return ConfigError(path, f"unknown key; {_meant_key(path)}", config_remove(path))
    if path[0] == "accessTokens" and len(path) > 1:
        return ConfigError(path, "must be text", config_set_token(path))
    value: Any = document
    for part in path:
        value = value[part]
    rule = rule_at(path)
    text = _meant_text(value)
    if rule and rule.kind is str and text and rule.is_met_by(text):
        return ConfigError(
            path,
            f"must be text, but YAML reads {text}: quote it. If the file spells it differently, such as 0123 or 1e3, edit"
            " the file before you run any `pulumi config` command, which rewrites it",
            _set_text(path, value, text),
        )
    expected = {
        "string": "text",
        "bool": "true or false",
        "list": "a list",
        "dict": "an object",
        "model": "an object",
        "int": "a whole number",
    }
    must_be = rule.must_be if rule else expected[kind.partition("_")[0]]
    example = rule.example if rule and rule.kind is str else ""
    # The CLI keeps the quotes of a number or boolean that it replaces, so these can only be removed.
    command = config_set(path, example) if example else config_remove(path)
    return ConfigError(path, f"must be {must_be}", command)


def _set_text(path: Path, value: object, text: str) -> str:
    """Return the command that sets a value to the text of a number, a boolean or a date."""
    # The CLI stores an integer or a boolean as text only with --type string, which excludes --plaintext, and without
    # --plaintext it refuses values that look like secrets.
    if not isinstance(value, int):
        return config_set(path, text)
    if _SECRET_LOOKING.match(text) and _SECRET_NAME.search(path_text(path)):
        return edit(f"set {path_text(path)} to '{text}', with the quotes")
    return config_set(path, text, options="--type string")


def _meant_text(value: object) -> str:
    """Return the text of a number, a boolean or a date, which was probably meant as text; empty for other values."""
    if isinstance(value, Date):
        return value.text
    return json.dumps(value) if isinstance(value, bool | int | float) else ""


def _meant_key(path: Path) -> str:
    """Suggest the key that was meant: one from another section, or the closest spelling here."""
    match path:
        case ("encryptionKey", key):
            section: type[BaseModel] = EncryptionKeyConfig
        case ("sourceLocations", _, key):
            section = SourceLocationConfig
        case (key, *_):
            section = StackConfig
    keys = keys_of(section)
    for where, other in _SECTIONS.items():
        if key in keys_of(other):
            return f"{key} belongs {where}"
    if len(path) == 1 and re.split(r"[.[]", str(key))[0] in keys:
        return "did you leave out --path when you set it?"
    similar = difflib.get_close_matches(str(key), keys, n=1, cutoff=0.4)
    return f"did you mean {similar[0]}?" if similar else f"the keys are {', '.join(keys)}"


def keys_of(section: type[BaseModel]) -> list[str]:
    """Return the keys of a section as they are in a stack file."""
    return [str(field.alias) for field in section.model_fields.values()]
