"""Requests to AWS. Each returns a fact: a value, nothing, or the reason why it is unknown."""

import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from verification.fact import MISSING, Fact, Obstacle

T = TypeVar("T")
U = TypeVar("U")

CONNECTIONS = 16
"""Number of concurrent requests."""

_NOT_FOUND = {
    "NoSuchEntity",  # IAM
    "NotFoundException",  # KMS, and MediaTailor, whose API model names no errors
    "ResourceNotFoundException",  # Secrets Manager
}
# boto3 retries throttled requests: https://docs.aws.amazon.com/boto3/latest/guide/retries.html
_CONFIG = Config(max_pool_connections=CONNECTIONS, connect_timeout=5, read_timeout=20)


def in_parallel(function: Callable[[T], U], items: Iterable[T]) -> list[U]:
    """Return the function's result for each item, using one thread per connection."""
    threads = ThreadPoolExecutor(CONNECTIONS)
    try:
        return list(threads.map(function, items))
    finally:
        threads.shutdown(wait=False, cancel_futures=True)  # only Ctrl-C leaves any running


def _unexpected(error: Exception) -> str:
    # The error's text may quote the response, and so the token.
    return f"unexpected response ({type(error).__name__})"


class Aws:
    """Read-only access to AWS APIs. It is thread-safe and sends no request twice."""

    def __init__(
        self,
        session: boto3.Session,
        *,
        endpoint_url: str | None = None,
        progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Use the credentials of a session.

        Args:
            session: provides the credentials; each request specifies its Region.
            endpoint_url: endpoint of all AWS services; None for the session's own settings.
            progress: called with the number of responses so far.

        """
        self.session = session
        self._endpoint_url = endpoint_url
        self._progress = progress
        self._lock = threading.Lock()
        self._clients: dict[tuple[str, str], Any] = {}
        self._answers: dict[object, Future[Fact[Any]]] = {}

    def ask(
        self,
        action: str,
        resource: str,
        region: str,
        take: Callable[[Mapping[str, Any]], T | None],
        **parameters: str,
    ) -> Fact[T]:
        """Return the response of an operation, all pages included.

        Args:
            action: the IAM action, such as `kms:DescribeKey`: service and operation.
            resource: the ARN or name of the resource, for messages.
            region: the Region to send the request to.
            take: extracts the value from the response, or None if it has none.
            parameters: the parameters of the operation.

        """
        key = (action, region, *sorted(parameters.items()))
        with self._lock:
            known = self._answers.get(key)
            answer = self._answers.setdefault(key, Future())
        if known is None:
            try:
                answer.set_result(self._request(action, resource, region, take, parameters))
            except BaseException as error:
                answer.set_exception(error)  # other threads may be waiting for it
                raise
            self._progress(len(self._answers))
        return answer.result()

    def _request(
        self,
        action: str,
        resource: str,
        region: str,
        take: Callable[[Mapping[str, Any]], T | None],
        parameters: Mapping[str, str],
    ) -> Fact[T]:
        service, _, operation = action.partition(":")
        method = xform_name(operation)
        try:
            client = self._client(service, region)
            if client.can_paginate(method):
                answer = client.get_paginator(method).paginate(**parameters).build_full_result()
            else:
                answer = getattr(client, method)(**parameters)
            return Fact(take(answer))
        except ClientError as error:
            problem = error.response.get("Error", {})
            if problem.get("Code") in _NOT_FOUND:
                return MISSING
            reason = f"{problem.get('Code')}: {problem.get('Message')}"
        except BotoCoreError as error:
            reason = str(error)
        except ValueError as error:
            reason = str(error) if "endpoint" in str(error) else _unexpected(error)
        except Exception as error:  # noqa: BLE001  any error leaves the fact unknown
            reason = _unexpected(error)
        return Fact(obstacle=Obstacle(action=action, resource=resource, error=reason))

    def _client(self, service: str, region: str) -> Any:  # noqa: ANN401  one type per service
        # Clients are thread-safe, sessions are not.
        # https://docs.aws.amazon.com/boto3/latest/guide/clients.html
        with self._lock:
            if (service, region) not in self._clients:
                self._clients[service, region] = self.session.client(  # type: ignore[call-overload]  # any service
                    service, region, endpoint_url=self._endpoint_url, config=_CONFIG
                )
            return self._clients[service, region]


def with_member(name: str) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Return a `take` for the whole response, which fails unless it has this member, as AWS's do."""

    def take(answer: Mapping[str, Any]) -> dict[str, Any]:
        answer[name]
        return {key: value for key, value in answer.items() if key != "ResponseMetadata"}

    return take


def optional(name: str) -> Callable[[Mapping[str, Any]], Any]:
    """Return a `take` for an optional member of a response that always has an ARN."""

    def take(answer: Mapping[str, Any]) -> Any:  # noqa: ANN401  JSON
        return with_member("ARN")(answer).get(name)

    return take
