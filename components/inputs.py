"""Inputs of the component in Python."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

import pulumi

from .encryption_key import EncryptionKeySettings

DEFAULT_SECRET_STRING_KEY = "AccessToken"  # noqa: S105 the name of a JSON member, no secret


class SourceLocationSettings(TypedDict):
    """Settings of a source location: how MediaTailor authenticates to the origin, and the secret for it."""

    origin: NotRequired[str]
    """Kind of origin. MediaPackage determines `header_name` and `secret_string_key`, and the stack creates the role that
    MediaPackage uses to read the secret. One of `custom` (the default), `mediapackage-v1` and `mediapackage-v2`."""
    header_name: NotRequired[str]
    """HTTP header that contains the token; required for a custom origin."""
    secret_string_key: NotRequired[str]
    """SecretString key: the member of the secret's JSON object that contains the token. The default is `AccessToken`."""
    secret_name: NotRequired[str]
    """Name of the secret, autonamed by default. 1 to 512 characters."""
    adopt_secret_arn: NotRequired[str]
    """ARN of an existing secret to adopt instead of creating one."""
    description: NotRequired[str]
    """Description of the secret; AWS does not encrypt it. The default contains the source location's name. At most 2,048
    characters; an adopted secret keeps its own."""
    tags: NotRequired[Mapping[str, str]]
    """Tags of the secret; AWS does not encrypt them. Quote a number that has leading zeros or a fraction."""
    base_url: NotRequired[str]
    """URL of the origin. If set, the stack also creates the MediaTailor source location. It must be https."""
    segment_delivery_base_url: NotRequired[str]
    """URL that players fetch segments from, if not from the origin; only with `base_url`. It must be https."""
    segment_delivery_configurations: NotRequired[Mapping[str, str]]
    """Additional URLs that players fetch segments from, by the name that a VOD source's package configuration refers to; only
    with `base_url`. At most 5, each https."""
    token_managed_elsewhere: NotRequired[bool]
    """Whether another system writes the token: the stack creates the secret without a value, and `access_tokens` has no
    entry for it. The default is false."""


class AccessTokenAuthenticationArgs(TypedDict):
    """Inputs of `AccessTokenAuthentication`. Values that are not `pulumi.Input` are checked before anything is created."""

    source_locations: Mapping[str, SourceLocationSettings]
    """Settings of each source location, by name. A name has 1 to 216 characters A-Z a-z 0-9 _ -."""
    access_tokens: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Access token of each source location, by name, encrypted. A token has 8 to 128 printable ASCII characters and does
    not start or end with a space. It is kept secret even if not marked as secret."""
    encryption_key: NotRequired[EncryptionKeySettings]
    """Settings of the customer managed key that encrypts the secrets."""
    recovery_window_in_days: NotRequired[int]
    """Days during which a deleted secret can be restored. 7 to 30, or 0 for none; the default is 30."""
    replica_regions: NotRequired[Sequence[str]]
    """Regions that the secrets are replicated to, each with its own replica of the key."""
    restrict_to_source_account: NotRequired[bool]
    """Require `aws:SourceAccount` to be this account when MediaTailor reads a secret. AWS does not document that
    MediaTailor sends it: if it does not, the channel goes off the air. Try it on a test channel first. The default is
    false."""
    service_principal: NotRequired[str]
    """Service principal that MediaTailor uses to read the secrets. AWS does not document whether opt-in Regions use
    `mediatailor.REGION.amazonaws.com`. The default is `mediatailor.amazonaws.com`."""
    protect: NotRequired[bool]
    """Refuse to delete or replace the key, the secrets, their policies, MediaPackage's roles and the source locations.
    The default is false."""


def in_camel_case(args: AccessTokenAuthenticationArgs) -> dict[str, Any]:
    """Return the inputs with camelCase keys, as in stack files and other languages."""
    inputs = _camel(args)
    inputs["encryptionKey"] = _camel(inputs.get("encryptionKey", {}))
    inputs["sourceLocations"] = {
        name: _camel(settings) for name, settings in inputs.get("sourceLocations", {}).items()
    }
    return inputs


def _camel(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {
        re.sub("_(.)", lambda match: match[1].upper(), key): value
        for key, value in settings.items()
    }
