"""The consequences of an update for each source location.

MediaTailor keeps the settings that a source location was last updated with: the secret's ARN, the SecretString key and the
header. It creates a grant on the secret's key only when the source location is created or updated.
https://docs.aws.amazon.com/mediatailor/latest/ug/channel-assembly-access-configuration-overview.html
"""

from collections.abc import Iterator, Sequence

from .commands import access_command, settings_command
from .readers import changes_of_readers
from .update import Effect, Impact, Outputs, OwnSourceLocation, Update, deployed_settings

_SECRET = "new secret"  # noqa: S105 what changes
_SECRET_STRING_KEY = "new SecretString key"  # noqa: S105 what changes
_KEY = "new encryption key"
_HEADER = "new header"


def impacts(update: Update) -> Iterator[Impact]:
    """Yield every consequence, in the order of the source locations' names."""
    # After an update with --continue-on-error, the ARN of a secret that exists may be None.
    removed = update.previous.get("secretArns", {}).keys() - update.new["secretArns"].keys()
    for name in sorted({*update.own, *update.adopted, *update.deployed, *removed}):
        if name in update.own and not update.own[name].is_up_to_date:
            yield _not_sent(name, update)
        if name in removed:
            yield _removal(name, update)
        elif name not in update.deployed:
            if name in update.adopted:
                yield _adoption(name, update)
        elif _region(update.previous["secretArns"][name]) != update.region:
            yield _move(name, update)
        else:
            yield from _changes(name, update)
            yield from _changes_in_replica_regions(name, update)
            yield from changes_of_readers(name, update)


def _not_sent(name: str, update: Update) -> Impact:
    """Return the consequence of a failed creation or update, or of a change outside the stack.

    Pulumi fixes neither: https://github.com/pulumi/pulumi/issues/21458
    """
    own = update.own[name]
    if own.settings is None:
        meaning = "not created or updated because its secret failed"
    elif own.uses_another_secret:
        meaning = (
            "does not use the stack's secret; `pulumi up` fails until you run its command below"
        )
    elif own.differing:
        names = " and ".join(own.differing)
        meaning = f"differs from the stack in {names}; `pulumi up` does not fix that"
    elif update.previous.get("sourceLocationArns", {}).get(name):
        meaning = "its last update failed; `pulumi up` does not retry it"
    else:
        meaning = "its creation or update failed; its command below applies the stack's settings"
    return Impact(
        source_location=name,
        effect=Effect.NOT_SENT,
        meaning=meaning,
        commands=_settings_commands(own, update),
    )


def _adoption(name: str, update: Update) -> Impact:
    """Return the consequence for a source location that already uses the secret, which moves to the stack's key."""
    if name in update.own:
        meaning = (
            "the stack creates it; if MediaTailor already has it, stop: the update would fail after it changes the secret"
            if update.own[name].is_sent_now
            else "adopts a secret: if the secret's key changes, other source locations that use it are off the air"
        )
        return Impact(source_location=name, effect=Effect.NEEDS_COMMAND, meaning=meaning)
    arn = update.new["secretArns"][name]
    command = _access_command(name, update, region=update.region, secret_arn=arn)
    return Impact(
        source_location=name,
        effect=Effect.NEEDS_COMMAND,
        meaning="adopts a secret: if the secret's key changes, off the air until you run its command below",
        commands=[command],
    )


def _removal(name: str, update: Update) -> Impact:
    if name in update.previous["sourceLocationArns"]:
        meaning = "removed with its secret; AWS refuses while it has VOD or live sources"
    else:
        meaning = "removed: its secret is deleted, and anything that still uses it goes off the air"
    return Impact(source_location=name, effect=Effect.REMOVED, meaning=meaning)


def _move(name: str, update: Update) -> Impact:
    old = _region(update.previous["secretArns"][name])
    meaning = f"off the air in {old}: the stack moves to {update.region}"
    return Impact(source_location=name, effect=Effect.OFF_AIR, meaning=meaning)


def _changes(name: str, update: Update) -> Iterator[Impact]:
    """Yield the consequences in the stack's Region for a source location that stays in the stack."""

    def impact(effect: Effect, meaning: str, commands: Sequence[str] = ()) -> Impact:
        return Impact(source_location=name, effect=effect, meaning=meaning, commands=commands)

    was_own, own = name in update.previous["sourceLocationArns"], update.own.get(name)
    arn = update.new["secretArns"][name]
    changes = _access_changes(
        name,
        update,
        has_new_secret=arn != update.previous["secretArns"][name],
        has_new_key=update.has_new_key,
    )
    lacks_token = _lacks_token(name, changes, update)
    if lacks_token:
        meaning = f"off the air until something else writes its token ({', '.join(changes)})"
        yield impact(Effect.OFF_AIR, meaning)
    if own is not None:
        if own.is_up_to_date and not lacks_token:
            yield from _changes_of_own(name, own, changes, update)
    elif was_own:
        meaning = "off the air: removing baseUrl deletes it, unless it has VOD or live sources"
        yield impact(Effect.OFF_AIR, meaning)
    elif changes:
        commands = [_access_command(name, update, region=update.region, secret_arn=arn)]
        if changes == [_HEADER]:
            meaning = "sends the old header until you run its command below"
            yield impact(Effect.NEEDS_COMMAND, meaning, commands)
        else:
            yield impact(Effect.OFF_AIR, _off_air(changes), commands)


def _changes_of_own(
    name: str, own: OwnSourceLocation, changes: Sequence[str], update: Update
) -> Iterator[Impact]:
    """Yield the consequences for a source location that the stack creates or updates."""

    def impact(effect: Effect, meaning: str, commands: Sequence[str] = ()) -> Impact:
        return Impact(source_location=name, effect=effect, meaning=meaning, commands=commands)

    was_own = name in update.previous["sourceLocationArns"]
    if not was_own and own.is_sent_now:
        meaning = "the stack creates it; if MediaTailor already has it, stop: the update would fail"
        yield impact(Effect.NEEDS_COMMAND, meaning)
    elif not was_own:
        yield impact(Effect.KEEPS_WORKING, "keeps working: created by the stack")
    elif changes == [_KEY]:
        yield impact(Effect.OFF_AIR, _off_air(changes), _settings_commands(own, update))
    elif changes:
        meaning = f"keeps working: updated by the stack ({', '.join(changes)})"
        yield impact(Effect.KEEPS_WORKING, meaning)


def _off_air(changes: Sequence[str]) -> str:
    return f"off the air until you run its command below ({', '.join(changes)})"


def _lacks_token(name: str, changes: Sequence[str], update: Update) -> bool:
    """Return whether MediaTailor looks for the token where neither the stack nor, so far, anything else has written it."""
    if name not in deployed_settings(update.new).get("tokensManagedElsewhere", ()):
        return False
    return _SECRET_STRING_KEY in changes or (_SECRET in changes and name not in update.adopted)


def _changes_in_replica_regions(name: str, update: Update) -> Iterator[Impact]:
    """Yield the consequences for source locations in other Regions, which use a replica of the secret."""
    previous, new = update.previous, update.new
    old_keys, new_keys = (
        deployed_settings(each).get("replicaKeyArns", {}) for each in (previous, new)
    )
    old_arns, new_arns = (each["replicaSecretArns"].get(name) or {} for each in (previous, new))
    if gone := sorted(old_keys.keys() - new_keys.keys()):
        is_own_key = not previous["requiredKeyPolicyStatements"]
        deleted = (
            "the replicas of its secret and key" if is_own_key else "the replica of its secret"
        )
        meaning = f"off the air in {' and '.join(gone)}: the update deletes {deleted} there"
        yield Impact(source_location=name, effect=Effect.OFF_AIR, meaning=meaning)
    regions: dict[str, list[str]] = {}
    """By what changes."""
    for region in sorted(old_keys.keys() & new_keys.keys()):
        changes = _access_changes(
            name,
            update,
            has_new_secret=new_arns.get(region) != old_arns.get(region),
            has_new_key=old_keys[region] != new_keys[region] or update.has_new_key,
        )
        if changes:
            regions.setdefault(", ".join(changes), []).append(region)
    for what, where in regions.items():
        yield Impact(
            source_location=name,
            effect=Effect.NEEDS_COMMAND_ELSEWHERE,
            meaning=f"if used in {' or '.join(where)}, run its command below for that Region ({what})",
            commands=[
                _access_command(name, update, region=region, secret_arn=new_arns.get(region))
                for region in where
            ],
        )


def _access_changes(
    name: str, update: Update, *, has_new_secret: bool, has_new_key: bool
) -> Sequence[str]:
    """Return what changes in the access configuration; a value that is not known yet counts as new."""
    old_header, header = (_header(name, each) for each in (update.previous, update.new))
    changes = {
        _SECRET: has_new_secret,
        _SECRET_STRING_KEY: _differs(name, "secretStringKeys", update),
        _KEY: has_new_key,
        _HEADER: header not in (old_header, None),
    }
    return [what for what, is_changed in changes.items() if is_changed]


def _settings_commands(own: OwnSourceLocation, update: Update) -> Sequence[str]:
    return [settings_command(own.settings, region=update.region)] if own.settings else []


def _access_command(name: str, update: Update, *, region: str, secret_arn: str | None) -> str:
    configuration = update.new["accessConfigurations"][name]
    if configuration and secret_arn:
        part = "SecretsManagerAccessTokenConfiguration"
        configuration = configuration | {part: configuration[part] | {"SecretArn": secret_arn}}
    else:
        configuration = None
    return access_command(name, configuration, region=region, stack=update.stack)


def _differs(name: str, output: str, update: Update) -> bool:
    return bool(update.new[output][name] != update.previous[output][name])


def _header(name: str, outputs: Outputs) -> str | None:
    configuration = outputs["accessConfigurations"][name]
    if configuration is None:
        return None
    return str(configuration["SecretsManagerAccessTokenConfiguration"]["HeaderName"])


def _region(arn: str) -> str:
    return arn.split(":")[3]
