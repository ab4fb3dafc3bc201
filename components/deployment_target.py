"""Where a provider deploys to: asked of the provider itself, so that no Region or account is ever a literal."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True)
class DeploymentTarget:
    """The partition, Region and account that a provider deploys to."""

    partition: str
    """AWS partition, such as `aws`."""
    region: str
    """Region, such as `eu-west-1`."""
    account: str
    """12-digit account id."""


async def deployment_target(opts: pulumi.InvokeOptions | None = None) -> DeploymentTarget:
    """Ask the provider in use for its target; of the three questions only the account's is an AWS call (to STS).

    Args:
        opts: names the provider, where it is not the default one.

    Raises:
        pulumi.RunError: the provider has no Region or no valid credentials.

    """
    answers = pulumi.Output.all(
        aws.get_partition_output(opts=opts),
        aws.get_region_output(opts=opts),
        aws.get_caller_identity_output(opts=opts),
    )
    try:
        partition, region, identity = await answers.future()  # type: ignore[misc]  # invokes are never unknown here
    except Exception as error:
        # The SDK raises a bare Exception for a failed invoke; to the user it is a message, not a traceback.
        raise pulumi.RunError(str(error)) from error
    return DeploymentTarget(
        partition=partition.partition, region=region.region, account=identity.account_id
    )
