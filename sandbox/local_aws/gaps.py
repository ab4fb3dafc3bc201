"""What AWS does with secrets and source locations, and MiniStack does not: added to MiniStack.

Each function obeys the AWS page that it links to. One that MiniStack learns can go.
"""
# ruff: noqa: SLF001  MiniStack has no other door.

import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any, TypeAlias

from ministack.core.responses import (  # type: ignore[import-untyped]
    error_response_json,
    get_account_id,
    get_region,
    json_response,
)
from ministack.services import (  # type: ignore[import-untyped]
    cloudcontrol,
    secretsmanager,
)

Answer: TypeAlias = tuple[int, dict[str, str], bytes]
Handler: TypeAlias = Callable[[str, str, dict[str, str], bytes, dict[str, Any]], Awaitable[Answer]]


def fill_gaps() -> None:
    """Let the MiniStack of this process do what it lacks; call it once, before it serves."""
    secretsmanager.handle_request = _with_replication(secretsmanager.handle_request)
    cloudcontrol._extract_identifier = _with_source_locations(cloudcontrol._extract_identifier)


def _with_replication(original: Handler) -> Handler:
    async def handle_request(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> Answer:
        request = json.loads(body or b"{}")
        match headers.get("x-amz-target", "").rpartition(".")[2]:
            case "RemoveRegionsFromReplication":
                return _remove_regions(request)
            case "DeleteSecret":
                refusal = _refuse_to_delete_a_primary(request)
                return refusal or await original(method, path, headers, body, query)
            case "CreateSecret":
                refusal = _refuse_a_name_that_waits_for_its_deletion(request)
                answer = refusal or await original(method, path, headers, body, query)
                return (
                    answer
                    if answer[0] >= HTTPStatus.BAD_REQUEST
                    else _complete_a_new_secret(request, answer)
                )
        return await original(method, path, headers, body, query)

    return handle_request


def _remove_regions(request: dict[str, Any]) -> Answer:
    """Delete a secret's replicas in some regions.

    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RemoveRegionsFromReplication.html
    """
    _, secret = secretsmanager._resolve(request.get("SecretId"))
    if secret is None:
        return _error(
            "ResourceNotFoundException", "Secrets Manager can't find the specified secret."
        )
    if secretsmanager._is_replica(secret):
        return _of(secretsmanager._replica_mutation_error())
    gone = request["RemoveReplicaRegions"]
    going = [status for status in secret["ReplicationStatus"] if status["Region"] in gone]
    staying = [status for status in secret["ReplicationStatus"] if status["Region"] not in gone]
    secretsmanager._delete_replicas({**secret, "ReplicationStatus": going})
    secret["ReplicationStatus"] = staying
    return _of(json_response({"ARN": secret["ARN"], "ReplicationStatus": staying}))


def _refuse_to_delete_a_primary(request: dict[str, Any]) -> Answer | None:
    """Refuse to delete a secret that has replicas.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html
    """
    _, secret = secretsmanager._resolve(request.get("SecretId"))
    if secret is None or not secret["ReplicationStatus"]:
        return None
    regions = ", ".join(status["Region"] for status in secret["ReplicationStatus"])
    return _error(
        "InvalidRequestException",
        f"You can't delete secret {secret['Name']} that still has replica regions [{regions}].",
    )


def _refuse_a_name_that_waits_for_its_deletion(request: dict[str, Any]) -> Answer | None:
    """Refuse to make a secret whose name is not free yet.

    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
    """
    secret = secretsmanager._secrets.get(request.get("Name"))
    if secret is None or not secret["DeletedDate"]:
        return None
    return _error(
        "InvalidRequestException",
        "You can't create this secret because a secret with this name is already scheduled for"
        " deletion.",
    )


def _complete_a_new_secret(request: dict[str, Any], answer: Answer) -> Answer:
    """Replicate it as asked, and take away the version that it only has if it has a value.

    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
    """
    told = json.loads(answer[2])
    secret = secretsmanager._secrets[told["Name"]]
    if not {"SecretString", "SecretBinary"} & set(request):
        secret["Versions"].clear()
        told.pop("VersionId", None)
    if "AddReplicaRegions" in request:
        replicated = _of(
            secretsmanager._replicate_secret_to_regions({**request, "SecretId": told["ARN"]})
        )
        if replicated[0] >= HTTPStatus.BAD_REQUEST:
            del secretsmanager._secrets[told["Name"]]
            return replicated
        told["ReplicationStatus"] = secret["ReplicationStatus"]
    return _of(json_response(told))


def _with_source_locations(original: Callable[[dict[str, Any]], str]) -> Callable[..., str]:
    """Identify a source location by its name, and give it an ARN.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-mediatailor-sourcelocation.html
    """

    def identifier(properties: dict[str, Any]) -> str:
        name = properties.get("SourceLocationName")
        if name is None:
            return original(properties)
        # MiniStack keeps the properties after it has asked for the identifier.
        properties["Arn"] = (
            f"arn:aws:mediatailor:{get_region()}:{get_account_id()}:sourceLocation/{name}"
        )
        return str(name)

    return identifier


def _error(code: str, message: str) -> Answer:
    return _of(error_response_json(code, message))


def _of(answer: Any) -> Answer:  # noqa: ANN401  (MiniStack is not typed)
    status, headers, body = answer
    return status, headers, body
