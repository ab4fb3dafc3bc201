"""MediaTailor's source locations, which MiniStack supports only through Cloud Control.

Both APIs show the same source locations. As in AWS, creating or updating one creates MediaTailor's grant for the key of the
secret, and deleting one retires the grant. Requests and responses are validated with botocore's model of the service.
"""
# ruff: noqa: SLF001  (MiniStack has no public API for this)

import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import unquote

from botocore.model import OperationModel
from botocore.validate import validate_parameters
from ministack import app as ministack  # type: ignore[import-untyped]
from ministack.core import responses, router  # type: ignore[import-untyped]
from ministack.services import cloudcontrol, kms, secretsmanager  # type: ignore[import-untyped]

from sandbox.local_aws import cloudcontrol as resources
from sandbox.local_aws.service import Answer, Handler, Request, json_answer, json_error

_TYPE: Final = "AWS::MediaTailor::SourceLocation"
_OPERATIONS: Final = (
    "CreateSourceLocation",
    "DeleteSourceLocation",
    "DescribeSourceLocation",
    "ListSourceLocations",
    "UpdateSourceLocation",
)
_SETTINGS: Final = (
    "AccessConfiguration",
    "DefaultSegmentDeliveryConfiguration",
    "HttpConfiguration",
    "SegmentDeliveryConfigurations",
)
_PAGE: Final = 100


def fill_gaps() -> None:
    """Make MiniStack in this process serve MediaTailor; call it once, before serving."""
    # Without a pattern, MiniStack loads the models of all services to find the name.
    router.SERVICE_PATTERNS["mediatailor"] = {}
    ministack.SERVICE_HANDLERS["mediatailor"] = _handle_request
    cloudcontrol.handle_request = _with_grants(cloudcontrol.handle_request)


async def _handle_request(
    method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
) -> Answer:
    """Serve the operations on source locations.

    https://docs.aws.amazon.com/mediatailor/latest/apireference/API_Operations.html
    """
    del headers
    for name in _OPERATIONS:
        operation = responses._service_model("mediatailor").operation_model(name)
        uri = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", operation.http["requestUri"])
        match = re.fullmatch(uri, path)
        if match and operation.http["method"] == method:
            # Some members have other names in HTTP messages: `tags` for `Tags`.
            members = operation.input_shape.members
            member = {shape.serialization.get("name", n): n for n, shape in members.items()}
            request = {
                **{member[n]: v for n, v in json.loads(body or b"{}").items()},
                **{member[n]: v[0] if isinstance(v, list) else v for n, v in query.items()},
                **{n: unquote(value) for n, value in match.groupdict().items()},
            }
            if "MaxResults" in request:
                request["MaxResults"] = int(request["MaxResults"])
            validate_parameters(request, operation.input_shape)
            return _answer(operation, request)
    return json_error("BadRequestException", "The local AWS only supports source locations.", 400)


def _answer(operation: OperationModel, request: Request) -> Answer:
    if operation.name == "ListSourceLocations":
        return _checked(operation, _page(request))
    name = request["SourceLocationName"]
    exists = resources.key_of(_TYPE, name) in cloudcontrol._resources
    if operation.name == "CreateSourceLocation" and exists:
        return json_error("BadRequestException", f"Source location {name} already exists.", 400)
    if operation.name != "CreateSourceLocation" and not exists:
        return json_error("NotFoundException", f"Source location {name} not found.", 404)
    if operation.name in {"CreateSourceLocation", "UpdateSourceLocation"}:
        # An update replaces all settings: those not in the request are removed.
        tags = _properties(name)["Tags"] if exists else _tag_list(request.get("Tags", {}))
        settings = {setting: request[setting] for setting in _SETTINGS if request.get(setting)}
        properties = {"SourceLocationName": name, "Tags": tags, **settings}
        if problem := resources.problem_with_source_location(properties):
            return json_error("BadRequestException", problem, 400)
        resources.store(_TYPE, name, properties)
        _grant(name)
    if operation.name == "DeleteSourceLocation":
        del cloudcontrol._resources[resources.key_of(_TYPE, name)]
        _retire_grants(name)
        return json_answer({})
    return _checked(operation, _described(name))


def _checked(operation: OperationModel, answer: Mapping[str, Any]) -> Answer:
    assert operation.output_shape  # noqa: S101  (for the type checker)
    validate_parameters(answer, operation.output_shape)
    return json_answer(_wire_names(answer))


def _wire_names(answer: Mapping[str, Any]) -> dict[str, Any]:
    items = {"Items": [_wire_names(item) for item in answer["Items"]]} if "Items" in answer else {}
    return {{"Tags": "tags"}.get(name, name): value for name, value in answer.items()} | items


def _page(request: Request) -> dict[str, Any]:
    names = sorted(
        record["Identifier"]
        for record in cloudcontrol._resources.values()
        if record["TypeName"] == _TYPE
    )
    start = int(request.get("NextToken", 0))
    end = start + request.get("MaxResults", _PAGE)
    more = {"NextToken": str(end)} if end < len(names) else {}
    return {"Items": [_described(name) for name in names[start:end]]} | more


def _properties(name: str) -> dict[str, Any]:
    record = cloudcontrol._resources[resources.key_of(_TYPE, name)]
    return {"Tags": [], **json.loads(record["Properties"])}


def _described(name: str) -> dict[str, Any]:
    """Return a source location as the API does: as in CloudFormation, but with tags as a map."""
    properties = _properties(name)
    return properties | {"Tags": {tag["Key"]: tag["Value"] for tag in properties["Tags"]}}


def _tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _with_grants(original: Handler) -> Handler:
    async def handle_request(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> Answer:
        answer = await original(method, path, headers, body, query)
        event = json.loads(answer[2]).get("ProgressEvent", {})
        if answer[0] == HTTPStatus.OK and event.get("OperationStatus") == "SUCCESS":
            operation = headers.get("x-amz-target", "").rpartition(".")[2]
            if operation in {"CreateResource", "UpdateResource"}:
                _grant(event["Identifier"])
            if operation == "DeleteResource":
                _retire_grants(event["Identifier"])
        return answer

    return handle_request


def _grant(name: str) -> None:
    """Create MediaTailor's grant for a source location, replacing earlier ones.

    https://docs.aws.amazon.com/mediatailor/latest/ug/channel-assembly-access-configuration-overview.html
    """
    _retire_grants(name)
    access = _properties(name).get("AccessConfiguration") or {}
    arn = (access.get("SecretsManagerAccessTokenConfiguration") or {}).get("SecretArn")
    secret = secretsmanager._resolve(arn)[1]
    if secret:
        kms._create_grant(
            {
                "KeyId": secret["KmsKeyId"],
                "Name": _grant_name(name),
                "GranteePrincipal": "mediatailor.amazonaws.com",
                "Operations": ["Decrypt", "RetireGrant"],
                "Constraints": {"EncryptionContextSubset": {"SecretARN": secret["ARN"]}},
            }
        )


def _retire_grants(name: str) -> None:
    for grant in list(kms._grants.values()):
        if grant["Name"] == _grant_name(name):
            del kms._grants[grant["GrantId"]]


def _grant_name(name: str) -> str:
    return f"MediaTailor-SourceLocation-{responses.get_account_id()}-{name}"
