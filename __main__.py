"""Deploy one stack: read its config, make the component, export what AWS's step 3 takes."""

# ruff: noqa: E402  collections start with the imports

import gc

# Each collection walks all objects that are alive, so that the cost would grow faster than the number of source
# locations; what the run leaves behind goes with the process.
gc.disable()

import asyncio

import pulumi
import pulumi_aws as aws

from components import AccessTokenAuthentication, deployment_target
from components.policies import required_key_policy_statements
from stack_config import load_stack_config


async def main() -> pulumi.Inputs:
    """Return the stack's outputs. Nothing in them is or holds a token."""
    config = load_stack_config()
    # Python can load what declares the resources while the provider starts, which takes longer.
    asyncio.get_running_loop().call_later(0.01, lambda: (aws.kms.Key, aws.secretsmanager.Secret))
    target = deployment_target()
    args = config.component_args(target)
    if config.replica_regions and not config.encryption_key.arn:
        await warn_of_key_replacement()
    authentication = AccessTokenAuthentication("mediatailor", args)
    outputs: dict[str, pulumi.Input[object]] = {
        "encryptionKeyArn": authentication.encryption_key_arn,
        "secretArns": authentication.secret_arns,
        "secretStringKeys": authentication.secret_string_keys,
        "accessConfigurations": authentication.access_configurations,
    }
    if config.replica_regions:
        outputs["replicaSecretArns"] = authentication.replica_secret_arns
    if authentication.media_package_role_arns:
        outputs["mediaPackageRoleArns"] = authentication.media_package_role_arns
    if authentication.source_location_arns:
        outputs["sourceLocationArns"] = authentication.source_location_arns
    if config.encryption_key.arn:
        outputs["requiredKeyPolicyStatements"] = required_key_policy_statements(
            partition=target.partition,
            account=target.account,
            regions=[target.region, *config.replica_regions],
            source_location_managers=config.encryption_key.source_location_managers,
        )
    return outputs


async def warn_of_key_replacement() -> None:
    """Say what it means if the stack's key so far is a single-Region one, of which no replica can be made."""
    stack = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    previous = pulumi.StackReference(stack)
    key = await previous.get_output("encryptionKeyArn").future()
    is_owned = not await previous.get_output("requiredKeyPolicyStatements").future()
    # https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html
    if key and is_owned and ":key/mrk-" not in key:
        pulumi.log.warn(
            f"replicaRegions needs a multi-Region key, and {key} is a single-Region key, which AWS can't"
            " convert. A new key takes its place: the secrets move to it and the old key is scheduled for deletion."
            " MediaTailor can't read a token until its source locations are updated, since its grant is on the old key:"
            " source locations with a baseUrl are updated in the same run, the others need"
            " `aws mediatailor update-source-location` right after it."
        )


pulumi.run(main)
