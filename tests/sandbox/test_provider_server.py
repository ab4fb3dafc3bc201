"""The stand-in provider is a plugin as the engine knows them, and keeps to this machine."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version

import grpc
import pytest
from google.protobuf.empty_pb2 import Empty
from pulumi.provider.experimental import provider as api
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
def test_a_signal_ends_it_without_a_word(
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


def test_it_ends_when_the_engine_is_gone() -> None:
    # The pipe is the plugin's too: reading it ends when both have ended.
    engine = subprocess.run(  # noqa: S603  (our own program)
        [sys.executable, "-c", ENGINE], stderr=subprocess.PIPE, timeout=30, check=True
    )
    assert b"Traceback" not in engine.stderr


def test_it_talks_to_no_aws_but_one_on_this_machine() -> None:
    endpoints = json.dumps([{"kms": "https://kms.eu-west-1.amazonaws.com"}])
    with (
        driver(variables={"aws:config:endpoints": endpoints}) as engine,
        pytest.raises(Failed, match="only talks to an AWS on this machine") as failure,
    ):
        engine.create(KEY, "key", {})
    assert "https://kms.eu-west-1.amazonaws.com" in str(failure.value)


def test_an_aws_that_does_not_answer_is_told_at_once() -> None:
    endpoints = json.dumps([{"kms": "http://127.0.0.1:1"}])
    with (
        driver(variables={"aws:config:endpoints": endpoints}) as engine,
        pytest.raises(Failed) as failure,
    ):
        engine.create(KEY, "key", {})
    assert str(failure.value) == (
        'creating KMS Key (): Could not connect to the endpoint URL: "http://127.0.0.1:1/"'
    )


def test_the_engine_may_preview_and_keeps_the_secrets_itself() -> None:
    with driver() as engine:
        answer = engine.configure({})
    assert answer.supportsPreview
    assert not answer.acceptSecrets


def test_the_provider_s_region_goes_before_the_environment_s() -> None:
    with driver(variables={"aws:config:region": "us-west-2"}) as engine:
        assert engine.create(KEY, "key", {}).state["region"] == "us-west-2"
        assert engine.calls()[0] == "us-west-2 kms.CreateKey"


class Faulty(api.Provider):
    """A provider with a fault."""

    async def check(self, request: api.CheckRequest) -> api.CheckResponse:
        raise ValueError(f"{CANARY} {request.urn}")


def test_a_fault_of_the_stand_in_tells_its_place_but_no_value() -> None:
    async def ask() -> str:
        server, port = await start(Faulty(), version="1")
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub = provider_pb2_grpc.ResourceProviderStub(channel)
            with pytest.raises(grpc.aio.AioRpcError) as failure:
                await stub.Check(provider_pb2.CheckRequest(urn="urn"))
        await server.stop(None)
        return str(failure.value.details())

    message = asyncio.run(ask())
    assert "stand-in for pulumi-aws failed with ValueError" in message
    assert "test_provider_server.py" in message
    assert CANARY not in message.replace('f"{CANARY} {request.urn}"', "")
