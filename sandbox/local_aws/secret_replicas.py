"""AWS Secrets Manager: creating secrets with replicas, synchronizing and removing replicas."""
# ruff: noqa: SLF001  (MiniStack has no public API for this)

import json
from http import HTTPStatus
from typing import Any

from ministack.core.responses import (  # type: ignore[import-untyped]
    get_account_id,
    get_region,
)
from ministack.services import secretsmanager  # type: ignore[import-untyped]

from sandbox.local_aws.kms import problem_with_key
from sandbox.local_aws.service import Answer, AwsError, Request, json_answer

Secret = dict[str, Any]


def fill_gaps() -> None:
    """Patch MiniStack's module of the service; call it once, before serving."""
    synchronize = secretsmanager._sync_replicas

    def synchronize_those_that_can_be(secret: Secret) -> None:
        synchronize({**secret, "ReplicationStatus": _with_new_status(secret)})

    secretsmanager._sync_replicas = synchronize_those_that_can_be
    # It would load MiniStack's EventBridge, and nothing here uses the events.
    secretsmanager._emit_secret_label_updated = lambda *_: None


def create_secret(request: Request) -> Answer:
    """Create a secret with its replicas; one without a value gets no version.

    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
    """
    answer = _of(secretsmanager._create_secret(request))
    if answer[0] >= HTTPStatus.BAD_REQUEST:
        return answer
    created = json.loads(answer[2])
    secret = secretsmanager._secrets[created["Name"]]
    if not {"SecretString", "SecretBinary"} & set(request):
        secret["Versions"].clear()
        del created["VersionId"]
    if "AddReplicaRegions" in request:
        replicated = replicate({**request, "SecretId": created["ARN"]})
        if replicated[0] >= HTTPStatus.BAD_REQUEST:
            del secretsmanager._secrets[created["Name"]]
            return replicated
        created["ReplicationStatus"] = secret["ReplicationStatus"]
    return json_answer(created)


def replicate(request: Request) -> Answer:
    """Replicate a secret to each Region where that is possible, and mark the others as failed.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/replicate-secrets_troubleshoot.html
    """
    secret = _secret_of(request)
    force = bool(request.get("ForceOverwriteReplicaSecret"))
    wanted = request["AddReplicaRegions"]
    failed = [
        {**replica, "Status": "Failed", "StatusMessage": problem}
        for replica in wanted
        if (problem := _problem(secret, replica, force=force))
    ]
    regions = [status["Region"] for status in failed]
    possible = [replica for replica in wanted if replica["Region"] not in regions]
    answer = _of(
        secretsmanager._replicate_secret_to_regions({**request, "AddReplicaRegions": possible})
    )
    if answer[0] >= HTTPStatus.BAD_REQUEST:
        return answer
    others = [status for status in secret["ReplicationStatus"] if status["Region"] not in regions]
    secret["ReplicationStatus"] = [*others, *failed]
    return json_answer({"ARN": secret["ARN"], "ReplicationStatus": secret["ReplicationStatus"]})


def remove_regions(request: Request) -> Answer:
    """Delete a secret's replicas in some Regions.

    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RemoveRegionsFromReplication.html
    """
    secret = _secret_of(request)
    regions = request["RemoveReplicaRegions"]
    removed = [status for status in secret["ReplicationStatus"] if status["Region"] in regions]
    kept = [status for status in secret["ReplicationStatus"] if status["Region"] not in regions]
    secretsmanager._delete_replicas({**secret, "ReplicationStatus": removed})
    secret["ReplicationStatus"] = kept
    return json_answer({"ARN": secret["ARN"], "ReplicationStatus": kept})


def _with_new_status(secret: Secret) -> list[dict[str, Any]]:
    """Update the status of all replicas, and return those that can be synchronized."""
    possible = []
    for status in secret["ReplicationStatus"]:
        problem = _problem(secret, status)
        status["Status"] = "Failed" if problem else "InSync"
        status["StatusMessage"] = problem or "Replication succeeded"
        if not problem:
            possible.append(status)
    return possible


def _problem(secret: Secret, replica: Request, *, force: bool = False) -> str | None:
    region = replica["Region"]
    there = secretsmanager._secrets.get_scoped(get_account_id(), region, secret["Name"])
    is_ours = there and there["ARN"] == secretsmanager._secret_arn_for_region(secret, region)
    if there and not is_ours and not force and region != get_region():
        return "Secret with this name already exists in this region"
    if is_ours and there["Versions"] == secret["Versions"]:
        return None  # nothing to encrypt
    return problem_with_key(secret.get("KmsKeyId"), get_region()) or problem_with_key(
        replica.get("KmsKeyId"), region
    )


def _secret_of(request: Request) -> Secret:
    secret: Secret | None = secretsmanager._resolve(request["SecretId"])[1]
    if secret is None:
        message = "Secrets Manager can't find the specified secret."
        raise AwsError("ResourceNotFoundException", message)
    return secret


def _of(answer: Any) -> Answer:  # noqa: ANN401  (MiniStack has no types)
    status, headers, body = answer
    return status, headers, body
