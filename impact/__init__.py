"""The message on what an update means for MediaTailor, shown at the end of every preview and update."""

import json
from collections.abc import Collection, Mapping
from typing import Any

import pulumi
from pulumi.output import Unknown
from pulumi.runtime import get_root_resource
from pulumi.runtime.rpc import UNKNOWN

from components.source_location import SourceLocation

from .consequences import impacts
from .message import message
from .update import Effect, OwnSourceLocation, Update

__all__ = ["ImpactError", "previous_outputs", "report_impact"]


class ImpactError(pulumi.RunError):
    """The update would delete a secret that MediaTailor still uses."""


async def previous_outputs() -> Mapping[str, Any]:
    """Return the stack's outputs before this update, empty before the first one. This adds no resource to the state.

    The outputs of a resource that failed in an update with `--continue-on-error` are None.
    """
    # The engine saves the state when it registers the stack. A file backend does not write it atomically, so an earlier read
    # may find half of it.
    if root := get_root_resource():
        await root.urn.future()
    answer = pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", {"name": _stack()}).value
    outputs: Mapping[str, Any] = _known(answer["outputs"])
    return outputs


async def report_impact(
    previous: Mapping[str, Any],
    outputs: pulumi.Inputs,
    source_locations: Mapping[str, SourceLocation],
    *,
    adopted: Collection[str],
    region: str,
) -> None:
    """Show in one message what the update means for MediaTailor, or nothing if it does not affect MediaTailor.

    Args:
        previous: the stack's outputs before this update.
        outputs: its outputs after this update.
        source_locations: the source locations that the stack creates, by name.
        adopted: names of the source locations with an adopted secret.
        region: the Region that the stack deploys to.

    Raises:
        ImpactError: a source location still uses a secret that the engine deletes as soon as the program ends.

    """
    try:
        new = _known(await pulumi.Output.from_input(outputs).future(with_unknowns=True))
        own = {name: await _own(each) for name, each in source_locations.items()}
    except pulumi.RunError:
        return  # the update has failed, and the engine says why
    update = Update(
        previous=previous, new=new, own=own, adopted=adopted, region=region, stack=_stack()
    )
    found = sorted(impacts(update), key=lambda impact: impact.effect.value)
    if not found:
        return
    text = message(found, update)
    if not pulumi.runtime.is_dry_run() and any(each.uses_another_secret for each in own.values()):
        raise ImpactError(text)
    is_harmless = all(impact.effect is Effect.KEEPS_WORKING for impact in found)
    (pulumi.log.info if is_harmless else pulumi.log.warn)(text)


async def _own(source_location: SourceLocation) -> OwnSourceLocation:
    settings = _known(await source_location.settings.future(with_unknowns=True))
    properties = await source_location.properties.future(with_unknowns=True)
    return OwnSourceLocation(
        settings=settings,
        in_aws=json.loads(properties) if isinstance(properties, str) else None,
        is_sent_now=isinstance(properties, Unknown) and pulumi.runtime.is_dry_run(),
    )


def _stack() -> str:
    return f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"


def _known(value: Any) -> Any:  # noqa: ANN401 any output
    """Replace unknown values with None."""
    if isinstance(value, Unknown) or value == UNKNOWN:
        return None
    if isinstance(value, dict):
        return {key: _known(each) for key, each in value.items()}
    return value
