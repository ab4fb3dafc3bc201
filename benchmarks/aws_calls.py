"""Which AWS API calls reach the local AWS, whoever makes them."""

import contextlib
import dataclasses
import re
from collections import Counter
from collections.abc import Iterator

from sandbox.workspace import Sandbox
from tests.support.aws_proxy import aws_proxy

IDENTITY = "sts GetCallerIdentity"

Calls = Counter[str]
"""How often each operation was called, by `<service> <operation>`."""


def is_read(call: str) -> bool:
    """Tell whether a call leaves AWS as it is."""
    return re.match(r"(Get|List|Describe)", call.partition(" ")[2]) is not None


@contextlib.contextmanager
def counted(place: Sandbox) -> Iterator[tuple[Sandbox, Calls]]:
    """Return the sandbox with a proxy before its local AWS, and at the end the calls that passed it."""
    calls: Calls = Counter()
    with aws_proxy(place.aws_url) as proxy:
        environment = {**place.environment, "AWS_ENDPOINT_URL": proxy.url}
        yield dataclasses.replace(place, environment=environment, aws_url=proxy.url), calls
        calls.update(f"{request.service} {request.operation}" for request, _ in proxy.exchanges)
