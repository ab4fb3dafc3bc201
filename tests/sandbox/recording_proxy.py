"""Stands between the engine and the local AWS, and keeps what AWS is asked."""

import contextlib
import http.client
import http.server
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, urlsplit

_SCOPE = re.compile(r"Credential=[^/]+/\d+/(?P<region>[^/]+)/(?P<service>[^/]+)/")
_IAM_PREFIXES: Final = {"cloudcontrolapi": "cloudformation"}
"""What IAM calls services that sign with another name."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request to AWS, without its signature."""

    service: str
    region: str
    body: bytes
    headers: dict[str, str]
    refused: bool
    """AWS did not allow it."""

    @property
    def action(self) -> str:
        """The action, as IAM calls it."""
        target = self.headers.get("X-Amz-Target")
        name = target.rpartition(".")[2] if target else parse_qs(self.body.decode())["Action"][0]
        return f"{_IAM_PREFIXES.get(self.service, self.service)}:{name}"


@dataclass(frozen=True)
class Proxy:
    url: str
    requests: list[Request]


def is_refusal(answer: bytes) -> bool:
    return b"AccessDenied" in answer


@contextlib.contextmanager
def recording_proxy(aws_url: str) -> Iterator[Proxy]:
    """Pass requests on to AWS as they are, which keeps their signatures good."""
    requests: list[Request] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet, or each answer takes 40 ms

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            connection = http.client.HTTPConnection(urlsplit(aws_url).netloc)
            connection.request("POST", self.path, body, dict(self.headers))
            response = connection.getresponse()
            answer = response.read()
            connection.close()
            scope = _SCOPE.search(self.headers["Authorization"])
            assert scope is not None
            requests.append(
                Request(
                    service=scope["service"],
                    region=scope["region"],
                    body=body,
                    headers={
                        name: self.headers[name]
                        for name in ("Content-Type", "X-Amz-Target")
                        if name in self.headers
                    },
                    refused=is_refusal(answer),
                )
            )
            self.send_response(response.status)
            self.send_header("Content-Type", response.headers["Content-Type"])
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield Proxy(f"http://127.0.0.1:{server.server_port}", requests)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
