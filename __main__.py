"""Deploy one stack: read its config, make the component, export what AWS's step 3 takes."""

import pulumi

from components import AccessTokenAuthentication, deployment_target
from stack_config import load_stack_config


async def main() -> pulumi.Inputs:
    """Return the stack's outputs. Nothing in them is or holds a token."""
    config = load_stack_config()
    target = await deployment_target()
    authentication = AccessTokenAuthentication("mediatailor", config.component_args(target))
    return {
        "encryptionKeyArn": authentication.encryption_key_arn,
        "secretArns": authentication.secret_arns,
        "secretStringKeys": authentication.secret_string_keys,
        "accessConfigurations": authentication.access_configurations,
    }


pulumi.run(main)
