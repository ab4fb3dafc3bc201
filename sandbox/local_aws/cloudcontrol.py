"""AWS Cloud Control API: creating, updating and deleting MediaTailor source locations."""
# ruff: noqa: SLF001  (MiniStack has no public API for this)

import copy
import json
from typing import Any, Literal, TypeAlias

from ministack.core.responses import (  # type: ignore[import-untyped]
    get_account_id,
    get_region,
)
from ministack.services import cloudcontrol, secretsmanager  # type: ignore[import-untyped]

from sandbox.local_aws.cloudformation import SCHEMAS
from sandbox.local_aws.kms import problem_with_key
from sandbox.local_aws.service import Answer, AwsError, Request, Service, json_answer
from sandbox.local_aws.tags import problem_with_tags

Properties: TypeAlias = dict[str, Any]


def _type_exists(request: Request) -> None:
    """https://docs.aws.amazon.com/cloudcontrolapi/latest/APIReference/API_CreateResource.html."""
    if request["TypeName"] not in SCHEMAS:
        message = f"The type '{request['TypeName']}' cannot be found."
        raise AwsError("TypeNotFoundException", message)


def _create(request: Request) -> Answer:
    """Create a resource; failures of its handler are reported as the request's progress.

    https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/resource-operations-create.html
    """
    properties = _parsed(request["DesiredState"])
    if not isinstance(properties, dict):
        raise AwsError("InvalidRequestException", "The desired state is not an object.")
    _check_schema(request["TypeName"], properties)
    name = properties["SourceLocationName"]
    if _stored(request, name):
        return _failed("CREATE", request, name, "AlreadyExists", "already exists")
    if problem := problem_with_source_location(properties):
        return _failed("CREATE", request, name, "InvalidRequest", problem)
    return _stored_as("CREATE", request, name, properties)


def _update(request: Request) -> Answer:
    """Patch a resource.

    https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/resource-operations-update.html
    """
    name = request["Identifier"]
    properties = _stored(request, name)
    if properties is None:
        return _failed("UPDATE", request, name, "NotFound", "was not found")
    patched = _patched(properties, _parsed(request["PatchDocument"]))
    _check_schema(request["TypeName"], patched)
    if patched["SourceLocationName"] != name:
        message = "Invalid patch update: createOnlyProperties [/properties/SourceLocationName]"
        raise AwsError("NotUpdatableException", f"{message} cannot be updated")
    if problem := problem_with_source_location(patched):
        return _failed("UPDATE", request, name, "InvalidRequest", problem)
    return _stored_as("UPDATE", request, name, patched)


def _delete(request: Request) -> Answer:
    """Delete a resource.

    https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/resource-operations-delete.html
    """
    name = request["Identifier"]
    if _stored(request, name) is None:
        return _failed("DELETE", request, name, "NotFound", "was not found")
    answer: Answer = cloudcontrol._delete_resource(request)
    return answer


def _check_schema(type_name: str, properties: Properties) -> None:
    """https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/resource-types.html."""
    import jsonschema  # noqa: PLC0415  (slow to import, and many stacks have no source location)

    try:
        jsonschema.validate(properties, json.loads(SCHEMAS[type_name]))
    except jsonschema.ValidationError as error:
        path = "/".join(["#", *map(str, error.absolute_path)])
        message = f"Model validation failed ({path}: {error.message})"
        raise AwsError("ValidationException", message) from None


def problem_with_source_location(properties: Properties) -> str | None:
    """Return why MediaTailor would reject a source location, or None.

    MediaTailor reads which key encrypts the secret, and creates a grant for that key:
    https://docs.aws.amazon.com/mediatailor/latest/ug/channel-assembly-access-configuration-overview.html
    The rules for tags: https://docs.aws.amazon.com/mediatailor/latest/ug/tagging.html
    """
    tags = [(tag["Key"], tag["Value"]) for tag in properties.get("Tags", [])]
    if problem := problem_with_tags(tags):
        return problem
    access = properties.get("AccessConfiguration", {})
    arn = access.get("SecretsManagerAccessTokenConfiguration", {}).get("SecretArn")
    if arn is None:
        return None
    secret = secretsmanager._resolve(arn)[1]
    if secret is None or secret["DeletedDate"]:
        return f"The secret {arn} does not exist in {get_region()}, or is marked for deletion."
    if not secret.get("KmsKeyId"):
        return f"The secret {arn} is not encrypted with a customer managed key."
    return problem_with_key(secret["KmsKeyId"], get_region())


def _parsed(text: str) -> Any:  # noqa: ANN401  (any JSON value)
    try:
        return json.loads(text)
    except ValueError:
        raise AwsError("InvalidRequestException", "The document is not valid JSON.") from None


def _stored(request: Request, name: str) -> Properties | None:
    record = cloudcontrol._resources.get(key_of(request["TypeName"], name))
    return json.loads(record["Properties"]) if record else None


def key_of(type_name: str, name: str) -> str:
    """Return the key under which MiniStack stores a resource."""
    return str(cloudcontrol._resource_key(type_name, name))


def store(type_name: str, name: str, properties: Properties) -> str:
    """Store a source location with its ARN, and return its properties as JSON."""
    arn = f"arn:aws:mediatailor:{get_region()}:{get_account_id()}:sourceLocation/{name}"
    text = json.dumps({**properties, "Arn": arn})
    cloudcontrol._resources[key_of(type_name, name)] = {
        "TypeName": type_name,
        "Identifier": name,
        "Properties": text,
    }
    return text


def _stored_as(
    operation: Literal["CREATE", "UPDATE"], request: Request, name: str, properties: Properties
) -> Answer:
    text = store(request["TypeName"], name, properties)
    return _event(operation, "SUCCESS", request, name, resource_model=text)


def _failed(operation: str, request: Request, name: str, code: str, message: str) -> Answer:
    """Return the progress of a failed operation.

    https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-test-contract-errors.html
    """
    if code != "InvalidRequest":
        message = f"Resource of type '{request['TypeName']}' with identifier '{name}' {message}."
    return _event(operation, "FAILED", request, name, status_message=message, error_code=code)


def _event(operation: str, status: str, request: Request, name: str, **details: str) -> Answer:
    event = cloudcontrol._record_request(
        cloudcontrol._progress_event(operation, status, request["TypeName"], name, **details)
    )
    return json_answer({"ProgressEvent": event})


def _patched(properties: Properties, patch: list[dict[str, Any]]) -> Properties:
    """Apply the `add`, `remove` and `replace` operations of a JSON Patch.

    https://datatracker.ietf.org/doc/html/rfc6902
    """
    document = {"": copy.deepcopy(properties)}
    try:
        for step in patch:
            # https://datatracker.ietf.org/doc/html/rfc6901
            *parents, last = (
                part.replace("~1", "/").replace("~0", "~") for part in step["path"].split("/")
            )
            node: Any = document
            for parent in parents:
                node = node[_index(node, parent)]
            index = _index(node, last)
            if step["op"] != "add":
                del node[index]
            if step["op"] != "remove" and isinstance(node, list):
                node.insert(index, step["value"])
            elif step["op"] != "remove":
                node[index] = step["value"]
    except (IndexError, KeyError, TypeError, ValueError):
        raise AwsError("ValidationException", "Invalid patch update: no such path") from None
    return document[""]


def _index(node: object, part: str) -> Any:  # noqa: ANN401  (of a list or an object)
    if not isinstance(node, list):
        return part
    return len(node) if part == "-" else int(part)


SERVICE = Service(
    name="cloudcontrol",
    module=cloudcontrol,
    checks={
        "CreateResource": (_type_exists,),
        "DeleteResource": (_type_exists,),
        "GetResource": (_type_exists,),
        "UpdateResource": (_type_exists,),
    },
    operations={
        "CreateResource": _create,
        "DeleteResource": _delete,
        "UpdateResource": _update,
    },
)
