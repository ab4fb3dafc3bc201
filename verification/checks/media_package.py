"""The role that a MediaPackage origin assumes to read the secret."""

from collections.abc import Iterator

from verification.checks.secret_policy import READ
from verification.fact import NothingToCheckError
from verification.facts import Facts, RoleFacts
from verification.iam_policy import condition_text, listed, principals, statements
from verification.requirement import Finding, Requirement

_PAGE = "https://docs.aws.amazon.com/mediapackage/latest/ug/setting-up-create-trust-rel-"
_LIST_ACTIONS = {
    # https://docs.aws.amazon.com/mediapackage/latest/ug/setting-up-create-trust-rel-policy-cdn.html
    "mediapackage.amazonaws.com": "secretsmanager:ListSecrets",
    # https://docs.aws.amazon.com/mediapackage/latest/userguide/setting-up-create-trust-rel.html
    "mediapackagev2.amazonaws.com": "secretsmanager:BatchGetSecretValue",
}
"""The action without resource-level permissions that each MediaPackage generation needs."""


def _exists(facts: Facts) -> Iterator[Finding]:
    if _role(facts).role.is_missing:
        yield Finding(text=f"IAM has no role {_role(facts).arn}", up_fixes=True)


def _trust(facts: Facts) -> Iterator[Finding]:
    found = statements(_role(facts).role.value.get("AssumeRolePolicyDocument", {}))
    wanted = {
        "Effect": "Allow",
        "Principal": {"Service": _service(facts)},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": facts.secret.account}},
    }
    if [{k: v for k, v in statement.items() if k != "Sid"} for statement in found] != [wanted]:
        trusted = [f"{', '.join(principals(s)) or 'others'}{condition_text(s)}" for s in found]
        text = f"it can be assumed by {' and by '.join(trusted) or 'no one'}"
        yield Finding(text=text, up_fixes=True)


def _permissions(facts: Facts) -> Iterator[Finding]:
    role = _role(facts)
    found = [
        statement
        for name, policy in role.policies.value.items()
        if name not in _other_policies(facts)
        for statement in statements(policy)
    ]
    if not found:
        yield Finding(text="the role has no inline policy", up_fixes=True)
        return
    if any(statement.get("Effect") != "Allow" for statement in found):
        yield Finding(text="it has a Deny statement, which AWS's policy lacks", up_fixes=True)
        return
    secret = facts.secret
    through = {"StringEquals": {"kms:ViaService": f"secretsmanager.{secret.region}.amazonaws.com"}}
    # The stack's key: the requirement secret-key reports a secret under another one.
    key_arn = facts.expected.stack.key_arn if facts.expected.stack else secret.key_name
    on_key = f"on {key_arn}{condition_text({'Condition': through})}"
    allowed = {
        f"{action} on {resource}{condition_text(statement)}"
        for statement in found
        for action in listed(statement.get("Action", "all but some actions"))
        for resource in listed(statement.get("Resource", "all but some resources"))
    }
    needed = {f"{READ} on {secret.arn}", f"kms:Decrypt {on_key}"}
    permitted = needed | {
        f"secretsmanager:DescribeSecret on {secret.arn}",
        f"secretsmanager:ListSecretVersionIds on {secret.arn}",
        f"{_LIST_ACTIONS[_service(facts)]} on *",
        f"kms:DescribeKey {on_key}",
    }
    wrong = [f"it lacks {one}" for one in sorted(needed - allowed)]
    wrong += [f"it also allows {one}" for one in sorted(allowed - permitted)]
    if wrong:
        yield Finding(text=", ".join(wrong), up_fixes=True)


def _nothing_attached(facts: Facts) -> Iterator[Finding]:
    role = _role(facts)
    name = role.arn.rpartition("/")[2]
    for policy in _other_policies(facts):
        delete = ("aws iam delete-role-policy", f"--role-name {name}", f"--policy-name {policy}")
        yield Finding(text=f"it has the inline policy {policy} as well", fix=(delete,))
    for arn in role.attached_policies.value:
        detach = ("aws iam detach-role-policy", f"--role-name {name}", f"--policy-arn {arn}")
        yield Finding(text=f"it has the managed policy {arn} as well", fix=(detach,))
    if boundary := role.role.value.get("PermissionsBoundary"):
        remove = ("aws iam delete-role-permissions-boundary", f"--role-name {name}")
        arn = boundary.get("PermissionsBoundaryArn")
        yield Finding(text=f"the permissions boundary {arn} limits the role", fix=(remove,))


def _other_policies(facts: Facts) -> list[str]:
    """Return the role's inline policies that are not the stack's."""
    own = facts.expected.stack and facts.expected.stack.media_package_role_policy
    return [name for name in _role(facts).policies.value if own and name != own]


def _role(facts: Facts) -> RoleFacts:
    if facts.role is None:
        raise NothingToCheckError
    return facts.role


def _service(facts: Facts) -> str:
    """Return the service principal of the MediaPackage generation that uses this SecretString key."""
    v2 = facts.expected.secret_string_key.value.startswith("MediaPackageV2")
    return f"mediapackage{'v2' if v2 else ''}.amazonaws.com"


REQUIREMENTS = (
    Requirement(
        id="role-exists",
        title="MediaPackage's role exists",
        page=f"{_PAGE}trust.html",
        check=_exists,
    ),
    Requirement(
        id="role-trust",
        title="only MediaPackage can assume its role, for this account",
        page=f"{_PAGE}trust.html",
        check=_trust,
    ),
    Requirement(
        id="role-permissions",
        title="MediaPackage's role can only read and decrypt this secret",
        page=f"{_PAGE}policy-cdn.html",
        check=_permissions,
    ),
    Requirement(
        id="role-attachments",
        title="MediaPackage's role has no other policy and no permissions boundary",
        page="https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html",
        check=_nothing_attached,
    ),
)
