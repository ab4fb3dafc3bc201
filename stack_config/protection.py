"""What `protect` forbids: every change that would make a deployed source location unreadable.

Pulumi's own protection refuses to delete or replace a resource, but only once the update is under way. These rules refuse
before it starts, and they know changes that Pulumi's protection does not: a new SecretString key is just a new version.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from components.access_token_secret import secret_name_of
from components.inputs import DEFAULT_SECRET_STRING_KEY
from components.media_package_role import CDN_AUTHORIZATIONS
from components.rules import Path, mapping, strings

from .errors import ConfigError

_STEPS = "pulumi config set --path protect false; pulumi up   # then make the change; protect again when it is complete"


def protection_errors(
    document: Mapping[str, Any], previous: Mapping[str, Any], *, region: str | None
) -> Iterator[ConfigError]:
    """Yield an error for every forbidden change.

    Args:
        document: the config.
        previous: outputs of the last successful update, empty before the first one.
        region: the Region that the stack deploys to, if it is known.

    """
    if not previous.get("secretArns"):
        return
    is_protected = document.get("protect") is True
    was_protected = previous["deployedSettings"]["protect"]
    if not (is_protected or was_protected):
        return
    for path, message in _forbidden(document, previous, region=region):
        yield ConfigError(path, f"{message}; protect forbids it", _STEPS)
    if is_protected:
        for path, message in _forbidden_while_protected(document, previous):
            yield ConfigError(path, f"{message}; protect forbids it", _STEPS)


def _forbidden(
    document: Mapping[str, Any], previous: Mapping[str, Any], *, region: str | None
) -> Iterator[tuple[Path, str]]:
    """Yield the changes that delete or replace what the last update protected."""
    source_locations = mapping(document.get("sourceLocations"))
    for name, arn in previous["secretArns"].items():
        path: Path = ("sourceLocations", name)
        if name not in source_locations:
            yield path, "is gone, which would delete its secret"
            continue
        settings = mapping(source_locations[name])
        if name in previous["sourceLocationArns"] and "baseUrl" not in settings:
            yield (*path, "baseUrl"), "is gone, which would delete the source location"
        if name in previous["mediaPackageRoleArns"] and (
            str(settings.get("origin")) not in CDN_AUTHORIZATIONS
        ):
            yield (*path, "origin"), "is not MediaPackage any more, which would delete its role"
        if settings.get("secretName", secret_name_of(arn)) != secret_name_of(arn):
            yield (*path, "secretName"), "is not the secret's name, so the secret would be replaced"
        if settings.get("adoptSecretArn", arn) != arn:
            yield (*path, "adoptSecretArn"), "is another secret, so the present one would go"
    if region and any(arn.split(":")[3] != region for arn in previous["secretArns"].values()):
        yield ("aws:region",), "is another Region, so everything would be replaced"
    yield from _forbidden_for_key(document, previous)


def _forbidden_for_key(
    document: Mapping[str, Any], previous: Mapping[str, Any]
) -> Iterator[tuple[Path, str]]:
    arn = previous["encryptionKeyArn"]
    if previous["requiredKeyPolicyStatements"]:  # the stack owns no key that it could delete
        return
    replica_regions = [region for _, region in strings(document.get("replicaRegions"))]
    if mapping(document.get("encryptionKey")).get("arn"):
        yield ("encryptionKey", "arn"), "is set, which would delete the stack's own key"
    elif replica_regions and ":key/mrk-" not in arn:
        # https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
        message = (
            "needs a multi-Region key; AWS cannot convert the stack's key, so it would be replaced"
        )
        yield ("replicaRegions",), message
    replicas = {region for each in previous["replicaSecretArns"].values() for region in each}
    for region in sorted(replicas - set(replica_regions)):
        yield ("replicaRegions",), f"lacks {region}, which would delete the replicas there"


def _forbidden_while_protected(
    document: Mapping[str, Any], previous: Mapping[str, Any]
) -> Iterator[tuple[Path, str]]:
    """Yield the changes that delete nothing, and yet keep MediaTailor from reading the token."""
    for name, old in previous["secretStringKeys"].items():
        settings = mapping(mapping(document.get("sourceLocations")).get(name))
        authorization = CDN_AUTHORIZATIONS.get(str(settings.get("origin")))
        new = settings.get("secretStringKey", DEFAULT_SECRET_STRING_KEY)
        if authorization:
            new = authorization.secret_string_key
        if settings and new != old:
            key = "origin" if authorization else "secretStringKey"
            message = (
                f"changes the SecretString key, and MediaTailor still reads the token under {old}"
            )
            yield ("sourceLocations", name, key), message
    existing = mapping(document.get("encryptionKey")).get("arn")
    if previous["requiredKeyPolicyStatements"] and existing != previous["encryptionKeyArn"]:
        message = "is another key, on which MediaTailor has no grant yet"
        yield ("encryptionKey", "arn"), message
