"""What AWS says about the resources of one source location."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, kw_only=True)
class Obstacle:
    """Why we do not know something: a request that AWS did not answer."""

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
            NothingToCheckError: AWS has none.

        """
        if self.is_missing or self.known is None:
            raise NothingToCheckError
        return self.known

    @property
    def is_missing(self) -> bool:
        """Whether AWS says that there is none.

        Raises:
            NotReadableError: it could not be read.

        """
        if self.obstacle:
            raise NotReadableError(self.obstacle)
        return self.known is None


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What a stack says about one of its source locations."""

    name: str
    access_configuration: Mapping[str, Any]
    """As the MediaTailor API writes it.
    https://docs.aws.amazon.com/mediatailor/latest/apireference/API_AccessConfiguration.html"""
    replica_arns: Mapping[str, str] = field(default_factory=dict)
    """The secret's replicas, ARN by Region."""
    media_package_role_arn: str | None = None
    source_location_arn: str | None = None
    """The MediaTailor source location, if the stack creates it."""
    key_is_existing: bool = False
    """The stack uses a key that it does not create."""

    @property
    def secret_arn(self) -> str:
        """The secret that the access configuration names."""
        return str(self.access_configuration["SecretsManagerAccessTokenConfiguration"]["SecretArn"])

    @property
    def secret_string_key(self) -> str:
        """The SecretString key that the access configuration names."""
        names = self.access_configuration["SecretsManagerAccessTokenConfiguration"]
        return str(names["SecretStringKey"])

    @property
    def region(self) -> str:
        """The secret's Region."""
        return region_of(self.secret_arn)

    @property
    def account(self) -> str:
        """The secret's account, 12 digits."""
        return self.secret_arn.split(":")[4]


@dataclass(frozen=True, kw_only=True)
class KeyFacts:
    """A KMS key."""

    metadata: Fact[Mapping[str, Any]] = Fact()
    """DescribeKey, its `KeyMetadata`."""
    rotation: Fact[Mapping[str, Any]] = Fact()
    """GetKeyRotationStatus."""
    policy: Fact[str] = Fact()
    """GetKeyPolicy, its `Policy`."""


@dataclass(frozen=True, kw_only=True)
class SecretFacts:
    """A secret, or a replica of one."""

    arn: str
    described: Fact[Mapping[str, Any]] = Fact()
    """DescribeSecret."""
    value: Fact[Mapping[str, Any]] = field(default=Fact(), repr=False)
    """GetSecretValue."""
    policy: Fact[str] = Fact()
    """GetResourcePolicy, its `ResourcePolicy`."""
    key: KeyFacts = field(default_factory=KeyFacts)
    """The key that the secret names."""

    @property
    def region(self) -> str:
        """The Region in the ARN."""
        return region_of(self.arn)

    @property
    def key_name(self) -> str | None:
        """The key as the secret names it; None if it names none."""
        return self.described.value.get("KmsKeyId")

    def token(self, secret_string_key: str) -> str | None:
        """Return the token as MediaTailor looks it up, or None."""
        try:
            content = json.loads(self.value.value.get("SecretString", ""))
        except ValueError:
            return None
        token = content.get(secret_string_key) if isinstance(content, dict) else None
        return token if isinstance(token, str) else None


@dataclass(frozen=True, kw_only=True)
class RoleFacts:
    """The role that MediaPackage assumes."""

    arn: str
    role: Fact[Mapping[str, Any]] = Fact()
    """GetRole, its `Role`."""
    policies: Fact[Sequence[Mapping[str, Any]]] = Fact()
    """GetRolePolicy of each of ListRolePolicies, its `PolicyDocument`."""
    attached_policies: Fact[Sequence[str]] = Fact()
    """ListAttachedRolePolicies, their ARNs."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything that the checks of one source location look at."""

    expected: Expected
    secret: SecretFacts
    replicas: Mapping[str, SecretFacts] = field(default_factory=dict)
    """The secret's replicas by Region."""
    role: RoleFacts | None = None
    source_location: Fact[Mapping[str, Any]] = Fact()
    """Cloud Control's GetResource, its `Properties`."""


def region_of(arn: str) -> str:
    """Return the Region in an ARN."""
    return arn.split(":")[3]
