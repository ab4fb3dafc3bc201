"""A service of MiniStack, together with what it should refuse and do as AWS does."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import parse_qs

from ministack.core import responses  # type: ignore[import-untyped]

from sandbox.local_aws.constraints import from_query, violations

Request: TypeAlias = dict[str, Any]
"""The parameters of an operation, by their names in AWS's API."""

Answer: TypeAlias = tuple[int, dict[str, str], bytes]
"""HTTP status, headers and body."""

Check: TypeAlias = Callable[[Request], None]
"""Raises AwsError if AWS would refuse the request."""

Operation: TypeAlias = Callable[[Request], Answer]
"""Does what MiniStack does not do, or does differently; may raise AwsError."""

Handler: TypeAlias = Callable[[str, str, dict[str, str], bytes, dict[str, Any]], Awaitable[Answer]]
"""How MiniStack calls a service: method, path, headers, body and query in, answer out."""

json_answer: Callable[[Mapping[str, Any]], Answer] = responses.json_response
json_error: Callable[[str, str, int], Answer] = responses.error_response_json
xml_answer: Callable[[str, str, Mapping[str, Any]], Answer] = responses.xml_response
xml_error: Callable[[str, str, int], Answer] = responses.error_response_xml


class AwsError(Exception):
    """What AWS answers when it refuses a request."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(code, message, status)
        self.code, self.message, self.status = code, message, status


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service of MiniStack and its gaps."""

    name: str
    """As botocore calls it."""

    module: Any
    """MiniStack's module of the service."""

    checks: Mapping[str, Sequence[Check]]
    """By operation, what AWS looks at before it does anything."""

    operations: Mapping[str, Operation] = field(default_factory=dict)
    """By operation, what is done instead of what MiniStack does."""

    code_of_violations: str = "ValidationException"
    """The error code for requests that break the API model."""

    def fill_gaps(self) -> None:
        """Change MiniStack's module; call it once, before it serves."""
        self.module.handle_request = self._with_gaps(self.module.handle_request)

    def _with_gaps(self, original: Handler) -> Handler:
        async def handle_request(
            method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
        ) -> Answer:
            try:
                operation, request, error = _decoded(headers, body)
            except ValueError:  # MiniStack knows how to refuse that
                return await original(method, path, headers, body, query)
            try:
                self._check(operation, request)
                if operation in self.operations:
                    return self.operations[operation](request)
            except AwsError as refusal:
                return error(refusal.code, refusal.message, refusal.status)
            return await original(method, path, headers, body, query)

        return handle_request

    def _check(self, operation: str, request: Request) -> None:
        if problems := violations(self.name, operation, request):
            raise AwsError(self.code_of_violations, problems)
        for check in self.checks.get(operation, ()):
            check(request)


def _decoded(
    headers: dict[str, str], body: bytes
) -> tuple[str, Request, Callable[[str, str, int], Answer]]:
    """Return the operation, its parameters and how to answer with an error.

    https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
    https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
    """
    if "x-amz-target" in headers:
        operation = headers["x-amz-target"].rpartition(".")[2]
        return operation, json.loads(body or b"{}"), json_error
    values = parse_qs(body.decode(), keep_blank_values=True)
    parameters = {name: value[0] for name, value in values.items()}
    return parameters.pop("Action", ""), from_query(parameters), xml_error
