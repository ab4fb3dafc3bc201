"""A resource type: its properties, and the AWS API calls that manage it."""

import re
import secrets
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from sandbox.provider.aws import Aws, Region
from sandbox.provider.errors import has_code
from sandbox.provider.properties import Property
from sandbox.provider.values import Values


@dataclass(frozen=True, kw_only=True)
class Autoname:
    """How pulumi-aws names a resource that the program does not name."""

    longest: int
    prefix: str = ""


class Resource(ABC):
    """A resource type.

    Calls are made in upstream's order. Upstream also polls AWS until a change has taken effect; here,
    one read at the end is enough.
    """

    token: ClassVar[str]
    noun: ClassVar[str]
    """Its name in error messages."""
    gone: ClassVar[Mapping[str, str]]
    """The error codes for a resource that no longer exists, each with a pattern for the message."""
    properties: ClassVar[Mapping[str, Property]] = {}
    """The inputs; the class adds `region` and `tags`."""
    computed: ClassVar[frozenset[str]] = frozenset()
    """The outputs that are not inputs."""
    secret: ClassVar[frozenset[str]]
    """The properties that the engine must keep secret; the class computes them."""
    tagged: ClassVar[bool] = False
    regional: ClassVar[bool] = True
    autoname: ClassVar[Autoname | None] = None

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if cls.regional:
            cls.properties = {**cls.properties, "region": Property(computed=True, replaces=True)}
        if cls.tagged:
            cls.properties = {**cls.properties, "tags": Property(kind=dict)}
            cls.computed |= {"tagsAll"}
        cls.secret = frozenset(name for name, rule in cls.properties.items() if rule.secret)

    # The following methods may raise boto3's exceptions.

    @abstractmethod
    def create(self, region: Region, inputs: Values) -> Iterator[str]:
        """Create the resource: yield its ID as soon as it is known, then complete it.

        Once the ID is known, the resource stays in the state even if a later step fails.
        """

    @abstractmethod
    def read(self, region: Region, resource_id: str, state: Values) -> Values | None:
        """Return the properties in AWS, or None if it is gone; `state` is empty in an import."""

    def tag(self, region: Region, resource_id: str, *, add: Values, remove: list[str]) -> None:
        """Set and remove tags; only called if `tagged`."""
        raise NotImplementedError

    @abstractmethod
    def update(
        self, region: Region, resource_id: str, old: Values, new: Values, changed: frozenset[str]
    ) -> None:
        """Set the properties in `changed` to their values in `new`."""

    @abstractmethod
    def delete(self, region: Region, resource_id: str, state: Values) -> None:
        """Delete the resource."""

    # Types may override these.

    def is_gone(self, error: Exception) -> bool:
        """Return whether an error means that the resource no longer exists."""
        return any(
            has_code(error, code) and re.search(pattern, str(error))
            for code, pattern in self.gone.items()
        )

    def identity(self, inputs: Values) -> str:
        """Return what identifies the resource in error messages before it has an ID."""
        return str(inputs.get("name", ""))

    def replaces(self, name: str, state: Values, wanted: Values) -> bool:  # noqa: ARG002
        """Return whether changing property `name` from `state` to `wanted` replaces the resource."""
        return self.properties[name].replaces

    def complete_plan(self, aws: Aws, plan: Values, state: Values) -> None:  # noqa: B027
        """Add planned outputs that have to be read from AWS; `state` is empty for a new resource."""

    def as_input(self, name: str, value: Any) -> Any:  # noqa: ANN401, ARG002  (any property's value)
        """Convert the value of a property in the state to the input that produces it."""
        return value

    def wanted(self, aws: Aws, inputs: Values, state: Values) -> Values:
        """Return the inputs with the defaults and the Region that pulumi-aws adds."""
        defaults = {name: rule.default for name, rule in self.properties.items()}
        if self.regional:
            defaults["region"] = state.get("region") or aws.region
        return {name: value for name, value in defaults.items() if value is not None} | inputs


def generated_name(prefix: str) -> str:
    """Return `prefix` and 26 hexadecimal digits, as upstream does for a name prefix."""
    return prefix + secrets.token_hex(13)


def prefix_of(name: str) -> str | None:
    """Return the prefix of a name from `generated_name`, or None for another name."""
    match = re.fullmatch(r"(.*)[0-9a-f]{26}", name)
    return match[1] if match else None
