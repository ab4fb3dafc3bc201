"""AWS KMS: requests that AWS rejects and MiniStack accepts."""
# ruff: noqa: SLF001  (MiniStack has no public API for this)

from typing import Any

from ministack.core.responses import (  # type: ignore[import-untyped]
    get_account_id,
    request_scope,
)
from ministack.services import kms  # type: ignore[import-untyped]

from sandbox.local_aws.policy_documents import (
    has_unknown_principals,
    lets_in,
    locks_out,
    statements,
)
from sandbox.local_aws.service import AwsError, Check, Request, Service
from sandbox.local_aws.tags import problem_with_tags

_POLICY_BYTES = 32_768


def problem_with_key(key_id: str | None, region: str) -> str | None:
    """Return why a service cannot encrypt or decrypt with a key in a Region, or None if it can.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
    """
    if not key_id or key_id.startswith("alias/aws/"):
        return None  # the AWS managed key, which always exists
    with request_scope(get_account_id(), region):
        key = kms._resolve_key(key_id)
    if key is None:
        return f"Key {key_id} does not exist in {region}."
    if key["KeySpec"] != "SYMMETRIC_DEFAULT":
        return f"{key['Arn']} is not a symmetric encryption key."
    return None if key["KeyState"] == "Enabled" else f"{key['Arn']} is {_STATES[key['KeyState']]}."


_STATES = {
    "Disabled": "disabled",
    "PendingDeletion": "pending deletion",
    "PendingImport": "pending import",
    "PendingReplicaDeletion": "pending replica deletion",
}


def _key_is_not_pending_deletion(request: Request) -> None:
    """https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html."""
    key = kms._resolve_key(request.get("TargetKeyId", request.get("KeyId")))
    if key and key["KeyState"] in {"PendingDeletion", "PendingReplicaDeletion"}:
        raise AwsError("KMSInvalidStateException", f"{key['Arn']} is {_STATES[key['KeyState']]}.")


def _key_is_enabled(request: Request) -> None:
    """https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html."""
    key = kms._resolve_key(request["KeyId"])
    if key and key["KeyState"] == "Disabled":
        raise AwsError("DisabledException", f"{key['Arn']} is disabled.")


def _key_is_pending_deletion(request: Request) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_CancelKeyDeletion.html."""
    key = kms._resolve_key(request["KeyId"])
    if key and "DeletionDate" not in key:
        raise AwsError("KMSInvalidStateException", f"{key['Arn']} is not pending deletion.")


def _key_is_no_replica(request: Request) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html."""
    key = kms._resolve_key(request["KeyId"])
    if key and key.get("_mrk_type") == "REPLICA":
        message = f"{key['Arn']} is a replica key; its rotation is set on the primary key."
        raise AwsError("UnsupportedOperationException", message)


def _region_has_no_replica(request: Request) -> None:
    """Require that the Region has no replica, not even one that is pending deletion.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html
    """
    key = kms._resolve_key(request["KeyId"])
    region = request["ReplicaRegion"]
    if key and (replica := kms._keys.get_scoped(get_account_id(), region, key["KeyId"])):
        message = f"The Region {region} already has a replica of the key {key['KeyId']}"
        if replica["KeyState"] == "PendingDeletion":
            message += ", which is pending deletion; cancel the deletion or wait for it"
        raise AwsError("AlreadyExistsException", f"{message}.")


def _policy_is_a_key_policy(request: Request) -> None:
    """https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html."""
    text = request.get("Policy")
    if text is None:
        return
    if len(text.encode()) > _POLICY_BYTES:
        # https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html
        raise AwsError("LimitExceededException", "A key policy can have at most 32,768 bytes.")
    try:
        found = statements(text, required=("Principal",))
    except ValueError as error:
        raise AwsError("MalformedPolicyDocumentException", str(error)) from None
    if any(has_unknown_principals(statement) for statement in found):
        message = "Policy contains a statement with one or more invalid principals."
        raise AwsError("MalformedPolicyDocumentException", message)
    action = ("kms:PutKeyPolicy", get_account_id())
    if not request.get("BypassPolicyLockoutSafetyCheck") and (
        not lets_in(found, *action) or locks_out(found, *action)
    ):
        message = "The new key policy will not allow you to update the key policy in the future."
        raise AwsError("MalformedPolicyDocumentException", message)


def _alias_is_not_reserved(request: Request) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html."""
    if request["AliasName"].startswith("alias/aws/"):
        message = "Aliases that start with alias/aws/ are reserved for AWS managed keys."
        raise AwsError("InvalidAliasNameException", message)


def _tags_are_allowed(request: Request) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_TagResource.html."""
    key: dict[str, Any] = kms._resolve_key(request.get("KeyId")) or {}
    of_the_key = [] if "ReplicaRegion" in request else key.get("Tags", [])
    problem = problem_with_tags(
        [(tag["TagKey"], tag["TagValue"]) for tag in request.get("Tags", [])],
        existing=[tag["TagKey"] for tag in of_the_key],
    )
    if problem:
        raise AwsError("TagException", problem)


_CHANGE: tuple[Check, ...] = (_key_is_not_pending_deletion,)

SERVICE = Service(
    name="kms",
    module=kms,
    checks={
        "CancelKeyDeletion": (_key_is_pending_deletion,),
        "CreateAlias": (_alias_is_not_reserved, *_CHANGE),
        "CreateKey": (_policy_is_a_key_policy, _tags_are_allowed),
        "DisableKey": _CHANGE,
        "DisableKeyRotation": (*_CHANGE, _key_is_enabled, _key_is_no_replica),
        "EnableKey": _CHANGE,
        "EnableKeyRotation": (*_CHANGE, _key_is_enabled, _key_is_no_replica),
        "PutKeyPolicy": (_policy_is_a_key_policy,),
        "ReplicateKey": (_region_has_no_replica, _policy_is_a_key_policy, _tags_are_allowed),
        "ScheduleKeyDeletion": _CHANGE,
        "TagResource": (*_CHANGE, _tags_are_allowed),
        "UntagResource": _CHANGE,
        "UpdateAlias": (_alias_is_not_reserved, *_CHANGE),
        "UpdateKeyDescription": _CHANGE,
    },
)
