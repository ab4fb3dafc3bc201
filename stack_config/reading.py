"""Reads and checks the config that Pulumi passes to the program."""

import difflib
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pulumi
from pulumi.runtime import is_config_secret
from pulumi.runtime.config import CONFIG
from pydantic import BaseModel, ValidationError

from components.deployment_target import DeploymentTarget
from components.regions import partition_of
from components.rules import Path, input_errors, mapping, path_text, rule_at, target_errors

from .errors import (
    ConfigError,
    config_error,
    config_remove,
    config_set,
    config_set_token,
    edit,
    raise_if_any,
)
from .model import EncryptionKeyConfig, SourceLocationConfig, StackConfig
from .protection import protection_errors

# The format of YAML dates in Pulumi's config: Go's time.Time.String.
_DATE = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}) ([0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?) ([+-][0-9]{2})([0-9]{2}) \S+"
)

# Integers and names that make the Pulumi CLI mistake a value for a secret:
# https://github.com/pulumi/pulumi/blob/v3.274.1/pkg/cmd/pulumi/config/config.go#L1561
_SECRET_LOOKING = re.compile("[0-9]{13}|-[0-9]{7}")
_SECRET_NAME = re.compile("pass|pwd|secret|token", re.IGNORECASE)

_SECTIONS: Mapping[str, type[BaseModel]] = {
    "at the top level": StackConfig,
    "in encryptionKey": EncryptionKeyConfig,
    "in a source location": SourceLocationConfig,
}


def load_stack_config(previous: Mapping[str, Any] = MappingProxyType({})) -> StackConfig:
    """Read and check the config of the stack.

    Args:
        previous: outputs of the last successful update, empty before the first one. A protected stack refuses changes
            that would make a deployed source location unreadable.

    Raises:
        StackConfigError: lists every error that can be found without AWS, and the command that fixes it.

    """
    document = {
        key: _value(key, text)
        for namespace, key, text in _all_config()
        if namespace == pulumi.get_project()
    }
    unreadable = [*_encrypted_settings(), *_nesting_errors(document)]
    errors = [*unreadable, *_plain_tokens(document), *_namespace_errors()]
    if unreadable:  # any other message could reveal part of an encrypted value, or be wrong
        raise_if_any(errors)
    config = StackConfig()
    try:
        config = StackConfig.model_validate(document)
    except ValidationError as error:
        # Type and path only: the other details contain the value, which may be a token.
        details = error.errors(include_url=False, include_context=False, include_input=False)
        errors += (_error_of_type(each["type"], each["loc"], document) for each in details)
    errors += map(config_error, input_errors(document))
    target = _expected_target()
    if target:
        errors += map(config_error, target_errors(document, target))
    errors += protection_errors(document, previous, region=target.region if target else None)
    raise_if_any(errors)
    return config


def _all_config() -> Iterator[tuple[str, str, str]]:
    """Yield the namespace, key and text of every setting; pulumi.Config cannot list keys.

    https://github.com/pulumi/pulumi/issues/1052
    """
    for full_key, text in CONFIG.get().items():
        namespace, _, key = full_key.partition(":")
        yield namespace, key, text


@dataclass(frozen=True)
class _Date:
    """Text that YAML parsed as a date."""

    text: str


_TOO_DEEP = object()
"""Placeholder for a value that is nested too deeply to be parsed."""


def _value(key: str, text: str) -> Any:  # noqa: ANN401 any value of a stack file
    """Return a value as it is in the stack file: Pulumi passes objects, numbers and booleans as JSON text."""
    try:
        # A token may be any text.
        return json.loads(text, object_pairs_hook=dict if key == "accessTokens" else _with_dates)
    except ValueError:
        return text
    except RecursionError:
        return _TOO_DEEP


def _with_dates(members: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: _as_date(value) for name, value in members}


def _as_date(value: Any) -> Any:  # noqa: ANN401 any value of a stack file
    """Convert text that YAML parsed as a date; midnight in UTC is probably a date without a time."""
    found = _DATE.fullmatch(value) if isinstance(value, str) else None
    if not found:
        return value
    date, time, hours, minutes = found.groups()
    offset = "Z" if hours + minutes == "+0000" else f"{hours}:{minutes}"
    return _Date(date if time + offset == "00:00:00Z" else f"{date}T{time}{offset}")


def _expected_target() -> DeploymentTarget | None:
    """Return the partition and Region to deploy to, if they are known without starting the provider."""
    region = (
        pulumi.Config("aws").get("region")
        or os.environ.get("AWS_REGION")
        or os.environ.get("AWS_DEFAULT_REGION")
    )
    if not region:
        return None
    return DeploymentTarget(partition=partition_of(region), region=region, account="")


def _error_of_type(kind: str, path: Path, document: Mapping[str, Any]) -> ConfigError:
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
    if isinstance(value, _Date):
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
    keys = _keys(section)
    for where, other in _SECTIONS.items():
        if key in _keys(other):
            return f"{key} belongs {where}"
    similar = difflib.get_close_matches(str(key), keys, n=1, cutoff=0.4)
    return f"did you mean {similar[0]}?" if similar else f"the keys are {', '.join(keys)}"


def _keys(section: type[BaseModel]) -> list[str]:
    return [str(field.alias) for field in section.model_fields.values()]


def _encrypted_settings() -> Iterator[ConfigError]:
    """Report encrypted settings, which would not stay encrypted.

    Pulumi reports which top-level keys contain an encrypted value, but not which value it is.
    """
    project = pulumi.get_project()
    ours = {(key,): f"{project}:{key}" for key in _keys(StackConfig) if key != "accessTokens"}
    for path, full_key in {**ours, ("aws:region",): "aws:region"}.items():
        if is_config_secret(full_key):
            yield ConfigError(
                path,
                "contains an encrypted value, which would be in plain text in the state, the outputs and AWS; only"
                " tokens stay encrypted",
                edit(f"replace `secure: …` under {path[0]} with the value in plain text"),
            )


def _nesting_errors(document: Mapping[str, Any]) -> Iterator[ConfigError]:
    for key, value in document.items():
        if value is _TOO_DEEP:
            path = (key,)
            yield ConfigError(
                path,
                "contains a value that is nested too deeply",
                edit(f"remove the nested value under {path_text(path)}"),
            )


def _plain_tokens(document: Mapping[str, Any]) -> Iterator[ConfigError]:
    if is_config_secret(f"{pulumi.get_project()}:accessTokens"):
        return
    for name in mapping(document.get("accessTokens")):
        path = ("accessTokens", name)
        yield ConfigError(
            path,
            "is stored in plain text: set a new token with --secret and revoke this one at the origin",
            config_set_token(path),
        )


def _namespace_errors() -> Iterator[ConfigError]:
    """Report keys in a misspelled namespace, which Pulumi would ignore."""
    project = pulumi.get_project()
    for namespace, key, _ in _all_config():
        full_key = f"{namespace}:{key}"
        if namespace != project and difflib.get_close_matches(namespace, [project], cutoff=0.8):
            yield ConfigError(
                (full_key,),
                f"is in namespace {path_text((namespace,))}; the program reads {project}",
                config_remove((full_key,)),
            )
