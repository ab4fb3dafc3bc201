"""The role that MediaPackage assumes to read the secret, where MediaPackage is the origin."""

from collections.abc import Iterator

from verification.checks.secret import READ
from verification.facts import Facts, NothingToCheckError, RoleFacts
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


def _trust(facts: Facts) -> Iterator[Finding]:
    role = _role(facts)
    if role.role.is_missing:
        yield Finding(text="IAM knows no such role")
        return
    found = statements(role.role.value.get("AssumeRolePolicyDocument", {}))
    wanted = {
        "Effect": "Allow",
        "Principal": {"Service": _service(facts)},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": facts.expected.account}},
    }
    if [{k: v for k, v in statement.items() if k != "Sid"} for statement in found] != [wanted]:
        trusted = [f"{', '.join(principals(s)) or 'others'}{condition_text(s)}" for s in found]
        yield Finding(text=f"it can be assumed by {' and by '.join(trusted) or 'no one'}")


def _permissions(facts: Facts) -> Iterator[Finding]:
    role = _role(facts)
    if not role.policies.value:
        yield Finding(text="the role has no policy")
        return
    if attached := role.attached_policies.value:
        yield Finding(text=f"the role also has {', '.join(attached)}")
        return
    found = [statement for policy in role.policies.value for statement in statements(policy)]
    if any(statement.get("Effect") != "Allow" for statement in found):
        yield Finding(text="a statement denies; AWS documents none that does")
        return
    secret_arn, region = facts.expected.secret_arn, facts.expected.region
    through = {"StringEquals": {"kms:ViaService": f"secretsmanager.{region}.amazonaws.com"}}
    on_key = f"on {facts.secret.key_name}{condition_text({'Condition': through})}"
    allowed = {
        f"{action} on {resource}{condition_text(statement)}"
        for statement in found
        for action in listed(statement.get("Action", "all but some actions"))
        for resource in listed(statement.get("Resource", "all but some resources"))
    }
    needed = {f"{READ} on {secret_arn}", f"kms:Decrypt {on_key}"}
    permitted = needed | {
        f"secretsmanager:DescribeSecret on {secret_arn}",
        f"secretsmanager:ListSecretVersionIds on {secret_arn}",
        f"{_LIST_ACTIONS[_service(facts)]} on *",
        f"kms:DescribeKey {on_key}",
    }
    wrong = [f"it may not {one}" for one in sorted(needed - allowed)]
    wrong += [f"it may {one}" for one in sorted(allowed - permitted)]
    if wrong:
        yield Finding(text=", ".join(wrong))


def _role(facts: Facts) -> RoleFacts:
    if facts.role is None:
        raise NothingToCheckError
    return facts.role


def _service(facts: Facts) -> str:
    """Return the service principal of the MediaPackage generation that looks for this SecretString key."""
    v2 = facts.expected.secret_string_key.startswith("MediaPackageV2")
    return f"mediapackage{'v2' if v2 else ''}.amazonaws.com"


REQUIREMENTS = (
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
)
