"""The stand-in's connection to the local AWS: clients, Regions and partitions.

The connection is configured by the environment (AWS_ENDPOINT_URL and so on), not by the provider
settings. Clients are created on first use, because loading boto3 takes longer than starting the
whole plugin.
"""

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sandbox.provider.errors import STAND_IN, ProviderError
from sandbox.provider.settings import Settings

if TYPE_CHECKING:
    from boto3 import Session
    from mypy_boto3_cloudcontrol import CloudControlApiClient
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sts import STSClient

CONNECTIONS: Final = 32
"""The maximum number of concurrent AWS API calls."""
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
# Creating a client is not thread-safe; using one is.
_creating_a_client = threading.Lock()


class Aws:
    """One AWS account in the Regions that a stack uses."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._regions: dict[str, Region] = {}

    @property
    def region(self) -> str:
        """The provider's default Region.

        Raises:
            ProviderError: neither the provider nor the environment names one.

        """
        environment = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
        region = self.settings.region or environment
        if not region:
            raise ProviderError(
                "no AWS Region is set. Set one with `pulumi config set aws:region REGION`."
            )
        return region

    def in_region(self, name: str) -> "Region":
        """Return the account as seen in one Region."""
        return self._regions.setdefault(name, Region(self, name))


class Region:
    """An AWS account as seen in one Region, with a client for each service in use."""

    cloudcontrol: "CloudControlApiClient"
    cloudformation: "CloudFormationClient"
    iam: "IAMClient"
    kms: "KMSClient"
    secretsmanager: "SecretsManagerClient"
    sts: "STSClient"

    def __init__(self, aws: Aws, name: str) -> None:
        self.aws = aws
        self.name = name

    def __getattr__(self, service: str) -> object:
        """Create the client of a service on first use.

        Raises:
            ProviderError: the client would connect to another machine.

        """
        if service not in type(self).__annotations__:
            raise AttributeError(service)
        with _creating_a_client:
            if service not in vars(self):
                setattr(self, service, _new_client(service, self.name))
        return vars(self)[service]


def _new_client(service: str, region: str) -> object:
    from botocore.config import Config  # noqa: PLC0415  (see the top of this file)

    client = _session().client(
        service,  # type: ignore[call-overload]  # the stubs want a literal
        region_name=region,
        config=Config(
            max_pool_connections=CONNECTIONS,
            # botocore's own validation quotes invalid parameters, and one may be a token.
            parameter_validation=False,
            # A local AWS does not throttle; if it is down, retrying only delays the error.
            retries={"total_max_attempts": 1},
        ),
    )
    endpoint = client.meta.endpoint_url
    if urlsplit(endpoint).hostname not in _LOOPBACK:
        raise ProviderError(
            f"{STAND_IN} only connects to an AWS on this machine, but the endpoint of {service} is"
            f" {endpoint}. Set AWS_ENDPOINT_URL."
        )
    return client


@cache
def _session() -> "Session":
    import boto3  # noqa: PLC0415  (see the top of this file)

    return boto3.Session()


@dataclass(frozen=True, kw_only=True)
class Partition:
    """An AWS partition."""

    name: str
    dns_suffix: str
    descriptions: Mapping[str, str]
    """AWS's description of each Region, by the Region's name."""


def partition_of(region: str) -> Partition | None:
    """Return the partition that a Region belongs to, or None if there is no such Region."""
    for partition in _partitions():
        if region in partition.descriptions:
            return partition
    return None


@cache
def _partitions() -> tuple[Partition, ...]:
    from botocore.loaders import Loader  # noqa: PLC0415  (see the top of this file)

    return tuple(
        Partition(
            name=each["partition"],
            dns_suffix=each["dnsSuffix"],
            descriptions={name: region["description"] for name, region in each["regions"].items()},
        )
        for each in Loader().load_data("endpoints")["partitions"]
    )
