"""Serves the stand-in to the Pulumi engine over gRPC."""

import asyncio
import os
import signal
import sys
import traceback
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import NoReturn, TypeAlias

import grpc
import grpc.aio
from google.protobuf.message import Message
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.provider.experimental.provider import Provider
from pulumi.provider.experimental.server import ProviderServicer
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from .aws import CONNECTIONS
from .errors import InitializationFailed, Refused

_Context: TypeAlias = "grpc.aio.ServicerContext[Message, Message]"
_Method: TypeAlias = Callable[[ProviderServicer, Message, _Context], Awaitable[Message]]


def _plainly(name: str) -> _Method:
    """Make the SDK's servicer method `name` fail with what the user should read, and no more.

    The SDK puts a traceback after the message of each error, and has no word for a resource that
    exists although a later step failed.
    """
    original: _Method = getattr(ProviderServicer, name)

    async def method(self: ProviderServicer, request: Message, context: _Context) -> Message:
        try:
            return await original(self, request, context)
        except Exception as error:  # noqa: BLE001  (whatever it is, the engine must be told)
            # The SDK raises an error of its own while it handles the one we want.
            await _abort(context, error.__context__ or error)

    return method


async def _abort(context: _Context, error: BaseException) -> NoReturn:
    if isinstance(error, InitializationFailed):
        status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error))
        status.details.add().Pack(
            provider_pb2.ErrorResourceInitFailed(
                id=error.resource_id,
                properties=PropertyValue.marshal_map(error.state),
                reasons=[str(error)],
            )
        )
        metadata = (("grpc-status-details-bin", status.SerializeToString()),)
        await context.abort(grpc.StatusCode.UNKNOWN, str(error), metadata)
    if isinstance(error, Refused):
        await context.abort(grpc.StatusCode.UNKNOWN, str(error))
    if isinstance(error, NotImplementedError):
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, str(error))
    # A fault of the stand-in. Its message may quote a secret, so only its place is told.
    place = "".join(traceback.format_tb(error.__traceback__))
    await context.abort(
        grpc.StatusCode.INTERNAL,
        f"the rehearsal's stand-in for pulumi-aws failed with {type(error).__name__}:\n{place}",
    )


class Servicer(ProviderServicer):
    """The SDK's servicer with errors for people."""

    Check = _plainly("Check")
    CheckConfig = _plainly("CheckConfig")
    Configure = _plainly("Configure")
    Create = _plainly("Create")
    Delete = _plainly("Delete")
    Diff = _plainly("Diff")
    DiffConfig = _plainly("DiffConfig")
    GetSchema = _plainly("GetSchema")
    Invoke = _plainly("Invoke")
    Read = _plainly("Read")
    Update = _plainly("Update")


async def start(
    provider: Provider, *, version: str, engine: str = ""
) -> tuple[grpc.aio.Server, int]:
    """Start to serve on a free port of 127.0.0.1, and return the server and the port."""
    server = grpc.aio.server(options=_GRPC_CHANNEL_OPTIONS)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(
        Servicer([], version, provider, engine), server
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    return server, port


async def serve(provider: Provider, *, version: str, engine: str) -> None:
    """Serve until told to stop, or until the process that started this one is gone.

    The port is the first line on standard output, where the engine reads it.
    """
    parent = os.getppid()
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(max_workers=CONNECTIONS))
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    _, port = await start(provider, version=version, engine=engine)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    while not stop.is_set() and os.getppid() == parent:
        try:
            await asyncio.wait_for(stop.wait(), timeout=1)
        except TimeoutError:
            continue
    # Threads that wait for AWS have nobody left to answer, and need not be waited for.
    os._exit(0)
