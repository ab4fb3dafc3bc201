"""A proxy that records requests to the local AWS, for tests and benchmarks."""

import contextlib
import http.client
import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import parse_qs, urlsplit

import botocore.session

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
_SCOPE: Final = re.compile(r"Credential=[^/]+/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/")


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request to AWS, without its signature."""

    service: str
    """The service in the signature, such as `kms`."""
    region: str
    operation: str
    """The operation's name in AWS's API, such as `CreateKey`."""
    path: str
    """The path and query of the URL."""
    headers: dict[str, str]
    """The headers that AWS needs to parse the body."""
    body: bytes


@dataclass(frozen=True, kw_only=True)
class Answer:
    """AWS's response to a request, or a replacement."""

    status: int
    body: bytes
    content_type: str = "application/json"


def refusal(request: Request, code: str, message: str) -> Answer:
    """Return the answer of an AWS that refuses a request."""
    body = json.dumps({"__type": code, "message": message})
    if "X-Amz-Target" not in request.headers:  # the query protocol of IAM and STS
        error = f"<Code>{code}</Code><Message>{message}</Message>"
        body = f"<ErrorResponse><Error>{error}</Error></ErrorResponse>"
    return Answer(status=400, body=body.encode())


@dataclass(frozen=True)
class AwsProxy:
    """The proxy's address and the exchanges so far."""

    url: str
    exchanges: list[tuple[Request, Answer]] = field(default_factory=list)


def _rest_operation(service: str, method: str, path: str) -> str:
    model = botocore.session.get_session().get_service_model(service)
    for operation in map(model.operation_model, model.operation_names):
        uri = re.sub(r"\{\w+\}", "[^/]+", operation.http["requestUri"])
        if operation.http["method"] == method and re.fullmatch(uri, path):
            return str(operation.name)
    raise ValueError(f"{service} has no operation {method} {path}")


@contextlib.contextmanager
def aws_proxy(
    aws_url: str,
    *,
    instead: Callable[[Request], Answer | None] = lambda _: None,
    delivers: Callable[[Request], bool] = lambda _: True,
    session_token: str | None = None,
) -> Iterator[AwsProxy]:
    """Forward requests to AWS unchanged, so that their signatures stay valid.

    A request that `instead` has an answer for does not reach AWS. Where `delivers` says no, AWS has
    done what was requested, but the connection is lost before its answer arrives. A session token is
    added without being signed.
    """
    added = {"X-Amz-Security-Token": session_token} if session_token else {}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # send head and body in one packet: otherwise each response takes 40 ms

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            request = self.understand(body)
            answer = instead(request) or self.pass_on(body)
            proxy.exchanges.append((request, answer))
            if not delivers(request):
                self.close_connection = True
                return
            self.send_response_only(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_PUT = do_DELETE = do_POST  # noqa: N815  the name in http.server

        def understand(self, body: bytes) -> Request:
            scope = _SCOPE.search(self.headers["Authorization"])
            if scope is None:
                raise ValueError("a request to AWS is not signed")
            # In the query protocol of STS and IAM the operation is in the body.
            operation = (
                self.headers.get("X-Amz-Target", "").rpartition(".")[2]
                or parse_qs(body.decode()).get("Action", [""])[0]
                or _rest_operation(scope["service"], self.command, urlsplit(self.path).path)
            )
            return Request(
                service=scope["service"],
                region=scope["region"],
                operation=operation,
                path=self.path,
                headers={
                    name: self.headers[name]
                    for name in ("Content-Type", "X-Amz-Target")
                    if name in self.headers
                },
                body=body,
            )

        def pass_on(self, body: bytes) -> Answer:
            connection = http.client.HTTPConnection(urlsplit(aws_url).netloc)
            with contextlib.closing(connection):
                connection.request(self.command, self.path, body, {**self.headers, **added})
                response = connection.getresponse()
                return Answer(
                    status=response.status,
                    body=response.read(),
                    content_type=response.headers["Content-Type"],
                )

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        proxy = AwsProxy(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield proxy
        finally:
            server.shutdown()
            thread.join()
