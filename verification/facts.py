"""What AWS returns about the resources of a source location."""

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
    """`KeyMetadata` of DescribeKey."""
    rotation: Fact[Mapping[str, Any]] = MISSING
    """GetKeyRotationStatus; only for a stack's own key."""
    policy: Fact[str] = MISSING
    """`Policy` of GetKeyPolicy."""


@dataclass(frozen=True, kw_only=True)
class SecretFacts:
    """A secret or a replica."""

    arn: str
    described: Fact[Mapping[str, Any]] = MISSING
    """DescribeSecret."""
    value: Fact[Mapping[str, Any]] = field(default=MISSING, repr=False)
    """GetSecretValue."""
    policy: Fact[str] = MISSING
    """`ResourcePolicy` of GetResourcePolicy."""
    key: KeyFacts = field(default_factory=KeyFacts)
    """The secret's customer managed key."""

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
        """The secret's `KmsKeyId`, or None."""
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
    """`Role` of GetRole."""
    policies: Fact[Mapping[str, Mapping[str, Any]]] = MISSING
    """The inline policies by name: `PolicyDocument` of GetRolePolicy."""
    attached_policies: Fact[Sequence[str]] = MISSING
    """The ARNs of ListAttachedRolePolicies."""


@dataclass(frozen=True, kw_only=True)
class Response:
    """An origin's response to a request for a manifest."""

    status: int
    """The HTTP status."""
    location: str | None = None
    """The target of a redirect."""
    cdn: str | None = None
    """A header that only a CDN in front of the origin adds."""


@dataclass(frozen=True, kw_only=True)
class OriginFacts:
    """An origin's responses to requests for a manifest."""

    url: str
    with_token: Fact[Response] = MISSING
    without_token: Fact[Response] = MISSING
    tls_error: str | None = None
    """Why TLS failed."""


@dataclass(frozen=True, kw_only=True)
class SourceLocationFacts:
    """A source location in MediaTailor."""

    name: str
    described: Fact[Mapping[str, Any]] = MISSING
    """DescribeSourceLocation."""
    grants: Fact[Sequence[Mapping[str, Any]]] = MISSING
    """MediaTailor's grants for it on the secret's key, from ListGrants."""
    former_grants: Fact[Sequence[Mapping[str, Any]]] = MISSING
    """The same for keys that encrypted earlier versions, from ListSecretVersionIds."""
    origin: OriginFacts | None = None
    """Only with --origin-path."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The facts that the checks of a source location use."""

    expected: Expected
    secret: SecretFacts
    replicas: Mapping[str, SecretFacts] = field(default_factory=dict)
    """The secret's replicas by Region."""
    role: RoleFacts | None = None
    source_locations: Sequence[SourceLocationFacts] = ()
    """The source locations in MediaTailor that use the secret."""
