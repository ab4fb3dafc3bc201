"""AWS's requirements on a source location's access token, judged by what the AWS API answers."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_GUIDE = "https://docs.aws.amazon.com/mediatailor/latest/ug/"
_KEY_PAGE = f"{_GUIDE}channel-assembly-access-configuration-access-token-how-to-create-kms.html"
_SECRET_PAGE = (
    f"{_GUIDE}channel-assembly-access-configuration-access-token-how-to-create-secret.html"
)
_KEY_ARN = re.compile(r"arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key/[a-z0-9-]+")
_READ = "secretsmanager:GetSecretValue"


@dataclass(frozen=True, kw_only=True)
class ReadBack:
    """What the AWS API answers about one source location's secret and its key.

    An answer that AWS refuses to give is an empty one.
    """

    secret_arn: str
    """The secret that the access configuration names."""

    secret_string_key: str
    """The SecretString key that the access configuration names."""

    secret: Mapping[str, Any]
    """DescribeSecret."""

    secret_string: str
    """GetSecretValue, its `SecretString`."""

    resource_policy: str
    """GetResourcePolicy, its `ResourcePolicy`."""

    key: Mapping[str, Any]
    """DescribeKey, its `KeyMetadata`, of the key that the secret names."""

    rotation: Mapping[str, Any]
    """GetKeyRotationStatus of that key."""

    key_policy: str
    """GetKeyPolicy of that key, its `Policy`."""

    @property
    def token(self) -> str | None:
        """The token as MediaTailor looks it up."""
        try:
            content = json.loads(self.secret_string)
        except ValueError:
            return None
        token = content.get(self.secret_string_key) if isinstance(content, dict) else None
        return token if isinstance(token, str) else None

    @property
    def readers(self) -> list[str]:
        """Whom the secret's policy lets read the secret."""
        return sorted(
            {
                principal
                for statement in _statements(self.resource_policy)
                if statement.get("Effect") == "Allow" and _reads(statement)
                for principal in _principals(statement)
            }
        )


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """One thing that AWS asks for."""

    title: str
    page: str
    problem: Callable[[ReadBack], str | None]
    """Says what is wrong, or returns None where the requirement is met."""


def _key_kind(found: ReadBack) -> str | None:
    if not found.key:
        return "KMS knows no such key"
    wanted = {
        "KeyManager": "CUSTOMER",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": "Enabled",
    }
    wrong = [f"{k} is {found.key.get(k)}" for k, v in wanted.items() if found.key.get(k) != v]
    return ", ".join(wrong) or None


def _key_reference(found: ReadBack) -> str | None:
    named = found.secret.get("KmsKeyId")
    if not named:
        return "the secret names no key, so AWS's own key encrypts it"
    if not _KEY_ARN.fullmatch(named):
        return f"the secret names its key as {named}"
    return None


def _key_rotation(found: ReadBack) -> str | None:
    return None if found.rotation.get("KeyRotationEnabled") is True else "rotation is off"


def _key_is_private(found: ReadBack) -> str | None:
    if not found.key_policy:
        return "the key policy cannot be read"
    return _public_statement(found.key_policy)


def _secret_string(found: ReadBack) -> str | None:
    try:
        content = json.loads(found.secret_string)
    except ValueError:
        return "SecretString is not JSON"
    if not isinstance(content, dict):
        return "SecretString is not a JSON object"
    if not isinstance(content.get(found.secret_string_key), str):
        return f"SecretString has no text under the key {found.secret_string_key!r}"
    return None


def _token_length(found: ReadBack) -> str | None:
    if found.token is None:
        return "there is no token"
    shortest, longest = 8, 128
    length = len(found.token)
    return None if shortest <= length <= longest else f"the token has {length} characters"


def _mediatailor_reads(found: ReadBack) -> str | None:
    statements = _statements(found.resource_policy)
    if not statements:
        return "the secret has no resource policy"
    if any(statement.get("Effect") == "Deny" for statement in statements):
        return "a statement denies; AWS documents none that does"
    if not any(_is_documented(statement, found.secret_arn) for statement in statements):
        return "no statement is the documented one"
    return None


def _secret_is_private(found: ReadBack) -> str | None:
    return _public_statement(found.resource_policy)


REQUIREMENTS: Sequence[Requirement] = (
    Requirement(
        title="the key is customer managed, symmetric and enabled",
        page=_KEY_PAGE,
        problem=_key_kind,
    ),
    Requirement(
        title="the secret names the key by its key ARN",
        page=_SECRET_PAGE,
        problem=_key_reference,
    ),
    Requirement(
        title="the key rotates",
        page="https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html",
        problem=_key_rotation,
    ),
    Requirement(
        title="the key policy names who may use the key, never everybody",
        page="https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html",
        problem=_key_is_private,
    ),
    Requirement(
        title="SecretString is a JSON object with the SecretString key",
        page=_SECRET_PAGE,
        problem=_secret_string,
    ),
    Requirement(
        title="the token has 8 to 128 characters",
        page=_SECRET_PAGE,
        problem=_token_length,
    ),
    Requirement(
        title="the secret's policy lets MediaTailor read it, as documented",
        page=_SECRET_PAGE,
        problem=_mediatailor_reads,
    ),
    Requirement(
        title="the secret's policy is not public",
        page="https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html",
        problem=_secret_is_private,
    ),
)
"""All of them, in the order of AWS's steps."""


def _is_documented(statement: Mapping[str, Any], secret_arn: str) -> bool:
    """Whether a statement is the one that MediaTailor's guide asks for.

    A condition on the secret's own account is fine as well, and so is the service principal of the
    secret's Region, which opt-in Regions use.
    """
    _, _, _, region, account, *_ = secret_arn.split(":")
    services = ("mediatailor.amazonaws.com", f"mediatailor.{region}.amazonaws.com")
    own_account = {"StringEquals": {"aws:SourceAccount": account}}
    principal = statement.get("Principal")
    return (
        statement.get("Effect") == "Allow"
        and isinstance(principal, dict)
        and set(principal) == {"Service"}
        and set(_listed(principal["Service"])) <= set(services)
        and _listed(statement.get("Action")) == [_READ]
        and secret_arn in _listed(statement.get("Resource"))
        and statement.get("Condition") in (None, own_account)
        and set(statement) <= {"Sid", "Effect", "Principal", "Action", "Resource", "Condition"}
    )


def _public_statement(policy: str) -> str | None:
    for statement in _statements(policy):
        if statement.get("Effect") == "Allow" and (
            "NotPrincipal" in statement or "*" in _principals(statement)
        ):
            return f"everybody is allowed {', '.join(_listed(statement.get('Action')))}"
    return None


def _reads(statement: Mapping[str, Any]) -> bool:
    return any(
        re.fullmatch(
            re.escape(action).replace(r"\*", ".*").replace(r"\?", "."), _READ, re.IGNORECASE
        )
        for action in _listed(statement.get("Action"))
    )


def _principals(statement: Mapping[str, Any]) -> Iterator[str]:
    principal = statement.get("Principal")
    if isinstance(principal, dict):
        for named in principal.values():
            yield from _listed(named)
    elif principal is not None:
        yield principal


def _statements(policy: str) -> list[dict[str, Any]]:
    try:
        document = json.loads(policy)
    except ValueError:
        return []
    statements = document.get("Statement") if isinstance(document, dict) else None
    return [s for s in _listed(statements) if isinstance(s, dict)]


def _listed(value: Any) -> list[Any]:  # noqa: ANN401  IAM's JSON: one or a list of them
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
