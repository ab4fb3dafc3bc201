"""The functions that the program calls, such as `getRegion`.

They follow data sources of github.com/hashicorp/terraform-provider-aws:
sts/caller_identity_data_source.go, meta/partition_data_source.go, meta/region_data_source.go and
secretsmanager/secret_version_data_source.go.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from sandbox.provider.aws import Aws, Partition, partition_of
from sandbox.provider.errors import ProviderError, explained
from sandbox.provider.secret_version import CURRENT, SecretVersion
from sandbox.provider.values import Values


@dataclass(frozen=True)
class Function:
    """A function that the program calls."""

    call: Callable[[Aws, Values], Values]
    """Returns the result for the arguments."""

    arguments: frozenset[str] = frozenset()
    """The names of the arguments that the program passes."""


def _partition(region: str) -> Partition:
    partition = partition_of(region)
    if partition is None:
        raise ProviderError(f'region not found for name "{region}"')
    return partition


def _get_caller_identity(aws: Aws, _arguments: Values) -> Values:
    caller = aws.in_region(aws.region).sts.get_caller_identity()
    return {
        "accountId": caller["Account"],
        "arn": caller["Arn"],
        "id": caller["Account"],
        "userId": caller["UserId"],
    }


def _get_partition(aws: Aws, _arguments: Values) -> Values:
    partition = _partition(aws.region)
    return {
        "dnsSuffix": partition.dns_suffix,
        "id": partition.name,
        "partition": partition.name,
        "reverseDnsPrefix": ".".join(reversed(partition.dns_suffix.split("."))),
    }


def _get_region(aws: Aws, _arguments: Values) -> Values:
    region = aws.region
    partition = _partition(region)
    return {
        "description": partition.descriptions[region],
        "endpoint": f"ec2.{region}.{partition.dns_suffix}",
        "id": region,
        "name": region,
        "region": region,
    }


def _get_secret_version(aws: Aws, arguments: Values) -> Values:
    """Return the current value of a secret, in plain text as pulumi-aws does."""
    secret_id = arguments["secretId"]
    id_ = f"{secret_id}|{CURRENT}"
    with explained(f"reading Secrets Manager Secret Version ({id_})"):
        try:
            version = aws.in_region(aws.region).secretsmanager.get_secret_value(
                SecretId=secret_id, VersionStage=CURRENT
            )
        except Exception as error:
            if SecretVersion().is_gone(error):
                raise ProviderError("couldn't find resource") from None
            raise
    return {
        "arn": version["ARN"],
        "createdDate": version["CreatedDate"].strftime("%Y-%m-%dT%H:%M:%SZ"),
        "id": id_,
        "region": aws.region,
        "secretArn": version["ARN"],
        "secretBinary": version.get("SecretBinary", b"").decode(errors="replace"),
        "secretId": secret_id,
        "secretString": version.get("SecretString", ""),
        "versionId": version["VersionId"],
        "versionStage": CURRENT,
        "versionStages": version["VersionStages"],
    }


FUNCTIONS: Final[Mapping[str, Function]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": Function(_get_caller_identity),
    "aws:index/getPartition:getPartition": Function(_get_partition),
    "aws:index/getRegion:getRegion": Function(_get_region),
    "aws:secretsmanager/getSecretVersion:getSecretVersion": Function(
        _get_secret_version, frozenset({"secretId"})
    ),
}
