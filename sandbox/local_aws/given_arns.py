"""Lets the local AWS create a key or a secret with a given ARN; runs in the process of MiniStack."""
# ruff: noqa: SLF001  (MiniStack has no public API for this)

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from ministack.services import kms, secretsmanager  # type: ignore[import-untyped]

from sandbox.local_aws import ARN_HEADER
from sandbox.local_aws.service import Answer, Handler


def accept_given_arns() -> None:
    """Make MiniStack in this process apply `ARN_HEADER`; call it once, before serving."""
    kms.handle_request = _with_given_arn(kms.handle_request, _rename_key)
    secretsmanager.handle_request = _with_given_arn(secretsmanager.handle_request, _rename_secret)


def _with_given_arn(original: Handler, rename: Callable[[dict[str, Any], str], None]) -> Handler:
    async def handle_request(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> Answer:
        answer = await original(method, path, headers, body, query)
        arn = headers.get(ARN_HEADER)
        if arn and answer[0] < HTTPStatus.BAD_REQUEST:
            rename(json.loads(answer[2]), arn)
        return answer

    return handle_request


def _rename_key(created: dict[str, Any], arn: str) -> None:
    key_id = arn.rpartition("/")[2]
    record = kms._keys.pop(created["KeyMetadata"]["KeyId"])
    kms._keys[key_id] = record | {"KeyId": key_id, "Arn": arn}


def _rename_secret(created: dict[str, Any], arn: str) -> None:
    secretsmanager._secrets[created["Name"]]["ARN"] = arn
