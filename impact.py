"""What an update means for MediaTailor, from the stack's previous outputs and its new ones.

MediaTailor keeps what a source location was configured with: the secret's ARN, the SecretString key, the header, and a
grant on the key, which it takes only when the source location is created or updated.
https://docs.aws.amazon.com/mediatailor/latest/ug/channel-assembly-access-configuration-overview.html
"""

import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import pulumi
from pulumi.output import Unknown
from pulumi.runtime import get_root_resource

Outputs = Mapping[str, Any]
"""Stack outputs by name. What a preview does not know yet, because it is created or replaced, is None."""


class Effect(Enum):
    """What becomes of a source location."""

    KEEPS_WORKING = "keeps working"
    NEEDS_ACTION = "needs you"
    OFF_AIR = "off the air"


@dataclass(frozen=True, kw_only=True)
class Impact:
    """One consequence of an update for one source location."""

    source_location: str
    effect: Effect
    meaning: str
    needs_update: bool = False
    """The source location works again after `aws mediatailor update-source-location`."""


_SOURCES_FIRST = "AWS refuses to delete it while it has VOD or live sources"


async def previous_outputs() -> Outputs:
    """Return the outputs of the last successful update, empty before the first one; no resource is left in the state."""
    # The engine saves the state when it has registered the stack. A file backend does not save it in one go: until then, a
    # read may find half of it.
    if root := get_root_resource():
        await root.urn.future()
    stack = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    answer = pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", {"name": stack}).value
    outputs: Outputs = answer["outputs"]
    return outputs


async def report_impact(previous: Outputs, outputs: pulumi.Inputs, *, region: str) -> None:
    """Compare the outputs and show what the update means, in one message; nothing if nothing changes for MediaTailor.

    Args:
        previous: outputs of the last successful update.
        outputs: outputs of this update.
        region: the Region that the stack deploys to.

    """
    if not previous.get("accessConfigurations"):
        return
    new = _known(await pulumi.Output.from_input(outputs).future(with_unknowns=True))
    found = list(impacts(previous, new, region=region))
    if not found:
        return
    affected = {impact.source_location for impact in found}
    lines = ["What this update means for MediaTailor:"]
    for impact in found:
        lines.append(f"  {impact.source_location}: {impact.meaning}")
        if impact.needs_update:
            command = update_command(
                impact.source_location, region=region, stack=pulumi.get_stack()
            )
            lines.append(f"    {command}")
    unaffected = sorted(set(new["accessConfigurations"]) - affected)
    if unaffected:
        lines.append(f"  keep working: {', '.join(unaffected)}")
    harmless = all(impact.effect is Effect.KEEPS_WORKING for impact in found)
    (pulumi.log.info if harmless else pulumi.log.warn)("\n".join(lines))


def impacts(previous: Outputs, new: Outputs, *, region: str) -> Iterator[Impact]:
    """Yield every consequence of an update for the source locations that the last update had."""
    for name in sorted(previous["accessConfigurations"]):
        if name not in new["accessConfigurations"]:
            yield _removal(name, previous)
        elif _region(previous["secretArns"][name]) != region:
            yield Impact(
                source_location=name,
                effect=Effect.OFF_AIR,
                meaning=f"off the air in {_region(previous['secretArns'][name])}: key and secret are deleted there and"
                f" created in {region}, where the channel needs a source location of its own",
            )
        else:
            yield from _changes(name, previous, new)


def update_command(name: str, *, region: str, stack: str) -> str:
    """Return the command that gives a source location the stack's access configuration and keeps its other settings.

    UpdateSourceLocation replaces all settings, so the command sends back those that it reads:
    https://docs.aws.amazon.com/mediatailor/latest/apireference/API_UpdateSourceLocation.html
    """
    location = f"--region {region} --source-location-name {name}"
    outputs = f"pulumi stack output accessConfigurations --json --stack {shlex.quote(stack)}"
    keep = "{SourceLocationName, HttpConfiguration, DefaultSegmentDeliveryConfiguration, SegmentDeliveryConfigurations}"
    return (
        f"aws mediatailor update-source-location --region {region} --cli-input-json"
        f' "$(aws mediatailor describe-source-location {location}'
        f' | jq --argjson access "$({outputs} | jq \'."{name}"\')"'
        f" '{keep} + {{AccessConfiguration: $access}} | del(..|nulls)')\""
    )


def _removal(name: str, previous: Outputs) -> Impact:
    meaning = "removed: its secret is deleted, and a MediaTailor source location that still uses it goes off the air"
    if name in previous["sourceLocationArns"]:
        meaning = f"removed: the source location and its secret are deleted; {_SOURCES_FIRST}"
    return Impact(source_location=name, effect=Effect.OFF_AIR, meaning=meaning)


def _changes(name: str, previous: Outputs, new: Outputs) -> Iterator[Impact]:
    """Yield the consequences for a source location that stays in the stack and in its Region."""

    def impact(effect: Effect, meaning: str, *, needs_update: bool = False) -> Impact:
        return Impact(
            source_location=name, effect=effect, meaning=meaning, needs_update=needs_update
        )

    was_created = name in previous["sourceLocationArns"]
    is_created = name in new["sourceLocationArns"]
    if was_created and not is_created:
        yield impact(
            Effect.OFF_AIR,
            f"off the air: without baseUrl the stack deletes the source location; {_SOURCES_FIRST}",
        )
        return
    if is_created and not was_created:
        yield impact(
            Effect.NEEDS_ACTION,
            "its source location is created; if MediaTailor has one of this name already, the update fails",
        )
    changes = list(_access_changes(name, previous, new))
    what = ", ".join(changes)
    if was_created and changes and changes != [_KEY]:
        yield impact(Effect.KEEPS_WORKING, f"updated by the stack ({what})")
    elif changes == [_HEADER]:
        yield impact(
            Effect.NEEDS_ACTION,
            f"sends the old header until you run this after the update ({what}):",
            needs_update=True,
        )
    elif (changes and not is_created) or changes == [_KEY]:
        yield impact(
            Effect.OFF_AIR,
            f"off the air until you run this after the update ({what}):",
            needs_update=True,
        )
    yield from (impact(effect, meaning) for effect, meaning in _other_changes(name, previous, new))


_HEADER = "another header"
_KEY = "another encryption key"


def _access_changes(name: str, previous: Outputs, new: Outputs) -> Iterator[str]:
    """Yield what MediaTailor has to be told about; what is not known yet is new."""
    if new["secretArns"][name] != previous["secretArns"][name]:
        yield "another secret"
    if new["secretStringKeys"][name] != previous["secretStringKeys"][name]:
        yield "another SecretString key"
    if new["encryptionKeyArn"] != previous["encryptionKeyArn"]:
        yield _KEY
    if _header(name, new) not in (_header(name, previous), None):
        yield _HEADER


def _other_changes(name: str, previous: Outputs, new: Outputs) -> Iterator[tuple[Effect, str]]:
    old_replicas = previous["replicaSecretArns"].get(name) or {}
    new_replicas = new["replicaSecretArns"].get(name, {})
    gone = [] if new_replicas is None else sorted(set(old_replicas) - set(new_replicas))
    if gone:
        meaning = (
            f"off the air in {', '.join(gone)}: the replica there is deleted, and so is its key"
        )
        yield Effect.OFF_AIR, meaning
    old_role = previous["mediaPackageRoleArns"].get(name)
    if old_role and new["mediaPackageRoleArns"].get(name) != old_role:
        meaning = "MediaPackage cannot use its role any more: give its CDN authorization the one in mediaPackageRoleArns"
        yield Effect.NEEDS_ACTION, meaning
    old_reader, new_reader = _reader(previous), _reader(new)
    if new_reader != old_reader:
        meaning = f"can be read as {new_reader} only, no longer as {old_reader}; off the air if MediaTailor reads otherwise"
        yield Effect.NEEDS_ACTION, meaning


def _reader(outputs: Outputs) -> str:
    settings = outputs["deployedSettings"]
    account = settings["sourceAccount"]
    condition = f" with aws:SourceAccount {account}" if account else ""
    return f"{settings['servicePrincipal']}{condition}"


def _header(name: str, outputs: Outputs) -> str | None:
    configuration = outputs["accessConfigurations"][name]
    if configuration is None:
        return None
    return str(configuration["SecretsManagerAccessTokenConfiguration"]["HeaderName"])


def _region(arn: str) -> str:
    return arn.split(":")[3]


def _known(value: Any) -> Any:  # noqa: ANN401 any output
    """Replace what is not known by None."""
    if isinstance(value, Unknown):
        return None
    if isinstance(value, dict):
        return {key: _known(each) for key, each in value.items()}
    return value
