"""Pulumi's Python language host, for a Pulumi CLI that comes without one.

The official distribution has its own; a CLI built from its Go module has none. The engine starts
this beside `pulumi` under the name `pulumi-language-python`, reads the port from its first line of
output, and asks it to run the program. What people see of a program's output and errors is what
the official host shows.
"""

import asyncio
import logging
import os
import runpy
import signal
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pulumi
import pulumi.runtime
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

_UNLIMITED_MESSAGES = [
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
]


class _LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """The calls that the engine makes when it deploys a Python program."""

    def About(self, _request: Any, _context: Any) -> Any:  # noqa: ANN401, N802  gRPC names and types them
        return language_pb2.AboutResponse(
            executable=sys.executable, version=".".join(map(str, sys.version_info[:3]))
        )

    def GetPluginInfo(self, _request: Any, _context: Any) -> Any:  # noqa: ANN401, N802
        return plugin_pb2.PluginInfo()

    def Handshake(self, _request: Any, _context: Any) -> Any:  # noqa: ANN401, N802
        return language_pb2.LanguageHandshakeResponse()

    def GetRequiredPackages(self, _request: Any, _context: Any) -> Any:  # noqa: ANN401, N802
        # The SDK names the provider and its version with each resource, which is early enough.
        return language_pb2.GetRequiredPackagesResponse()

    def Run(self, request: Any, _context: Any) -> Any:  # noqa: ANN401, N802
        program_directory = request.info.program_directory
        os.chdir(program_directory)
        sys.path.insert(0, program_directory)
        pulumi.runtime.reset_options(
            project=request.project,
            stack=request.stack,
            organization=request.organization,
            parallel=request.parallel,
            preview=request.dryRun,
            monitor_address=request.monitor_address,
            engine_address=sys.argv[-1],
        )
        pulumi.runtime.set_all_config(dict(request.config), list(request.configSecretKeys))
        # The SDK tells the engine some lines of its own about each resource, and waits for each line: a third of the
        # time of a large stack. Nobody reads them, and `pulumi --debug` still shows the engine's.
        pulumi.log.debug = lambda *_arguments, **_options: None

        async def program() -> None:
            runpy.run_path(str(Path(program_directory, "__main__.py")), run_name="__main__")

        # A failed program leaves tasks that nobody awaits; asyncio's complaints about them would
        # bury the message that matters. The official host silences it as well.
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)
        try:
            with asyncio.Runner() as runner:
                threads = ThreadPoolExecutor(max_workers=max(request.parallel, 1) * 4)
                runner.get_loop().set_default_executor(threads)
                runner.run(pulumi.runtime.run_in_stack(program))
        except pulumi.RunError as error:
            pulumi.log.error(str(error))
        except (Exception, SystemExit):  # noqa: BLE001  whatever it is, the person is to see it
            pulumi.log.error(
                f"Program failed with an unhandled exception:\n{traceback.format_exc()}"
            )
        else:
            return language_pb2.RunResponse()
        return language_pb2.RunResponse(bail=True)  # the engine need not report it again


def main() -> None:
    """Serve until the engine tells us to stop, or is gone."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # both are text files
    server = grpc.server(ThreadPoolExecutor(max_workers=4), options=_UNLIMITED_MESSAGES)
    # The engine may tell us to stop as soon as it knows our port, so all is in place before it does.
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, lambda *_: server.stop(grace=None))

    def leave_with_engine() -> None:
        os.read(sys.stdin.fileno(), 1)  # returns when the engine is gone, however it went
        server.stop(grace=None)

    threading.Thread(target=leave_with_engine, daemon=True).start()
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(_LanguageHost(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port)  # noqa: T201  this line is the plugin protocol
    server.wait_for_termination()
    # Taking down the objects of a large stack one by one takes seconds that nobody needs.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
