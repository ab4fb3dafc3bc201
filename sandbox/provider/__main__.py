"""The plugin executable `pulumi-resource-aws`: `python -m sandbox.provider ENGINE_ADDRESS`."""

from importlib.metadata import version

from sandbox.provider.provider import StandIn
from sandbox.provider.server import serve

if __name__ == "__main__":
    serve(StandIn(version=version("pulumi_aws")))
