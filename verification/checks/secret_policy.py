"""The secret's resource policy, by which MediaTailor reads the secret (AWS's step 2)."""

from collections.abc import Iterator, Sequence

from verification.checks.each_secret import existing, of_the_secret
from verification.checks.secret import SECRET_PAGE
from verification.commands import Command, mediatailor_statement, set_secret_policy
from verification.fact import NothingToCheckError
from verification.facts import Facts, SecretFacts
from verification.iam_policy import (
    Statement,
    actions,
    condition_text,
    deleted_principals,
    is_about,
    is_public,
    like,
    listed,
    policy_of,
    principals,
    public_actions,
    statements,
    without_deleted_principals,
)
from verification.requirement import Finding, Requirement

READ = "secretsmanager:GetSecretValue"
_POLICY_PAGE = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html"
_TLS_ONLY = {"Bool": {"aws:SecureTransport": "false"}}
"""The condition of a statement that denies requests without TLS; MediaTailor uses TLS."""


def mediatailor_reads(facts: Facts, secret: SecretFacts) -> Iterator[Finding]:
    """Check that MediaTailor may read the secret."""
    existing(secret)
    found = [] if secret.policy.is_missing else statements(secret.policy.value)
    denying = [s for s in found if _denies_mediatailor(s, secret)]
    if not found:
        text = "the secret has no resource policy"
    elif denying:
        condition = condition_text(denying[0])
        text = f"a statement denies MediaTailor {READ}{condition}"
    else:
        reason = _why_not(found, secret)
        if not reason:
            return
        text = reason
    yield Finding(text=text, fix=_fix(facts), up_fixes=True)


def _why_not(found: Sequence[Statement], secret: SecretFacts) -> str | None:
    """Return why no statement lets MediaTailor read the secret, or None if one does."""
    to_mediatailor = [
        s
        for s in found
        if s.get("Effect") == "Allow" and {*_services(secret), "*"} & {*principals(s)}
    ]
    reading = [s for s in to_mediatailor if is_about(s, READ)]
    this_secret = [
        s for s in reading if any(like(secret.arn, r) for r in listed(s.get("Resource")))
    ]
    if not to_mediatailor:
        return "no statement allows mediatailor.amazonaws.com"
    if not reading:
        return f"MediaTailor is not allowed {READ}"
    if not this_secret:
        resources = ", ".join(str(r) for s in reading for r in listed(s.get("Resource")))
        return f"MediaTailor may read {resources or 'nothing'}, but not this secret"
    if not any(_is_for_this_account(s, secret) for s in this_secret):
        return f"MediaTailor may read it only{condition_text(this_secret[0])}"
    return None


def is_private(facts: Facts, secret: SecretFacts) -> Iterator[Finding]:
    """Check that the policy does not allow anyone access."""
    existing(secret)
    if public := public_actions(secret.policy.value):
        yield Finding(text=f"anyone is allowed {public}", fix=_fix(facts), up_fixes=True)


def _principals_exist(facts: Facts, secret: SecretFacts) -> Iterator[Finding]:
    existing(secret)
    policy = secret.policy.value
    if deleted := deleted_principals(policy):
        yield Finding(
            text=f"it contains a deleted role or user, {', '.join(deleted)}",
            fix=_fix(facts),
            up_fixes=True,
        )


def nothing_else(facts: Facts, secret: SecretFacts) -> Iterator[Finding]:
    """Check that the policy has only the stack's statement, which is the one in MediaTailor's guide."""
    existing(secret)
    if facts.expected.stack is None or any(mediatailor_reads(facts, secret)):
        raise NothingToCheckError
    for statement in statements(secret.policy.value):
        who = {*principals(statement)}
        expected = who <= {*_services(secret)} and listed(statement.get("Action")) == [READ]
        # Other requirements report these.
        reported = (
            is_public(statement)
            or _denies_mediatailor(statement, secret)
            or deleted_principals(policy_of([statement]))
        )
        if (statement.get("Effect") == "Allow" and expected) or reported:
            continue
        verb = "allows" if statement.get("Effect") == "Allow" else "denies"
        who_text = ", ".join(sorted(who)) or "all principals except some"
        yield Finding(
            text=f"it also {verb} {who_text} {actions(statement)}{condition_text(statement)}",
            fix=_fix(facts),
            up_fixes=True,
        )


def _services(secret: SecretFacts) -> tuple[str, str]:
    """Return MediaTailor's service principals: the global one and that of opt-in Regions."""
    return "mediatailor.amazonaws.com", f"mediatailor.{secret.region}.amazonaws.com"


def _denies_mediatailor(statement: Statement, secret: SecretFacts) -> bool:
    return (
        statement.get("Effect") == "Deny"
        and is_about(statement, READ)
        and (
            "NotPrincipal" in statement
            or bool({*_services(secret), "*"} & {*principals(statement)})
        )
        and statement.get("Condition") != _TLS_ONLY
    )


def _is_for_this_account(statement: Statement, secret: SecretFacts) -> bool:
    own = {"StringEquals": {"aws:SourceAccount": secret.account}}
    return (statement.get("Condition") or own) in (
        own,
        {"StringEquals": {"aws:SourceAccount": [secret.account]}},
    )


def _fix(facts: Facts) -> tuple[Command]:
    """Return the command that sets MediaTailor's statement and, without a stack, keeps correct statements."""
    secret = facts.secret
    found = [] if secret.policy.is_missing else statements(secret.policy.value)
    kept = [
        statement
        for statement in without_deleted_principals(found)
        if facts.expected.stack is None
        and not is_public(statement)
        and not _denies_mediatailor(statement, secret)
        and statement != mediatailor_statement(facts)
    ]
    return (set_secret_policy(facts, kept),)


REQUIREMENTS = (
    Requirement(
        id="secret-policy",
        title="the secret's policy lets MediaTailor read it",
        page=SECRET_PAGE,
        check=of_the_secret(mediatailor_reads),
    ),
    Requirement(
        id="secret-policy-only",
        title="the secret's policy allows nothing else",
        page=SECRET_PAGE,
        check=of_the_secret(nothing_else),
    ),
    Requirement(
        id="secret-private",
        title="the secret's policy is not public",
        page=_POLICY_PAGE,
        check=of_the_secret(is_private),
    ),
    Requirement(
        id="secret-principals",
        title="the secret's policy contains only principals that exist",
        page=_POLICY_PAGE,
        check=of_the_secret(_principals_exist),
    ),
)
