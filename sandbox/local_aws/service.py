"""A MiniStack service, extended with AWS's checks and behaviour that MiniStack lacks."""

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
"""Raises AwsError if AWS would reject the request."""

Operation: TypeAlias = Callable[[Request], Answer]
"""Replaces MiniStack's implementation of an operation; may raise AwsError."""

Handler: TypeAlias = Callable[[str, str, dict[str, str], bytes, dict[str, Any]], Awaitable[Answer]]
"""The signature of MiniStack's services: method, path, headers, body, query."""

json_answer: Callable[[Mapping[str, Any]], Answer] = responses.json_response
json_error: Callable[[str, str, int], Answer] = responses.error_response_json
xml_answer: Callable[[str, str, Mapping[str, Any]], Answer] = responses.xml_response
xml_error: Callable[[str, str, int], Answer] = responses.error_response_xml


class AwsError(Exception):
    """The error that AWS returns for a request."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(code, message, status)
        self.code, self.message, self.status = code, message, status


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service of MiniStack and its gaps."""

    name: str
    """The service's name in botocore."""

    module: Any
    """MiniStack's module of the service."""

    checks: Mapping[str, Sequence[Check]]
    """By operation, the checks that AWS makes first."""

    operations: Mapping[str, Operation] = field(default_factory=dict)
    """By operation, what replaces MiniStack's implementation."""

    code_of_violations: str = "ValidationException"
    """The error code for requests that violate the API model."""

    def fill_gaps(self) -> None:
        """Patch MiniStack's module; call it once, before serving."""
        self.module.handle_request = self._with_gaps(self.module.handle_request)

    def _with_gaps(self, original: Handler) -> Handler:
        async def handle_request(
            method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
        ) -> Answer:
            try:
                operation, request, error = _decoded(headers, body)
            except ValueError:  # MiniStack rejects the request itself
                return await original(method, path, headers, body, query)
            try:
                self._check(operation, request)
                if operation in self.operations:
                    return self.operations[operation](request)
            except AwsError as rejected:
                return error(rejected.code, rejected.message, rejected.status)
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
    """Return the operation, its parameters and the function that formats an error.

    https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
    https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
    """
    if "x-amz-target" in headers:
        operation = headers["x-amz-target"].rpartition(".")[2]
        return operation, json.loads(body or b"{}"), json_error
    values = parse_qs(body.decode(), keep_blank_values=True)
    parameters = {name: value[0] for name, value in values.items()}
    return parameters.pop("Action", ""), from_query(parameters), xml_error
