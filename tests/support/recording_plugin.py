"""A plugin in place of pulumi-aws: it records its configuration, and otherwise behaves like the stand-in."""

import json
import os
from importlib.metadata import version
from pathlib import Path

from grpc import ServicerContext
from pulumi.runtime.proto import provider_pb2

from sandbox.provider.provider import StandIn
from sandbox.provider.server import serve


class Recording(StandIn):
    """Writes its settings and environment to the file RECORDING."""

    def Configure(  # noqa: N802  (a name in gRPC)
        self, request: provider_pb2.ConfigureRequest, context: ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        recording = json.dumps([dict(request.variables), dict(os.environ)])
        Path(os.environ["RECORDING"]).write_text(recording, encoding="utf-8")
        return super().Configure(request, context)


if __name__ == "__main__":
    serve(Recording(version=version("pulumi_aws")))
