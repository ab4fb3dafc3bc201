"""A resource type: its properties, and the AWS API calls of its life."""

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

    The calls are made in the order in which upstream makes them. Upstream also polls until AWS has
    settled; here, one read at the end is enough.
    """

    token: ClassVar[str]
    noun: ClassVar[str]
    """What error messages call it."""
    gone: ClassVar[Mapping[str, str]]
    """The error codes for a resource that no longer exists, each with a pattern of its message."""
    properties: ClassVar[Mapping[str, Property]] = {}
    """The inputs, without `region` and `tags`, which the class adds."""
    computed: ClassVar[frozenset[str]] = frozenset()
    """The outputs that are not inputs."""
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
            cls.properties = {**cls.properties, "tags": Property(kind=dict)}
            cls.computed |= {"tagsAll"}
        cls.secret = frozenset(name for name, rule in cls.properties.items() if rule.secret)

    # Each of these may raise what boto3 raises.

    @abstractmethod
    def create(self, region: Region, inputs: Values) -> Iterator[str]:
        """Create the resource: yield its ID as soon as it is known, then finish it.

        Once it has an ID, the state keeps the resource even if the rest fails.
        """

    @abstractmethod
    def read(self, region: Region, resource_id: str, state: Values) -> Values | None:
        """Return what AWS has, or None if it counts as gone; `state` is empty in an import."""

    def tag(self, region: Region, resource_id: str, *, add: Values, remove: list[str]) -> None:
        """Set and remove tags; only called where `tagged`."""
        raise NotImplementedError

    @abstractmethod
    def update(
        self, region: Region, resource_id: str, old: Values, new: Values, changed: frozenset[str]
    ) -> None:
        """Give the properties in `changed` the values that they have in `new`."""

    @abstractmethod
    def delete(self, region: Region, resource_id: str, state: Values) -> None:
        """Delete it as its state says."""

    # Types may override these.

    def is_gone(self, error: Exception) -> bool:
        """Return whether AWS says that the resource no longer exists, which is no error."""
        return any(
            has_code(error, code) and re.search(pattern, str(error))
            for code, pattern in self.gone.items()
        )

    def identity(self, inputs: Values) -> str:
        """Return what identifies it in the error message of a create that failed."""
        return str(inputs.get("name", ""))

    def replaces(self, name: str, state: Values, wanted: Values) -> bool:  # noqa: ARG002
        """Return whether a change of property `name` from `state` to `wanted` takes a new resource."""
        return self.properties[name].replaces

    def complete_plan(self, aws: Aws, plan: Values, state: Values) -> None:  # noqa: B027
        """Add planned outputs that have to be read from AWS; `state` is empty for a new resource."""

    def as_input(self, name: str, value: Any) -> Any:  # noqa: ANN401, ARG002  (any property's value)
        """Return the value of a property in the state as an input that gives it that value."""
        return value

    def wanted(self, aws: Aws, inputs: Values, state: Values) -> Values:
        """Return the inputs with what pulumi-aws assumes: defaults, and the Region to be in."""
        defaults = {name: rule.default for name, rule in self.properties.items()}
        if self.regional:
            defaults["region"] = state.get("region") or aws.region
        return {name: value for name, value in defaults.items() if value is not None} | inputs


def generated_name(prefix: str) -> str:
    """Return `prefix` and 26 hexadecimal digits, as upstream names what has a name prefix."""
    return prefix + secrets.token_hex(13)


def prefix_of(name: str) -> str | None:
    """Return the prefix of a name that `generated_name` made, or None for another name."""
    match = re.fullmatch(r"(.*)[0-9a-f]{26}", name)
    return match[1] if match else None
