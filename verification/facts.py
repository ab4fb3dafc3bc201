"""What AWS says about the resources of one source location."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from verification.expected import Expected
from verification.fact import MISSING, Fact


@dataclass(frozen=True, kw_only=True)
class KeyFacts:
    """A KMS key."""

    metadata: Fact[Mapping[str, Any]] = MISSING
    """DescribeKey, its `KeyMetadata`."""
    rotation: Fact[Mapping[str, Any]] = MISSING
    """GetKeyRotationStatus; only of a stack's own key."""
    policy: Fact[str] = MISSING
    """GetKeyPolicy, its `Policy`."""


@dataclass(frozen=True, kw_only=True)
class SecretFacts:
    """A secret, or a replica of one."""

    arn: str
    described: Fact[Mapping[str, Any]] = MISSING
    """DescribeSecret."""
    value: Fact[Mapping[str, Any]] = field(default=MISSING, repr=False)
    """GetSecretValue."""
    policy: Fact[str] = MISSING
    """GetResourcePolicy, its `ResourcePolicy`."""
    key: KeyFacts = field(default_factory=KeyFacts)
    """The key that the secret names."""

    @property
    def region(self) -> str:
        """The Region in the ARN."""
        return self.arn.split(":")[3]

    @property
    def account(self) -> str:
        """The account in the ARN, 12 digits."""
        return self.arn.split(":")[4]

    @property
    def key_name(self) -> str | None:
        """The key as the secret names it; None if it names none."""
        return self.described.value.get("KmsKeyId")

    @property
    def members(self) -> Mapping[str, Any] | None:
        """The members of the SecretString; None if it is not a JSON object."""
        try:
            content = json.loads(self.value.value.get("SecretString", ""))
        except ValueError:
            return None
        return content if isinstance(content, dict) else None

    def token(self, secret_string_key: str) -> str | None:
        """Return the token as MediaTailor looks it up, or None."""
        token = (self.members or {}).get(secret_string_key)
        return token if isinstance(token, str) else None


@dataclass(frozen=True, kw_only=True)
class RoleFacts:
    """The role that MediaPackage assumes."""

    arn: str
    role: Fact[Mapping[str, Any]] = MISSING
    """GetRole, its `Role`."""
    policies: Fact[Mapping[str, Mapping[str, Any]]] = MISSING
    """By name of ListRolePolicies, GetRolePolicy's `PolicyDocument`."""
    attached_policies: Fact[Sequence[str]] = MISSING
    """ListAttachedRolePolicies, their ARNs."""


@dataclass(frozen=True, kw_only=True)
class Response:
    """What the origin answered to one request for a manifest."""

    status: int
    """The HTTP status."""
    location: str | None = None
    """Where a redirect leads."""
    cdn: str | None = None
    """The header that gives away a CDN in front of the origin."""


@dataclass(frozen=True, kw_only=True)
class OriginFacts:
    """The origin's answers to the request of a manifest."""

    url: str
    with_token: Fact[Response] = MISSING
    without_token: Fact[Response] = MISSING
    tls_error: str | None = None
    """Why no trustworthy connection could be made."""


@dataclass(frozen=True, kw_only=True)
class SourceLocationFacts:
    """A source location in MediaTailor."""

    name: str
    described: Fact[Mapping[str, Any]] = MISSING
    """DescribeSourceLocation."""
    grants: Fact[Sequence[Mapping[str, Any]]] = MISSING
    """MediaTailor's grants for it on the secret's key, from ListGrants."""
    former_grants: Fact[Sequence[Mapping[str, Any]]] = MISSING
    """The same on keys that encrypted the secret before; ListSecretVersionIds names them."""
    origin: OriginFacts | None = None
    """Only if asked for."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything that the checks of one source location look at."""

    expected: Expected
    secret: SecretFacts
    replicas: Mapping[str, SecretFacts] = field(default_factory=dict)
    """The secret's replicas by Region."""
    role: RoleFacts | None = None
    source_locations: Sequence[SourceLocationFacts] = ()
    """The source locations in MediaTailor that use the secret."""
