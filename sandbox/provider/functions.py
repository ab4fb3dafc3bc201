"""The functions that a program can call: who it is, and where."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .aws import Aws, Partition, partition_of
from .errors import Refused
from .values import Values


@dataclass(frozen=True, kw_only=True)
class Function:
    """A function: the arguments it takes and what it does with them."""

    arguments: frozenset[str]
    call: Callable[[Aws, Values], Values]


def _partition(region: str) -> Partition:
    partition = partition_of(region)
    if partition is None:
        raise Refused(f'region not found for name "{region}"')
    return partition


def _get_caller_identity(aws: Aws, arguments: Values) -> Values:  # noqa: ARG001
    caller = aws.in_region(aws.region).sts.get_caller_identity()
    return {
        "accountId": caller["Account"],
        "arn": caller["Arn"],
        "id": caller["Account"],
        "userId": caller["UserId"],
    }


def _get_partition(aws: Aws, arguments: Values) -> Values:  # noqa: ARG001
    partition = _partition(aws.region)
    return {
        "dnsSuffix": partition.dns_suffix,
        "id": partition.name,
        "partition": partition.name,
        "reverseDnsPrefix": ".".join(reversed(partition.dns_suffix.split("."))),
    }


def _get_region(aws: Aws, arguments: Values) -> Values:
    chosen = {arguments[name] for name in ("region", "name", "id") if arguments.get(name)}
    if endpoint := arguments.get("endpoint"):
        chosen.add(endpoint.removeprefix("ec2.").partition(".")[0])
    if len(chosen) > 1:
        raise Refused("multiple Regions matched")
    region: str = chosen.pop() if chosen else aws.region
    partition = _partition(region)
    return {
        "description": partition.descriptions[region],
        "endpoint": f"ec2.{region}.{partition.dns_suffix}",
        "id": region,
        "name": region,
        "region": region,
    }


FUNCTIONS: Mapping[str, Function] = {
    "aws:index/getCallerIdentity:getCallerIdentity": Function(
        arguments=frozenset({"id"}), call=_get_caller_identity
    ),
    "aws:index/getPartition:getPartition": Function(
        arguments=frozenset({"id"}), call=_get_partition
    ),
    "aws:index/getRegion:getRegion": Function(
        arguments=frozenset({"endpoint", "id", "name", "region"}), call=_get_region
    ),
}
