"""Policy documents: plain values in, document out. Nothing here knows of Pulumi or calls AWS."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

PolicyDocument = Mapping[str, Any]
Statement = Mapping[str, Any]

KEY_POLICY_MAX_BYTES = 32_768
"""The smaller of AWS's two figures (the developer guide's): a key policy of this size is always taken.
https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html"""

MEDIATAILOR_PRINCIPAL = "mediatailor.amazonaws.com"
"""The service that reads the secret.
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
        account: 12-digit id of the account that owns the key.
        region: Region of the key.
        administrators: IAM ARNs that may administer the key but not use it.
        source_location_managers: IAM ARNs that create or update MediaTailor source locations.

    """
    statements = [account_statement(partition=partition, account=account)]
    if administrators:
        statements.append(administrators_statement(administrators))
    if source_location_managers:
        statements.append(grant_statement(source_location_managers, region=region))
    return {"Version": "2012-10-17", "Statement": statements}


def account_statement(*, partition: str, account: str) -> Statement:
    """Let the account's IAM policies decide who manages and uses the key, so that it can never be locked out.

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
    """Let the administrators manage the key, without using it.

    AWS's own list for administrators has `kms:Create*`, which includes kms:CreateGrant and so the use of the key:
    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html. The actions are therefore named.
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


def grant_statement(source_location_managers: Sequence[str], *, region: str) -> Statement:
    """Let those who create or update source locations give MediaTailor its grant on the key, only through MediaTailor.

    https://docs.aws.amazon.com/mediatailor/latest/ug/channel-assembly-access-configuration-access-configuring.html
    The suffix is amazonaws.com in every partition:
    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
    """
    return {
        "Sid": "GrantToMediaTailor",
        "Effect": "Allow",
        "Principal": {"AWS": list(source_location_managers)},
        "Action": "kms:CreateGrant",
        "Resource": "*",
        "Condition": {"StringEquals": {"kms:ViaService": f"mediatailor.{region}.amazonaws.com"}},
    }


def secret_policy(secret_arn: str) -> PolicyDocument:
    """Return the resource policy by which MediaTailor reads the secret, word for word AWS's own.

    https://docs.aws.amazon.com/mediatailor/latest/ug/channel-assembly-access-configuration-access-configuring.html
    """
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": MEDIATAILOR_PRINCIPAL},
                "Action": "secretsmanager:GetSecretValue",
                "Resource": secret_arn,
            }
        ],
    }
