"""The stand-in provider is a plugin that the engine can start, and only uses this machine."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from typing import NoReturn

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from sandbox.provider.server import start
from tests.support.provider_driver import KEY, Failed, driver

CANARY = "canary-5d0e-token"


@pytest.fixture
def plugin() -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [sys.executable, "-m", "sandbox.provider", "127.0.0.1:0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


def test_the_first_line_on_standard_output_is_the_port_on_this_machine(
    plugin: "subprocess.Popen[str]",
) -> None:
    assert plugin.stdout is not None
    port = int(plugin.stdout.readline())
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        assert stub.GetPluginInfo(Empty()).version == version("pulumi_aws")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_without_output(
    plugin: "subprocess.Popen[str]", number: signal.Signals
) -> None:
    assert plugin.stdout is not None
    plugin.stdout.readline()
    plugin.send_signal(number)
    assert plugin.communicate(timeout=10) == ("", "")
    assert plugin.returncode == 0


ENGINE = """
import subprocess, sys

command = [sys.executable, "-m", "sandbox.provider", "127.0.0.1:0"]
plugin = subprocess.Popen(command, stdout=subprocess.PIPE)
plugin.stdout.readline()
"""


def test_it_exits_with_the_engine() -> None:
    # The plugin inherits the pipe: reading ends when both processes have exited.
    engine = subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, "-c", ENGINE], stderr=subprocess.PIPE, timeout=30, check=True
    )
    assert b"Traceback" not in engine.stderr


def test_it_only_connects_to_an_aws_on_this_machine() -> None:
    with (
        driver(AWS_ENDPOINT_URL_KMS="https://kms.eu-west-1.amazonaws.com") as engine,
        pytest.raises(Failed, match="only connects to an AWS on this machine") as failure,
    ):
        engine.create(KEY, "key", {})
    assert "https://kms.eu-west-1.amazonaws.com" in str(failure.value)


def test_an_unreachable_aws_is_reported_at_once() -> None:
    with (
        driver(AWS_ENDPOINT_URL_KMS="http://127.0.0.1:1") as engine,
        pytest.raises(Failed) as failure,
    ):
        engine.create(KEY, "key", {})
    assert str(failure.value) == (
        'creating KMS Key (): Could not connect to the endpoint URL: "http://127.0.0.1:1/"'
    )


def test_the_provider_supports_previews_and_leaves_secrets_to_the_engine() -> None:
    with driver() as engine:
        answer = engine.configure({})
    assert answer.supportsPreview
    assert not answer.acceptSecrets


def test_the_providers_region_takes_precedence_over_the_environments() -> None:
    with driver(variables={"aws:config:region": "us-west-2"}) as engine:
        assert engine.create(KEY, "key", {}).state["region"] == "us-west-2"
        assert engine.calls()[0] == "us-west-2 kms.CreateKey"


class Faulty(provider_pb2_grpc.ResourceProviderServicer):
    """A provider with a bug."""

    def Check(self, request: provider_pb2.CheckRequest, context: object) -> NoReturn:  # noqa: N802
        raise ValueError(f"{CANARY} {request.urn} {context}")


def test_a_bug_in_the_stand_in_is_reported_by_its_location_without_a_value() -> None:
    server, port = start(Faulty())
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = provider_pb2_grpc.ResourceProviderStub(channel)
        with pytest.raises(grpc.RpcError) as failure:
            stub.Check(provider_pb2.CheckRequest(urn="urn"))
        with pytest.raises(grpc.RpcError) as unimplemented:
            stub.Construct(provider_pb2.ConstructRequest())
    server.stop(None).wait()
    assert re.fullmatch(
        r"the rehearsal's stand-in for pulumi-aws failed:"
        r" ValueError in server\.py, line \d+",
        str(failure.value.details()),
    )
    assert unimplemented.value.code() is grpc.StatusCode.UNIMPLEMENTED
