"""AWS CLI commands that apply the stack's settings to a source location, ready to paste into a shell."""

import json
import shlex
from collections.abc import Mapping
from typing import Any

_FROM_OUTPUTS = """\
import json, sys; outputs, (name, region) = json.load(sys.stdin), sys.argv[1:]; \
access = outputs["accessConfigurations"][name]; \
access["SecretsManagerAccessTokenConfiguration"]["SecretArn"] = \
outputs["replicaSecretArns"].get(name, {}).get(region, outputs["secretArns"][name]); \
print(json.dumps(access))"""
"""Prints the access configuration of a source location in a Region, from the stack's outputs."""


def settings_command(settings: Mapping[str, Any], *, region: str) -> str:
    """Return the command that applies all of the stack's settings to a source location.

    https://docs.aws.amazon.com/mediatailor/latest/apireference/API_UpdateSourceLocation.html
    """
    return f"{_update(region)} --cli-input-json {_json(settings)}"


def access_command(
    name: str, access_configuration: Mapping[str, Any] | None, *, region: str, stack: str
) -> str:
    """Return the command that sets a source location's access configuration and keeps its other settings.

    UpdateSourceLocation replaces all settings, so the command first reads them and sends them back.

    Args:
        name: the source location.
        access_configuration: None if it is not known before the update; the command then reads it from the stack's outputs.
        region: the Region of the source location.
        stack: full name of the stack.

    """
    if access_configuration:
        access = _json(access_configuration)
    else:
        outputs = f"pulumi stack output --json --stack {shlex.quote(stack)}"
        access = f'"$({outputs} | python3 -c {shlex.quote(_FROM_OUTPUTS)} {name} {region})"'
    return f"{_update(region)} --access-configuration {access} --cli-input-json {_described(name, region)}"


def refresh_command(stack: str) -> str:
    """Return the command that reads the settings in AWS into the stack's state."""
    return f"pulumi refresh --yes --stack {shlex.quote(stack)}"


def _update(region: str) -> str:
    return f"aws mediatailor update-source-location --region {region}"


def _described(name: str, region: str) -> str:
    """Return a shell word that expands to a source location's settings as JSON, without the access configuration.

    The query omits settings without a value, because the CLI rejects null. https://jmespath.org/specification.html
    """
    optional = ("DefaultSegmentDeliveryConfiguration", "SegmentDeliveryConfigurations")
    parts = [
        "{SourceLocationName: SourceLocationName, HttpConfiguration: HttpConfiguration}",
        *(f"{each} && {{{each}: {each}}} || `{{}}`" for each in optional),
    ]
    command = (
        f"aws mediatailor describe-source-location --region {region} --source-location-name={name}"
        f" --output json --query 'merge({', '.join(parts)})'"
    )
    return f'"$({command})"'


def _json(value: object) -> str:
    # The Pulumi CLI interprets <{%…%}> in a message as a color.
    return shlex.quote(json.dumps(value).replace("<", "\\u003c"))
