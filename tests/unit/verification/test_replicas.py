"""The requirements on the secret's replicas."""

from dataclasses import replace
from typing import Any

import pytest

from tests.support.verification_facts import (
    DOCUMENTED,
    GOOD,
    GOOD_KEY,
    KEY_ARN,
    SECRET_ARN,
    answers,
    findings,
    policy,
    there,
    with_replica,
)
from verification.fact import MISSING, Fact, Obstacle
from verification.facts import KeyFacts
from verification.requirement import Answer

DENIED: Fact[Any] = Fact(
    obstacle=Obstacle(
        action="secretsmanager:DescribeSecret", resource=SECRET_ARN, error="AccessDeniedException"
    )
)
DESCRIBED = with_replica().replicas["us-west-2"].described.value


def test_a_correct_replica_meets_every_requirement() -> None:
    found = with_replica()
    assert findings(found) == {}
    assert answers(found)["replica-exists"] is Answer.MET


def test_replica_requirements_do_not_apply_without_a_replica() -> None:
    given = answers(GOOD)
    for requirement, answer in given.items():
        if requirement.startswith("replica-"):
            assert answer is Answer.NOT_APPLICABLE


@pytest.mark.parametrize("change", [{"PrimaryRegion": "us-west-2"}, {"PrimaryRegion": None}])
def test_a_secret_that_is_not_a_replica_of_the_primary_is_a_finding(change: dict[str, Any]) -> None:
    assert findings(with_replica(described=Fact({**DESCRIBED, **change}))) == {
        "replica-exists": "in us-west-2, Secrets Manager has no replica of the secret"
    }


def test_a_replica_that_does_not_exist_is_one_finding() -> None:
    missing = with_replica(described=MISSING, value=MISSING, policy=MISSING, key=KeyFacts())
    assert set(findings(missing)) == {"replica-exists"}


def test_a_replica_in_the_wrong_region_is_a_finding() -> None:
    (replica,) = with_replica().replicas.values()
    assert findings(replace(GOOD, replicas={"eu-central-1": replica})) == {
        "replica-exists": "in eu-central-1, Secrets Manager has no replica of the secret"
    }


@pytest.mark.parametrize("name", [KEY_ARN, "alias/news", None])
def test_a_replica_must_have_a_key_of_its_region(name: str | None) -> None:
    found = with_replica(described=Fact({**DESCRIBED, "KmsKeyId": name}))
    assert set(findings(found)) == {"replica-key"}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"KeyManager": "AWS"}, "the key is an AWS managed key"),
        ({"KeyState": "Disabled"}, "the key is disabled"),
    ],
)
def test_a_replicas_key_must_be_usable(change: dict[str, str], problem: str) -> None:
    key = {**GOOD_KEY, "Arn": there(KEY_ARN), **change}
    found = with_replica(key=replace(GOOD.secret.key, metadata=Fact(key)))
    assert findings(found) == {"replica-key-usable": f"in us-west-2, {problem}"}


def test_a_replica_whose_policy_is_for_the_primary_only_is_a_finding() -> None:
    assert findings(with_replica(policy=Fact(policy(DOCUMENTED)))) == {
        "replica-policy": f"in us-west-2, MediaTailor may read {SECRET_ARN}, but not this secret"
    }


def test_a_replica_without_a_policy_is_one_finding() -> None:
    assert findings(with_replica(policy=MISSING)) == {
        "replica-policy": "in us-west-2, the secret has no resource policy"
    }


def test_a_replica_with_a_public_policy_is_a_finding() -> None:
    statements = DOCUMENTED | {"Resource": there(SECRET_ARN)}, DOCUMENTED | {"Principal": "*"}
    assert findings(with_replica(policy=Fact(policy(*statements)))) == {
        "replica-policy": "in us-west-2, anyone is allowed secretsmanager:GetSecretValue"
    }


def test_a_replica_with_another_token_is_a_finding_that_does_not_contain_it() -> None:
    other = Fact({"SecretString": '{"AccessToken": "9876-token"}'})
    assert findings(with_replica(value=other)) == {
        "replica-token": "in us-west-2, the token differs from the secret's"
    }
    assert findings(with_replica(value=MISSING)) == {
        "replica-token": "in us-west-2, there is no token"
    }


def test_a_replica_that_is_not_in_sync_is_a_finding() -> None:
    found = with_replica()
    status = {"Region": "us-west-2", "Status": "Failed", "StatusMessage": "the name is taken"}
    described = Fact({**found.secret.described.value, "ReplicationStatus": [status]})
    found = replace(found, secret=replace(found.secret, described=described))
    assert findings(found) == {
        "replica-in-sync": "in us-west-2, replication is Failed: the name is taken"
    }
    found = with_replica(described=MISSING, value=MISSING, policy=MISSING, key=KeyFacts())
    found = replace(found, secret=replace(found.secret, described=described))
    assert findings(found) == {
        "replica-exists": "in us-west-2, Secrets Manager has no replica of the secret: the name is taken"
    }


def test_an_unreadable_region_does_not_hide_a_finding_in_another() -> None:
    found = with_replica(described=Fact({**DESCRIBED, "PrimaryRegion": None}))
    (replica,) = found.replicas.values()
    unreadable = replace(replica, described=DENIED)
    found = replace(found, replicas={"eu-central-1": unreadable, **found.replicas})
    assert answers(found)["replica-exists"] is Answer.NOT_MET
    assert answers(found)["replica-key"] is Answer.NOT_CHECKED
