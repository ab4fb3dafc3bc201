"""What `protect` forbids: every change that would make a deployed source location unreadable.

Pulumi's own protection refuses to delete or replace a resource, but only during the update, and without naming the config
key. These rules refuse the change before the update, and cover changes that Pulumi's protection does not: to Pulumi, a new
SecretString key is just a new version, and a removed replica just an update of its secret.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from components.access_token_secret import secret_name_of
from components.inputs import DEFAULT_SECRET_STRING_KEY
from components.media_package_role import CDN_AUTHORIZATIONS
from components.policies import MEDIATAILOR_PRINCIPAL
from components.rules import Path, mapping, strings

from .errors import ConfigError

_STEPS = (
    "undo the change, then: pulumi config set --path protect false; pulumi up; make the change again; pulumi up;"
    " pulumi config set --path protect true; pulumi up"
)


def protection_errors(
    document: Mapping[str, Any], previous: Mapping[str, Any], *, region: str | None
) -> Iterator[ConfigError]:
    """Yield an error for every forbidden change.

    Args:
        document: the config.
        previous: the stack's outputs before this update, empty before the first one.
        region: the Region that the stack deploys to, None if it is unknown.

    """
    if not previous.get("secretArns"):
        return
    is_protected = document.get("protect") is True
    was_protected = _settings(previous).get("protect") is True
    if is_protected or was_protected:
        for path, message in _deleting(document, previous, region=region):
            yield ConfigError(path, f"{message}; protect forbids it", _STEPS)
    if is_protected:
        for path, message in _making_unreadable(document, previous):
            yield ConfigError(path, f"{message}; protect forbids it", _STEPS)


def _deleting(
    document: Mapping[str, Any], previous: Mapping[str, Any], *, region: str | None
) -> Iterator[tuple[Path, str]]:
    """Yield the changes that delete or replace resources which are protected in the state, regardless of `protect` now."""
    source_locations = mapping(document.get("sourceLocations"))
    arns = {name: arn for name, arn in previous["secretArns"].items() if arn}
    for name, arn in arns.items():
        path: Path = ("sourceLocations", name)
        if name not in source_locations:
            yield path, "was removed, which would delete its secret"
            continue
        settings = mapping(source_locations[name])
        if name in previous["sourceLocationArns"] and "baseUrl" not in settings:
            yield (*path, "baseUrl"), "was removed, which would delete the source location"
        if name in previous["mediaPackageRoleArns"] and (
            str(settings.get("origin")) not in CDN_AUTHORIZATIONS
        ):
            yield (*path, "origin"), "is no longer MediaPackage, which would delete its role"
        if settings.get("secretName", secret_name_of(arn)) != secret_name_of(arn):
            yield (*path, "secretName"), "has changed, which would replace the secret"
        if settings.get("adoptSecretArn", arn) != arn:
            yield (*path, "adoptSecretArn"), "has changed, which would replace the secret"
    if region and any(arn.split(":")[3] != region for arn in arns.values()):
        yield ("aws:region",), "has changed, which would replace every resource"
    yield from _deleting_keys(document, previous)


def _deleting_keys(
    document: Mapping[str, Any], previous: Mapping[str, Any]
) -> Iterator[tuple[Path, str]]:
    """Yield the changes that delete or replace the stack's key, its alias or the replicas in a Region."""
    key = mapping(document.get("encryptionKey"))
    regions = {region for _, region in strings(document.get("replicaRegions"))}
    old_settings = _settings(previous)
    for region in mapping(old_settings.get("replicaKeyArns")):
        if region not in regions:
            message = f"no longer contains {region}, which would delete the replicas there"
            yield ("replicaRegions",), message
    if previous["requiredKeyPolicyStatements"]:  # the stack owns no key that it could delete
        return
    if key.get("arn"):
        yield ("encryptionKey", "arn"), "was set, which would delete the stack's own key"
    elif regions and ":key/mrk-" not in str(previous["encryptionKeyArn"]):
        # https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
        yield ("replicaRegions",), "needs a multi-Region key, which would replace the stack's key"
    alias = old_settings.get("alias")
    if alias is not None and key.get("alias", alias) != alias:
        yield ("encryptionKey", "alias"), "has changed, which would replace the alias"


def _making_unreadable(
    document: Mapping[str, Any], previous: Mapping[str, Any]
) -> Iterator[tuple[Path, str]]:
    """Yield the changes that delete nothing but stop MediaTailor from reading a token."""
    for name, old in previous["secretStringKeys"].items():
        settings = mapping(mapping(document.get("sourceLocations")).get(name))
        authorization = CDN_AUTHORIZATIONS.get(str(settings.get("origin")))
        new = settings.get("secretStringKey", DEFAULT_SECRET_STRING_KEY)
        if authorization:
            new = authorization.secret_string_key
        if settings and new != old:
            setting = "origin" if authorization else "secretStringKey"
            yield (
                ("sourceLocations", name, setting),
                "changes the SecretString key, but MediaTailor would still look for the old one",
            )
    old_settings = _settings(previous)
    key = mapping(document.get("encryptionKey"))
    if previous["requiredKeyPolicyStatements"] and key.get("arn") != previous["encryptionKeyArn"]:
        yield ("encryptionKey", "arn"), "has changed, and MediaTailor has no grant on the new key"
    replica_arns = mapping(key.get("replicaArns"))
    for region, old_arn in mapping(old_settings.get("replicaKeyArns")).items():
        if replica_arns.get(region, old_arn) != old_arn:
            yield (
                ("encryptionKey", "replicaArns", region),
                "has changed, and MediaTailor has no grant on the new key",
            )
    principal = document.get("servicePrincipal", MEDIATAILOR_PRINCIPAL)
    if principal != old_settings.get("servicePrincipal", principal):
        yield ("servicePrincipal",), "has changed, and MediaTailor might not use the new one"
    if document.get("restrictToSourceAccount") is True and old_settings.get("sourceAccount") == "":
        yield (
            ("restrictToSourceAccount",),
            "was set, and MediaTailor might not send aws:SourceAccount",
        )


def _settings(previous: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the deployed settings; those that an older version of the program did not export are not compared."""
    return mapping(previous.get("deployedSettings"))
