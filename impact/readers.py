"""The consequences of changes to who can read a secret."""

from collections.abc import Iterator

from components.media_package_role import CDN_AUTHORIZATIONS

from .update import Effect, Impact, Update, deployed_settings

_MEDIAPACKAGE_PRINCIPALS = {
    each.secret_string_key: each.service_principal for each in CDN_AUTHORIZATIONS.values()
}


def changes_of_readers(name: str, update: Update) -> Iterator[Impact]:
    """Yield the consequences of a change to who can read the secret."""
    previous, new = update.previous, update.new

    def impact(meaning: str) -> Impact:
        return Impact(source_location=name, effect=Effect.NEEDS_COMMAND, meaning=meaning)

    old_role, new_role = (each["mediaPackageRoleArns"].get(name) for each in (previous, new))
    if old_role and name not in new["mediaPackageRoleArns"]:
        yield impact("MediaPackage loses its role and can no longer read the secret")
    elif old_role and new_role != old_role:
        yield impact("MediaPackage needs its new role, in the output mediaPackageRoleArns")
    elif old_role and new["secretStringKeys"][name] != previous["secretStringKeys"][name]:
        principal = _MEDIAPACKAGE_PRINCIPALS[new["secretStringKeys"][name]]
        yield impact(f"after the update, only {principal} can assume its role")
    settings = deployed_settings(new)
    old_settings = {**settings, **deployed_settings(previous)}
    if settings["servicePrincipal"] != old_settings["servicePrincipal"]:
        principal = settings["servicePrincipal"]
        yield impact(f"off the air unless MediaTailor uses the service principal {principal}")
    if settings["sourceAccount"] not in ("", old_settings["sourceAccount"]):
        account = settings["sourceAccount"]
        yield impact(f"off the air unless MediaTailor sends aws:SourceAccount {account}")
