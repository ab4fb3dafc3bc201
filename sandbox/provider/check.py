"""Check: completes and validates the inputs of a resource.

It follows the Pulumi bridge (github.com/pulumi/pulumi-terraform-bridge, pkg/tfbridge/provider.go,
Check; schema.go, applyDefaults; info/autonaming.go) and the callbacks that pulumi-aws adds to it
(github.com/pulumi/pulumi-aws, provider/tags.go and region.go).
"""

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from sandbox.provider.aws import Aws, partition_of
from sandbox.provider.errors import STAND_IN
from sandbox.provider.properties import KINDS, Property, upstream
from sandbox.provider.resource import Autoname, Resource
from sandbox.provider.settings import text_of
from sandbox.provider.values import DEFAULTS, UNKNOWN, Values, has_unknown

_MISSING = 'Missing required argument. The argument "{}" is required, but no definition was found'


class NamingMode(Enum):
    """The mode of `pulumi:autonaming` in the stack's config."""

    PROPOSE = 0
    ENFORCE = 1
    DISABLE = 2


@dataclass(frozen=True, kw_only=True)
class Naming:
    """How to name a resource that the program does not name."""

    resource: str
    """The resource's logical name."""
    old: str | None
    """The name of the deployed resource, or None for a new one."""
    seed: bytes
    """The engine's random seed for the resource."""
    mode: NamingMode | None = None
    """None if the stack's config does not set it."""
    proposed: str = ""


def check(resource: Resource, aws: Aws, news: Values, naming: Naming) -> tuple[Values, list[str]]:
    """Return the program's inputs `news`, completed, and the errors in them."""
    given = _without_defaults(news)
    # No program can set `tagsAll`, but the engine sends the old value if it ignores changes to it.
    given.pop("tagsAll", None)
    inputs, defaults = dict(given), []
    errors = list(_unusable(resource, given))
    if resource.regional and aws.settings.region:
        inputs.setdefault("region", aws.settings.region)
    if resource.tagged:
        errors += _complete_tags(aws, inputs)
    naming_errors = []
    if resource.autoname and not ({"name", "namePrefix"} & set(given)):
        try:
            inputs["name"] = _autoname(resource.autoname, naming)
            defaults.append("name")
        except ValueError as error:
            naming_errors.append(str(error))
    errors += _invalid(resource, aws, inputs)
    for key, rule in resource.properties.items():
        if rule.default and key not in inputs:  # the bridge omits false, 0 and empty values
            inputs[key] = rule.default
            defaults.append(key)
    inputs[DEFAULTS] = sorted(defaults)
    return inputs, naming_errors + [
        f"{error}. Examine values at '{naming.resource}.{path}'." for path, error in errors
    ]


def _without_defaults(values: Values) -> Values:
    """Return the inputs without the lists of defaults that an import adds to each object."""

    def cleaned(value: object) -> object:
        if isinstance(value, dict):
            return {key: cleaned(each) for key, each in value.items() if key != DEFAULTS}
        return [cleaned(each) for each in value] if isinstance(value, list) else value

    return {key: cleaned(each) for key, each in values.items() if key != DEFAULTS}


def _unusable(resource: Resource, given: Values) -> Iterator[tuple[str, str]]:
    known = {name for name, rule in resource.properties.items() if rule.settable}
    for key in given:
        if key not in known:
            error = (
                f'{STAND_IN} does not know the property "{key}" of {resource.token}, because this'
                f" program does not set it. It knows {', '.join(sorted(known))}"
            )
            yield key, error
    for key, rule in resource.properties.items():
        if rule.required and key not in given:
            yield key, _MISSING.format(upstream(key))


def _complete_tags(aws: Aws, inputs: Values) -> list[tuple[str, str]]:
    """Convert the tags to text, and add `tagsAll`, which includes the provider's tags."""
    tags = inputs.get("tags", {})
    if not isinstance(tags, dict) or has_unknown(tags):
        inputs["tagsAll"] = UNKNOWN
        return []
    texts = {key: text_of(value) for key, value in tags.items()}
    own = {key: text for key, text in texts.items() if text is not None}
    if "tags" in inputs:
        inputs["tags"] = own
    inputs["tagsAll"] = aws.settings.all_tags(own)
    return [
        (f"tags.{key}", f'"tags.{key}" must be text') for key, text in texts.items() if text is None
    ]


def _autoname(autoname: Autoname, naming: Naming) -> str:
    """Return the name of a resource that the program does not name: the old one, if it has one."""
    if naming.old is not None:
        return naming.old
    match naming.mode:
        case NamingMode.DISABLE:
            raise ValueError("automatic naming is disabled but no explicit name was provided")
        case NamingMode.ENFORCE:
            return naming.proposed  # unchanged: pulumi-aws does not even add `alias/`
        case NamingMode.PROPOSE:
            name = naming.proposed
            if len(name) > autoname.longest:
                raise ValueError(
                    f"calculated name '{name}' exceeds maximum length of {autoname.longest}"
                )
        case None:
            digits = hashlib.sha256(naming.seed).hexdigest() if naming.seed else secrets.token_hex()
            name = f"{naming.resource}-{digits[:7]}"
            if len(name) > autoname.longest:
                raise ValueError(
                    f"name '{naming.resource}-' plus 7 random chars is longer than maximum length"
                    f" {autoname.longest}"
                )
    return autoname.prefix + name.removeprefix(autoname.prefix)


def _invalid(resource: Resource, aws: Aws, inputs: Values) -> Iterator[tuple[str, str]]:
    for key, value in inputs.items():
        rule = resource.properties.get(key)
        if rule and not has_unknown(value):
            yield from ((key, error) for error in _broken_rules(key, rule, value))
    region = inputs.get("region")
    if (
        isinstance(region, str)
        and region != UNKNOWN
        and partition_of(region) != partition_of(aws.region)
    ):
        yield "region", f'"region" ({region}) is not in the partition of {aws.region}'


def _broken_rules(key: str, rule: Property, value: object) -> Iterator[str]:
    # In Python a boolean is also an integer; in AWS it is not.
    if not isinstance(value, rule.kind) or (rule.kind is int and isinstance(value, bool)):
        yield f'expected "{upstream(key)}" to be {KINDS[rule.kind]}'
        return
    for check_rule in rule.rules:
        yield from check_rule(upstream(key), value)
