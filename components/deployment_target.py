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


def deployment_target(opts: pulumi.InvokeOptions | None = None) -> DeploymentTarget:
    """Ask the provider in use for its target; of the three questions only the account's is an AWS call (to STS).

    Args:
        opts: names the provider, where it is not the default one.

    Raises:
        pulumi.RunError: the provider has no Region or no valid credentials.

    """
    try:
        return DeploymentTarget(
            partition=aws.get_partition(opts=opts).partition,
            region=aws.get_region(opts=opts).region,
            account=aws.get_caller_identity(opts=opts).account_id,
        )
    except Exception as error:
        # The SDK raises a bare Exception for a failed invoke; to the user it is a message, not a traceback.
        raise pulumi.RunError(
            f"The AWS provider can't say where it deploys to; nothing was created or changed.\n\n{error}\n\n"
            "It needs a Region (pulumi config set aws:region REGION) and credentials (aws configure, or\n"
            "https://www.pulumi.com/registry/packages/aws/installation-configuration/)."
        ) from error
