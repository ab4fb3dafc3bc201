"""Resources that verification may not read are never reported as missing."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.local_aws import ACCOUNT_ID, LocalAws
from tests.support.aws_proxy import Answer, Request, aws_proxy
from tests.support.setup_by_hand import REGION, HandMade, found, hand_made
from verification import Setup, Verification, live, verify
from verification.aws import Aws
from verification.expected import StackExpected, VerificationError
from verification.fact import Fact
from verification.requirement import Answer as Met


@pytest.fixture(autouse=True)
def _no_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")


@pytest.fixture(scope="module")
def made(aws: LocalAws) -> HandMade:
    """Return a setup with every resource that a stack can have."""
    made = hand_made(aws)
    made.client("secretsmanager").replicate_secret_to_regions(
        SecretId=made.secret_arn, AddReplicaRegions=[{"Region": "us-west-2"}]
    )
    iam = made.client("iam")
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    trust = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT_ID}, "Action": "sts:AssumeRole"}
    iam.create_role(
        RoleName="media-package", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]})
    )
    iam.put_role_policy(
        RoleName="media-package",
        PolicyName="own",
        PolicyDocument=json.dumps({"Statement": [statement]}),
    )
    return made


def as_a_stack(made: HandMade) -> Setup:
    aws = Aws(made.session, endpoint_url=made.aws.url)
    setup = live.source_location(made.name, REGION, ACCOUNT_ID, aws)
    (expected,) = setup.source_locations
    stack = StackExpected(
        key_arn=made.key_arn,
        replica_arns={"us-west-2": made.secret_arn.replace(REGION, "us-west-2")},
        media_package_role_arn=f"arn:aws:iam::{ACCOUNT_ID}:role/media-package",
        media_package_role_policy="own",
        source_location_arn=f"arn:aws:mediatailor:{REGION}:{ACCOUNT_ID}:sourceLocation/{made.name}",
        desired_state=Fact({}),
        version_id="version",
    )
    with_stack = type(expected)(**{**vars(expected), "stack": stack})
    return Setup(
        title="stack test",
        stack="test",
        region=REGION,
        account=ACCOUNT_ID,
        source_locations=[with_stack],
    )


def verified(made: HandMade, instead: Callable[[Request], Answer | None]) -> Verification:
    with aws_proxy(made.aws.url, instead=instead) as proxy:
        return verify(as_a_stack(made), made.session, endpoint_url=proxy.url)


def refusing(action: str, code: str, status: int = 400) -> Callable[[Request], Answer | None]:
    service, _, operation = action.partition(":")

    def refuse(request: Request) -> Answer | None:
        if (request.service, request.operation) != (service, operation):
            return None
        if service == "iam":
            body = f"<ErrorResponse><Error><Code>{code}</Code><Message>No.</Message></Error></ErrorResponse>"
            return Answer(status=status, body=body.encode(), content_type="text/xml")
        return Answer(status=status, body=json.dumps({"__type": code, "message": "No."}).encode())

    return refuse


ACTIONS = (
    "iam:GetRole",
    "iam:GetRolePolicy",
    "iam:ListAttachedRolePolicies",
    "iam:ListRolePolicies",
    "kms:DescribeKey",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListGrants",
    "mediatailor:DescribeSourceLocation",
    "secretsmanager:DescribeSecret",
    "secretsmanager:GetResourcePolicy",
    "secretsmanager:GetSecretValue",
    "secretsmanager:ListSecretVersionIds",
)


def test_the_actions_below_are_all_that_verifying_a_stack_needs(made: HandMade) -> None:
    asked = set()

    def remember(request: Request) -> None:
        asked.add(f"{request.service}:{request.operation}")

    verified(made, remember)
    assert asked == set(ACTIONS)


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("AccessDeniedException", 400),
        ("ThrottlingException", 400),
        ("ExpiredTokenException", 403),
        ("InternalFailure", 500),
    ],
)
def test_a_refused_action_is_reported_and_neither_hides_nor_causes_findings(
    made: HandMade, action: str, code: str, status: int
) -> None:
    as_it_is = verified(made, lambda _: None)
    verification = verified(made, refusing(action, code, status))

    assert {id_ for id_, _ in found(verification)} <= {id_ for id_, _ in found(as_it_is)}
    unchecked = [result for result in verification.results if result.answer is Met.NOT_CHECKED]
    assert unchecked
    for result in unchecked:
        for obstacle in result.obstacles:
            assert obstacle.action == action
            assert obstacle.error == f"{code}: No."
    judged = {(r.requirement.id, r.answer) for r in as_it_is.results}
    blind = {r.requirement.id for r in unchecked}
    for result in verification.results:
        if result.answer is Met.MET:
            assert (result.requirement.id, Met.MET) in judged
        assert result.answer is not Met.NOT_MET or result.requirement.id not in blind


@pytest.mark.parametrize("action", ["DescribeSourceLocation", "ListSourceLocations"])
def test_without_mediatailor_nothing_can_be_checked_live(made: HandMade, action: str) -> None:
    refuse = refusing(f"mediatailor:{action}", "AccessDeniedException", 403)
    with aws_proxy(made.aws.url, instead=refuse) as proxy:
        aws = Aws(made.session, endpoint_url=proxy.url)
        look = {
            "DescribeSourceLocation": lambda: live.source_location(
                made.name, REGION, ACCOUNT_ID, aws
            ),
            "ListSourceLocations": lambda: live.all_source_locations(REGION, ACCOUNT_ID, aws),
        }
        with pytest.raises(VerificationError) as error:
            look[action]()
    assert f"mediatailor:{action} on " in str(error.value)
    assert "AccessDeniedException: No." in str(error.value)


def test_a_source_location_that_cannot_be_described_is_not_missing(
    aws: LocalAws, made: HandMade
) -> None:
    other = hand_made(aws)

    def refuse(request: Request) -> Answer | None:
        if request.operation != "DescribeSourceLocation" or other.name not in request.path:
            return None
        return Answer(status=403, body=b'{"__type": "AccessDeniedException", "message": "No."}')

    with aws_proxy(aws.url, instead=refuse) as proxy:
        reader = Aws(made.session, endpoint_url=proxy.url)
        setup = live.all_source_locations(REGION, ACCOUNT_ID, reader)
        verification = verify(setup, made.session, endpoint_url=proxy.url)
    answers = {r.answer for r in verification.results if r.source_location == other.name}
    assert answers == {Met.NOT_CHECKED, Met.NOT_APPLICABLE}


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://127.0.0.1:1", "Could not connect to the endpoint URL"),
        ("no-url", "Invalid endpoint"),
    ],
)
def test_an_endpoint_that_does_not_respond_is_not_a_finding(
    made: HandMade, url: str, error: str
) -> None:
    verification = verify(as_a_stack(made), made.session, endpoint_url=url)
    assert found(verification) == []
    assert verification.status == 2
    errors = {o.error for result in verification.results for o in result.obstacles}
    assert all(error in one for one in errors)
    assert errors


@pytest.mark.parametrize("body", [b"<html>Log in</html>", b"{}", b"[]", b""])
def test_a_response_that_is_not_from_aws_is_not_a_finding(made: HandMade, body: bytes) -> None:
    answer = Answer(status=200, body=body, content_type="text/html")
    verification = verified(made, lambda _: answer)
    assert found(verification) == []
    assert verification.status == 2


def test_a_404_page_of_a_proxy_is_not_a_missing_resource(made: HandMade) -> None:
    answer = Answer(status=404, body=b"<html>Not found</html>", content_type="text/html")
    verification = verified(made, lambda _: answer)
    assert found(verification) == []
    assert verification.status == 2


def requests_of(made: HandMade, setup: Setup) -> list[Any]:
    with aws_proxy(made.aws.url) as proxy:
        verify(setup, made.session, endpoint_url=proxy.url)
        return [
            (request.service, request.operation, request.region, request.body, request.path)
            for request, _ in proxy.exchanges
        ]


def test_no_request_is_sent_twice(made: HandMade) -> None:
    requests = requests_of(made, as_a_stack(made))
    assert len(requests) == len(set(requests))
