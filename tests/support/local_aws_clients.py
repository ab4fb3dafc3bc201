"""Clients of a local AWS, and its errors."""

import contextlib
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from sandbox.local_aws import ACCOUNT_ID, LocalAws

HOME, AWAY = "eu-west-1", "us-east-1"


def client(aws: LocalAws, service: str, region: str = HOME) -> Any:
    """Return a client with the sandbox's credentials."""
    return client_with(aws.session_token, aws, service, region)


def client_with(session_token: str | None, aws: LocalAws, service: str, region: str = HOME) -> Any:
    """Return a client with a session token, which does not validate parameters."""
    return boto3.client(
        service,  # type: ignore[call-overload]  # the stubs want a literal
        region_name=region,
        endpoint_url=aws.url,
        aws_access_key_id=ACCOUNT_ID,
        aws_secret_access_key="none",
        aws_session_token=session_token,
        config=Config(retries={"total_max_attempts": 1}, parameter_validation=False),
    )


@contextlib.contextmanager
def refused(code: str, *parts: str) -> Iterator[None]:
    """Expect an error with this code and a message that contains all parts."""
    with pytest.raises(ClientError) as caught:
        yield
    response: Any = caught.value.response
    error = response["Error"]
    assert error["Code"] == code, error
    for part in parts:
        assert part in error["Message"]
