"""AWS's requirements on a source location's access token, judged by what the AWS API answers."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_GUIDE = "https://docs.aws.amazon.com/mediatailor/latest/ug/"
_KEY_PAGE = f"{_GUIDE}channel-assembly-access-configuration-access-token-how-to-create-kms.html"
_SECRET_PAGE = (
    f"{_GUIDE}channel-assembly-access-configuration-access-token-how-to-create-secret.html"
)
_REPLICA_PAGE = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/replicate-secrets.html"
_ROLE_PAGE = "https://docs.aws.amazon.com/mediapackage/latest/ug/setting-up-create-trust-rel-"
_SOURCE_LOCATION_PAGE = f"{_GUIDE}channel-assembly-creating-source-locations.html"
_KEY_ARN = re.compile(r"arn:[a-z-]+:kms:([a-z0-9-]+):\d{12}:key/[a-z0-9-]+")
_IAM_ARN = re.compile(r"arn:[a-z-]+:iam::\d{12}:(root|(user|role)/.+)")
_READ = "secretsmanager:GetSecretValue"
_LISTED_ON_ALL_SECRETS = {
    # https://docs.aws.amazon.com/mediapackage/latest/ug/setting-up-create-trust-rel-policy-cdn.html
    "mediapackage.amazonaws.com": "secretsmanager:ListSecrets",
    # https://docs.aws.amazon.com/mediapackage/latest/userguide/setting-up-create-trust-rel.html
    "mediapackagev2.amazonaws.com": "secretsmanager:BatchGetSecretValue",
}
"""By generation of MediaPackage what its role does for which IAM knows no resource."""


@dataclass(frozen=True, kw_only=True)
class MediaPackageRole:
    """What the AWS API answers about the role that MediaPackage reads a secret with."""

    arn: str
    """The role that the stack exports."""

    trust_policy: Mapping[str, Any]
    """GetRole, its `AssumeRolePolicyDocument`."""

    policies: Sequence[Mapping[str, Any]]
    """GetRolePolicy of each of ListRolePolicies, its `PolicyDocument`."""

    attached_policies: Sequence[str]
    """ListAttachedRolePolicies, their ARNs."""


@dataclass(frozen=True, kw_only=True)
class SourceLocation:
    """What the AWS API answers about a source location that the stack makes."""

    arn: str
    """The source location that the stack exports."""

    properties: Mapping[str, Any]
    """Cloud Control's GetResource, its `Properties`."""

    @property
    def base_url(self) -> str:
        """The origin's URL, empty where there is none."""
        return str(self.properties.get("HttpConfiguration", {}).get("BaseUrl", ""))


@dataclass(frozen=True, kw_only=True)
class ReadBack:
    """What the AWS API answers about one source location's secret and its key.

    An answer that AWS refuses to give is an empty one.
    """

    access_configuration: Mapping[str, Any]
    """The access configuration that the stack exports; that of a replica names the replica."""

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

    key_is_existing: bool = False
    """The key is not the stack's, so that the local AWS, which starts empty, can't have it."""

    replicas: "Mapping[str, ReadBack]" = field(default_factory=dict)
    """The secret's replicas by Region."""

    media_package_role: MediaPackageRole | None = None
    """The role for MediaPackage, where it is the origin."""

    source_location: SourceLocation | None = None
    """The source location, where the stack makes it."""

    @property
    def secret_arn(self) -> str:
        """The secret that the access configuration names."""
        return str(self.access_configuration["SecretsManagerAccessTokenConfiguration"]["SecretArn"])

    @property
    def secret_string_key(self) -> str:
        """The SecretString key that the access configuration names."""
        named = self.access_configuration["SecretsManagerAccessTokenConfiguration"]
        return str(named["SecretStringKey"])

    @property
    def region(self) -> str:
        """The secret's Region."""
        return self.secret_arn.split(":")[3]

    @property
    def account(self) -> str:
        """The secret's account."""
        return self.secret_arn.split(":")[4]

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
        """Whom the secret's policy lets read the secret, each with the condition that it is under."""
        return sorted(
            {
                f"{principal}{_condition(statement)}"
                for statement in _allowing(self.resource_policy, _READ)
                for principal in _principals(statement)
            }
        )


@dataclass(frozen=True, kw_only=True)
class Requirement:
    """One thing that AWS asks for."""

    title: str
    page: str
    check: Callable[[ReadBack], str | None]
    """Says what is wrong, or returns None where the requirement is met."""

    applies: Callable[[ReadBack], bool] = lambda _: True
    """Whether there is anything to check."""

    def problem(self, found: ReadBack) -> str | None:
        """Say what is wrong, or return None where the requirement is met or does not apply."""
        return self.check(found) if self.applies(found) else None


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
    key_arn = _KEY_ARN.fullmatch(named)
    if not key_arn or key_arn[1] != found.region:
        return f"the secret names its key as {named}"
    return None


def _key_rotation(found: ReadBack) -> str | None:
    return None if found.rotation.get("KeyRotationEnabled") is True else "rotation is off"


def _key_is_private(found: ReadBack) -> str | None:
    if not found.key_policy:
        return "the key policy cannot be read"
    others = {
        principal
        for statement in _statements(found.key_policy)
        if statement.get("Effect") == "Allow"
        for principal in _principals(statement)
        if not _IAM_ARN.fullmatch(principal)
    }
    return _public_statement(found.key_policy) or (
        f"it also allows {', '.join(sorted(others))}" if others else None
    )


def _grants_are_mediatailors(found: ReadBack) -> str | None:
    # What the account's own root is allowed, its IAM policies decide.
    root = f"arn:{found.secret_arn.split(':')[1]}:iam::{found.account}:root"
    service = f"mediatailor.{found.region}.amazonaws.com"
    through_mediatailor = (
        {"StringEquals": {"kms:ViaService": service}},
        {"StringEquals": {"kms:ViaService": [service]}},
    )
    free = {
        principal
        for statement in _allowing(found.key_policy, "kms:CreateGrant")
        if statement.get("Condition") not in through_mediatailor
        for principal in _principals(statement)
        if principal != root
    }
    return (
        f"{', '.join(sorted(free))} may make grants without {service} asking for them"
        if free
        else None
    )


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
    if not any(_is_documented(statement, found) for statement in statements):
        return "no statement is the documented one"
    return None


def _secret_is_private(found: ReadBack) -> str | None:
    return _public_statement(found.resource_policy)


def _is_of_the_stack(found: ReadBack) -> bool:
    return not found.key_is_existing


def _is_replicated(found: ReadBack) -> bool:
    return bool(found.replicas)


def _replicas_exist(found: ReadBack) -> str | None:
    problems = {
        region: "Secrets Manager has no such replica there"
        for region, replica in found.replicas.items()
        if replica.region != region
        or replica.secret.get("ARN") != replica.secret_arn
        or replica.secret.get("PrimaryRegion") != found.region
    }
    return _by_region(problems)


def _replicas_hold_the_token(found: ReadBack) -> str | None:
    problems = {
        region: "there is no token" if replica.token is None else "the token is another one"
        for region, replica in found.replicas.items()
        if replica.token is None or replica.token != found.token
    }
    return _by_region(problems)


def _of_replicas(*checks: Callable[[ReadBack], str | None]) -> Callable[[ReadBack], str | None]:
    """Return the check that each replica passes these checks of a secret."""

    def check(found: ReadBack) -> str | None:
        return _by_region(
            {
                region: problem
                for region, replica in found.replicas.items()
                if (problem := _first_problem(replica, checks))
            }
        )

    return check


def _with_replicas(check: Callable[[ReadBack], str | None]) -> Callable[[ReadBack], str | None]:
    """Return the check that a secret and each of its replicas pass this check."""
    return lambda found: _first_problem(found, (check, _of_replicas(check)))


def _first_problem(
    found: ReadBack, checks: Sequence[Callable[[ReadBack], str | None]]
) -> str | None:
    return next(filter(None, (check(found) for check in checks)), None)


def _by_region(problems: Mapping[str, str]) -> str | None:
    return "; ".join(f"in {region}, {problem}" for region, problem in problems.items()) or None


def _has_role(found: ReadBack) -> bool:
    return found.media_package_role is not None


def _media_package(found: ReadBack) -> str:
    """Return the service principal of the MediaPackage whose CDN authorization looks for this SecretString key."""
    generation = "v2" if found.secret_string_key.startswith("MediaPackageV2") else ""
    return f"mediapackage{generation}.amazonaws.com"


def _role_trusts_media_package(found: ReadBack) -> str | None:
    if not found.media_package_role or not found.media_package_role.trust_policy:
        return "IAM knows no such role"
    statements = _statements(found.media_package_role.trust_policy)
    wanted = {
        "Effect": "Allow",
        "Principal": {"Service": _media_package(found)},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": found.account}},
    }
    if [{k: v for k, v in s.items() if k != "Sid"} for s in statements] != [wanted]:
        said = [f"{', '.join(_principals(s)) or 'others'}{_condition(s)}" for s in statements]
        return f"it is assumed by {' and by '.join(said) or 'nobody'}"
    return None


def _role_reads_this_secret(found: ReadBack) -> str | None:
    role = found.media_package_role
    if not role or not role.policies:
        return "the role has no policy"
    if role.attached_policies:
        return f"the role has also {', '.join(role.attached_policies)}"
    statements = [s for policy in role.policies for s in _statements(policy)]
    if any(statement.get("Effect") != "Allow" for statement in statements):
        return "a statement denies; AWS documents none that does"
    allowed = {
        f"{action} on {resource}{_condition(statement)}"
        for statement in statements
        for action in _listed(statement.get("Action", "all but some actions"))
        for resource in _listed(statement.get("Resource", "all but some resources"))
    }
    through = {"StringEquals": {"kms:ViaService": f"secretsmanager.{found.region}.amazonaws.com"}}
    on_key = f"on {found.secret.get('KmsKeyId')}{_condition({'Condition': through})}"
    needed = {f"{_READ} on {found.secret_arn}", f"kms:Decrypt {on_key}"}
    permitted = needed | {
        f"secretsmanager:DescribeSecret on {found.secret_arn}",
        f"secretsmanager:ListSecretVersionIds on {found.secret_arn}",
        f"{_LISTED_ON_ALL_SECRETS[_media_package(found)]} on *",
        f"kms:DescribeKey {on_key}",
    }
    problems = [f"it may not {one}" for one in sorted(needed - allowed)]
    problems += [f"it may {one}" for one in sorted(allowed - permitted)]
    return ", ".join(problems) or None


def _is_made(found: ReadBack) -> bool:
    return found.source_location is not None


def _source_location_authenticates(found: ReadBack) -> str | None:
    made = found.source_location
    if not made or made.properties.get("Arn") != made.arn:
        return "MediaTailor knows no such source location"
    if made.properties.get("AccessConfiguration") != found.access_configuration:
        return "its access configuration is another one"
    return None


def _base_url_is_https(found: ReadBack) -> str | None:
    base_url = found.source_location.base_url if found.source_location else ""
    return None if base_url.startswith("https://") else f"the base URL is {base_url or 'missing'}"


REQUIREMENTS: Sequence[Requirement] = (
    Requirement(
        title="the key is customer managed, symmetric and enabled",
        page=_KEY_PAGE,
        check=_key_kind,
        applies=_is_of_the_stack,
    ),
    Requirement(
        title="the secret names the key by its key ARN",
        page=_SECRET_PAGE,
        check=_key_reference,
    ),
    Requirement(
        title="the key rotates",
        page="https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html",
        check=_key_rotation,
        applies=_is_of_the_stack,
    ),
    Requirement(
        title="the key policy names accounts, roles and users, nobody else",
        page="https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html",
        check=_with_replicas(_key_is_private),
        applies=_is_of_the_stack,
    ),
    Requirement(
        title="those named for grants make them through MediaTailor only",
        page=_KEY_PAGE,
        check=_with_replicas(_grants_are_mediatailors),
        applies=_is_of_the_stack,
    ),
    Requirement(
        title="SecretString is a JSON object with the SecretString key",
        page=_SECRET_PAGE,
        check=_secret_string,
    ),
    Requirement(
        title="the token has 8 to 128 characters",
        page=_SECRET_PAGE,
        check=_token_length,
    ),
    Requirement(
        title="the secret's policy lets MediaTailor read it, as documented",
        page=_SECRET_PAGE,
        check=_mediatailor_reads,
    ),
    Requirement(
        title="the secret's policy is not public",
        page="https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html",
        check=_secret_is_private,
    ),
    Requirement(
        title="each replica is in its Region under the exported ARN",
        page=_REPLICA_PAGE,
        check=_replicas_exist,
        applies=_is_replicated,
    ),
    Requirement(
        title="each replica names a key of its Region by its key ARN",
        page=_SECRET_PAGE,
        check=_of_replicas(_key_reference),
        applies=_is_replicated,
    ),
    Requirement(
        title="each replica's key is customer managed, symmetric and enabled",
        page=_KEY_PAGE,
        check=_of_replicas(_key_kind),
        applies=lambda found: _is_replicated(found) and _is_of_the_stack(found),
    ),
    Requirement(
        title="each replica's policy lets MediaTailor read it, and is not public",
        page=_SECRET_PAGE,
        check=_of_replicas(_mediatailor_reads, _secret_is_private),
        applies=_is_replicated,
    ),
    Requirement(
        title="each replica holds the same token",
        page=_REPLICA_PAGE,
        check=_replicas_hold_the_token,
        applies=_is_replicated,
    ),
    Requirement(
        title="only MediaPackage assumes its role, for this account",
        page=f"{_ROLE_PAGE}trust.html",
        check=_role_trusts_media_package,
        applies=_has_role,
    ),
    Requirement(
        title="MediaPackage's role reads and decrypts this secret only",
        page=f"{_ROLE_PAGE}policy-cdn.html",
        check=_role_reads_this_secret,
        applies=_has_role,
    ),
    Requirement(
        title="the source location authenticates as the stack exports",
        page=_SOURCE_LOCATION_PAGE,
        check=_source_location_authenticates,
        applies=_is_made,
    ),
    Requirement(
        title="the source location's base URL is https",
        page=_SOURCE_LOCATION_PAGE,
        check=_base_url_is_https,
        applies=_is_made,
    ),
)
"""All of them, in the order of AWS's steps."""


def _is_documented(statement: Mapping[str, Any], found: ReadBack) -> bool:
    """Whether a statement is the one that MediaTailor's guide asks for.

    A condition on the secret's own account is fine as well, and so is the service principal of the
    secret's Region, which opt-in Regions use.
    """
    services = ("mediatailor.amazonaws.com", f"mediatailor.{found.region}.amazonaws.com")
    own_account = {"StringEquals": {"aws:SourceAccount": found.account}}
    principal = statement.get("Principal")
    return (
        statement.get("Effect") == "Allow"
        and isinstance(principal, dict)
        and set(principal) == {"Service"}
        and set(_listed(principal["Service"])) <= set(services)
        and _listed(statement.get("Action")) == [_READ]
        and found.secret_arn in _listed(statement.get("Resource"))
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


def _allowing(policy: str, action: str) -> Iterator[Mapping[str, Any]]:
    """Yield the statements that allow the action, whatever their condition."""
    for statement in _statements(policy):
        named = "NotAction" if "NotAction" in statement else "Action"
        matches = any(
            re.fullmatch(
                re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), action, re.IGNORECASE
            )
            for pattern in _listed(statement.get(named))
        )
        if statement.get("Effect") == "Allow" and matches == (named == "Action"):
            yield statement


def _condition(statement: Mapping[str, Any]) -> str:
    return "".join(
        f" if {key} {'is' if operator == 'StringEquals' else operator} {' or '.join(_listed(value))}"
        for operator, keys in statement.get("Condition", {}).items()
        for key, value in keys.items()
    )


def _principals(statement: Mapping[str, Any]) -> Iterator[str]:
    principal = statement.get("Principal")
    if isinstance(principal, dict):
        for named in principal.values():
            yield from _listed(named)
    elif principal is not None:
        yield principal


def _statements(policy: str | Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the statements of a policy, which IAM's API answers as an object, the others as text."""
    try:
        document = json.loads(policy) if isinstance(policy, str) else policy
    except ValueError:
        return []
    statements = document.get("Statement") if isinstance(document, dict) else None
    return [s for s in _listed(statements) if isinstance(s, dict)]


def _listed(value: Any) -> list[Any]:  # noqa: ANN401  IAM's JSON: one or a list of them
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
