"""A fact: the answer to one question, which may be that we do not know."""

from dataclasses import dataclass
from typing import Final, Generic, Never, TypeVar

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, kw_only=True)
class Obstacle:
    """Why we do not know something: a request that was not answered."""

    action: str
    """The IAM action of the request, such as `kms:DescribeKey`."""
    resource: str
    """The ARN or name of what it asked for."""
    error: str
    """What AWS, or the way there, said."""


class NotReadableError(Exception):
    """A check needs a fact that could not be read."""

    def __init__(self, obstacle: Obstacle) -> None:
        super().__init__(obstacle.error)
        self.obstacle = obstacle


class NothingToCheckError(Exception):
    """A check is about something that does not exist; whether it should is another check's question."""


@dataclass(frozen=True)
class Fact(Generic[T_co]):
    """The answer to one request: a value, the certainty that there is none, or an obstacle."""

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
"""The certainty that there is nothing."""
