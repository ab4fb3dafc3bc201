"""Drives the stand-in provider over gRPC as the engine does, and records its AWS API calls.

Longer than other files because it has a method for each call of the provider.
"""

import contextlib
import functools
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
import grpc
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2
from pulumi.runtime.rpc import UNKNOWN, _special_secret_sig, _special_sig_key

from sandbox.local_aws import ACCOUNT_ID, LocalAws, local_aws
from tests.support.aws_proxy import Answer, AwsProxy, Request, aws_proxy, refusal

REGION = "eu-west-1"
KEY = "aws:kms/key:Key"
ALIAS = "aws:kms/alias:Alias"
SECRET = "aws:secretsmanager/secret:Secret"
VERSION = "aws:secretsmanager/secretVersion:SecretVersion"
POLICY = "aws:secretsmanager/secretPolicy:SecretPolicy"
REPLICA_KEY = "aws:kms/replicaKey:ReplicaKey"
ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
CLOUD_CONTROL = "aws:cloudcontrol/resource:Resource"

IGNORED_TAGS = {"keys": ["owner"], "keyPrefixes": ["scanner-"]}
TAG_SETTINGS = {
    "aws:config:defaultTags": json.dumps({"tags": {"stage": "test"}}),
    "aws:config:ignoreTags": json.dumps(IGNORED_TAGS),
}
"""The variables of a provider with default and ignored tags."""

Values = dict[str, Any]

ROOT: Values = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT_ID}:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
    ],
}
"""A key policy with arbitrary contents."""


TRUST: Values = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "mediapackage.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
"""A trust policy with arbitrary contents."""


@dataclass(frozen=True)
class Made:
    """A resource as in the engine's state."""

    type: str
    name: str
    id: str
    inputs: Values
    state: Values


class Failed(Exception):  # noqa: N818  (an error that the engine shows)
    """The provider returned an error; `made` is the resource that the engine keeps in its state."""

    def __init__(
        self, error: grpc.RpcError, type_: str, name: str, inputs: Values | None = None
    ) -> None:
        super().__init__(error.details())
        self.made: Made | None = None
        metadata: Any = error.trailing_metadata()  # the stubs are wrong
        details = dict(metadata).get("grpc-status-details-bin")
        if details is not None:
            failure = provider_pb2.ErrorResourceInitFailed()
            assert status_pb2.Status.FromString(details).details[0].Unpack(failure)
            state = read_struct(failure.properties)[0]
            self.made = Made(type_, name, failure.id, inputs or {}, state)


class Gateway:
    """A proxy between the provider and the local AWS.

    It answers operations in `refusals` with the error code and message, those in `fakes` with the
    response, and those in `garbage` with the bytes.
    """

    def __init__(self) -> None:
        self.refusals: dict[str, tuple[str, str]] = {}
        self.fakes: dict[str, Values] = {}
        self.garbage: dict[str, bytes] = {}
        self.requests: dict[str, Any] = {}
        """The last JSON request of each operation."""

    def answer(self, request: Request) -> Answer | None:
        if "X-Amz-Target" in request.headers:
            self.requests[request.operation] = json.loads(request.body)
        if request.operation in self.refusals:
            return refusal(request, *self.refusals[request.operation])
        if request.operation in self.fakes:
            return Answer(status=200, body=json.dumps(self.fakes[request.operation]).encode())
        if request.operation in self.garbage:
            return Answer(status=200, body=self.garbage[request.operation])
        return None


class Driver:
    """The engine's side: each method is a request to the provider."""

    def __init__(
        self,
        stub: provider_pb2_grpc.ResourceProviderStub,
        *,
        aws: LocalAws,
        proxy: AwsProxy,
        gateway: Gateway,
    ) -> None:
        self._stub = stub
        self._aws = aws
        self._proxy = proxy
        self.gateway = gateway

    @functools.cache  # noqa: B019  (a driver lives as long as the tests)
    def client(self, service: str, region: str = REGION) -> Any:
        """Return a client that bypasses the provider and the proxy."""
        return boto3.client(
            service,  # type: ignore[call-overload]  # the stubs want a literal
            region_name=region,
            endpoint_url=self._aws.url,
            aws_access_key_id=ACCOUNT_ID,
            aws_secret_access_key="none",
            aws_session_token=self._aws.session_token,
        )

    def calls(self) -> list[str]:
        """Return the AWS API calls since the last time, without the provider's Region."""
        requests = [request for request, _ in self._proxy.exchanges]
        self._proxy.exchanges.clear()
        return [
            f"{each.region} {each.service}.{each.operation}".removeprefix(f"{REGION} ")
            for each in requests
        ]

    def configure(self, variables: Mapping[str, str]) -> provider_pb2.ConfigureResponse:
        request = provider_pb2.ConfigureRequest(variables=variables)
        answer: provider_pb2.ConfigureResponse = self._ask("Configure", request)
        return answer

    def check_config(self, news: Values) -> list[str]:
        answer = self._ask("CheckConfig", provider_pb2.CheckRequest(news=_struct(news)))
        return [failure.reason for failure in answer.failures]

    def diff_config(self, olds: Values, news: Values) -> provider_pb2.DiffResponse:
        request = provider_pb2.DiffRequest(olds=_struct(olds), news=_struct(news))
        difference: provider_pb2.DiffResponse = self._ask("DiffConfig", request)
        return difference

    def invoke(self, token: str, arguments: Values | None = None) -> Values:
        request = provider_pb2.InvokeRequest(tok=token, args=_struct(arguments or {}))
        return read_struct(getattr(self._ask("Invoke", request), "return"))[0]

    def check(
        self,
        type_: str,
        name: str,
        news: Values,
        olds: Values | None = None,
        *,
        seed: bytes = b"seed",
        autonaming: provider_pb2.CheckRequest.AutonamingOptions | None = None,
    ) -> tuple[Values, list[str]]:
        request = provider_pb2.CheckRequest(
            urn=_urn(type_, name),
            news=_struct(news),
            olds=_struct(olds or {}),
            randomSeed=seed,
            autonaming=autonaming,
        )
        answer = self._ask("Check", request)
        return read_struct(answer.inputs)[0], [failure.reason for failure in answer.failures]

    def checked(self, type_: str, name: str, news: Values, olds: Values | None = None) -> Values:
        inputs, failures = self.check(type_, name, news, olds)
        assert failures == []
        return inputs

    def preview(self, type_: str, name: str, news: Values) -> Values:
        inputs = self.checked(type_, name, news)
        answer = self._ask(
            "Create",
            provider_pb2.CreateRequest(
                urn=_urn(type_, name), properties=_struct(inputs), preview=True
            ),
        )
        assert answer.id == ""
        return read_struct(answer.properties)[0]

    def create(self, type_: str, name: str, news: Values) -> Made:
        inputs = self.checked(type_, name, news)
        answer = self._ask(
            "Create",
            provider_pb2.CreateRequest(urn=_urn(type_, name), properties=_struct(inputs)),
            Made(type_, name, "", inputs, {}),
        )
        return Made(type_, name, answer.id, inputs, read_struct(answer.properties)[0])

    def secrets(self, type_: str, name: str, news: Values) -> tuple[set[str], set[str]]:
        """The names of the inputs and outputs that the provider marks as secret."""
        urn = _urn(type_, name)
        checked = self._ask("Check", provider_pb2.CheckRequest(urn=urn, news=_struct(news)))
        inputs, secret_inputs = read_struct(checked.inputs)
        request = provider_pb2.CreateRequest(urn=urn, properties=_struct(inputs))
        return secret_inputs, read_struct(self._ask("Create", request).properties)[1]

    def diff(
        self, made: Made, news: Values, *, ignored: tuple[str, ...] = ()
    ) -> provider_pb2.DiffResponse:
        request = provider_pb2.DiffRequest(
            urn=_urn(made.type, made.name),
            id=made.id,
            olds=_struct(made.state),
            news=_struct(self._inputs(made, news, ignored)),
            ignoreChanges=ignored,
        )
        difference: provider_pb2.DiffResponse = self._ask("Diff", request)
        return difference

    def update(
        self, made: Made, news: Values, *, preview: bool = False, ignored: tuple[str, ...] = ()
    ) -> Made:
        inputs = self._inputs(made, news, ignored)
        request = provider_pb2.UpdateRequest(
            urn=_urn(made.type, made.name),
            id=made.id,
            olds=_struct(made.state),
            news=_struct(inputs),
            preview=preview,
            ignoreChanges=ignored,
        )
        answer = self._ask("Update", request, Made(made.type, made.name, made.id, inputs, {}))
        return Made(made.type, made.name, made.id, inputs, read_struct(answer.properties)[0])

    def refresh(self, made: Made) -> Made | None:
        answer = self._ask(
            "Read",
            provider_pb2.ReadRequest(
                urn=_urn(made.type, made.name),
                id=made.id,
                properties=_struct(made.state),
                inputs=_struct(made.inputs),
            ),
        )
        return _read(made.type, made.name, answer)

    def import_(self, type_: str, name: str, id_: str) -> Made | None:
        request = provider_pb2.ReadRequest(urn=_urn(type_, name), id=id_)
        return _read(type_, name, self._ask("Read", request))

    def delete(self, made: Made) -> None:
        request = provider_pb2.DeleteRequest(
            urn=_urn(made.type, made.name), id=made.id, properties=_struct(made.state)
        )
        self._ask("Delete", request)

    def _inputs(self, made: Made, news: Values, ignored: tuple[str, ...]) -> Values:
        """Check inputs as the engine does, with old values for ignored changes."""
        kept = {name: made.inputs[name] for name in ignored if name in made.inputs}
        given = {name: value for name, value in news.items() if name not in ignored}
        return self.checked(made.type, made.name, given | kept, made.inputs)

    def _ask(self, method: str, request: Any, made: Made | None = None) -> Any:
        try:
            return getattr(self._stub, method)(request, timeout=30)
        except grpc.RpcError as error:
            if made is None:
                raise Failed(error, "", "") from None
            raise Failed(error, made.type, made.name, made.inputs) from None


def _urn(type_: str, name: str) -> str:
    return f"urn:pulumi:dev::project::project:index:Parent${type_}::{name}"


def _struct(values: Values) -> Struct:
    return ParseDict(values, Struct())


def read_struct(struct: Struct) -> tuple[Values, set[str]]:
    """Return the values and the names of secret ones."""
    values, secret = MessageToDict(struct), set()
    for name, value in values.items():
        if isinstance(value, dict) and value.get(_special_sig_key) == _special_secret_sig:
            values[name] = value["value"]
            secret.add(name)
    return values, secret


def _read(type_: str, name: str, answer: provider_pb2.ReadResponse) -> Made | None:
    if not answer.id:
        return None
    inputs, state = read_struct(answer.inputs)[0], read_struct(answer.properties)[0]
    return Made(type_, name, answer.id, inputs, state)


def known(values: Values) -> Values:
    """Return the values that are known in a preview."""
    return {name: value for name, value in values.items() if value != UNKNOWN}


def text(policy: Values, **changes: object) -> str:
    return json.dumps({**policy, **changes}, indent=2)


def changes(difference: provider_pb2.DiffResponse) -> dict[str, str]:
    return {
        path: provider_pb2.PropertyDiff.Kind.Name(change.kind)
        for path, change in difference.detailedDiff.items()
    }


def is_none(difference: provider_pb2.DiffResponse) -> bool:
    return (
        bool(difference.changes == provider_pb2.DiffResponse.DIFF_NONE)
        and not difference.detailedDiff
    )


@contextlib.contextmanager
def driver(*, variables: Mapping[str, str] | None = None, **environment: str) -> Iterator[Driver]:
    """Run the plugin as the engine does, with a new local AWS."""
    gateway = Gateway()
    with (
        local_aws() as aws,
        aws_proxy(aws.url, instead=gateway.answer) as proxy,
    ):
        aws.wait_until_ready()
        env = {
            "PATH": os.environ["PATH"],
            "AWS_ENDPOINT_URL": proxy.url,
            "AWS_ACCESS_KEY_ID": ACCOUNT_ID,
            "AWS_SECRET_ACCESS_KEY": "none",
            "AWS_SESSION_TOKEN": aws.session_token,
            "AWS_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        } | environment
        with subprocess.Popen(
            [sys.executable, "-m", "sandbox.provider", "127.0.0.1:0"],
            stdout=subprocess.PIPE,
            text=True,
            env=env,
        ) as plugin:
            assert plugin.stdout is not None
            port = int(plugin.stdout.readline())
            try:
                with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                    stub = provider_pb2_grpc.ResourceProviderStub(channel)
                    engine = Driver(stub, aws=aws, proxy=proxy, gateway=gateway)
                    engine.configure(variables or {})
                    yield engine
            finally:
                plugin.terminate()
