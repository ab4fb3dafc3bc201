"""The customer managed key (AWS's step 1)."""

from collections.abc import Iterator

from verification.checks.each_secret import existing, of_the_secret
from verification.commands import aws_cli, use_key
from verification.fact import NothingToCheckError
from verification.facts import Facts, SecretFacts
from verification.requirement import Finding, Requirement

KEY_PAGE = "https://docs.aws.amazon.com/mediatailor/latest/ug/channel-assembly-access-configuration-access-token-how-to-create-kms.html"


def usable(facts: Facts, secret: SecretFacts) -> Iterator[Finding]:
    """Check that MediaTailor can use the key."""
    existing(secret)
    if not secret.key_name:
        raise NothingToCheckError
    region = secret.region
    another_key = use_key(facts, secret, "KEY_ARN")
    if secret.key.metadata.is_missing:
        yield Finding(text=f"KMS has no key {secret.key_name}", fix=another_key)
        return
    key = secret.key.metadata.value
    enable = aws_cli("kms", "enable-key", region=region, key_id=key["Arn"])
    state = key.get("KeyState")
    if key.get("KeyManager") != "CUSTOMER":
        yield Finding(text="the key is an AWS managed key", fix=another_key)
    elif (key.get("KeySpec"), key.get("KeyUsage")) != ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"):
        text = f"the key is not a symmetric encryption key: {key.get('KeySpec')}, {key.get('KeyUsage')}"
        yield Finding(text=text, fix=another_key)
    elif state in {"PendingDeletion", "PendingReplicaDeletion"}:
        date = f" on {key['DeletionDate']:%Y-%m-%d}" if key.get("DeletionDate") else ""
        cancel = aws_cli("kms", "cancel-key-deletion", region=region, key_id=key["Arn"])
        yield Finding(text=f"the key is scheduled for deletion{date}", fix=(cancel, enable))
    elif state == "Disabled":
        yield Finding(text="the key is disabled", fix=(enable,), up_fixes=True)
    elif state != "Enabled":
        yield Finding(text=f"the key's state is {state}")


def is_the_stacks(facts: Facts, secret: SecretFacts) -> bool:
    """Whether the secret's key is the one that the stack specifies."""
    return bool(secret.key.metadata.value["Arn"] == stacks_key(facts, secret))


def stacks_key(facts: Facts, secret: SecretFacts) -> str | None:
    """Return the ARN of the key that the stack specifies for a secret, or None."""
    stack = facts.expected.stack
    if stack is None:
        return None
    if secret is facts.secret:
        return stack.key_arn
    return stack.replica_key_arns.get(secret.region)


def only_the_stacks_own(facts: Facts, secret: SecretFacts) -> None:
    """Raise NothingToCheckError unless the key is one that the stack creates."""
    existing(secret)
    if not (facts.expected.owns_key and is_the_stacks(facts, secret)):
        raise NothingToCheckError


def _rotates(facts: Facts, secret: SecretFacts) -> Iterator[Finding]:
    only_the_stacks_own(facts, secret)
    if secret.key.rotation.value.get("KeyRotationEnabled") is not True:
        key_id = secret.key.metadata.value["Arn"]
        enable = aws_cli("kms", "enable-key-rotation", region=secret.region, key_id=key_id)
        yield Finding(text="automatic rotation is off", fix=(enable,), up_fixes=True)


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
)
