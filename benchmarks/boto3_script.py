"""`python -m benchmarks.boto3_script`: the resources of this project with the fewest AWS API calls there can be.

It takes everything for granted that Pulumi does not: nothing exists before, nothing fails, nobody
changes anything. What it made stands in a file, as a state does.

    … up RECORD SOURCE_LOCATIONS    make everything
    … refresh RECORD                read everything that was made
    … token RECORD                  change the token of one source location
"""

import json
import secrets
import sys
from pathlib import Path
from typing import Any

import boto3


def up(record: Path, source_locations: int) -> None:
    """Make the key, its alias, and a secret with its policy for each source location."""
    kms, secretsmanager = boto3.client("kms"), boto3.client("secretsmanager")
    account = boto3.client("sts").get_caller_identity()["Account"]
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "EnableIamPolicies",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
                "Action": "kms:*",
                "Resource": "*",
            },
            {
                "Sid": "GrantToMediaTailor",
                "Effect": "Allow",
                "Principal": {"AWS": [f"arn:aws:iam::{account}:role/video-platform"]},
                "Action": "kms:CreateGrant",
                "Resource": "*",
                "Condition": {
                    "StringEquals": {
                        "kms:ViaService": f"mediatailor.{kms.meta.region_name}.amazonaws.com"
                    }
                },
            },
        ],
    }
    key_arn = kms.create_key(
        Description="Encrypts the access tokens of MediaTailor source locations",
        Policy=json.dumps(policy),
    )["KeyMetadata"]["Arn"]
    kms.enable_key_rotation(KeyId=key_arn, RotationPeriodInDays=365)
    kms.create_alias(AliasName="alias/mediatailor", TargetKeyId=key_arn)
    secret_arns = []
    for index in range(source_locations):
        name = f"location-{index:04}"
        secret_arn = secretsmanager.create_secret(
            Name=f"mediatailor-{name}",
            Description=f"Access token of MediaTailor source location {name}",
            KmsKeyId=key_arn,
            SecretString=_secret_string(),
        )["ARN"]
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "mediatailor.amazonaws.com"},
            "Action": "secretsmanager:GetSecretValue",
            "Resource": secret_arn,
        }
        secretsmanager.put_resource_policy(
            SecretId=secret_arn,
            ResourcePolicy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
            BlockPublicPolicy=True,
        )
        secret_arns.append(secret_arn)
    record.write_text(json.dumps({"key": key_arn, "secrets": secret_arns}), encoding="utf-8")


def refresh(made: dict[str, Any]) -> None:
    """Read all that is settable of what was made."""
    kms, secretsmanager = boto3.client("kms"), boto3.client("secretsmanager")
    kms.describe_key(KeyId=made["key"])
    kms.get_key_policy(KeyId=made["key"])
    kms.get_key_rotation_status(KeyId=made["key"])
    kms.list_resource_tags(KeyId=made["key"])
    kms.list_aliases(KeyId=made["key"])
    for secret_arn in made["secrets"]:
        secretsmanager.describe_secret(SecretId=secret_arn)
        secretsmanager.get_secret_value(SecretId=secret_arn)
        secretsmanager.get_resource_policy(SecretId=secret_arn)


def token(made: dict[str, Any]) -> None:
    """Change one token."""
    boto3.client("secretsmanager").put_secret_value(
        SecretId=made["secrets"][0], SecretString=_secret_string()
    )


def _secret_string() -> str:
    return json.dumps({"AccessToken": secrets.token_urlsafe(24)})


def _main(action: str, record: Path, *source_locations: str) -> None:
    if action == "up":
        up(record, int(*source_locations))
    else:
        made = json.loads(record.read_text(encoding="utf-8"))
        {"refresh": refresh, "token": token}[action](made)


if __name__ == "__main__":
    _main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
