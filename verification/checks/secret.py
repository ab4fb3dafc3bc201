"""The secret, its value and its policy (AWS's step 2)."""

import re
from collections.abc import Iterator
from typing import Any

from verification.checks.each_secret import existing, of_the_secret
from verification.checks.key import stacks_key
from verification.commands import Command, aws_cli, put_value, use_key
from verification.fact import NothingToCheckError
from verification.facts import Facts, SecretFacts
from verification.requirement import Finding, Requirement

SECRET_PAGE = "https://docs.aws.amazon.com/mediatailor/latest/ug/channel-assembly-access-configuration-access-token-how-to-create-secret.html"  # noqa: S105  a URL
_KEY_ARN = re.compile(r"arn:[a-z-]+:kms:([a-z0-9-]+):\d{12}:key/[a-z0-9-]+")
_SHORTEST, _LONGEST = 8, 128


def _exists(facts: Facts) -> Iterator[Finding]:
    secret = facts.secret
    if not facts.expected.secret_arn:
        raise NothingToCheckError
    if secret.described.is_missing:
        yield Finding(text=f"Secrets Manager has no secret {secret.arn}", up_fixes=True)
    elif date := secret.described.value.get("DeletedDate"):
        restore = aws_cli(
            "secretsmanager", "restore-secret", region=secret.region, secret_id=secret.arn
        )
        yield Finding(
            text=f"the secret is scheduled for deletion on {date:%Y-%m-%d}", fix=(restore,)
        )


def key_reference(facts: Facts, secret: SecretFacts) -> Iterator[Finding]:
    """Check that the secret's key is the right one and is set by its ARN."""
    existing(secret)
    name = secret.key_name
    key_arn = _KEY_ARN.fullmatch(name or "")
    wanted = stacks_key(facts, secret)
    if not name:
        text = "the secret has no key, so the AWS managed key encrypts it"
    elif not key_arn:
        text = f"the secret's key is {name}, which is not a key ARN"
    elif key_arn[1] != secret.region:
        text = f"the secret's key is in another Region: {name}"
    elif wanted and name != wanted:
        text = f"the secret is encrypted under {name}, not under the stack's key"
    else:
        return
    known = (secret.key.metadata.known or {}).get("Arn", "KEY_ARN")
    right = wanted or (known if name and not key_arn else "KEY_ARN")
    yield Finding(text=text, fix=use_key(facts, secret, right), up_fixes=True)


def _secret_string(facts: Facts) -> Iterator[Finding]:
    secret, key = facts.secret, facts.expected.secret_string_key.value
    existing(secret)
    if secret.value.is_missing:
        text = "the secret has no value"
    elif "SecretString" not in secret.value.value:
        text = "the secret has a binary value, not a SecretString"
    elif secret.members is None:
        text = "SecretString is not a JSON object"
    elif key not in secret.members:
        names = ", ".join(map(repr, sorted(secret.members))) or "none"
        text = f"SecretString has no key {key!r}; its keys: {names}"
    elif not isinstance(secret.members[key], str):
        text = f"the value of the SecretString key {key!r} is not text"
    else:
        return
    yield Finding(text=text, fix=(put_value(secret),))


def _token_length(facts: Facts) -> Iterator[Finding]:
    length = len(_token(facts))
    if not _SHORTEST <= length <= _LONGEST:
        count = "1 character" if length == 1 else f"{length} characters"
        yield Finding(text=f"the token has {count}", fix=(put_value(facts.secret),))


def _token_characters(facts: Facts) -> Iterator[Finding]:
    token = _token(facts)
    if token != token.strip():
        text = "the token starts or ends with whitespace, such as a newline"
    elif not re.fullmatch(r"[\x20-\x7E]*", token):
        text = "the token contains a character that is not printable ASCII"
    else:
        return
    yield Finding(text=text, fix=(put_value(facts.secret),))


def _token(facts: Facts) -> str:
    existing(facts.secret)
    token = facts.secret.token(facts.expected.secret_string_key.value)
    if token is None:
        raise NothingToCheckError
    return token


def _version(facts: Facts) -> Iterator[Finding]:
    stack = facts.expected.stack
    own = stack.version_id if stack else None
    stages: dict[str, list[str]] = existing(facts.secret).get("VersionIdsToStages") or {}
    current = next((version for version, names in stages.items() if "AWSCURRENT" in names), None)
    if stack is None or own is None or current is None:
        raise NothingToCheckError
    if current == own:
        return
    value: dict[str, Any] = dict(facts.secret.value.known or {})
    date = value.get("CreatedDate") if value.get("VersionId") == current else None
    date = date or facts.secret.described.value.get("LastChangedDate")
    when = f" on {date:%Y-%m-%d at %H:%M %Z}" if date else ""
    if own in stages:
        then = "`pulumi up` keeps it until the token in the stack file changes"
        back = aws_cli(
            "secretsmanager",
            "update-secret-version-stage",
            region=facts.secret.region,
            secret_id=facts.secret.arn,
            version_stage="AWSCURRENT",
            move_to_version_id=own,
            remove_from_version_id=current,
        )
        fix: tuple[Command, ...] = (back,)
    else:
        then = "the next `pulumi up --refresh` may overwrite it with the token in the stack file"
        fix = ()
    members = (value and facts.secret.members) or {}
    others = sorted({*members} - {facts.expected.secret_string_key.known})
    if others and not stack.is_adopted:
        then += f"; the stack does not write its other members: {', '.join(others)}"
    elif others and own in stages:
        then += " or another member does"
    yield Finding(text=f"the current value was written outside the stack{when}; {then}", fix=fix)


REQUIREMENTS = (
    Requirement(
        id="secret-exists",
        title="the secret exists and is not scheduled for deletion",
        page=SECRET_PAGE,
        check=_exists,
    ),
    Requirement(
        id="secret-key",
        title="the secret's key is set by its key ARN",
        page=SECRET_PAGE,
        check=of_the_secret(key_reference),
    ),
    Requirement(
        id="secret-string",
        title="SecretString is a JSON object with the SecretString key",
        page=SECRET_PAGE,
        check=_secret_string,
        unreadable_because=("key-usable",),
    ),
    Requirement(
        id="token-length",
        title="the token has 8 to 128 characters",
        page=SECRET_PAGE,
        check=_token_length,
        unreadable_because=("key-usable",),
    ),
    Requirement(
        id="token-characters",
        title="the token has only characters that an HTTP header can carry",
        page="https://www.rfc-editor.org/rfc/rfc9110#section-5.5",
        check=_token_characters,
        unreadable_because=("key-usable",),
    ),
    Requirement(
        id="secret-version",
        title="the current value is the one that the stack wrote",
        page="https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html",
        check=_version,
    ),
)
