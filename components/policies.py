"""Policy documents as pure functions: values in, document out, without Pulumi or AWS."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

PolicyDocument = Mapping[str, Any]
Statement = Mapping[str, Any]
KEY_POLICY_MAX_BYTES = 32_768
"""The lower of AWS's figures; the API model has 131,072:
https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html"""

MEDIATAILOR_PRINCIPAL = "mediatailor.amazonaws.com"
"""Service principal that MediaTailor uses to read secrets.
https://docs.aws.amazon.com/mediatailor/latest/ug/channel-assembly-access-configuration-access-configuring.html"""


def to_json(document: PolicyDocument) -> str:
    """Return the document as the compact JSON text that AWS stores."""
    return json.dumps(document, separators=(",", ":"))


def key_policy(
    *,
    partition: str,
    account: str,
    region: str,
    administrators: Sequence[str] = (),
    source_location_managers: Sequence[str] = (),
) -> PolicyDocument:
    """Return the key policy of the customer managed key.

    Args:
        partition: AWS partition, such as `aws`.
        account: 12-digit ID of the account that owns the key.
        region: Region of the key.
        administrators: ARNs of IAM principals that may administer the key but not use it.
        source_location_managers: ARNs of IAM principals that create or update MediaTailor source locations.

    """
    statements = [account_statement(partition=partition, account=account)]
    if administrators:
        statements.append(administrators_statement(administrators))
    if source_location_managers:
        statements.append(grant_statement(source_location_managers, region))
    return {"Version": "2012-10-17", "Statement": statements}


def account_statement(*, partition: str, account: str) -> Statement:
    """Let the account's IAM policies decide who manages and uses the key, so that no one can lock the account out.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """
    return {
        "Sid": "EnableIamPolicies",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{partition}:iam::{account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }


def administrators_statement(administrators: Sequence[str]) -> Statement:
    """Let the administrators manage the key but not use it.

    Every action is listed, because AWS's example for administrators allows `kms:Create*`. That includes kms:CreateGrant,
    and with it the use of the key: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """
    return {
        "Sid": "AdministerKey",
        "Effect": "Allow",
        "Principal": {"AWS": list(administrators)},
        "Action": [
            "kms:CancelKeyDeletion",
            "kms:CreateAlias",
            "kms:DeleteAlias",
            "kms:DescribeKey",
            "kms:DisableKey",
            "kms:DisableKeyRotation",
            "kms:EnableKey",
            "kms:EnableKeyRotation",
            "kms:GetKeyPolicy",
            "kms:GetKeyRotationStatus",
            "kms:ListGrants",
            "kms:ListKeyPolicies",
            "kms:ListKeyRotations",
            "kms:ListResourceTags",
            "kms:PutKeyPolicy",
            "kms:RevokeGrant",
            "kms:RotateKeyOnDemand",
            "kms:ScheduleKeyDeletion",
            "kms:TagResource",
            "kms:UntagResource",
            "kms:UpdateAlias",
            "kms:UpdateKeyDescription",
        ],
        "Resource": "*",
    }


def grant_statement(source_location_managers: Sequence[str], *regions: str) -> Statement:
    """Let principals that create or update source locations grant MediaTailor use of the key, through MediaTailor only.

    https://docs.aws.amazon.com/mediatailor/latest/ug/channel-assembly-access-configuration-access-configuring.html
    `kms:ViaService` ends in amazonaws.com in every partition: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
    """
    services = [f"mediatailor.{region}.amazonaws.com" for region in regions]
    return {
        "Sid": "GrantToMediaTailor",
        "Effect": "Allow",
        "Principal": {"AWS": list(source_location_managers)},
        "Action": "kms:CreateGrant",
        "Resource": "*",
        "Condition": {
            "StringEquals": {"kms:ViaService": services[0] if len(services) == 1 else services}
        },
    }


def use_statement(*, partition: str, account: str, regions: Sequence[str]) -> Statement:
    """Let the account's IAM policies allow the use of a key, through Secrets Manager only.

    Needed to create, update, read and replicate secrets, and by MediaPackage's role: https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
    """
    return {
        "Sid": "UseThroughSecretsManager",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{partition}:iam::{account}:root"},
        "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"],
        "Resource": "*",
        "Condition": {
            "StringEquals": {
                "kms:ViaService": [f"secretsmanager.{region}.amazonaws.com" for region in regions]
            }
        },
    }


def required_key_policy_statements(
    *,
    partition: str,
    account: str,
    regions: Sequence[str],
    source_location_managers: Sequence[str] = (),
) -> Sequence[Statement]:
    """Return the statements to add to the key policies of an existing key and its replicas.

    Without managers, the account's IAM policies decide who may grant MediaTailor use of the key.

    Args:
        partition: AWS partition, such as `aws`.
        account: 12-digit ID of the stack's account.
        regions: the stack's Region and its replica Regions.
        source_location_managers: ARNs of IAM principals that create or update MediaTailor source locations.

    """
    managers = source_location_managers or [f"arn:{partition}:iam::{account}:root"]
    return [
        use_statement(partition=partition, account=account, regions=regions),
        grant_statement(managers, *regions),
    ]


def secret_policy(
    *secret_arns: str,
    service_principal: str = MEDIATAILOR_PRINCIPAL,
    source_account: str | None = None,
) -> PolicyDocument:
    """Return the resource policy that lets MediaTailor read the secret; by default exactly AWS's example.

    https://docs.aws.amazon.com/mediatailor/latest/ug/channel-assembly-access-configuration-access-configuring.html

    Args:
        secret_arns: ARN of the secret, then those of its replicas, because AWS replicates the policy unchanged:
            https://docs.aws.amazon.com/secretsmanager/latest/userguide/replicate-secrets.html
        service_principal: the service principal that MediaTailor uses to read the secret.
        source_account: if given, require `aws:SourceAccount` to be this 12-digit account ID.

    """
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": service_principal},
        "Action": "secretsmanager:GetSecretValue",
        "Resource": secret_arns[0] if len(secret_arns) == 1 else list(secret_arns),
    }
    if source_account:
        statement["Condition"] = {"StringEquals": {"aws:SourceAccount": source_account}}
    return {"Version": "2012-10-17", "Statement": [statement]}


def media_package_trust_policy(*, service_principal: str, account: str) -> PolicyDocument:
    """Return the trust policy that lets MediaPackage assume the role, on behalf of this account only.

    https://docs.aws.amazon.com/mediapackage/latest/ug/setting-up-create-trust-rel-trust.html
    """
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "AssumeRole",
                "Effect": "Allow",
                "Principal": {"Service": service_principal},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"aws:SourceAccount": account}},
            }
        ],
    }


def media_package_role_policy(
    *,
    secret_arn: str,
    secret_actions: Sequence[str],
    list_action: str,
    encryption_key_arn: str,
    region: str,
) -> PolicyDocument:
    """Return the policy of MediaPackage's role: read this secret, and use its key only for that.

    https://docs.aws.amazon.com/mediapackage/latest/ug/setting-up-create-trust-rel-policy-cdn.html

    Args:
        secret_arn: ARN of the secret of the CDN authorization.
        secret_actions: actions on the secret.
        list_action: action without resource-level permissions, allowed on `*`.
        encryption_key_arn: key ARN of the secret's key.
        region: Region of both.

    """
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "ReadSecret",
                "Effect": "Allow",
                "Action": list(secret_actions),
                "Resource": secret_arn,
            },
            {"Sid": "FindSecret", "Effect": "Allow", "Action": list_action, "Resource": "*"},
            {
                "Sid": "DecryptThroughSecretsManager",
                "Effect": "Allow",
                "Action": ["kms:Decrypt", "kms:DescribeKey"],
                "Resource": encryption_key_arn,
                "Condition": {
                    "StringEquals": {"kms:ViaService": f"secretsmanager.{region}.amazonaws.com"}
                },
            },
        ],
    }
