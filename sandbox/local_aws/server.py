"""The process of the local AWS: MiniStack, accessible only to the sandbox's processes."""

import asyncio
import hmac
import os
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeAlias

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack import app as ministack  # type: ignore[import-untyped]

from sandbox.local_aws import (
    cloudcontrol,
    cloudformation,
    iam,
    kms,
    mediatailor,
    secret_replicas,
    secretsmanager,
)
from sandbox.local_aws.given_arns import accept_given_arns
from sandbox.local_aws.service import json_error, xml_error

Scope: TypeAlias = Any
Receive: TypeAlias = Callable[[], Awaitable[Any]]
Send: TypeAlias = Callable[[Any], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Coroutine[Any, Any, None]]

_TOKEN_HEADER = b"x-amz-security-token"


def authenticated(app: App, session_token: str) -> App:
    """Pass only HTTP requests with the session token on to an ASGI application.

    MiniStack itself has no authentication, and its endpoints can reset and configure it. Requests
    with an Origin header come from web pages and are rejected too.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
    """

    async def handle(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return  # MiniStack would run user scripts and start schedulers
        if scope["type"] != "http":
            await send({"type": "websocket.close"})
            return
        given = b"".join(value for name, value in scope["headers"] if name == _TOKEN_HEADER)
        origin = any(name == b"origin" for name, _ in scope["headers"])
        if origin or not hmac.compare_digest(given, session_token.encode()):
            await _reject(scope, send)
            return
        # MiniStack would look the token up in its own STS sessions.
        headers = [header for header in scope["headers"] if header[0] != _TOKEN_HEADER]
        await app({**scope, "headers": headers}, receive, send)

    return handle


async def _reject(scope: Scope, send: Send) -> None:
    is_query = (b"content-type", b"application/x-www-form-urlencoded") in [
        (name, value.partition(b";")[0]) for name, value in scope["headers"]
    ]
    status, headers, body = (xml_error if is_query else json_error)(
        "UnrecognizedClientException",
        "This local AWS only accepts requests with the AWS_SESSION_TOKEN of its own sandbox.",
        403,
    )
    encoded = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})


def fill_gaps() -> None:
    """Make MiniStack in this process behave like AWS where it does not."""
    for each in (cloudcontrol, iam, kms, secretsmanager):
        each.SERVICE.fill_gaps()
    secret_replicas.fill_gaps()
    mediatailor.fill_gaps()
    ministack.SERVICE_HANDLERS["cloudformation"] = cloudformation.handle_request


def main(listener_fd: int, app: App = ministack.app) -> None:
    """Serve MiniStack on an inherited listening socket until the parent process exits."""

    def leave_with_parent() -> None:
        os.read(sys.stdin.fileno(), 1)
        os._exit(0)

    threading.Thread(target=leave_with_parent, daemon=True).start()
    fill_gaps()
    accept_given_arns()
    config = Config()
    config.bind = [f"fd://{listener_fd}"]
    config.keep_alive_timeout = 75  # longer than boto3 keeps an idle connection
    asyncio.run(serve(authenticated(app, os.environ["AWS_SESSION_TOKEN"]), config, mode="asgi"))


if __name__ == "__main__":
    main(int(sys.argv[1]))
