"""What to check: each source location, with the values it should have."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from verification.fact import MISSING, Fact

_SECRET_ARN = re.compile(
    r"arn:[a-z-]+:secretsmanager:([a-z0-9-]+):(\d{12}):secret:[A-Za-z0-9/_+=.@-]+"
)


class VerificationError(Exception):
    """Nothing can be checked. The message says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """A source location and the secret that it authenticates with.

    The values come from a stack's last deployment or, without a stack, from the source location in MediaTailor.
    """

    name: str
    secret_arn: str
    """The secret's ARN; empty if the source location has no secret."""
    secret_string_key: Fact[str]
    """The SecretString key that contains the token."""
    access_configuration: Fact[Mapping[str, Any]] = MISSING
    """In the format of the MediaTailor API.
    https://docs.aws.amazon.com/mediatailor/latest/apireference/API_AccessConfiguration.html"""
    stack: "StackExpected | None" = None
    """Values that only a stack provides."""

    @property
    def owns_key(self) -> bool:
        """Whether the stack creates the key and so manages its policy and rotation."""
        return self.stack is not None and not self.stack.required_key_policy_statements


@dataclass(frozen=True, kw_only=True)
class StackExpected:
    """The values of a stack for a source location, except the access configuration."""

    key_arn: str
    """The ARN of the key that encrypts the secret."""
    required_key_policy_statements: Sequence[Mapping[str, Any]] = ()
    """The statements that the policy of an existing key needs; empty for the stack's own key."""
    replica_arns: Mapping[str, str] = field(default_factory=dict)
    """The ARNs of the secret's replicas, by Region."""
    replica_key_arns: Mapping[str, str] = field(default_factory=dict)
    """The ARNs of the keys that encrypt the replicas, by Region."""
    media_package_role_arn: str | None = None
    """The role that MediaPackage assumes, if MediaPackage is the origin."""
    media_package_role_policy: str | None = None
    """The name of that role's inline policy."""
    source_location_arn: str | None = None
    """The MediaTailor source location, if the stack creates it."""
    desired_state: Fact[Mapping[str, Any]] = MISSING
    """The settings of that source location, in CloudFormation's format.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-mediatailor-sourcelocation.html"""
    version_id: str | None = None
    """The version of the secret that the stack wrote; None if it writes none."""
    is_adopted: bool = False
    """Whether the secret existed before the stack; the stack then keeps other members of its value."""


@dataclass(frozen=True, kw_only=True)
class Setup:
    """The source locations that a verification checks."""

    title: str
    """What the messages call it, such as `stack prod`."""
    stack: str | None
    """The stack's name; None for a setup without one."""
    region: str
    account: str | None
    """The 12-digit account ID; None if unknown."""
    source_locations: Sequence[Expected]
    notes: Sequence[str] = ()
    """Notes to print first."""


def region_and_account(arn: str) -> tuple[str, str] | None:
    """Return the Region and account of a secret's ARN, or None if it is not the ARN of a secret."""
    match = _SECRET_ARN.fullmatch(arn)
    return (match[1], match[2]) if match else None
