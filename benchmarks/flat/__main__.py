"""Declare the same resources as the project's program, with the same inputs, in top-level code."""

import json

import pulumi
import pulumi_aws as aws

config = pulumi.Config("mediatailor-access-token")
source_locations = config.require_object("sourceLocations")
access_tokens = config.require_secret_object("accessTokens")


def policy(statement: object) -> str:
    """Return a policy document with one statement."""
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


key = aws.kms.Key(
    "mediatailor-key",
    description="Encrypts the access tokens of MediaTailor source locations",
    key_usage="ENCRYPT_DECRYPT",
    customer_master_key_spec="SYMMETRIC_DEFAULT",
    enable_key_rotation=True,
    rotation_period_in_days=365,
    deletion_window_in_days=30,
    policy=policy(
        {
            "Sid": "EnableIamPolicies",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{aws.get_caller_identity().account_id}:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
    ),
)
aws.kms.Alias("mediatailor-alias", target_key_id=key.key_id)

secret_arns = {}
access_configurations = {}
for name, settings in source_locations.items():
    secret = aws.secretsmanager.Secret(
        f"mediatailor-{name}-secret",
        description=f"Access token of MediaTailor source location {name}",
        kms_key_id=key.arn,
        recovery_window_in_days=30,
    )
    aws.secretsmanager.SecretVersion(
        f"mediatailor-{name}-version",
        secret_id=secret.id,
        secret_string=access_tokens[name].apply(lambda token: json.dumps({"AccessToken": token})),
    )
    aws.secretsmanager.SecretPolicy(
        f"mediatailor-{name}-policy",
        secret_arn=secret.arn,
        policy=secret.arn.apply(
            lambda arn: policy(
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "mediatailor.amazonaws.com"},
                    "Action": "secretsmanager:GetSecretValue",
                    "Resource": arn,
                }
            )
        ),
        block_public_policy=True,
    )
    secret_arns[name] = secret.arn
    access_configurations[name] = {
        "AccessType": "SECRETS_MANAGER_ACCESS_TOKEN",
        "SecretsManagerAccessTokenConfiguration": {
            "HeaderName": settings["headerName"],
            "SecretArn": secret.arn,
            "SecretStringKey": "AccessToken",
        },
    }

pulumi.export("encryptionKeyArn", key.arn)
pulumi.export("secretArns", secret_arns)
pulumi.export("accessConfigurations", access_configurations)
