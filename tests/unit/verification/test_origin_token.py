"""The check of the origin sends the token only where it belongs."""

import socket

import pytest
import urllib3

from tests.support.origin_checks import (
    TOKEN,
    Serve,
    answering,
    ask,
    facts_of,
    origin_answers,
    origin_findings,
)
from tests.support.verification_facts import located
from verification import origin
from verification.expected import VerificationError
from verification.origin import origin_path
from verification.requirement import Answer as Met


def test_a_redirect_is_not_followed(serve: Serve) -> None:
    elsewhere = serve(answering((200, {}), (200, {})))
    to = {"Location": f"{elsewhere.url}/there?signature=0123"}
    running = serve(answering((302, to), (403, {})))
    verification = ask(facts_of(running.url))
    assert origin_findings(verification) == {
        "origin-accepts": f"with the token, {running.url}/live/index.m3u8 returned 302, a redirect to"
        f" {elsewhere.url}/there, which was not followed to protect the token"
    }
    assert elsewhere.requests == []


def test_an_untrusted_certificate_is_one_finding_and_gets_no_token(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = serve(answering((200, {}), (403, {})))
    monkeypatch.delenv("SSL_CERT_FILE")
    verification = ask(facts_of(running.url))
    ((requirement, said),) = origin_findings(verification).items()
    assert requirement == "origin-accepts"
    assert said.startswith("the TLS connection is not trusted: certificate verify failed: ")
    assert running.requests == []


def test_a_certificate_for_another_host_is_one_finding_and_gets_no_token(serve: Serve) -> None:
    running = serve(answering((200, {}), (403, {})))
    verification = ask(facts_of(running.url.replace("localhost", "127.0.0.1")))
    ((requirement, said),) = origin_findings(verification).items()
    assert requirement == "origin-accepts"
    assert "IP address mismatch" in said
    assert running.requests == []


def test_a_proxy_receives_the_host_but_not_the_token(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = serve(answering((200, {}), (403, {})))
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setattr(origin, "_TIMEOUT", urllib3.Timeout(1))
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        proxy.settimeout(5)
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{proxy.getsockname()[1]}")
        verification = ask(facts_of(running.url))
        connection, _ = proxy.accept()
        with connection:
            said = connection.recv(4096)
    assert said.startswith(f"CONNECT {running.url.removeprefix('https://')}".encode())
    assert TOKEN.encode() not in said
    assert origin_answers(verification) == [Met.NOT_CHECKED, Met.NOT_CHECKED]


def test_no_token_is_sent_to_a_base_url_other_than_the_stacks(serve: Serve) -> None:
    running = serve(answering((200, {}), (403, {})))
    found = located({"HttpConfiguration": {"BaseUrl": running.url}})
    verification = ask(found)
    assert list(origin_findings(verification)) == ["source-location-url"]
    assert origin_answers(verification) == [Met.NOT_APPLICABLE, Met.NOT_APPLICABLE]
    assert running.requests == []


def test_no_token_is_sent_over_http() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        verification = ask(facts_of(f"http://localhost:{listener.getsockname()[1]}"))
        with pytest.raises(TimeoutError):
            listener.accept()
    assert list(origin_findings(verification)) == ["source-location-https"]


@pytest.mark.parametrize("token", [f"{TOKEN}\n", f"{TOKEN}\r\nX: y", "short", "tökén-0123"])
def test_a_token_that_is_no_valid_header_value_is_not_sent(serve: Serve, token: str) -> None:
    running = serve(answering((200, {}), (403, {})))
    verification = ask(facts_of(running.url, token=token))
    assert list(origin_findings(verification)) in (["token-characters"], ["token-length"])
    assert origin_answers(verification) == [Met.NOT_APPLICABLE, Met.NOT_APPLICABLE]
    assert running.requests == []


@pytest.mark.parametrize(
    "path", ["", "a b", "https://elsewhere.example.com/", "/a#b", "/a\nb", "/ü"]
)
def test_an_invalid_path_is_refused(path: str) -> None:
    with pytest.raises(VerificationError, match="is not a path below a base URL"):
        origin_path(path)


@pytest.mark.parametrize("path", ["//elsewhere.example.com/a", "@elsewhere.example.com", "/a?b=c"])
def test_a_path_cannot_change_the_host(serve: Serve, path: str) -> None:
    running = serve(answering((200, {}), (403, {})))
    verification = ask(facts_of(running.url), path)
    assert origin_answers(verification) == [Met.MET, Met.MET]
    assert len(running.requests) == 2
