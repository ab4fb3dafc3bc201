"""The state of a resource: the planned state, the state in AWS, and the inputs derived from it.

It follows the Pulumi bridge (github.com/pulumi/pulumi-terraform-bridge, pkg/tfbridge/schema.go,
ExtractInputsFromOutputs) and upstream's handling of tags and Regions
(github.com/hashicorp/terraform-provider-aws, internal/provider/sdkv2).
"""

import re
from collections.abc import Collection
from typing import Any

from sandbox.provider.aws import Aws, Region
from sandbox.provider.policy_equivalence import equivalent, normalised
from sandbox.provider.resource import Resource
from sandbox.provider.settings import not_of_aws
from sandbox.provider.values import DEFAULTS, UNKNOWN, Values


def planned(
    resource: Resource,
    aws: Aws,
    inputs: Values,
    state: Values | None = None,
    *,
    ignored: Collection[str] = (),
) -> Values:
    """Return the outputs, as far as known, that a create or an update of `state` will have.

    Properties in `ignored` keep their value in the state.
    """
    wanted = resource.wanted(aws, inputs, state or {})
    outputs: Values = dict.fromkeys(resource.computed, UNKNOWN) if state is None else {**state}
    for name, rule in resource.properties.items():
        if name in ignored:
            continue
        if name in wanted:
            outputs[name] = stored(resource, name, wanted[name])
        elif not rule.computed:
            outputs.pop(name, None)
        elif state is None:
            outputs[name] = UNKNOWN
    if resource.tagged and "tagsAll" not in ignored:
        outputs["tagsAll"] = wanted.get("tagsAll", {})
    resource.complete_plan(aws, outputs, state or {})
    return outputs


def stored(resource: Resource, name: str, value: Any) -> Any:  # noqa: ANN401  (any property's value)
    """Return the value of an input as stored in the state."""
    is_policy = resource.properties[name].is_policy and value != UNKNOWN
    return normalised(value) if is_policy else value


def outputs(resource: Resource, region: Region, fresh: Values, state: Values) -> Values:
    """Return the state: AWS's values, and those that only the old state contains."""
    kept = {
        name: state[name]
        for name, rule in resource.properties.items()
        if not rule.recovered and name in state
    }
    joined = kept | fresh
    for name, rule in resource.properties.items():
        if rule.is_policy and (policy := fresh.get(name)):
            old = state.get(name, "")
            joined[name] = normalised(old if equivalent(old, policy) else policy)
    if resource.regional:
        joined["region"] = region.name
    if resource.tagged:
        settings = region.aws.settings
        tags = settings.not_ignored(not_of_aws(fresh["tagsAll"]))
        joined["tagsAll"] = tags
        joined["tags"] = {
            key: value
            for key, value in tags.items()
            if settings.default_tags.get(key) != value or key in state.get("tags", {})
        } or None
    return {name: value for name, value in joined.items() if value is not None}


def refreshed_inputs(resource: Resource, inputs: Values, state: Values) -> Values:
    """Return the inputs after a refresh, with the drift in existing inputs.

    No property and no map key is added, and a policy stays as the user wrote it.
    """
    fresh: Values = {}
    defaults = set(inputs.get(DEFAULTS, []))
    for name, old in inputs.items():
        if name == DEFAULTS:
            continue
        rule = resource.properties.get(name)
        if name not in state:
            defaults.discard(name)
        elif rule is not None and rule.is_policy:
            fresh[name] = old
        else:
            fresh[name] = _refreshed(old, state[name])
            if fresh[name] != old:
                defaults.discard(name)
    return fresh | ({DEFAULTS: sorted(defaults)} if DEFAULTS in inputs else {})


def _refreshed(old: object, new: object) -> object:
    if isinstance(old, dict) and isinstance(new, dict):
        return {key: _refreshed(value, new[key]) for key, value in old.items() if key in new}
    if isinstance(old, list) and isinstance(new, list):
        return [_refreshed(before, after) for before, after in zip(old, new, strict=False)]
    return new


def imported_inputs(resource: Resource, state: Values) -> Values:
    """Return the inputs that a program needs for an imported resource."""
    inputs = {
        name: resource.as_input(name, state[name])
        for name, rule in resource.properties.items()
        if name in state and (rule.required or not _is_default(state[name], rule.default))
    }
    if "name" in inputs:  # mutually exclusive
        inputs.pop("namePrefix", None)
    return inputs | {DEFAULTS: []}


def _is_default(value: object, default: object) -> bool:
    return value == default if default is not None else not value


def split_import_id(aws: Aws, resource_id: str) -> tuple[str, str]:
    """Split an import ID into the resource's ID and the Region that it names or implies."""
    if match := re.fullmatch(r"(.+)@([a-z]{2}(?:-[a-z]+)+-\d{1,2})", resource_id, re.DOTALL):
        return match[1], match[2]
    region = resource_id.split(":")[3] if resource_id.startswith("arn:") else ""
    return resource_id, region or aws.region
