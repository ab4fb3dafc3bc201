"""Facts about AWS: values that may be missing or could not be read."""

from dataclasses import dataclass
from typing import Final, Generic, Never, TypeVar

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, kw_only=True)
class Obstacle:
    """Why a fact could not be read: a failed request."""

    action: str
    """The IAM action of the request, such as `kms:DescribeKey`."""
    resource: str
    """The ARN or name of the requested resource."""
    error: str
    """The error that AWS or the connection returned."""


class NotReadableError(Exception):
    """A check needs a fact that could not be read."""

    def __init__(self, obstacle: Obstacle) -> None:
        super().__init__(obstacle.error)
        self.obstacle = obstacle


class NothingToCheckError(Exception):
    """The subject of a check does not exist. Whether it should is up to another check."""


@dataclass(frozen=True)
class Fact(Generic[T_co]):
    """The result of a request: a value, the certainty that there is none, or an obstacle."""

    known: T_co | None = None
    obstacle: Obstacle | None = None

    @property
    def value(self) -> T_co:
        """The value.

        Raises:
            NotReadableError: it could not be read.
            NothingToCheckError: there is none.

        """
        if self.is_missing or self.known is None:
            raise NothingToCheckError
        return self.known

    @property
    def is_missing(self) -> bool:
        """Whether it is certain that there is none.

        Raises:
            NotReadableError: it could not be read.

        """
        if self.obstacle:
            raise NotReadableError(self.obstacle)
        return self.known is None


MISSING: Final[Fact[Never]] = Fact()
"""The certainty that there is no value."""
