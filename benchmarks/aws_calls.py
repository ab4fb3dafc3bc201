"""Which AWS API calls reach the local AWS: counted by a proxy before it, whoever makes them."""

import contextlib
import dataclasses
import http.client
import re
import threading
import urllib.parse
from collections import Counter
from collections.abc import Iterator
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from sandbox.workspace import Sandbox

IDENTITY = "sts GetCallerIdentity"

Calls = Counter[str]
"""How often each operation was called, by `<service> <operation>`."""


def is_read(call: str) -> bool:
    """Tell whether a call leaves AWS as it is."""
    return re.match(r"(Get|List|Describe)", call.partition(" ")[2]) is not None


@contextlib.contextmanager
def counted(place: Sandbox) -> Iterator[tuple[Sandbox, Calls]]:
    """Return the sandbox with a proxy before its local AWS, and the calls that pass it."""
    calls: Calls = Counter()
    lock = threading.Lock()
    upstream = urllib.parse.urlsplit(place.aws_url).netloc

    class Proxy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # keeps connections open, as the local AWS does

        def setup(self) -> None:
            super().setup()
            self.connection.settimeout(None)
            self.upstream = http.client.HTTPConnection(upstream)

        def finish(self) -> None:
            self.upstream.close()
            super().finish()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with lock:
                calls[_call(self.headers, body)] += 1
            self.upstream.request("POST", self.path, body, dict(self.headers))
            response = self.upstream.getresponse()
            answer = response.read()
            self.send_response_only(response.status)
            for name, value in response.getheaders():
                if name.lower() not in {"content-length", "transfer-encoding", "connection"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing: the counts are what is said."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        try:
            environment = {**place.environment, "AWS_ENDPOINT_URL": url}
            yield dataclasses.replace(place, environment=environment, aws_url=url), calls
        finally:
            server.shutdown()
            thread.join()


def _call(headers: Message, body: bytes) -> str:
    """Name the call that a request makes.

    The service stands in what the request is signed for, the operation in a header or, in the
    query protocol of STS and IAM, in the body:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
    """
    scope = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/", headers["Authorization"])
    service = scope[1] if scope else "unsigned"
    operation = headers.get("X-Amz-Target", "").rpartition(".")[2]
    if not operation:
        operation = urllib.parse.parse_qs(body.decode()).get("Action", ["unknown"])[0]
    return f"{service} {operation}"
