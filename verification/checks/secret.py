"""The secret, its token and its policy (AWS's step 2)."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from verification.checks.each_secret import of_the_secret
from verification.facts import Expected, Facts, NothingToCheckError, SecretFacts
from verification.iam_policy import listed, public_actions, statements
from verification.requirement import Finding, Requirement

SECRET_PAGE = "https://docs.aws.amazon.com/mediatailor/latest/ug/channel-assembly-access-configuration-access-token-how-to-create-secret.html"  # noqa: S105  a URL
_KEY_ARN = re.compile(r"arn:[a-z-]+:kms:([a-z0-9-]+):\d{12}:key/[a-z0-9-]+")
_SHORTEST, _LONGEST = 8, 128
READ = "secretsmanager:GetSecretValue"


def _exists(facts: Facts) -> Iterator[Finding]:
    if facts.secret.described.is_missing:
        yield Finding(text="Secrets Manager knows no such secret")


def key_reference(_facts: Facts, secret: SecretFacts) -> Iterator[Finding]:
    """Check that the secret names its key by the key ARN, as MediaTailor's guide asks."""
    name = secret.key_name
    key_arn = _KEY_ARN.fullmatch(name or "")
    if not name:
        yield Finding(text="the secret names no key, so AWS's own key encrypts it")
    elif not key_arn or key_arn[1] != secret.region:
        yield Finding(text=f"the secret names its key as {name}")


def _secret_string(facts: Facts) -> Iterator[Finding]:
    key = facts.expected.secret_string_key
    if not facts.secret.described.is_missing and facts.secret.value.is_missing:
        yield Finding(text="the secret has no value")
    try:
        content = json.loads(facts.secret.value.value.get("SecretString", ""))
    except ValueError:
        yield Finding(text="SecretString is not JSON")
        return
    if not isinstance(content, dict):
        yield Finding(text="SecretString is not a JSON object")
    elif not isinstance(content.get(key), str):
        yield Finding(text=f"SecretString has no text under the key {key!r}")


def _token_length(facts: Facts) -> Iterator[Finding]:
    token = facts.secret.token(facts.expected.secret_string_key)
    if token is None:
        raise NothingToCheckError
    if not _SHORTEST <= len(token) <= _LONGEST:
        yield Finding(text=f"the token has {len(token)} characters")


def mediatailor_reads(facts: Facts, secret: SecretFacts) -> Iterator[Finding]:
    """Check for the statement that MediaTailor's guide shows: no other is sure to work."""
    secret.described.value  # noqa: B018  without a secret there is nothing to check
    found = [] if secret.policy.is_missing else statements(secret.policy.value)
    if not found:
        yield Finding(text="the secret has no resource policy")
    elif any(statement.get("Effect") == "Deny" for statement in found):
        yield Finding(text="a statement denies; AWS documents none that does")
    elif not any(_is_documented(statement, secret, facts.expected) for statement in found):
        yield Finding(text="no statement is the documented one")


def is_private(_facts: Facts, secret: SecretFacts) -> Iterator[Finding]:
    """Check that the policy does not let other accounts in."""
    if public := public_actions(secret.policy.value):
        yield Finding(text=f"anyone is allowed {public}")


def _is_documented(statement: Mapping[str, Any], secret: SecretFacts, expected: Expected) -> bool:
    """Whether a statement is the one in MediaTailor's guide.

    It may have a condition on the secret's own account, and name the service principal of the
    secret's Region, which opt-in Regions use.
    """
    services = ("mediatailor.amazonaws.com", f"mediatailor.{secret.region}.amazonaws.com")
    own_account = {"StringEquals": {"aws:SourceAccount": expected.account}}
    principal = statement.get("Principal")
    return (
        statement.get("Effect") == "Allow"
        and isinstance(principal, dict)
        and set(principal) == {"Service"}
        and set(listed(principal["Service"])) <= set(services)
        and listed(statement.get("Action")) == [READ]
        and secret.arn in listed(statement.get("Resource"))
        and statement.get("Condition") in (None, own_account)
        and set(statement) <= {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}
    )


REQUIREMENTS = (
    Requirement(
        id="secret-exists",
        title="the secret exists",
        page=SECRET_PAGE,
        check=_exists,
    ),
    Requirement(
        id="secret-key",
        title="the secret names the key by its key ARN",
        page=SECRET_PAGE,
        check=of_the_secret(key_reference),
    ),
    Requirement(
        id="secret-string",
        title="SecretString is a JSON object with the SecretString key",
        page=SECRET_PAGE,
        check=_secret_string,
    ),
    Requirement(
        id="token-length",
        title="the token has 8 to 128 characters",
        page=SECRET_PAGE,
        check=_token_length,
    ),
    Requirement(
        id="secret-policy",
        title="the secret's policy lets MediaTailor read it, as documented",
        page=SECRET_PAGE,
        check=of_the_secret(mediatailor_reads),
    ),
    Requirement(
        id="secret-private",
        title="the secret's policy is not public",
        page="https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html",
        check=of_the_secret(is_private),
    ),
)
