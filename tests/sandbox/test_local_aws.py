"""The local AWS accepts only requests of its own sandbox, and writes nothing outside its folder."""

import asyncio
import base64
import http.client
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest
from botocore.exceptions import ClientError

from sandbox import local_aws as module
from sandbox.local_aws import LocalAws, local_aws
from sandbox.local_aws.server import authenticated
from tests.support.local_aws_clients import client, client_with

# Records the files that a process writes: https://docs.python.org/3/library/audit_events.html
RECORD_WRITES = """
import os, sys
_record = os.open({record!r}, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
def _hook(event, arguments):
    opened = event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    if opened or event in ("os.mkdir", "os.rename", "os.link", "os.symlink", "subprocess.Popen"):
        os.write(_record, (os.path.abspath(os.fsdecode(arguments[0])) + "\\n").encode())
sys.addaudithook(_hook)
"""


@pytest.fixture(scope="module", autouse=True)
def _secret(aws: LocalAws) -> None:
    client(aws, "secretsmanager").create_secret(Name="token", SecretString="canary")


def request(
    aws: LocalAws, method: str, path: str, headers: Mapping[str, str], body: bytes = b""
) -> tuple[int, Mapping[str, str]]:
    """Make an unsigned request, as a web page or `curl` does."""
    connection = http.client.HTTPConnection(aws.url.removeprefix("http://"), timeout=30)
    try:
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders())
    finally:
        connection.close()


def health(aws: LocalAws, session_token: str, **headers: str) -> int:
    """Return the HTTP status of the health check."""
    with_token = {"X-Amz-Security-Token": session_token, **headers}
    return request(aws, "GET", "/_ministack/health", with_token)[0]


def still_has_the_secret(aws: LocalAws) -> bool:
    answer = client(aws, "secretsmanager").get_secret_value(SecretId="token")
    return bool(answer["SecretString"] == "canary")


@pytest.mark.parametrize("session_token", [None, "of-another-sandbox"])
@pytest.mark.parametrize(
    ("service", "operation", "arguments"),
    [
        ("secretsmanager", "get_secret_value", {"SecretId": "token"}),
        ("secretsmanager", "delete_secret", {"SecretId": "token"}),
        ("kms", "list_keys", {}),
        ("sts", "get_caller_identity", {}),
        ("iam", "list_roles", {}),
        ("cloudcontrol", "list_resources", {"TypeName": "AWS::MediaTailor::SourceLocation"}),
        ("cloudformation", "list_stacks", {}),
        ("lambda", "list_functions", {}),
        ("lambda", "invoke", {"FunctionName": "function"}),
    ],
)
def test_another_user_of_the_machine_is_rejected(
    aws: LocalAws,
    service: str,
    operation: str,
    arguments: dict[str, Any],
    session_token: str | None,
) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(client_with(session_token, aws, service), operation)(**arguments)
    response: Any = refused.value.response
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert "AWS_SESSION_TOKEN of its own sandbox" in response["Error"]["Message"]
    assert "canary" not in str(response)
    assert still_has_the_secret(aws)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/_ministack/health"),
        ("GET", "/_localstack/health"),
        ("GET", "/_ministack/ready"),
        ("POST", "/_ministack/reset"),
        ("POST", "/_ministack/reset?init=1"),
        ("POST", "/_ministack/config"),
        ("PUT", "/_ministack/cfn-signal/x"),
        ("POST", "/_ministack/rds/iam-auth"),
        ("GET", "/_aws/sqs/messages"),
        ("GET", "/latest/meta-data/"),
        ("GET", "/oauth2/authorize"),
    ],
)
def test_another_user_of_the_machine_cannot_use_ministacks_own_endpoints(
    aws: LocalAws, method: str, path: str
) -> None:
    assert request(aws, method, path, {}, b"{}" if method != "GET" else b"")[0] == 403
    assert still_has_the_secret(aws)


def test_only_the_exact_session_token_is_accepted(aws: LocalAws) -> None:
    token = aws.session_token
    assert health(aws, token) == 200
    for wrong in ("", token[:-1], token + "x", f"{token}, {token}"):
        assert health(aws, wrong) == 403


def test_a_web_page_that_guesses_the_port_is_rejected(aws: LocalAws) -> None:
    code = base64.b64encode(b"any zip file").decode()
    function = {"FunctionName": "f", "Runtime": "python3.11", "Code": {"ZipFile": code}}
    # Requests that a page may send to another origin without a preflight request:
    # https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/CORS#simple_requests
    simple = {"Content-Type": "text/plain", "Origin": "https://evil.example"}
    for path, body in (
        ("/2015-03-31/functions", function),
        ("/2015-03-31/functions/f/invocations", {}),
        ("/_ministack/reset", {}),
        ("/?Action=ListRoles", {}),
    ):
        status, headers = request(aws, "POST", path, simple, json.dumps(body).encode())
        assert status == 403
        assert not [name for name in headers if name.lower().startswith("access-control-")]
    assert still_has_the_secret(aws)


def test_a_preflight_request_of_a_web_page_is_rejected(aws: LocalAws) -> None:
    preflight = {
        "Origin": "https://evil.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-amz-target",
    }
    status, headers = request(aws, "OPTIONS", "/", preflight)
    assert status == 403
    assert not [name for name in headers if name.lower().startswith("access-control-")]


def test_a_web_page_is_rejected_even_with_the_session_token(aws: LocalAws) -> None:
    assert health(aws, aws.session_token, Origin="null") == 403


@pytest.mark.parametrize("kind", ["websocket", "lifespan"])
def test_only_http_requests_reach_ministack(kind: str) -> None:
    async def ministack(*_: object) -> None:
        reached.append(kind)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message["type"])

    async def receive() -> None:
        """Receive nothing."""

    reached: list[str] = []
    sent: list[str] = []
    headers = [(b"x-amz-security-token", b"token")]
    asyncio.run(
        authenticated(ministack, "token")({"type": kind, "headers": headers}, receive, send)
    )
    assert (reached, sent) == ([], ["websocket.close"] if kind == "websocket" else [])


@pytest.mark.parametrize(
    ("service", "operation"),
    [("lambda", "list_functions"), ("s3", "list_buckets"), ("glue", "list_jobs")],
)
def test_unused_services_are_not_available(aws: LocalAws, service: str, operation: str) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(client(aws, service), operation)()
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_one_local_aws_rejects_the_session_token_of_another(aws: LocalAws) -> None:
    with local_aws() as other:
        other.wait_until_ready()
        assert health(aws, other.session_token) == 403
        assert health(other, aws.session_token) == 403


def test_no_command_line_and_no_repr_contains_the_session_token(aws: LocalAws) -> None:
    command_lines = [process.info["cmdline"] for process in psutil.process_iter(["cmdline"])]
    assert any("sandbox.local_aws.server" in (line or []) for line in command_lines)
    assert aws.session_token not in repr(command_lines)
    assert aws.session_token not in repr(aws)


def test_the_local_aws_writes_only_to_its_own_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, folder = tmp_path / "record", tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    hook = tmp_path / "hook" / "sitecustomize.py"
    hook.parent.mkdir()
    hook.write_text(RECORD_WRITES.format(record=str(record)))
    original = module._environment  # noqa: SLF001  (no public way into the server's process)

    def environment(**values: Any) -> dict[str, str]:
        variables = original(**values)
        path = os.pathsep.join([str(hook.parent), variables["PYTHONPATH"]])
        return {**variables, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}

    monkeypatch.setattr(module, "_environment", environment)
    with local_aws() as aws:
        aws.wait_until_ready()
        client(aws, "kms").create_key()
        client(aws, "secretsmanager").create_secret(Name="token", SecretString="canary")
        client(aws, "iam").list_roles()
        client(aws, "cloudcontrol").list_resources(TypeName="AWS::MediaTailor::SourceLocation")
        token = {"X-Amz-Security-Token": aws.session_token}
        request(aws, "GET", "/oauth2/authorize", token)  # MiniStack stores a key for this
        request(aws, "POST", "/_ministack/reset", token)
    written = record.read_text().splitlines()
    assert written, "the hook must have recorded the key that MiniStack stores"
    assert [path for path in written if not path.startswith(f"{folder}/")] == []
