"""The key policy of the customer managed key (AWS's step 1)."""

import re
from collections.abc import Iterator

from verification.checks.each_secret import existing, of_the_secret_and_replicas
from verification.checks.key import KEY_PAGE, is_the_stacks, only_the_stacks_own
from verification.commands import set_key_policy
from verification.fact import NothingToCheckError
from verification.facts import Facts, SecretFacts
from verification.iam_policy import (
    Statement,
    allowing,
    condition_text,
    deleted_principals,
    is_public,
    listed,
    principals,
    public_actions,
    statements,
)
from verification.requirement import Finding, Requirement

_POLICY_PAGE = "https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html"
_IAM_ARN = re.compile(r"arn:[a-z-]+:iam::\d{12}:(root|(user|role)/.+)")


def _private(facts: Facts, secret: SecretFacts) -> Iterator[Finding]:
    policy = _policy(secret)
    if public := public_actions(policy):
        yield Finding(
            text=f"anyone is allowed {public}",
            fix=set_key_policy(secret, _missing(facts, secret)),
            up_fixes=facts.expected.owns_key,
        )


def _principals(facts: Facts, secret: SecretFacts) -> Iterator[Finding]:
    policy = _policy(secret)
    own = facts.expected.owns_key and is_the_stacks(facts, secret)
    deleted = deleted_principals(policy)
    if deleted:
        text = f"it contains a deleted role or user, {', '.join(deleted)}"
        if own:
            text += ": remove it from the stack's encryptionKey settings as well"
        yield Finding(text=text, fix=set_key_policy(secret, _missing(facts, secret)))
    others = {
        principal
        for statement in statements(policy)
        if own and statement.get("Effect") == "Allow" and not is_public(statement)
        for principal in principals(statement)
        if not _IAM_ARN.fullmatch(principal)
    } - set(deleted)
    if others:
        yield Finding(text=f"it also allows {', '.join(sorted(others))}", up_fixes=True)


def _grants(facts: Facts, secret: SecretFacts) -> Iterator[Finding]:
    only_the_stacks_own(facts, secret)
    # A statement for the account's root delegates to its IAM policies, so the root may have all.
    service = f"mediatailor.{secret.region}.amazonaws.com"
    through_mediatailor = (
        {"StringEquals": {"kms:ViaService": service}},
        {"StringEquals": {"kms:ViaService": [service]}},
    )
    free = {
        principal
        for statement in allowing(_policy(secret), "kms:CreateGrant")
        if statement.get("Condition") not in through_mediatailor and not is_public(statement)
        for principal in principals(statement)
        if principal != _root(secret) and _IAM_ARN.fullmatch(principal)
    }
    if free:
        text = f"{', '.join(sorted(free))} can create grants without {service}"
        yield Finding(text=text, up_fixes=True)


def _statements(facts: Facts, secret: SecretFacts) -> Iterator[Finding]:
    if facts.expected.owns_key:
        raise NothingToCheckError
    policy = _policy(secret)
    missing = _missing(facts, secret)
    for statement in missing:
        actions = listed(statement["Action"])
        lacking = [
            action
            for action in actions
            for principal in principals(statement)
            if not _allows(policy, principal, action, statement, secret)
        ]
        who = ", ".join(principals(statement))
        what = ", ".join(dict.fromkeys(lacking))
        yield Finding(
            text=f"the key policy does not allow {who} {what}{condition_text(statement)}",
            fix=set_key_policy(secret, missing),
        )


def _missing(facts: Facts, secret: SecretFacts) -> list[Statement]:
    """Return the statements that the policy of an existing key lacks."""
    policy = _policy(secret)
    stack = facts.expected.stack
    if facts.expected.owns_key:
        return []
    if stack is None:
        # Any principal of the account may be the one that creates source locations.
        grants = _account_grants(secret)
        allowed = any(_reaches(s, grants) for s in allowing(policy, "kms:CreateGrant"))
        return [] if allowed else [grants]
    return [
        statement
        for statement in stack.required_key_policy_statements
        if not all(
            _allows(policy, principal, action, statement, secret)
            for principal in principals(statement)
            for action in listed(statement["Action"])
        )
    ]


def _allows(policy: str, principal: str, action: str, like: Statement, secret: SecretFacts) -> bool:
    """Whether a policy allows a principal an action under a statement's condition."""
    return any(
        _reaches(statement, like) and {principal, "*", _root(secret)} & {*principals(statement)}
        for statement in allowing(policy, action)
    )


def _account_grants(secret: SecretFacts) -> Statement:
    """Return the statement in MediaTailor's guide, for principals that the account's IAM policies allow."""
    service = f"mediatailor.{secret.region}.amazonaws.com"
    return {
        "Sid": "GrantToMediaTailor",
        "Effect": "Allow",
        "Principal": {"AWS": _root(secret)},
        "Action": "kms:CreateGrant",
        "Resource": "*",
        "Condition": {"StringEquals": {"kms:ViaService": service}},
    }


def _reaches(statement: Statement, required: Statement) -> bool:
    """Whether a statement's condition allows the services that another one requires."""
    condition = statement.get("Condition") or {}
    via = condition.get("StringEquals", {}).get("kms:ViaService")
    wanted = required.get("Condition", {}).get("StringEquals", {}).get("kms:ViaService")
    return not condition or (
        condition == {"StringEquals": {"kms:ViaService": via}}
        and {*listed(wanted)} <= {*listed(via)}
    )


def _root(secret: SecretFacts) -> str:
    return f"arn:{secret.arn.split(':')[1]}:iam::{secret.account}:root"


def _policy(secret: SecretFacts) -> str:
    existing(secret)
    return secret.key.policy.value


REQUIREMENTS = (
    Requirement(
        id="key-private",
        title="the key policy is not public",
        page=_POLICY_PAGE,
        check=of_the_secret_and_replicas(_private),
    ),
    Requirement(
        id="key-principals",
        title="the key policy allows only accounts, roles and users that exist",
        page=_POLICY_PAGE,
        check=of_the_secret_and_replicas(_principals),
    ),
    Requirement(
        id="key-grants",
        title="only MediaTailor can be granted use of the key (kms:ViaService)",
        page=KEY_PAGE,
        check=of_the_secret_and_replicas(_grants),
    ),
    Requirement(
        id="key-statements",
        title="the key policy lets Secrets Manager and MediaTailor use the key",
        page=KEY_PAGE,
        check=of_the_secret_and_replicas(_statements),
    ),
)
