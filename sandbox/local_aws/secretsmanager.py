"""AWS Secrets Manager: requests that AWS rejects and MiniStack accepts."""
# ruff: noqa: SLF001  (MiniStack has no public API for this)

import re
from typing import Any

from ministack.core.responses import (  # type: ignore[import-untyped]
    get_account_id,
    get_region,
)
from ministack.services import secretsmanager  # type: ignore[import-untyped]

from sandbox.local_aws import secret_replicas
from sandbox.local_aws.kms import problem_with_key
from sandbox.local_aws.policy_documents import (
    has_unknown_principals,
    is_public,
    locks_out,
    statements,
)
from sandbox.local_aws.service import AwsError, Request, Service
from sandbox.local_aws.tags import problem_with_tags


def _secret_of(request: Request) -> dict[str, Any]:
    """Return the secret in a request, or an empty one if there is none."""
    secret: dict[str, Any] | None = secretsmanager._resolve(request.get("SecretId"))[1]
    return secret or {}


def _name_is_valid(request: Request) -> None:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html."""
    if not re.fullmatch(r"[A-Za-z0-9/_+=.@!-]+", request["Name"]):
        raise AwsError(
            "ValidationException",
            "Invalid name. Must be a valid name containing alphanumeric characters, or any of the"
            " following: -/_+=.@!",
        )


def _name_is_not_scheduled_for_deletion(request: Request) -> None:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html."""
    secret = secretsmanager._secrets.get(request["Name"])
    if secret and secret["DeletedDate"]:
        raise AwsError(
            "InvalidRequestException",
            "You can't create this secret because a secret with this name is already scheduled for"
            " deletion.",
        )


def _key_can_encrypt(request: Request) -> None:
    """Check a new key at once, and the secret's own key when there is a value to encrypt.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
    """
    key_id = request.get("KmsKeyId")
    if key_id is None and {"SecretString", "SecretBinary"} & set(request):
        key_id = _secret_of(request).get("KmsKeyId")
    if problem := problem_with_key(key_id, get_region()):
        raise AwsError(
            "EncryptionFailure",
            "Secrets Manager can't encrypt the protected secret text using the provided KMS key."
            f" {problem}",
        )


def _key_can_decrypt(request: Request) -> None:
    """Check that the value can be decrypted, to be read or encrypted with another key.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_update-encryption-key.html
    """
    secret = _secret_of(request)
    if not secret.get("Versions") or secret["DeletedDate"]:
        return
    if problem := problem_with_key(secret.get("KmsKeyId"), get_region()):
        raise AwsError(
            "DecryptionFailure",
            "Secrets Manager can't decrypt the protected secret text using the provided KMS key."
            f" {problem}",
        )


def _values_can_move_to_another_key(request: Request) -> None:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecret.html."""
    if request.get("KmsKeyId") not in {None, _secret_of(request).get("KmsKeyId")}:
        _key_can_decrypt(request)


def _secret_is_not_marked_for_deletion(request: Request) -> None:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutResourcePolicy.html."""
    if _secret_of(request).get("DeletedDate"):
        raise AwsError(
            "InvalidRequestException",
            "You can't perform this operation on the secret because it was marked for deletion.",
        )


def _secret_is_no_replica(request: Request) -> None:
    """https://docs.aws.amazon.com/secretsmanager/latest/userguide/replicate-secrets.html."""
    secret = _secret_of(request)
    if secret and secretsmanager._is_replica(secret):
        message = "You can't perform this operation on a replica secret."
        raise AwsError("InvalidRequestException", message)


def _secret_has_no_replicas(request: Request) -> None:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html."""
    secret = _secret_of(request)
    if secret and secret["ReplicationStatus"]:
        regions = ", ".join(status["Region"] for status in secret["ReplicationStatus"])
        raise AwsError(
            "InvalidRequestException",
            f"You can't delete secret {secret['Name']} that still has replica regions [{regions}].",
        )


def _policy_is_a_resource_policy(request: Request) -> None:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ValidateResourcePolicy.html."""
    try:
        found = statements(request["ResourcePolicy"], required=("Principal", "Action", "Resource"))
    except ValueError as error:
        message = f"This resource policy contains a syntax error. {error}"
        raise AwsError("MalformedPolicyDocumentException", message) from None
    if any(has_unknown_principals(statement) for statement in found):
        message = "This resource policy contains an unsupported principal."
        raise AwsError("MalformedPolicyDocumentException", message)
    if locks_out(found, "secretsmanager:PutResourcePolicy", get_account_id()):
        message = "This resource policy will not allow you to manage this secret in the future."
        raise AwsError("MalformedPolicyDocumentException", message)
    if request.get("BlockPublicPolicy") and any(is_public(statement) for statement in found):
        raise AwsError(
            "PublicPolicyException",
            "You can't attach a resource-based policy that allows broad access to the secret.",
        )


def _current_version_stays(request: Request) -> None:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html."""
    if request["VersionStage"] == "AWSCURRENT" and "MoveToVersionId" not in request:
        raise AwsError(
            "InvalidParameterException",
            "You can only move staging label AWSCURRENT to a different secret version. It can't be"
            " completely removed.",
        )


def _tags_are_allowed(request: Request) -> None:
    """https://docs.aws.amazon.com/secretsmanager/latest/userguide/managing-secrets_tagging.html."""
    problem = problem_with_tags(
        [(tag["Key"], tag["Value"]) for tag in request.get("Tags", [])],
        existing=[tag["Key"] for tag in _secret_of(request).get("Tags", [])],
    )
    if problem:
        raise AwsError("InvalidParameterException", problem)


_POLICY = (_secret_is_not_marked_for_deletion,)
_CHANGED_POLICY = (*_POLICY, _secret_is_no_replica)

SERVICE = Service(
    name="secretsmanager",
    module=secretsmanager,
    checks={
        "CreateSecret": (
            _name_is_valid,
            _name_is_not_scheduled_for_deletion,
            _key_can_encrypt,
            _tags_are_allowed,
        ),
        "DeleteResourcePolicy": _CHANGED_POLICY,
        "DeleteSecret": (_secret_has_no_replicas,),
        "GetResourcePolicy": _POLICY,
        "GetSecretValue": (_key_can_decrypt,),
        "PutResourcePolicy": (*_CHANGED_POLICY, _policy_is_a_resource_policy),
        "PutSecretValue": (_key_can_encrypt,),
        "RemoveRegionsFromReplication": (_secret_is_no_replica,),
        "TagResource": (_tags_are_allowed,),
        "UpdateSecret": (_values_can_move_to_another_key, _key_can_encrypt),
        "UpdateSecretVersionStage": (_current_version_stays,),
    },
    operations={
        "CreateSecret": secret_replicas.create_secret,
        "RemoveRegionsFromReplication": secret_replicas.remove_regions,
        "ReplicateSecretToRegions": secret_replicas.replicate,
    },
)
