"""What the tests of the origin's checks share: a source location, the origin's answers, and the results."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace

from tests.support.https_origin import Answer, Origin
from tests.support.verification_facts import located, verification_of
from verification.fact import Fact
from verification.facts import Facts
from verification.origin import origin_path, with_origins
from verification.requirement import Answer as Met
from verification.requirements import Verification

TOKEN = "canary-0123456789"
HEADER = "X-Access-Token"
Serve = Callable[[Callable[[str, Mapping[str, str]], Answer]], Origin]
"""Starts an origin that answers by path and headers."""


def answering(
    with_token: Answer, without_token: Answer
) -> Callable[[str, Mapping[str, str]], Answer]:
    def answer(_path: str, headers: Mapping[str, str]) -> Answer:
        return with_token if headers.get(HEADER) == TOKEN else without_token

    return answer


def facts_of(url: str, *, token: str = TOKEN) -> Facts:
    """Return a source location with this base URL, in MediaTailor and in the stack."""
    found = located({"HttpConfiguration": {"BaseUrl": url}})
    assert found.expected.stack
    desired = {**found.expected.stack.desired_state.value, "HttpConfiguration": {"BaseUrl": url}}
    stack = replace(found.expected.stack, desired_state=Fact(desired))
    value = Fact({"SecretString": json.dumps({"AccessToken": token})})
    return replace(
        found,
        expected=replace(found.expected, stack=stack),
        secret=replace(found.secret, value=value),
    )


def ask(facts: Facts, path: str = "/live/index.m3u8") -> Verification:
    return with_origins(verification_of(facts), origin_path(path))


def origin_findings(verification: Verification) -> dict[str, str]:
    return {
        result.requirement.id: finding.text
        for result in verification.results
        for finding in result.findings
    }


def origin_answers(verification: Verification) -> list[Met]:
    return [r.answer for r in verification.results if r.requirement.id.startswith("origin-")]
