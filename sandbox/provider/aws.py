"""The local AWS that the stand-in talks to: settings, clients and regions.

Clients are made on first use, one of a kind in each region, because loading boto3 takes longer
than starting the whole plugin.
"""

import json
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

from .errors import Refused

if TYPE_CHECKING:
    from boto3 import Session
    from botocore.client import BaseClient
    from mypy_boto3_cloudcontrol import CloudControlApiClient
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sts import STSClient

# Settings of pulumi-aws that leave out calls which the stand-in does not make in the first place.
_SKIPS = frozenset(
    {
        "skipCredentialsValidation",
        "skipMetadataApiCheck",
        "skipRegionValidation",
        "skipRequestingAccountId",
    }
)
_SETTINGS = _SKIPS | {"region", "accessKey", "secretKey", "token", "endpoints", "defaultTags"}
# Not settings: what the engine adds for itself.
_ENGINE = frozenset({"version", "pluginDownloadURL", "pluginChecksums", "__internal"})
_SERVICES = frozenset({"cloudcontrol", "cloudformation", "iam", "kms", "secretsmanager", "sts"})
CONNECTIONS: Final = 32
"""How many AWS API calls can be under way at once."""
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The provider settings in use; a credential or region left out is boto3's to find."""

    region: str | None = None
    access_key: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    endpoints: Mapping[str, str] = field(default_factory=dict)
    default_tags: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Settings":
        """Read the settings of pulumi-aws by their names there; all but text is JSON text.

        Raises:
            Refused: a setting is not known here, or its JSON text is not of the shape it must have.

        """
        unknown = sorted(set(values) - _SETTINGS - _ENGINE)
        if unknown:
            raise Refused(
                f"the rehearsal's stand-in for pulumi-aws does not know the provider setting"
                f" aws:{unknown[0]}. It knows {', '.join(sorted(_SETTINGS))}."
            )
        return cls(
            region=values.get("region"),
            access_key=values.get("accessKey"),
            secret_key=values.get("secretKey"),
            token=values.get("token"),
            endpoints=_endpoints(values.get("endpoints")),
            default_tags=_default_tags(values.get("defaultTags")),
        )


def _json(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return None


def _endpoints(value: object) -> dict[str, str]:
    if value is None:
        return {}
    given = _json(value)
    entries = given if isinstance(given, list) else [given]
    endpoints: dict[str, str] = {}
    for entry in entries:
        if not isinstance(entry, dict):
            raise Refused("aws:endpoints must be a list of one object, service to URL.")
        endpoints |= entry
    for name in endpoints:
        if name not in _SERVICES:
            raise Refused(
                f"aws:endpoints: {name} is an invalid or unknown key."
                f" The rehearsal's stand-in knows {', '.join(sorted(_SERVICES))}."
            )
    return endpoints


def _default_tags(value: object) -> dict[str, str]:
    if value is None:
        return {}
    given = _json(value)
    tags = given.get("tags", {}) if isinstance(given, dict) else None
    if not isinstance(tags, dict):
        raise Refused("aws:defaultTags must be an object whose `tags` maps keys to values.")
    return tags


class Aws:
    """One AWS account in the regions that a stack asks for."""

    def __init__(self, settings: Settings) -> None:
        self.default_tags = settings.default_tags
        self._settings = settings
        self._clients: dict[tuple[str, str], object] = {}
        self._lock = threading.Lock()

    @property
    def region(self) -> str:
        """The provider's own region.

        Raises:
            Refused: neither the provider nor the environment names one.

        """
        environment = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
        region = self._settings.region or environment
        if not region:
            raise Refused(
                "no AWS region is set. Set one with `pulumi config set aws:region REGION`."
            )
        return region

    def in_region(self, name: str) -> "Region":
        """Return the account as seen in one region."""
        return Region(self, name)

    def client(self, service: str, region: str) -> object:
        """Return the client of a service in a region, safe to use from several threads.

        Raises:
            Refused: the client would talk to another machine than this.

        """
        with self._lock:
            if (service, region) not in self._clients:
                self._clients[service, region] = self._new_client(service, region)
            return self._clients[service, region]

    def _new_client(self, service: str, region: str) -> object:
        from botocore.config import Config  # noqa: PLC0415  (see the head of this file)

        client: BaseClient = self._session.client(
            service,  # type: ignore[call-overload]  # the stubs want a literal
            region_name=region,
            endpoint_url=self._settings.endpoints.get(service),
            config=Config(
                max_pool_connections=CONNECTIONS,
                # botocore's own validation quotes the parameters it dislikes, a token among them.
                parameter_validation=False,
                # An AWS on this machine does not throttle; if it is gone, that is told at once.
                retries={"total_max_attempts": 1},
            ),
        )
        endpoint = client.meta.endpoint_url
        if urlsplit(endpoint).hostname not in _LOOPBACK:
            raise Refused(
                "the rehearsal's stand-in for pulumi-aws only talks to an AWS on this machine,"
                f" and {service} would be at {endpoint}. Set AWS_ENDPOINT_URL."
            )
        return client

    @cached_property
    def _session(self) -> "Session":
        import boto3  # noqa: PLC0415  (see the head of this file)

        return boto3.Session(
            aws_access_key_id=self._settings.access_key,
            aws_secret_access_key=self._settings.secret_key,
            aws_session_token=self._settings.token,
        )


@dataclass(frozen=True)
class Region:
    """An AWS account as seen in the region called `name`."""

    aws: Aws
    name: str

    @property
    def cloudcontrol(self) -> "CloudControlApiClient":
        """AWS Cloud Control API."""
        return cast("CloudControlApiClient", self.aws.client("cloudcontrol", self.name))

    @property
    def cloudformation(self) -> "CloudFormationClient":
        """AWS CloudFormation."""
        return cast("CloudFormationClient", self.aws.client("cloudformation", self.name))

    @property
    def iam(self) -> "IAMClient":
        """AWS IAM, which is the same in all regions."""
        return cast("IAMClient", self.aws.client("iam", self.name))

    @property
    def kms(self) -> "KMSClient":
        """AWS KMS."""
        return cast("KMSClient", self.aws.client("kms", self.name))

    @property
    def secretsmanager(self) -> "SecretsManagerClient":
        """AWS Secrets Manager."""
        return cast("SecretsManagerClient", self.aws.client("secretsmanager", self.name))

    @property
    def sts(self) -> "STSClient":
        """AWS STS."""
        return cast("STSClient", self.aws.client("sts", self.name))


@dataclass(frozen=True, kw_only=True)
class Partition:
    """A part of AWS with its own regions and its own domain."""

    name: str
    dns_suffix: str
    descriptions: Mapping[str, str]
    """What AWS calls each of its regions, by the region's name."""


def partition_of(region: str) -> Partition | None:
    """Return the partition that a region belongs to, or None if there is no such region."""
    for partition in _partitions():
        if region in partition.descriptions:
            return partition
    return None


@cache
def _partitions() -> tuple[Partition, ...]:
    from botocore.loaders import Loader  # noqa: PLC0415  (see the head of this file)

    return tuple(
        Partition(
            name=each["partition"],
            dns_suffix=each["dnsSuffix"],
            descriptions={name: region["description"] for name, region in each["regions"].items()},
        )
        for each in Loader().load_data("endpoints")["partitions"]
    )
