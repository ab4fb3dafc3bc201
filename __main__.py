"""Deploy one stack: load its config, build the component, export what AWS's step 3 needs."""

import gc

import pulumi

from components import AccessTokenAuthentication
from stack_config import load_stack_config, report_errors

# Every collection walks all live objects, so its cost would grow faster than the number of source locations.
gc.disable()

with report_errors():
    config = load_stack_config()
    authentication = AccessTokenAuthentication("mediatailor", config.component_args())

# No output contains a token.
pulumi.export("encryptionKeyArn", authentication.encryption_key_arn)
pulumi.export("secretArns", authentication.secret_arns)
pulumi.export("secretStringKeys", authentication.secret_string_keys)
pulumi.export("accessConfigurations", authentication.access_configurations)
pulumi.export("replicaSecretArns", authentication.replica_secret_arns)
pulumi.export("mediaPackageRoleArns", authentication.media_package_role_arns)
pulumi.export("sourceLocationArns", authentication.source_location_arns)
pulumi.export("requiredKeyPolicyStatements", authentication.required_key_policy_statements)
