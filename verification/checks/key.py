"""The customer managed key (AWS's step 1)."""

import re
from collections.abc import Iterator

from verification.checks.each_secret import of_the_secret, of_the_secret_and_replicas
from verification.facts import Facts, NothingToCheckError, SecretFacts
from verification.iam_policy import allowing, principals, public_actions, statements
from verification.requirement import Finding, Requirement

KEY_PAGE = "https://docs.aws.amazon.com/mediatailor/latest/ug/channel-assembly-access-configuration-access-token-how-to-create-kms.html"
_IAM_ARN = re.compile(r"arn:[a-z-]+:iam::\d{12}:(root|(user|role)/.+)")


def usable(facts: Facts, secret: SecretFacts) -> Iterator[Finding]:
    """Check that MediaTailor can use the key at all."""
    _only_the_stacks_own(facts)
    if not secret.key_name:
        raise NothingToCheckError
    if secret.key.metadata.is_missing:
        yield Finding(text="KMS knows no such key")
        return
    metadata = secret.key.metadata.value
    wanted = {
        "KeyManager": "CUSTOMER",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": "Enabled",
    }
    wrong = [f"{k} is {metadata.get(k)}" for k, v in wanted.items() if metadata.get(k) != v]
    if wrong:
        yield Finding(text=", ".join(wrong))


def _rotates(facts: Facts, secret: SecretFacts) -> Iterator[Finding]:
    _only_the_stacks_own(facts)
    if secret.key.rotation.value.get("KeyRotationEnabled") is not True:
        yield Finding(text="rotation is off")


def _principals(facts: Facts, secret: SecretFacts) -> Iterator[Finding]:
    _only_the_stacks_own(facts)
    policy = secret.key.policy.value
    if public := public_actions(policy):
        yield Finding(text=f"anyone is allowed {public}")
        return
    others = {
        principal
        for statement in statements(policy)
        if statement.get("Effect") == "Allow"
        for principal in principals(statement)
        if not _IAM_ARN.fullmatch(principal)
    }
    if others:
        yield Finding(text=f"it also allows {', '.join(sorted(others))}")


def _grants(facts: Facts, secret: SecretFacts) -> Iterator[Finding]:
    _only_the_stacks_own(facts)
    # The account's IAM policies decide what its root is allowed.
    root = f"arn:{secret.arn.split(':')[1]}:iam::{facts.expected.account}:root"
    service = f"mediatailor.{secret.region}.amazonaws.com"
    through_mediatailor = (
        {"StringEquals": {"kms:ViaService": service}},
        {"StringEquals": {"kms:ViaService": [service]}},
    )
    free = {
        principal
        for statement in allowing(secret.key.policy.value, "kms:CreateGrant")
        if statement.get("Condition") not in through_mediatailor
        for principal in principals(statement)
        if principal != root
    }
    if free:
        yield Finding(text=f"{', '.join(sorted(free))} can create grants without {service}")


def _only_the_stacks_own(facts: Facts) -> None:
    if facts.expected.key_is_existing:
        raise NothingToCheckError


REQUIREMENTS = (
    Requirement(
        id="key-usable",
        title="the key is customer managed, symmetric and enabled",
        page=KEY_PAGE,
        check=of_the_secret(usable),
    ),
    Requirement(
        id="key-rotation",
        title="the key rotates",
        page="https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html",
        check=of_the_secret(_rotates),
    ),
    Requirement(
        id="key-principals",
        title="the key policy allows only accounts, roles and users",
        page="https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html",
        check=of_the_secret_and_replicas(_principals),
    ),
    Requirement(
        id="key-grants",
        title="only MediaTailor can be granted use of the key (kms:ViaService)",
        page=KEY_PAGE,
        check=of_the_secret_and_replicas(_grants),
    ),
)
