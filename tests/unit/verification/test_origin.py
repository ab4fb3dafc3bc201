"""The checks of the origin, against a real https server."""

import logging
import socket
from collections.abc import Mapping

import pytest
import urllib3

from tests.support.https_origin import Answer
from tests.support.origin_checks import (
    HEADER,
    TOKEN,
    Serve,
    answering,
    ask,
    facts_of,
    origin_answers,
    origin_findings,
)
from tests.support.verification_facts import GOOD
from verification import origin
from verification.requirement import Answer as Met


def test_an_origin_that_accepts_only_the_token_meets_the_requirements(
    serve: Serve,
) -> None:
    running = serve(answering((200, {}), (403, {})))
    verification = ask(facts_of(f"{running.url}/base/"))
    assert origin_findings(verification) == {}
    assert origin_answers(verification) == [Met.MET, Met.MET]


def test_the_token_is_sent_only_in_one_header_of_one_request(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    paths: list[str] = []

    def answer(path: str, headers: Mapping[str, str]) -> Answer:
        paths.append(path)
        return (204, {}) if headers.get(HEADER) == TOKEN else (401, {})

    running = serve(answer)
    verification = ask(facts_of(f"{running.url}/base"), "live/index.m3u8?a=b")
    assert origin_answers(verification) == [Met.MET, Met.MET]
    assert paths == 2 * ["/base/live/index.m3u8?a=b"]
    without, with_token = running.requests
    assert TOKEN not in str(without)
    assert [name for name, value in with_token.items() if TOKEN in value] == [HEADER]
    assert TOKEN not in caplog.text
    assert TOKEN not in str(verification.results)


@pytest.mark.parametrize(
    ("with_token", "without_token", "requirement", "text"),
    [
        ((200, {}), (200, {}), "origin-refuses", "returned 200: the origin accepts anyone"),
        (
            (200, {}),
            (200, {"X-Cache": "Hit"}),
            "origin-refuses",
            "accepts anyone, or the CDN in front of it (x-cache) responds from its cache",
        ),
        ((200, {}), (404, {}), "origin-refuses", "returned 404 instead of 401 or 403"),
        (
            (200, {}),
            (302, {"Location": "/login?next=1"}),
            "origin-refuses",
            "/login, instead of 401 or 403",
        ),
        (
            (403, {}),
            (403, {}),
            "origin-accepts",
            "returned 403: the origin expects another token or header",
        ),
        (
            (401, {}),
            (200, {}),
            "origin-accepts",
            "returned 401: the origin expects another token or header",
        ),
        (
            (403, {"Via": "1.1 cdn"}),
            (403, {"Via": "1.1 cdn"}),
            "origin-accepts",
            "another token or header, or the CDN in front of it (via) drops the header",
        ),
        (
            (404, {}),
            (403, {}),
            "origin-accepts",
            "returned 404: check the path, and the base URL of the source location",
        ),
        (
            (503, {}),
            (503, {}),
            "origin-accepts",
            "returned 503, which neither accepts (2xx) nor refuses (401, 403) the request",
        ),
    ],
)
def test_any_other_response_is_one_finding_that_explains_it(
    serve: Serve, with_token: Answer, without_token: Answer, requirement: str, text: str
) -> None:
    running = serve(answering(with_token, without_token))
    ((reported, said),) = origin_findings(ask(facts_of(running.url))).items()
    assert reported == requirement
    assert said.endswith(text)
    assert TOKEN not in said


def test_an_origin_that_does_not_answer_in_time_is_not_a_finding(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(origin, "_TIMEOUT", urllib3.Timeout(0.2))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        verification = ask(facts_of(f"https://localhost:{listener.getsockname()[1]}"))
    assert origin_findings(verification) == {}
    assert origin_answers(verification) == [Met.NOT_CHECKED, Met.NOT_CHECKED]
    assert verification.status == 2


def test_an_origin_that_refuses_connections_is_not_a_finding() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    verification = ask(facts_of(f"https://localhost:{port}"))
    assert origin_findings(verification) == {}
    assert origin_answers(verification) == [Met.NOT_CHECKED, Met.NOT_CHECKED]


def test_a_note_lists_the_origins_that_were_not_checked(serve: Serve) -> None:
    running = serve(answering((200, {}), (403, {})))
    assert ask(facts_of(running.url)).setup.notes == ()
    (note,) = ask(GOOD).setup.notes
    assert note.startswith("No manifest was requested for news: ")
