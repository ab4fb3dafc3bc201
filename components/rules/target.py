"""Rules that depend on the partition, Region and account to deploy to."""

from collections.abc import Iterator

from ..deployment_target import DeploymentTarget
from ..policies import MEDIATAILOR_PRINCIPAL
from ..regions import (
    MEDIATAILOR_REGIONS,
    REGIONS_WITHOUT_MEDIAPACKAGE,
    mediatailor_regions_near,
    partition_of,
)
from .encryption_key import iam_arns
from .errors import InputError, Path
from .inputs import Inputs, mapping, strings
from .values import IAM_ARN, KEY_ARN, SECRET_ARN, SERVICE_PRINCIPAL, Rule


def target_errors(inputs: Inputs, target: DeploymentTarget) -> Iterator[InputError]:
    """Yield all errors that depend on the target. An unknown account is not compared."""
    if target.partition != "aws":
        yield InputError(
            path=("aws:region",),
            message=f"is in partition {target.partition}, which has no MediaTailor",
            example="us-east-1",
        )
    elif target.region not in MEDIATAILOR_REGIONS:
        near = mediatailor_regions_near(target.region)
        yield InputError(
            path=("aws:region",),
            message=f"is {target.region}, which has no MediaTailor; Regions that have it: {', '.join(near)}",
            example=near[0],
        )
    yield from _arn_errors(inputs, target)
    yield from _replica_region_errors(inputs, target)
    for name, settings in mapping(inputs.get("sourceLocations")).items():
        origin = mapping(settings).get("origin")
        if target.region in REGIONS_WITHOUT_MEDIAPACKAGE.get(str(origin), ()):
            yield InputError(
                path=("sourceLocations", name, "origin"),
                message=f"must not be {origin}, which is not available in {target.region}",
                example="custom",
            )
    principal = inputs.get("servicePrincipal", MEDIATAILOR_PRINCIPAL)
    regional = f"mediatailor.{target.region}.amazonaws.com"
    if (
        isinstance(principal, str)
        and SERVICE_PRINCIPAL.is_met_by(principal)
        and principal not in {MEDIATAILOR_PRINCIPAL, regional}
    ):
        yield InputError(
            path=("servicePrincipal",),
            message=f"is for {principal.split('.')[1]}, but the stack deploys to {target.region}",
            # The global principal is valid in every Region.
            example=MEDIATAILOR_PRINCIPAL,
        )


def _arn_errors(inputs: Inputs, target: DeploymentTarget) -> Iterator[InputError]:
    """Compare the partition, Region and account of every ARN that meets its own rule."""
    key = mapping(inputs.get("encryptionKey"))
    arns: list[tuple[Path, object, Rule, str]] = [
        (("encryptionKey", "arn"), key.get("arn"), KEY_ARN, target.region)
    ]
    arns += [(path, arn, IAM_ARN, "") for path, arn in iam_arns(key)]
    arns += [
        (("encryptionKey", "replicaArns", region), arn, KEY_ARN, region)
        for region, arn in mapping(key.get("replicaArns")).items()
    ]
    for name, settings in mapping(inputs.get("sourceLocations")).items():
        arn = mapping(settings).get("adoptSecretArn")
        arns.append((("sourceLocations", name, "adoptSecretArn"), arn, SECRET_ARN, target.region))
    for path, arn, rule, region in arns:
        if not isinstance(arn, str) or not rule.is_met_by(arn):
            continue
        _, partition, _, arn_region, account, _ = arn.split(":", maxsplit=5)
        if partition != target.partition:
            message = f"is in partition {partition}, but the stack deploys to {target.partition}"
            yield InputError(path=path, message=message)
        elif region and arn_region != region:
            yield InputError(path=path, message=f"is in {arn_region}, but must be in {region}")
        # IAM principals may be in other accounts; MediaTailor does not document cross-account keys or secrets.
        if region and target.account and account != target.account:
            message = f"is in account {account}, but the stack deploys to {target.account}"
            yield InputError(path=path, message=message)


def _replica_region_errors(inputs: Inputs, target: DeploymentTarget) -> Iterator[InputError]:
    seen = set()
    for index, region in strings(inputs.get("replicaRegions")):
        partition = partition_of(region)
        message = ""
        if partition != target.partition:
            message = f"is in partition {partition}, but the stack deploys to {target.partition}"
        elif region == target.region:
            message = "is the stack's own Region, which has the secret itself"
        elif region in seen:
            message = "is already in the list"
        elif region not in MEDIATAILOR_REGIONS:
            near = ", ".join(mediatailor_regions_near(region))
            message = f"has no MediaTailor; Regions that have it: {near}"
        if message:
            yield InputError(path=("replicaRegions", index), message=message)
        seen.add(region)
