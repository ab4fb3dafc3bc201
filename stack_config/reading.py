"""Reads and checks the config that Pulumi passes to the program."""

import difflib
import os
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import pulumi
from pulumi.runtime import is_config_secret
from pulumi.runtime.config import CONFIG
from pydantic import ValidationError

from components.deployment_target import DeploymentTarget
from components.regions import partition_of
from components.rules import input_errors, mapping, path_text, target_errors

from .adoption import adoption_errors
from .errors import (
    ConfigError,
    config_error,
    config_remove,
    config_set_token,
    edit,
    raise_if_any,
)
from .model import StackConfig
from .protection import protection_errors
from .type_errors import keys_of, type_error
from .values import TOO_DEEP, value_of


def load_stack_config(previous: Mapping[str, Any] = MappingProxyType({})) -> StackConfig:
    """Read and check the config of the stack.

    Args:
        previous: outputs of the last successful update, empty before the first one. A protected stack refuses changes
            that would make a deployed source location unreadable.

    Raises:
        StackConfigError: lists every error that can be found without AWS, and the command that fixes it.

    """
    document = {
        key: value_of(key, text)
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
        errors += (type_error(each["type"], each["loc"], document) for each in details)
    errors += map(config_error, input_errors(document))
    target = _expected_target()
    if target:
        errors += map(config_error, target_errors(document, target))
    errors += adoption_errors(document, previous)
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


def _encrypted_settings() -> Iterator[ConfigError]:
    """Report encrypted settings, which would not stay encrypted.

    Pulumi reports which top-level keys contain an encrypted value, but not which value it is.
    """
    project = pulumi.get_project()
    ours = {(key,): f"{project}:{key}" for key in keys_of(StackConfig) if key != "accessTokens"}
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
        if value is TOO_DEEP:
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
