"""`python -m benchmarks.boto3_script N`: create the AWS resources for N source locations with the fewest calls.

Unlike Pulumi, it assumes that nothing exists yet, nothing fails and nothing changes later.
"""

import json
import secrets
import sys

import boto3


def policy(statement: object) -> str:
    """Return a policy document with one statement."""
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def up(source_locations: int) -> None:
    """Create the key, its alias, and for each source location a secret and its policy."""
    kms, secretsmanager = boto3.client("kms"), boto3.client("secretsmanager")
    account = boto3.client("sts").get_caller_identity()["Account"]
    key_arn = kms.create_key(
        Description="Encrypts the access tokens of MediaTailor source locations",
        Policy=policy(
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
                "Action": "kms:*",
                "Resource": "*",
            }
        ),
    )["KeyMetadata"]["Arn"]
    kms.enable_key_rotation(KeyId=key_arn, RotationPeriodInDays=365)
    kms.create_alias(AliasName="alias/mediatailor", TargetKeyId=key_arn)
    for index in range(source_locations):
        secret_arn = secretsmanager.create_secret(
            Name=f"mediatailor-location-{index:04}",
            KmsKeyId=key_arn,
            SecretString=json.dumps({"AccessToken": secrets.token_urlsafe(24)}),
        )["ARN"]
        secretsmanager.put_resource_policy(
            SecretId=secret_arn,
            ResourcePolicy=policy(
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "mediatailor.amazonaws.com"},
                    "Action": "secretsmanager:GetSecretValue",
                    "Resource": secret_arn,
                }
            ),
            BlockPublicPolicy=True,
        )


if __name__ == "__main__":
    up(int(sys.argv[1]))
