"""Diff: what an update would change, and whether it replaces the resource.

It follows upstream's plan (github.com/hashicorp/terraform-plugin-sdk) and its conversion by the
Pulumi bridge (github.com/pulumi/pulumi-terraform-bridge, pkg/tfbridge/detailed_diff.go).
"""

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from pulumi.runtime.proto import provider_pb2

from sandbox.provider.aws import Aws
from sandbox.provider.resource import Resource
from sandbox.provider.values import DEFAULTS, Values, has_unknown

_KINDS: Final = {
    # (was, is, replaces)
    (False, True, False): provider_pb2.PropertyDiff.ADD,
    (False, True, True): provider_pb2.PropertyDiff.ADD_REPLACE,
    (True, False, False): provider_pb2.PropertyDiff.DELETE,
    (True, False, True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    (True, True, False): provider_pb2.PropertyDiff.UPDATE,
    (True, True, True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}


@dataclass(frozen=True, kw_only=True)
class Change:
    """A difference between the state and the program's inputs."""

    property: str
    path: str
    old: object
    new: object
    replaces: bool


def changes(
    resource: Resource, aws: Aws, state: Values, inputs: Values, *, ignored: Collection[str]
) -> list[Change]:
    """Return what inputs from `check` change in the state.

    Changes to the properties in `ignored` are left out.
    """
    wanted = resource.wanted(aws, inputs, state)
    found: list[Change] = []
    for name, rule in resource.properties.items():
        old, new = state.get(name), wanted.get(name)
        if (new is None and rule.computed) or (_empty(old) and _empty(new)):
            continue
        if has_unknown(new) or new is None or old is None or not rule.same(old, new):
            replaces = resource.replaces(name, state, wanted)
            found += _changes(name, old, new, replaces=replaces)
    if resource.tagged:
        old, new = state.get("tagsAll", {}), wanted.get("tagsAll", {})
        if old != new:
            found += _changes("tagsAll", old, new, replaces=False)
    return [change for change in found if change.property not in ignored]


def delete_before_replace(resource: Resource, inputs: Values) -> bool:
    """Return whether the old resource must be deleted first: the user chose a name for it."""
    return (
        resource.autoname is not None
        and "name" in inputs
        and "name" not in inputs.get(DEFAULTS, ["name"])
    )


def diff_response(changed: list[Change], *, delete_first: bool) -> provider_pb2.DiffResponse:
    """Return changes as a response; `delete_first` matters only if one replaces the resource."""
    replaces = _names(change for change in changed if change.replaces)
    return provider_pb2.DiffResponse(
        changes=(
            provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE
        ),
        replaces=replaces,
        diffs=_names(changed),
        deleteBeforeReplace=bool(replaces) and delete_first,
        detailedDiff={
            change.path: provider_pb2.PropertyDiff(
                kind=_KINDS[change.old is not None, change.new is not None, change.replaces]
            )
            for change in changed
        },
        hasDetailedDiff=True,
    )


def _names(changed: Iterable[Change]) -> list[str]:
    return list(dict.fromkeys(change.property for change in changed))


def _changes(name: str, old: object, new: object, *, replaces: bool) -> Iterator[Change]:
    if not (isinstance(old, dict) and isinstance(new, dict)):
        yield Change(property=name, path=name, old=old, new=new, replaces=replaces)
        return
    for key in sorted(set(old) | set(new)):
        if old.get(key) != new.get(key) or has_unknown(new.get(key)):
            yield Change(
                property=name,
                path=f"{name}[{json.dumps(key)}]",
                old=old.get(key),
                new=new.get(key),
                replaces=replaces,
            )


def _empty(value: object) -> bool:
    return value is None or value in ("", [], {})
