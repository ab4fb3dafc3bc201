"""The requirements on the source location in MediaTailor and on MediaTailor's grant."""

from dataclasses import replace
from typing import Any

import pytest

from tests.support.verification_facts import (
    DESCRIBED,
    GOOD,
    KEY_ARN,
    LOCATION_ARN,
    SECRET_ARN,
    access_configuration,
    answers,
    findings,
    located,
    results,
)
from verification.expected import Expected
from verification.fact import MISSING, Fact, Obstacle
from verification.facts import Facts, SecretFacts, SourceLocationFacts
from verification.requirement import Answer


def test_the_stacks_source_location_meets_every_requirement() -> None:
    assert findings(located()) == {}
    given = answers(located())
    for requirement in ("access", "exists", "https", "region", "segments", "url"):
        assert given[f"source-location-{requirement}"] is Answer.MET
    assert given["grant"] is given["grant-only"] is Answer.MET


def with_access(**change: str) -> dict[str, Any]:
    good = access_configuration()
    part = "SecretsManagerAccessTokenConfiguration"
    return {"AccessConfiguration": {**good, part: {**good[part], **change}}}


@pytest.mark.parametrize(
    ("change", "requirement", "problem"),
    [
        (
            {"Arn": f"{LOCATION_ARN}-2"},
            "source-location-exists",
            f"the ARN is {LOCATION_ARN}-2, but the stack has {LOCATION_ARN}",
        ),
        (
            with_access(HeaderName="X-Other", SecretStringKey="Other"),
            "source-location-access",
            (
                "HeaderName is X-Other, but the stack has X-Access-Token;"
                " SecretStringKey is Other, but the stack has AccessToken"
            ),
        ),
        (
            {"AccessConfiguration": {"AccessType": "S3_SIGV4"}},
            "source-location-access",
            (
                "AccessType is S3_SIGV4, but the stack has SECRETS_MANAGER_ACCESS_TOKEN;"
                " HeaderName is missing, but the stack has X-Access-Token;"
                f" SecretArn is missing, but the stack has {SECRET_ARN};"
                " SecretStringKey is missing, but the stack has AccessToken"
            ),
        ),
        (
            {"HttpConfiguration": {"BaseUrl": "http://origin.example.com"}},
            "source-location-https",
            "the base URL is http://origin.example.com, so the token is sent unencrypted",
        ),
        (
            {"HttpConfiguration": {"BaseUrl": "https://elsewhere.example.com"}},
            "source-location-url",
            (
                "the base URL is https://elsewhere.example.com, but the stack has"
                " https://origin.example.com: MediaTailor sends the token to the wrong origin"
            ),
        ),
        (
            {"DefaultSegmentDeliveryConfiguration": {"BaseUrl": "https://x.example.com"}},
            "source-location-segments",
            (
                "the default segment delivery URL is https://x.example.com, but the stack has"
                " https://cdn.example.com"
            ),
        ),
        (
            {"SegmentDeliveryConfigurations": []},
            "source-location-segments",
            (
                "the segment delivery configurations are missing, but the stack has"
                " a: https://a.example.com, b: https://b.example.com"
            ),
        ),
    ],
)
def test_a_source_location_that_differs_from_the_stacks_is_one_finding(
    change: dict[str, Any], requirement: str, problem: str
) -> None:
    assert findings(located(change)) == {requirement: problem}


def test_the_order_of_segment_delivery_configurations_and_a_final_slash_do_not_matter() -> None:
    change = {
        "HttpConfiguration": {"BaseUrl": "https://origin.example.com/"},
        "SegmentDeliveryConfigurations": DESCRIBED["SegmentDeliveryConfigurations"][::-1],  # type: ignore[index]
    }
    assert findings(located(change)) == {}


def test_a_source_location_that_does_not_exist_is_one_finding() -> None:
    found = replace(located(), source_locations=[SourceLocationFacts(name="news")])
    assert findings(found) == {"source-location-exists": "MediaTailor has no source location news"}


def test_requirements_on_source_locations_do_not_apply_without_one() -> None:
    given = answers(GOOD)
    for requirement, answer in given.items():
        if requirement.startswith(("source-location-", "grant", "origin-")):
            assert answer is Answer.NOT_APPLICABLE


def test_a_finding_includes_the_source_locations_name_if_it_differs() -> None:
    found = located(with_access(HeaderName="X-Other"))
    (location,) = found.source_locations
    found = replace(found, source_locations=[replace(location, name="news-2")])
    assert findings(found) == {
        "source-location-access": "news-2: HeaderName is X-Other, but the stack has X-Access-Token"
    }


DENIED = Obstacle(action="kms:ListGrants", resource=KEY_ARN, error="AccessDeniedException")


def by_hand(access: dict[str, Any], *, secret_arn: str = SECRET_ARN) -> Facts:
    found = located({"AccessConfiguration": access})
    return replace(
        found,
        expected=Expected(
            name="news",
            secret_arn=secret_arn,
            secret_string_key=Fact("AccessToken"),
            access_configuration=Fact(access),
        ),
        secret=found.secret if secret_arn else SecretFacts(arn=""),
        source_locations=found.source_locations if secret_arn else (),
    )


def test_a_source_location_created_by_hand_can_meet_every_requirement() -> None:
    assert findings(by_hand(access_configuration())) == {}


@pytest.mark.parametrize(
    ("access", "problem"),
    [
        ({}, "AccessType is missing, not SECRETS_MANAGER_ACCESS_TOKEN"),
        ({"AccessType": "S3_SIGV4"}, "AccessType is S3_SIGV4, not SECRETS_MANAGER_ACCESS_TOKEN"),
        (
            {"AccessType": "SECRETS_MANAGER_ACCESS_TOKEN"},
            "the access configuration has no HeaderName, SecretArn, SecretStringKey",
        ),
        (
            with_access(SecretArn="news")["AccessConfiguration"],
            "SecretArn is news, which is not the ARN of a secret",
        ),
    ],
)
def test_a_source_location_without_a_secret_is_one_finding(
    access: dict[str, Any], problem: str
) -> None:
    assert findings(by_hand(access, secret_arn="")) == {"source-location-access": problem}


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ("X Token", "HeaderName is 'X Token', which is not a valid HTTP header name"),
        ("X-Amz-Token", "HeaderName is X-Amz-Token; MediaTailor reserves x-amz- and x-amzn-"),
    ],
)
def test_a_header_that_mediatailor_cannot_send_is_one_finding(header: str, problem: str) -> None:
    access = with_access(HeaderName=header)["AccessConfiguration"]
    assert findings(by_hand(access)) == {"source-location-access": problem}


@pytest.mark.parametrize(
    "arn",
    [
        LOCATION_ARN.replace("eu-west-1", "us-east-1"),
        LOCATION_ARN.replace("123456789012", "210987654321"),
    ],
)
def test_a_secret_in_another_region_or_account_is_one_finding(arn: str) -> None:
    found = by_hand(access_configuration())
    (location,) = found.source_locations
    described = {**location.described.value, "Arn": arn}
    found = replace(found, source_locations=[replace(location, described=Fact(described))])
    assert set(findings(found)) == {"source-location-region"}


def test_a_description_that_cannot_be_read_is_not_a_finding() -> None:
    denied: Fact[Any] = Fact(obstacle=replace(DENIED, action="mediatailor:DescribeSourceLocation"))
    found = replace(
        located(), source_locations=[SourceLocationFacts(name="news", described=denied)]
    )
    assert findings(found) == {}
    assert {
        result.requirement.id for result in results(found) if result.answer is Answer.NOT_CHECKED
    } == {
        "source-location-access",
        "source-location-exists",
        "source-location-https",
        "source-location-region",
        "source-location-segments",
        "source-location-url",
    }
    assert (
        answers(
            replace(found, source_locations=[SourceLocationFacts(name="news", described=MISSING)])
        )["source-location-exists"]
        is Answer.NOT_MET
    )
