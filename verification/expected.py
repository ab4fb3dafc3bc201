"""What to check: each source location, and what is known about it before AWS is asked."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from verification.fact import MISSING, Fact

_SECRET_ARN = re.compile(
    r"arn:[a-z-]+:secretsmanager:([a-z0-9-]+):(\d{12}):secret:[A-Za-z0-9/_+=.@-]+"
)


class VerificationError(Exception):
    """Nothing can be checked; the message says why and what to do."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """One source location and the secret that it authenticates with.

    For a stack the values are those of its last deployment, otherwise those of the source location in MediaTailor.
    """

    name: str
    secret_arn: str
    """The secret's ARN; empty if the source location names no secret."""
    secret_string_key: Fact[str]
    """The member of the SecretString that holds the token."""
    access_configuration: Fact[Mapping[str, Any]] = MISSING
    """As the MediaTailor API writes it.
    https://docs.aws.amazon.com/mediatailor/latest/apireference/API_AccessConfiguration.html"""
    stack: "StackExpected | None" = None
    """What only a stack knows."""

    @property
    def owns_key(self) -> bool:
        """Whether the stack creates the key, so that its whole policy and its rotation are the stack's."""
        return self.stack is not None and not self.stack.required_key_policy_statements


@dataclass(frozen=True, kw_only=True)
class StackExpected:
    """What a stack says about one of its source locations, besides the access configuration."""

    key_arn: str
    """The key ARN of the key that encrypts the secret."""
    required_key_policy_statements: Sequence[Mapping[str, Any]] = ()
    """What the policy of a key that the stack does not create must allow; empty for the stack's own key."""
    replica_arns: Mapping[str, str] = field(default_factory=dict)
    """The secret's replicas, ARN by Region."""
    replica_key_arns: Mapping[str, str] = field(default_factory=dict)
    """The key ARN of the key that encrypts each replica, by Region."""
    media_package_role_arn: str | None = None
    """The role that MediaPackage assumes, if MediaPackage is the origin."""
    media_package_role_policy: str | None = None
    """The name of that role's inline policy."""
    source_location_arn: str | None = None
    """The MediaTailor source location, if the stack creates it."""
    desired_state: Fact[Mapping[str, Any]] = MISSING
    """That source location, as CloudFormation describes it.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-mediatailor-sourcelocation.html"""
    version_id: str | None = None
    """The version of the secret that the stack wrote; None if it writes none."""
    is_adopted: bool = False
    """The secret existed before the stack, which keeps the other members of its value."""


@dataclass(frozen=True, kw_only=True)
class Setup:
    """Everything that one verification checks."""

    title: str
    """For people, such as `stack prod`."""
    stack: str | None
    """The stack's name; None for a setup without one."""
    region: str
    account: str | None
    """The 12-digit account ID; None if nothing says it."""
    source_locations: Sequence[Expected]
    notes: Sequence[str] = ()
    """What people should know first."""


def region_and_account(arn: str) -> tuple[str, str] | None:
    """Return the Region and the account in the whole ARN of a secret, or None if it is not one."""
    match = _SECRET_ARN.fullmatch(arn)
    return (match[1], match[2]) if match else None
