"""Deploy one stack: load its config, build the component, export what AWS's step 3 needs, say what changes for MediaTailor."""

import gc

import pulumi

from components import AccessTokenAuthentication
from impact import previous_outputs, report_impact
from readme import readme
from stack_config import load_stack_config, report_errors

# Every collection walks all live objects, so its cost would grow faster than the number of source locations.
gc.disable()


async def main() -> pulumi.Inputs:
    """Return the stack's outputs; none contains a token."""
    with report_errors():
        previous = await previous_outputs()
        config = load_stack_config(previous)
        authentication = AccessTokenAuthentication("mediatailor", config.component_args())
        region = authentication.target.region
        outputs: pulumi.Inputs = {
            "encryptionKeyArn": authentication.encryption_key_arn,
            "secretArns": authentication.secret_arns,
            "secretStringKeys": authentication.secret_string_keys,
            "accessConfigurations": authentication.access_configurations,
            "replicaSecretArns": authentication.replica_secret_arns,
            "mediaPackageRoleArns": authentication.media_package_role_arns,
            "sourceLocationArns": authentication.source_location_arns,
            "requiredKeyPolicyStatements": authentication.required_key_policy_statements,
            "deployedSettings": config.deployed_settings(authentication.target.account),
        }
        await report_impact(
            previous,
            outputs,
            authentication.source_locations,
            adopted=config.adopting(),
            region=region,
        )
        return {**outputs, "readme": readme(outputs, region=region)}


pulumi.run(main)
