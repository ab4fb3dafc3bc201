"""MediaTailor's grant on the key."""

from typing import Any

import pytest

from tests.support.verification_facts import (
    GRANT,
    KEY_ARN,
    SECRET_ARN,
    answers,
    findings,
    located,
)
from verification.fact import Fact, Obstacle
from verification.requirement import Answer

OTHER = SECRET_ARN.replace("news", "sports")
FOR_OTHER = {**GRANT, "Constraints": {"EncryptionContextEquals": {"SecretARN": OTHER}}}


@pytest.mark.parametrize(
    ("grants", "requirement", "problem"),
    [
        ((), "grant", "MediaTailor has no grant on the key"),
        (
            ({**GRANT, "Operations": ["RetireGrant"]},),
            "grant",
            "MediaTailor's grant does not allow Decrypt",
        ),
        ((FOR_OTHER,), "grant", f"MediaTailor's grant is for {OTHER}"),
        (
            ({**GRANT, "Constraints": {}},),
            "grant",
            "MediaTailor's grant is not limited to a secret",
        ),
        (
            (GRANT, FOR_OTHER),
            "grant-only",
            f"MediaTailor still has a grant on {KEY_ARN} for {OTHER}",
        ),
    ],
)
def test_a_grant_that_is_not_for_this_secret_alone_is_one_finding(
    grants: tuple[dict[str, Any], ...], requirement: str, problem: str
) -> None:
    assert findings(located(grants=Fact(grants))) == {requirement: problem}


def test_a_grant_on_a_former_key_is_one_finding() -> None:
    former = {**GRANT, "KeyId": KEY_ARN.replace("1234abcd", "0000abcd")}
    assert findings(located(former_grants=Fact((former,)))) == {
        "grant-only": f"MediaTailor still has a grant on {former['KeyId']} for {SECRET_ARN}"
    }


DENIED = Obstacle(action="kms:ListGrants", resource=KEY_ARN, error="AccessDeniedException")


def test_grants_that_cannot_be_listed_are_not_missing() -> None:
    denied: Fact[Any] = Fact(obstacle=DENIED)
    found = located(grants=denied, former_grants=denied)
    assert findings(found) == {}
    assert answers(found)["grant"] is answers(found)["grant-only"] is Answer.NOT_CHECKED
