"""What is required of the source location in MediaTailor."""

from dataclasses import replace
from typing import Any

import pytest

from tests.support.verification_facts import GOOD, access_configuration, answers, findings
from verification.facts import Fact, Facts
from verification.requirement import Answer

ARN = "arn:aws:mediatailor:eu-west-1:123456789012:sourceLocation/news"


def located(**change: Any) -> Facts:
    properties = {
        "Arn": ARN,
        "HttpConfiguration": {"BaseUrl": "https://origin.example.com"},
        "AccessConfiguration": access_configuration(),
    }
    return replace(
        GOOD,
        expected=replace(GOOD.expected, source_location_arn=ARN),
        source_location=Fact(properties | change),
    )


def test_the_exported_source_location_meets_every_requirement() -> None:
    assert findings(located()) == {}
    assert answers(located())["source-location-access"] is Answer.MET


@pytest.mark.parametrize(
    ("change", "requirement", "problem"),
    [
        (
            {"Arn": f"{ARN}-2"},
            "source-location-access",
            "MediaTailor knows no such source location",
        ),
        (
            {"AccessConfiguration": access_configuration("OtherKey")},
            "source-location-access",
            "its access configuration is another one",
        ),
        (
            {"HttpConfiguration": {"BaseUrl": "http://origin.example.com"}},
            "source-location-https",
            "the base URL is http://origin.example.com",
        ),
        ({"HttpConfiguration": {}}, "source-location-https", "the base URL is missing"),
    ],
)
def test_a_source_location_that_differs_from_the_exported_one_is_a_finding(
    change: dict[str, Any], requirement: str, problem: str
) -> None:
    assert findings(located(**change)) == {requirement: problem}


def test_a_source_location_that_mediatailor_does_not_know_is_one_finding() -> None:
    found = replace(located(), source_location=Fact())
    assert set(findings(found)) == {"source-location-access"}


def test_without_a_source_location_in_the_stack_none_is_required() -> None:
    given = answers(GOOD)
    for requirement in ("source-location-access", "source-location-https"):
        assert given[requirement] is Answer.NOT_APPLICABLE
