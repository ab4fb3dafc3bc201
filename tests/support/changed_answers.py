"""Changes responses of the local AWS, to simulate states that only AWS can cause."""

import contextlib
import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from botocore import xform_name

from tests.support.aws_proxy import Answer, Request, aws_proxy

Change = Callable[[dict[str, Any]], object]
"""Changes an answer in place."""


@contextlib.contextmanager
def changed_answers(
    aws_url: str,
    client: Callable[[str, str], Any],
    operation: str,
    change: Change,
    region: str = "eu-west-1",
) -> Iterator[str]:
    """Change the responses of an operation in a Region.

    Args:
        aws_url: endpoint of the local AWS.
        client: returns a client of a service in a Region.
        operation: an operation of a JSON API.
        change: changes a response in place.
        region: the only Region to change.

    Yields:
        The endpoint with the changed responses.

    """

    def changed(request: Request) -> Answer | None:
        if (request.operation, request.region) != (operation, region):
            return None
        call = getattr(client(request.service, region), xform_name(operation))
        answer = call(**json.loads(request.body))
        answer.pop("ResponseMetadata")
        change(answer)
        return Answer(status=200, body=json.dumps(answer, default=_seconds).encode())

    with aws_proxy(aws_url, instead=changed) as proxy:
        yield proxy.url


def _seconds(date: datetime) -> float:
    return date.timestamp()
