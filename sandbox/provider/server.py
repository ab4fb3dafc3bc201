"""Serves the stand-in to the Pulumi engine over gRPC."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn

import grpc
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from sandbox.provider.aws import CONNECTIONS
from sandbox.provider.errors import STAND_IN, InitializationError, ProviderError, location_of
from sandbox.provider.values import write

_Continuation = Callable[[grpc.HandlerCallDetails], "grpc.RpcMethodHandler[Any, Any] | None"]


class _Errors(grpc.ServerInterceptor):
    """Converts exceptions to gRPC errors, which the engine shows, without a traceback."""

    def intercept_service(
        self, continuation: _Continuation, handler_call_details: grpc.HandlerCallDetails
    ) -> "grpc.RpcMethodHandler[Any, Any] | None":
        handler = continuation(handler_call_details)
        if handler is None or handler.unary_unary is None:
            return handler
        method = handler.unary_unary

        def answer(request: object, context: grpc.ServicerContext) -> object:
            try:
                return method(request, context)
            except Exception as error:  # noqa: BLE001  (the engine shows every error)
                _abort(context, error)

        return grpc.unary_unary_rpc_method_handler(
            answer, handler.request_deserializer, handler.response_serializer
        )


def _abort(context: grpc.ServicerContext, error: Exception) -> NoReturn:
    if isinstance(error, InitializationError):
        status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error))
        status.details.add().Pack(
            provider_pb2.ErrorResourceInitFailed(
                id=error.resource_id,
                properties=write(error.state, secret=error.secret),
                reasons=[str(error)],
            )
        )
        details = (("grpc-status-details-bin", status.SerializeToString()),)
        context.set_trailing_metadata(details)
    if isinstance(error, ProviderError):
        context.abort(grpc.StatusCode.UNKNOWN, str(error))
    if isinstance(error, NotImplementedError):
        context.abort(grpc.StatusCode.UNIMPLEMENTED, str(error))
    # A bug in the stand-in. Its message may quote a secret, so only its location is shown.
    context.abort(
        grpc.StatusCode.INTERNAL,
        f"{STAND_IN} failed: {type(error).__name__} in {location_of(error)}",
    )


def start(provider: provider_pb2_grpc.ResourceProviderServicer) -> tuple[grpc.Server, int]:
    """Start serving on a free port of 127.0.0.1, and return the server and the port."""
    server = grpc.server(
        ThreadPoolExecutor(max_workers=CONNECTIONS),
        interceptors=[_Errors()],
        options=_GRPC_CHANNEL_OPTIONS,
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    return server, port


def serve(provider: provider_pb2_grpc.ResourceProviderServicer) -> None:
    """Serve until a signal arrives or the parent process exits.

    The engine reads the port from the first line of standard output.
    """
    parent = os.getppid()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    _, port = start(provider)
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    while not stop.wait(timeout=1) and os.getppid() == parent:
        pass
    # No client is left, so do not wait for threads with pending AWS calls.
    os._exit(0)
