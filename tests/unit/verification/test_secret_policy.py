"""The requirements on the secret policy."""

from dataclasses import replace
from typing import Any

import pytest

from tests.support.verification_facts import (
    DOCUMENTED,
    ROOT,
    SECRET_ARN,
    answers,
    findings,
    policy,
    results,
    with_secret,
)
from verification.fact import MISSING, Fact
from verification.requirement import Answer

READ = "secretsmanager:GetSecretValue"
MEDIATAILOR = "mediatailor.amazonaws.com"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            {"Principal": {"Service": "mediapackage.amazonaws.com"}},
            f"no statement allows {MEDIATAILOR}",
        ),
        (
            {"Principal": {"Service": "mediatailor.us-east-1.amazonaws.com"}},
            f"no statement allows {MEDIATAILOR}",
        ),
        ({"Principal": ROOT}, f"no statement allows {MEDIATAILOR}"),
        ({"Action": "secretsmanager:DescribeSecret"}, f"MediaTailor is not allowed {READ}"),
        (
            {"Resource": SECRET_ARN.replace("news", "sports")},
            f"MediaTailor may read {SECRET_ARN.replace('news', 'sports')}, but not this secret",
        ),
        (
            {"Condition": {"StringEquals": {"aws:SourceAccount": "210987654321"}}},
            "MediaTailor may read it only if aws:SourceAccount is 210987654321",
        ),
        (
            {"Condition": {"StringEquals": {"aws:SourceArn": "arn:aws:mediatailor:::*"}}},
            "MediaTailor may read it only if aws:SourceArn is arn:aws:mediatailor:::*",
        ),
    ],
)
def test_a_policy_that_does_not_let_mediatailor_read_is_one_finding(
    change: dict[str, Any], problem: str
) -> None:
    found = with_secret(policy=Fact(policy(DOCUMENTED | change)))
    assert findings(found) == {"secret-policy": problem}


@pytest.mark.parametrize(
    "missing", [MISSING, Fact("not JSON"), Fact("{}"), Fact('{"Statement": []}')]
)
def test_a_secret_without_a_policy_is_one_finding(missing: Fact[str]) -> None:
    found = with_secret(policy=missing)
    assert findings(found) == {"secret-policy": "the secret has no resource policy"}


@pytest.mark.parametrize(
    ("principal", "condition", "text"),
    [
        ({"Principal": "*"}, {}, ""),
        ({"Principal": DOCUMENTED["Principal"]}, {}, ""),
        ({"NotPrincipal": ROOT}, {}, ""),
        (
            {"Principal": {"AWS": "*"}},
            {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}},
            " if aws:PrincipalOrgID StringNotEquals o-1",
        ),
    ],
)
def test_a_statement_that_denies_mediatailor_is_one_finding(
    principal: dict[str, Any], condition: dict[str, Any], text: str
) -> None:
    denying = {"Effect": "Deny", "Action": "secretsmanager:*", "Resource": "*", **principal}
    found = with_secret(policy=Fact(policy(DOCUMENTED, denying | {"Condition": condition})))
    assert findings(found) == {"secret-policy": f"a statement denies MediaTailor {READ}{text}"}


def test_without_a_stack_a_policy_may_deny_requests_without_tls() -> None:
    denying = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "secretsmanager:*",
        "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    found = with_secret(policy=Fact(policy(DOCUMENTED, denying)))
    found = replace(found, expected=replace(found.expected, stack=None))
    assert findings(found) == {}
    assert answers(found)["secret-policy-only"] is Answer.NOT_APPLICABLE


@pytest.mark.parametrize(
    "change",
    [
        {"Sid": "MediaTailor"},
        {"Principal": {"Service": [MEDIATAILOR]}},
        {"Principal": {"Service": "mediatailor.eu-west-1.amazonaws.com"}},
        {"Action": [READ]},
        {"Resource": "*"},
        {"Resource": [SECRET_ARN, SECRET_ARN.replace("eu-west-1", "us-east-1")]},
        {"Resource": SECRET_ARN[:-6] + "??????"},
        {"Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}}},
        {"Condition": {"StringEquals": {"aws:SourceAccount": ["123456789012"]}}},
    ],
)
def test_the_documented_statement_may_be_written_in_other_ways(change: dict[str, Any]) -> None:
    assert findings(with_secret(policy=Fact(policy(DOCUMENTED | change)))) == {}


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        (
            {"Principal": ROOT, "Action": [READ, "secretsmanager:PutSecretValue"]},
            f"it also allows {ROOT['AWS']} {READ}, secretsmanager:PutSecretValue",
        ),
        (
            {"Action": "secretsmanager:*"},
            f"it also allows {MEDIATAILOR} secretsmanager:*",
        ),
        (
            {"Principal": {**DOCUMENTED["Principal"], **ROOT}},  # type: ignore[dict-item]
            f"it also allows {ROOT['AWS']}, {MEDIATAILOR} {READ}",
        ),
        (
            {"Effect": "Deny", "Principal": ROOT, "Action": "secretsmanager:DeleteSecret"},
            f"it also denies {ROOT['AWS']} secretsmanager:DeleteSecret",
        ),
    ],
)
def test_a_stacks_policy_with_another_statement_is_one_finding(
    statement: dict[str, Any], problem: str
) -> None:
    found = with_secret(policy=Fact(policy(DOCUMENTED, DOCUMENTED | statement)))
    assert findings(found) == {"secret-policy-only": problem}
    found = replace(found, expected=replace(found.expected, stack=None))
    assert findings(found) == {}, "without a stack, other statements are allowed"


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"AWS": [*ROOT.values(), "*"]}])
def test_a_public_policy_is_one_finding(principal: object) -> None:
    public = DOCUMENTED | {"Principal": principal}
    found = with_secret(policy=Fact(policy(DOCUMENTED, public)))
    assert findings(found) == {"secret-private": f"anyone is allowed {READ}"}


@pytest.mark.parametrize(
    ("condition", "is_public"),
    [
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, False),
        ({"StringEquals": {"AWS:SourceAccount": ["123456789012"]}}, False),
        ({"StringLike": {"aws:SourceArn": "arn:aws:s3:::*"}}, True),
        ({"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}, True),
        ({"StringEqualsIfExists": {"aws:SourceAccount": "123456789012"}}, True),
        ({"Bool": {"aws:SecureTransport": "true"}}, True),
    ],
)
def test_a_wildcard_is_public_unless_a_condition_limits_it(
    condition: dict[str, Any],
    is_public: bool,  # noqa: FBT001  a parameter of the test
) -> None:
    statement = DOCUMENTED | {"Principal": "*", "Condition": condition}
    found = with_secret(policy=Fact(policy(DOCUMENTED, statement)))
    assert ("secret-private" in findings(found)) is is_public


def test_a_deleted_principal_is_one_finding() -> None:
    statement = DOCUMENTED | {"Principal": {"AWS": "AROA1234567890EXAMPLE"}}
    found = with_secret(policy=Fact(policy(DOCUMENTED, statement)))
    assert findings(found) == {
        "secret-principals": "it contains a deleted role or user, AROA1234567890EXAMPLE"
    }


def test_the_fix_removes_only_the_deleted_principal() -> None:
    alive = "arn:aws:iam::123456789012:role/alive"
    principals = {"AWS": ["AIDA1234567890EXAMPLE", alive]}
    found = with_secret(policy=Fact(policy(DOCUMENTED | {"Principal": principals})))
    found = replace(found, expected=replace(found.expected, stack=None))
    ((command,),) = {
        finding.fix
        for result in results(found)
        for finding in result.findings
        if result.requirement.id == "secret-principals"
    }
    (document,) = (part for part in command if part.startswith("--resource-policy"))
    assert alive in document
    assert "AIDA" not in document
