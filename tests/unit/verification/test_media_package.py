"""The requirements on the role that MediaPackage assumes."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.support.verification_facts import (
    GOOD,
    KEY_ARN,
    SECRET_ARN,
    access_configuration,
    findings,
    with_secret,
)
from verification.fact import Fact
from verification.facts import Facts, RoleFacts

TRUST = {
    "Sid": "AssumeRole",
    "Effect": "Allow",
    "Principal": {"Service": "mediapackage.amazonaws.com"},
    "Action": "sts:AssumeRole",
    "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
}
READS = {
    "Effect": "Allow",
    "Action": [
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue",
        "secretsmanager:ListSecretVersionIds",
    ],
    "Resource": SECRET_ARN,
}
FINDS = {"Effect": "Allow", "Action": "secretsmanager:ListSecrets", "Resource": "*"}
DECRYPTS = {
    "Effect": "Allow",
    "Action": ["kms:Decrypt", "kms:DescribeKey"],
    "Resource": KEY_ARN,
    "Condition": {"StringEquals": {"kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com"}},
}


def packaged(
    *statements: dict[str, Any],
    trust: dict[str, Any] = TRUST,
    key: str = "MediaPackageCDNIdentifier",
    attached_policies: tuple[str, ...] = (),
) -> Facts:
    policy = {
        "Version": "2012-10-17",
        "Statement": list(statements or (READS, FINDS, DECRYPTS)),
    }
    return replace(
        with_secret(value=Fact({"SecretString": json.dumps({key: "0123-token"})})),
        expected=replace(
            GOOD.expected,
            secret_string_key=Fact(key),
            access_configuration=Fact(access_configuration(key)),
        ),
        role=RoleFacts(
            arn="arn:aws:iam::123456789012:role/mediatailor-news",
            role=Fact(
                {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]}}
            ),
            policies=Fact({"own": policy}),
            attached_policies=Fact(attached_policies),
        ),
    )


def test_the_role_of_either_mediapackage_meets_every_requirement() -> None:
    assert findings(packaged()) == {}
    second = packaged(
        READS | {"Action": ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]},
        FINDS | {"Action": "secretsmanager:BatchGetSecretValue"},
        DECRYPTS,
        trust=TRUST | {"Principal": {"Service": "mediapackagev2.amazonaws.com"}},
        key="MediaPackageV2CDNIdentifier",
    )
    assert findings(second) == {}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            {"Principal": {"AWS": "*"}},
            "it can be assumed by * if aws:SourceAccount is 123456789012",
        ),
        (
            {"Principal": {"Service": "mediapackagev2.amazonaws.com"}},
            "it can be assumed by mediapackagev2.amazonaws.com if aws:SourceAccount is 123456789012",
        ),
        (
            {"Principal": {"Service": "mediapackage.amazonaws.com", "AWS": "123456789012"}},
            "it can be assumed by mediapackage.amazonaws.com, 123456789012 if aws:SourceAccount is 123456789012",
        ),
        ({"Condition": {}}, "it can be assumed by mediapackage.amazonaws.com"),
        (
            {"Condition": {"StringEquals": {"aws:SourceAccount": "210987654321"}}},
            "it can be assumed by mediapackage.amazonaws.com if aws:SourceAccount is 210987654321",
        ),
    ],
)
def test_a_role_that_others_can_assume_is_a_finding(change: dict[str, Any], problem: str) -> None:
    assert findings(packaged(trust=TRUST | change)) == {"role-trust": problem}


def test_a_role_that_does_not_exist_is_one_finding() -> None:
    found = replace(packaged(), role=RoleFacts(arn="arn"))
    assert findings(found) == {"role-exists": "IAM has no role arn"}


def test_a_role_without_a_policy_is_a_finding() -> None:
    found = packaged()
    assert found.role
    found = replace(found, role=replace(found.role, policies=Fact({})))
    assert findings(found) == {"role-permissions": "the role has no inline policy"}


VIA = " if kms:ViaService is secretsmanager.eu-west-1.amazonaws.com"


@pytest.mark.parametrize(
    ("statements", "problem"),
    [
        ((FINDS, DECRYPTS), f"it lacks secretsmanager:GetSecretValue on {SECRET_ARN}"),
        ((READS, FINDS), f"it lacks kms:Decrypt on {KEY_ARN}{VIA}"),
        (
            (READS, FINDS, DECRYPTS | {"Action": "kms:Decrypt", "Condition": {}}),
            f"it lacks kms:Decrypt on {KEY_ARN}{VIA}, it also allows kms:Decrypt on {KEY_ARN}",
        ),
        (
            (READS, FINDS, DECRYPTS | {"Action": "kms:Decrypt", "Resource": "*"}),
            f"it lacks kms:Decrypt on {KEY_ARN}{VIA}, it also allows kms:Decrypt on *{VIA}",
        ),
        (
            (READS, READS | {"Action": "secretsmanager:GetSecretValue", "Resource": "*"}, DECRYPTS),
            "it also allows secretsmanager:GetSecretValue on *",
        ),
        (
            (READS, FINDS | {"Action": "secretsmanager:BatchGetSecretValue"}, DECRYPTS),
            "it also allows secretsmanager:BatchGetSecretValue on *",
        ),
        (
            (READS, DECRYPTS, {"Effect": "Allow", "NotAction": "iam:*", "NotResource": SECRET_ARN}),
            "it also allows all but some actions on all but some resources",
        ),
        (
            (READS, DECRYPTS, FINDS | {"Effect": "Deny"}),
            "it has a Deny statement, which AWS's policy lacks",
        ),
    ],
)
def test_a_role_with_fewer_or_more_permissions_is_a_finding(
    statements: tuple[dict[str, Any], ...], problem: str
) -> None:
    assert findings(packaged(*statements)) == {"role-permissions": problem}


def test_a_role_with_an_attached_policy_is_a_finding() -> None:
    attached = "arn:aws:iam::aws:policy/AdministratorAccess"
    assert findings(packaged(attached_policies=(attached,))) == {
        "role-attachments": f"it has the managed policy {attached} as well"
    }


def test_a_permissions_boundary_is_a_finding() -> None:
    found = packaged()
    assert found.role
    boundary = {"PermissionsBoundary": {"PermissionsBoundaryArn": "arn:aws:iam::1:policy/b"}}
    role = replace(found.role, role=Fact({**found.role.role.value, **boundary}))
    assert findings(replace(found, role=role)) == {
        "role-attachments": "the permissions boundary arn:aws:iam::1:policy/b limits the role"
    }
