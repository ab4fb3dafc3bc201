"""What the resources have in common: their properties' rules, and check, diff and plan by them."""

import hashlib
import json
import re
import secrets
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from . import policy_equivalence
from .aws import Aws, Region, partition_of
from .errors import has_code
from .values import UNKNOWN, Values, has_unknown

Rule = Callable[[str, Any], Iterator[str]]
"""Takes a property's upstream name and its value, and yields what is wrong with it."""

_KINDS = {str: "a string", bool: "a boolean", int: "a whole number", list: "a list", dict: "a map"}

_MISSING = 'Missing required argument. The argument "{}" is required, but no definition was found'


@dataclass(frozen=True, kw_only=True)
class Property:
    """An input of a resource, and how the provider treats it."""

    kind: type = str
    required: bool = False
    default: object = None
    computed: bool = False
    """AWS has a value where the program gives none, so giving none is no change."""
    replaces: bool = False
    """A change makes a new resource."""
    secret: bool = False
    recovered: bool = True
    """AWS tells its value; the others live in the state only."""
    rules: tuple[Rule, ...] = ()
    same: Callable[[Any, Any], bool] = lambda old, new: bool(old == new)
    conflicts: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()

    @property
    def is_policy(self) -> bool:
        """Whether it is a policy document, which the state holds normalised."""
        return self.same is policy_equivalence.equivalent


@dataclass(frozen=True, kw_only=True)
class Autoname:
    """How a resource that the program gives no name gets one."""

    longest: int
    prefix: str = ""


@dataclass(frozen=True, kw_only=True)
class Change:
    """A difference between what is and what the program wants."""

    property: str
    path: str
    old: object
    new: object
    replaces: bool


class Resource(ABC):
    """A resource type: its properties, and the AWS API calls of its life.

    The calls are made in the order in which pulumi-aws makes them. It polls until AWS has settled;
    here one read at the end is enough.
    """

    token: ClassVar[str]
    noun: ClassVar[str]
    """What error messages call it."""
    gone: ClassVar[Mapping[str, str]]
    """The error codes by which AWS says that it is gone, each with a pattern that is in the message."""
    properties: ClassVar[Mapping[str, Property]]
    """The inputs, without `region`, `tags` and `tagsAll`, which the class adds."""
    computed: ClassVar[frozenset[str]]
    """The outputs that are no inputs."""
    left_out: ClassVar[frozenset[str]] = frozenset()
    """What pulumi-aws has beside these, and this project does not use."""
    secret: ClassVar[frozenset[str]]
    """The properties that the engine must keep secret; the class finds them."""
    tagged: ClassVar[bool] = False
    regional: ClassVar[bool] = True
    autoname: ClassVar[Autoname | None] = None

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if cls.regional:
            cls.properties = {**cls.properties, "region": Property(computed=True, replaces=True)}
        if cls.tagged:
            cls.properties = {**cls.properties, "tags": Property(kind=dict, rules=(_are_texts,))}
            cls.computed |= {"tagsAll"}
        cls.secret = frozenset(name for name, rule in cls.properties.items() if rule.secret)

    # AWS: each of these may raise what boto3 raises.

    @abstractmethod
    def create(self, region: Region, inputs: Values) -> str:
        """Make the resource and return its ID."""

    def complete(self, region: Region, resource_id: str, inputs: Values) -> None:  # noqa: B027
        """Do what must follow `create`, if anything; when it fails, the resource exists already."""

    @abstractmethod
    def read(self, region: Region, resource_id: str, state: Values) -> Values | None:
        """Return what AWS tells of it, or None if it counts as gone; `state` is empty in an import."""

    def tag(self, region: Region, resource_id: str, *, add: Values, remove: list[str]) -> None:
        """Set and remove tags; only called where `tagged`."""
        raise NotImplementedError

    @abstractmethod
    def update(
        self, region: Region, resource_id: str, old: Values, new: Values, changed: frozenset[str]
    ) -> None:
        """Make the properties in `changed` what they are in `new`."""

    @abstractmethod
    def delete(self, region: Region, resource_id: str, state: Values) -> None:
        """Delete it as its state says."""

    # What differs from one type to another in the rules.

    def is_gone(self, error: Exception) -> bool:
        """Whether AWS says that there is no such resource any more, which is no error."""
        return any(
            has_code(error, code) and re.search(pattern, str(error))
            for code, pattern in self.gone.items()
        )

    def identity(self, inputs: Values) -> str:
        """Name it in the error message of a create that failed, if anything names it by then."""
        return str(inputs.get("name", ""))

    def changes_by_rule(self, state: Values, inputs: Values) -> Iterator[Change]:
        """Compare inputs (with defaults, tagsAll and region) with the state, property by property."""
        for name, rule in self.properties.items():
            old, new = state.get(name), inputs.get(name)
            if (new is None and rule.computed) or (_empty(old) and _empty(new)):
                continue
            if has_unknown(new) or new is None or old is None or not rule.same(old, new):
                yield from self._change(name, old, new, replaces=rule.replaces)

    # Check

    def check(
        self, aws: Aws, name: str, news: Values, olds: Values, seed: bytes
    ) -> tuple[Values, list[str]]:
        """Complete the program's inputs as pulumi-aws does, and say what is wrong with them."""
        inputs, defaults, problems = dict(news), [], []
        if self.autoname and not ({"name", "namePrefix"} & set(news)):
            try:
                inputs["name"] = self._name(self.autoname, name, olds, seed)
                defaults.append("name")
            except ValueError as error:
                problems.append(str(error))
        problems += [
            f"{problem}. Examine values at '{name}.{place}'."
            for place, problem in self._problems(aws, inputs)
        ]
        if self.tagged:
            inputs["tagsAll"] = self._all_tags(aws, news.get("tags", {}))
        for key, rule in self.properties.items():
            if rule.default is not None and key not in news:
                inputs[key] = rule.default
                defaults.append(key)
        inputs["__defaults"] = sorted(defaults)
        return inputs, problems

    def _all_tags(self, aws: Aws, tags: object) -> object:
        if not isinstance(tags, dict) or has_unknown(tags):
            return UNKNOWN
        return {**aws.default_tags, **tags}

    def _name(self, autoname: Autoname, name: str, olds: Values, seed: bytes) -> str:
        if "name" in olds.get("__defaults", []) and "name" in olds:
            return str(olds["name"])
        suffix = hashlib.sha256(seed).hexdigest() if seed else secrets.token_hex(4)
        if len(name) + 8 > autoname.longest:
            raise ValueError(
                f"name '{name}-' plus 7 random chars is longer than maximum length"
                f" {autoname.longest}"
            )
        return f"{autoname.prefix}{name.removeprefix(autoname.prefix)}-{suffix[:7]}"

    def _problems(self, aws: Aws, news: Values) -> Iterator[tuple[str, str]]:
        """Yield the place of each problem and the problem itself."""
        for key, value in news.items():
            rule = self.properties.get(key)
            if rule is None:
                yield key, self._unknown_property(key)
                continue
            if not has_unknown(value):
                yield from ((key, problem) for problem in self._wrong_value(key, rule, value))
            yield from ((key, problem) for problem in _wrong_company(key, rule, news))
        for key, rule in self.properties.items():
            if rule.required and key not in news:
                yield key, _MISSING.format(upstream(key))
        region = news.get("region")
        if (
            isinstance(region, str)
            and region != UNKNOWN
            and partition_of(region) != partition_of(aws.region)
        ):
            yield "region", f'"region" ({region}) is not in the partition of {aws.region}'

    def _unknown_property(self, key: str) -> str:
        return (
            f'the rehearsal\'s stand-in for pulumi-aws does not know the property "{key}" of'
            f" {self.token}. It knows {', '.join(sorted(self.properties))}"
        )

    def _wrong_value(self, key: str, rule: Property, value: object) -> Iterator[str]:
        # In Python a boolean is a number too, to AWS it is not.
        if not isinstance(value, rule.kind) or (rule.kind is int and isinstance(value, bool)):
            yield f'expected "{upstream(key)}" to be {_KINDS[rule.kind]}'
            return
        for check in rule.rules:
            yield from check(upstream(key), value)

    # Diff

    def effective(self, aws: Aws, inputs: Values) -> Values:
        """Return the inputs with the region in which the resource is to be."""
        return {"region": aws.region, **inputs} if self.regional else inputs

    def changes(self, aws: Aws, state: Values, inputs: Values) -> list[Change]:
        """Return what the inputs that `check` completed change in the state."""
        wanted = self.effective(aws, inputs)
        changes = list(self.changes_by_rule(state, wanted))
        if self.tagged:
            old, new = state.get("tagsAll", {}), wanted.get("tagsAll", {})
            if old != new:
                changes += self._change("tagsAll", old, new, replaces=False)
        return changes

    def delete_before_replace(self, inputs: Values) -> bool:
        """Whether the old resource must make way: two cannot have the name that the user chose."""
        return (
            self.autoname is not None
            and "name" in inputs
            and "name" not in inputs.get("__defaults", [])
        )

    def _change(self, name: str, old: object, new: object, *, replaces: bool) -> Iterator[Change]:
        if isinstance(old, dict) and isinstance(new, dict):
            for key in sorted(set(old) | set(new)):
                if old.get(key) != new.get(key) or has_unknown(new.get(key)):
                    yield Change(
                        property=name,
                        path=f"{name}[{json.dumps(key)}]",
                        old=old.get(key),
                        new=new.get(key),
                        replaces=replaces,
                    )
        else:
            yield Change(property=name, path=name, old=old, new=new, replaces=replaces)

    # State

    def planned(self, aws: Aws, inputs: Values, state: Values | None = None) -> Values:
        """Return the outputs that a create, or an update of `state`, will have, so far as known."""
        wanted = self.effective(aws, inputs)
        outputs: Values = dict.fromkeys(self.computed, UNKNOWN) if state is None else {**state}
        for name, rule in self.properties.items():
            if name in wanted:
                outputs[name] = self.stored(name, wanted[name])
            elif not rule.computed:
                outputs.pop(name, None)
            elif state is None:
                outputs[name] = UNKNOWN
        if self.tagged:
            outputs["tagsAll"] = wanted.get("tagsAll", {})
        return outputs

    def stored(self, name: str, value: Any) -> Any:  # noqa: ANN401  (any property's value)
        """Return how the state holds an input."""
        is_policy = self.properties[name].is_policy and value != UNKNOWN
        return policy_equivalence.normalised(value) if is_policy else value

    def outputs(self, region: Region, fresh: Values, state: Values) -> Values:
        """Join what AWS tells with what only the state holds."""
        kept = {
            name: state[name]
            for name, rule in self.properties.items()
            if not rule.recovered and name in state
        }
        outputs = kept | fresh
        for name, rule in self.properties.items():
            if rule.is_policy and (told := fresh.get(name)):
                old = state.get(name, "")
                policy = old if policy_equivalence.equivalent(old, told) else told
                outputs[name] = policy_equivalence.normalised(policy)
        if self.regional:
            outputs["region"] = region.name
        if self.tagged:
            tags = {
                key: value for key, value in fresh["tagsAll"].items() if not key.startswith("aws:")
            }
            own = state.get("tags", {})
            outputs["tagsAll"] = tags
            outputs["tags"] = {
                key: value
                for key, value in tags.items()
                if region.aws.default_tags.get(key) != value or key in own
            } or None
        return {name: value for name, value in outputs.items() if value is not None}

    def inputs_read(self, inputs: Values, old: Values, new: Values) -> Values:
        """Return the inputs that a refresh from state `old` to `new` leaves, so drift shows up."""
        fresh = dict(inputs)
        for name in inputs:
            if name in self.properties or name == "tagsAll":
                if name not in new:
                    del fresh[name]
                elif new[name] != old.get(name):
                    fresh[name] = new[name]
        return fresh

    def inputs_imported(self, state: Values) -> Values:
        """Return the inputs that a program needs to describe what was read by ID alone."""
        return {
            name: state[name]
            for name, rule in self.properties.items()
            if name in state
            and (rule.required or not (_empty(state[name]) or state[name] in (False, rule.default)))
        } | {"__defaults": []}

    def place(self, aws: Aws, resource_id: str) -> tuple[str, str]:
        """Split the ID of an import into the ID proper and the region that it names or implies."""
        own_id, _, region = resource_id.partition("@")
        if not region and own_id.startswith("arn:"):
            region = own_id.split(":")[3]
        return own_id, region or aws.region


def generated_name(prefix: str) -> str:
    """Return a name of which the program gave the beginning: 26 hexadecimal digits follow it."""
    return prefix + secrets.token_hex(13)


def prefix_of(name: str) -> str | None:
    """Return the beginning of a name that `generated_name` made, or None for another name."""
    match = re.fullmatch(r"(.*)[0-9a-f]{26}", name)
    return match[1] if match else None


def upstream(name: str) -> str:
    """Return the name that upstream's messages have for a property: `secretId` is `secret_id`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _wrong_company(key: str, rule: Property, news: Values) -> Iterator[str]:
    for other in rule.conflicts:
        if other in news:
            yield f'"{upstream(key)}": conflicts with {upstream(other)}'
    for other in rule.needs:
        if other not in news:
            both = ",".join(sorted(map(upstream, (key, other))))
            yield f'"{upstream(key)}": all of `{both}` must be specified'


def _empty(value: object) -> bool:
    return value is None or value in ("", [], {})


# Rules of properties


def between(low: int, high: int, *, or_zero: bool = False) -> Rule:
    """Make the rule for a number from `low` to `high`, both included."""

    def rule(name: str, value: int) -> Iterator[str]:
        if low <= value <= high or (or_zero and value == 0):
            return
        if or_zero:
            yield f"expected {name} to be one of [0], got {value}"
        yield f"expected {name} to be in the range ({low} - {high}), got {value}"

    return rule


def length(low: int, high: int) -> Rule:
    """Make the rule for a text of `low` to `high` characters."""

    def rule(name: str, value: str) -> Iterator[str]:
        if not low <= len(value) <= high:
            yield f"expected length of {name} to be in the range ({low} - {high}), got {value}"

    return rule


def one_of(service: str, shape: str) -> Rule:
    """Make the rule for one of the values that AWS's own model of a service lists."""

    def rule(name: str, value: str) -> Iterator[str]:
        import botocore.session  # noqa: PLC0415  (slow to import, and seldom needed)

        model = botocore.session.get_session().get_service_model(service).shape_for(shape)
        values: list[str] = model.metadata["enum"]
        if value not in values:
            yield f"expected {name} to be one of {json.dumps(values)}, got {value}"

    return rule


def matching(pattern: str, problem: str) -> Rule:
    """Make the rule for a text that a pattern matches; `problem` has `{name}` for the property."""
    compiled = re.compile(pattern)

    def rule(name: str, value: str) -> Iterator[str]:
        if not compiled.fullmatch(value):
            yield problem.format(name=f'"{name}"')

    return rule


def _are_texts(name: str, value: Values) -> Iterator[str]:
    for key, text in value.items():
        if not isinstance(text, str):
            yield f'"{name}.{key}" must be a string'


def is_json(name: str, value: str) -> Iterator[str]:
    """Rule for a text that must be JSON."""
    try:
        json.loads(value)
    except ValueError as error:
        yield f'"{name}" contains an invalid JSON: {error}'


def is_arn(name: str, value: str) -> Iterator[str]:
    """Rule for an Amazon Resource Name."""
    if not re.fullmatch(r"arn:[\w-]+:[\w-]+:[\w-]*:\d*:.+", value):
        yield f'"{name}" ({value}) is an invalid ARN'


POLICY = Property(rules=(is_json,), same=policy_equivalence.equivalent, computed=True)
"""A policy document that AWS makes up where the program gives none."""
