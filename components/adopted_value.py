"""The members of adopted secrets other than the token."""

import json
from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws

from .deployment_target import invoke_options
from .inputs import AccessTokenAuthenticationArgs

_NO_VALUE = "couldn't find resource"
"""How pulumi-aws reports that a secret has no value.

https://github.com/hashicorp/terraform-provider-aws/blob/v6.28.0/internal/service/secretsmanager/secret_version_data_source.go
"""


def adopted_values(
    args: AccessTokenAuthenticationArgs, opts: pulumi.ResourceOptions | None
) -> Mapping[str, Mapping[str, Any]]:
    """Return the current JSON members of the secrets to adopt, by source location.

    Other applications may read an adopted secret, so a new token must not remove their members. Importing a secret into
    Pulumi does not import its value, so each update reads it.

    Raises:
        pulumi.RunError: a value cannot be read.

    """
    return {
        name: _members(settings["adopt_secret_arn"], opts)
        for name, settings in args["source_locations"].items()
        if settings.get("adopt_secret_arn") and name in args.get("access_tokens", {})
    }


def _members(secret_arn: str, opts: pulumi.ResourceOptions | None) -> Mapping[str, Any]:
    """Return the members of a secret's JSON object; empty if its value is missing or not an object."""
    try:
        members = json.loads(_secret_string(secret_arn, opts))
    except (ValueError, RecursionError):
        return {}
    return members if isinstance(members, dict) else {}


def _secret_string(secret_arn: str, opts: pulumi.ResourceOptions | None) -> str:
    """Return the value of a secret, or an empty string if it has none or a binary one."""
    try:
        version = aws.secretsmanager.get_secret_version(
            secret_id=secret_arn, opts=invoke_options(opts)
        )
    except Exception as error:
        # The SDK raises a bare Exception for a failed invoke.
        if _NO_VALUE in str(error):
            return ""
        raise pulumi.RunError(
            f"The value of {secret_arn} cannot be read; nothing was created or changed.\n\n{error}\n\n"
            "The program reads it to keep its other JSON members, which requires secretsmanager:GetSecretValue on the"
            " secret and kms:Decrypt on its key. If the key is disabled or scheduled for deletion, restore it first."
        ) from error
    return version.secret_string or ""
