"""The partition, Region and account that a provider deploys to."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True)
class DeploymentTarget:
    """Where resources are created."""

    partition: str
    """AWS partition, such as `aws`."""
    region: str
    """Region, such as `eu-west-1`."""
    account: str
    """12-digit account ID; empty if unknown."""


def deployment_target(opts: pulumi.ResourceOptions | None = None) -> DeploymentTarget:
    """Return the target of the AWS provider of a resource with these options. Only the account requires a request to AWS.

    Raises:
        pulumi.RunError: the provider cannot be used, for example because it has no Region or no valid credentials.

    """
    invoke_opts = invoke_options(opts)
    try:
        return DeploymentTarget(
            partition=aws.get_partition(opts=invoke_opts).partition,
            region=aws.get_region(opts=invoke_opts).region,
            account=aws.get_caller_identity(opts=invoke_opts).account_id,
        )
    except Exception as error:
        # The SDK raises a bare Exception for a failed invoke; the user needs its message, not a traceback.
        raise pulumi.RunError(
            f"The AWS provider cannot be used; nothing was created or changed.\n\n{error}\n\n"
            "If it has no Region: pulumi config set aws:region REGION\n"
            "If it has no credentials: https://www.pulumi.com/registry/packages/aws/installation-configuration/"
        ) from error


def invoke_options(opts: pulumi.ResourceOptions | None) -> pulumi.InvokeOptions:
    """Return the options to invoke a function of the AWS provider of a resource with options `opts`."""
    opts = opts or pulumi.ResourceOptions()
    providers = opts.providers or ()
    given = [opts.provider, *(providers.values() if isinstance(providers, dict) else providers)]
    provider = next((each for each in given if each and each.package == "aws"), None)
    return pulumi.InvokeOptions(parent=opts.parent, provider=provider)
