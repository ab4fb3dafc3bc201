"""The functions that the program calls: which account, which partition, which Region.

Upstream they are data sources: sts/caller_identity_data_source.go, meta/partition_data_source.go
and meta/region_data_source.go of github.com/hashicorp/terraform-provider-aws.
"""

from collections.abc import Callable, Mapping
from typing import Final

from sandbox.provider.aws import Aws, Partition, partition_of
from sandbox.provider.errors import ProviderError
from sandbox.provider.values import Values

Function = Callable[[Aws], Values]
"""A function without arguments: the program gives none."""


def _partition(region: str) -> Partition:
    partition = partition_of(region)
    if partition is None:
        raise ProviderError(f'region not found for name "{region}"')
    return partition


def _get_caller_identity(aws: Aws) -> Values:
    caller = aws.in_region(aws.region).sts.get_caller_identity()
    return {
        "accountId": caller["Account"],
        "arn": caller["Arn"],
        "id": caller["Account"],
        "userId": caller["UserId"],
    }


def _get_partition(aws: Aws) -> Values:
    partition = _partition(aws.region)
    return {
        "dnsSuffix": partition.dns_suffix,
        "id": partition.name,
        "partition": partition.name,
        "reverseDnsPrefix": ".".join(reversed(partition.dns_suffix.split("."))),
    }


def _get_region(aws: Aws) -> Values:
    region = aws.region
    partition = _partition(region)
    return {
        "description": partition.descriptions[region],
        "endpoint": f"ec2.{region}.{partition.dns_suffix}",
        "id": region,
        "name": region,
        "region": region,
    }


FUNCTIONS: Final[Mapping[str, Function]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": _get_caller_identity,
    "aws:index/getPartition:getPartition": _get_partition,
    "aws:index/getRegion:getRegion": _get_region,
}
