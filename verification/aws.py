"""Requests to AWS whose answers are facts: a value, nothing, or the reason why we do not know."""

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
"""Requests at the same time."""

_NOT_FOUND = {
    "NoSuchEntity",  # IAM
    "NotFoundException",  # KMS, and MediaTailor, whose API model names no errors
    "ResourceNotFoundException",  # Secrets Manager
}
# boto3 repeats throttled requests by itself: https://docs.aws.amazon.com/boto3/latest/guide/retries.html
_CONFIG = Config(max_pool_connections=CONNECTIONS, connect_timeout=5, read_timeout=20)


def in_parallel(function: Callable[[T], U], items: Iterable[T]) -> list[U]:
    """Return what a function returns for each item, with as many threads as connections."""
    threads = ThreadPoolExecutor(CONNECTIONS)
    try:
        return list(threads.map(function, items))
    finally:
        threads.shutdown(wait=False, cancel_futures=True)  # only Ctrl-C leaves any running


def _unexpected(error: Exception) -> str:
    # Its text may quote the answer, which may be the token.
    return f"the answer is not one of AWS's ({type(error).__name__})"


class Aws:
    """AWS's APIs, for reading. Threads may share it; nothing is asked twice."""

    def __init__(
        self,
        session: boto3.Session,
        *,
        endpoint_url: str | None = None,
        progress: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Read with a session's credentials.

        Args:
            session: whose credentials are used; each request names its Region.
            endpoint_url: where all AWS services are, if not where the session's own settings say.
            progress: called with the number of answers so far.

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
        """Return what an operation answers, all pages of it.

        Args:
            action: the IAM action, such as `kms:DescribeKey`, which names the service and the operation.
            resource: what it is about, for people.
            region: the Region to ask.
            take: takes the value from the answer, or None where the answer has none.
            parameters: of the operation.

        """
        key = (action, region, *sorted(parameters.items()))
        with self._lock:
            known = self._answers.get(key)
            answer = self._answers.setdefault(key, Future())
        if known is None:
            try:
                answer.set_result(self._request(action, resource, region, take, parameters))
            except BaseException as error:
                answer.set_exception(error)  # other threads wait for it
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
        except Exception as error:  # noqa: BLE001  whatever it is, we do not know the answer
            reason = _unexpected(error)
        return Fact(obstacle=Obstacle(action=action, resource=resource, error=reason))

    def _client(self, service: str, region: str) -> Any:  # noqa: ANN401  one type per service
        # Threads can share a client, but not the session that makes it.
        # https://docs.aws.amazon.com/boto3/latest/guide/clients.html
        with self._lock:
            if (service, region) not in self._clients:
                self._clients[service, region] = self.session.client(  # type: ignore[call-overload]  # any service
                    service, region, endpoint_url=self._endpoint_url, config=_CONFIG
                )
            return self._clients[service, region]


def with_member(name: str) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Return a function that takes a whole answer, which has this member if it is AWS's."""

    def take(answer: Mapping[str, Any]) -> dict[str, Any]:
        answer[name]
        return {key: value for key, value in answer.items() if key != "ResponseMetadata"}

    return take


def optional(name: str) -> Callable[[Mapping[str, Any]], Any]:
    """Return a function that takes a member that need not be in the answer, unlike the ARN."""

    def take(answer: Mapping[str, Any]) -> Any:  # noqa: ANN401  JSON
        return with_member("ARN")(answer).get(name)

    return take
