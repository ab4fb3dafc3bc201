"""Reads the config that Pulumi hands to the program, and checks all of it."""

import difflib
import json
import os
from collections.abc import Iterator, Mapping
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
    raise_if_any,
)
from .model import EncryptionKeyConfig, SourceLocationConfig, StackConfig
from .protection import protection_errors

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
        StackConfigError: names every error that shows without asking AWS, and the command that fixes it.

    """
    document = {
        key: value for namespace, key, value in _all_config() if namespace == pulumi.get_project()
    }
    config = StackConfig()
    errors: list[ConfigError] = []
    try:
        config = StackConfig.model_validate(document)
    except ValidationError as error:
        # Type and path only: the rest of the details holds the value, which may be a token.
        details = error.errors(include_url=False, include_context=False, include_input=False)
        errors += (_error_of_type(each["type"], each["loc"], document) for each in details)
    errors += map(config_error, input_errors(document))
    errors += _encryption_errors(document)
    errors += _namespace_errors()
    target = _expected_target()
    if target:
        errors += map(config_error, target_errors(document, target))
    errors += protection_errors(document, previous, region=target.region if target else None)
    raise_if_any(errors)
    return config


def _all_config() -> Iterator[tuple[str, str, Any]]:
    """Yield namespace, key and value of the whole config; pulumi.Config cannot list keys.

    https://github.com/pulumi/pulumi/issues/1052
    """
    for full_key, text in CONFIG.get().items():
        namespace, _, key = full_key.partition(":")
        yield namespace, key, _value(text)


def _value(text: str) -> Any:  # noqa: ANN401 whatever the stack file holds
    """Return a value as it is in the stack file: Pulumi passes objects, numbers and booleans as JSON text."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _expected_target() -> DeploymentTarget | None:
    """Return where the provider will deploy to, as far as that is known without starting it."""
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
    if kind == "string_type" and path[0] == "accessTokens":
        return ConfigError(path, "must be text", config_set_token(path))
    value: Any = document
    for part in path:
        value = value[part]
    rule = rule_at(path)
    if kind == "string_type" and isinstance(value, bool | int | float):
        text = json.dumps(value)
        if rule is None or rule.is_met_by(text):
            return _error_of_unquoted_text(path, text)
    expected = {
        "string_type": "text",
        "bool_type": "true or false",
        "list_type": "a list",
        "dict_type": "an object",
        "model_type": "an object",
    }
    must_be = rule.must_be if rule else expected.get(kind, "a whole number")
    example = rule.example if rule and rule.kind is str else ""
    # The CLI keeps the quotes of a number or boolean that it replaces, so these can only be removed.
    command = config_set(path, example) if example else config_remove(path)
    return ConfigError(path, f"must be {must_be}", command)


def _error_of_unquoted_text(path: Path, value: str) -> ConfigError:
    """Report a value such as 20260101 or true that is meant as text, without the value if it is encrypted."""
    if is_config_secret(f"{pulumi.get_project()}:{path[0]}"):
        return ConfigError(path, "must be text: put it in quotes", config_remove(path))
    return ConfigError(
        path,
        f"must be text, but YAML reads {value}: put it in quotes",
        config_set(path, value, options="--type string"),
    )


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


def _encryption_errors(document: Mapping[str, Any]) -> Iterator[ConfigError]:
    """Report tokens in plain text, and encrypted settings that would not stay encrypted.

    Pulumi tells which top-level keys have an encrypted value in them, but not which value it is.
    """
    for key, value in document.items():
        is_secret = is_config_secret(f"{pulumi.get_project()}:{key}")
        if key == "accessTokens" and not is_secret:
            for name in mapping(value):
                yield ConfigError(
                    (key, name),
                    "is stored in plain text: set a new token with --secret and revoke this one at the origin",
                    config_set_token((key, name)),
                )
        if key != "accessTokens" and is_secret:
            yield ConfigError(
                (key,),
                "contains an encrypted value, but it would be in plain text in the state, the outputs and AWS; only"
                " tokens stay encrypted",
                f"edit Pulumi.{pulumi.get_stack()}.yaml: replace `secure: …` under {key} by the value in plain text",
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
