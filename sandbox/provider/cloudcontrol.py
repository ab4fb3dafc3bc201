"""AWS Cloud Control API: MediaTailor source locations, for which pulumi-aws has no resource type.

It follows internal/service/cloudcontrol/resource.go of github.com/hashicorp/terraform-provider-aws.
The type's schema is read from CloudFormation, and desired states are validated against it, also in
a preview.
"""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Final

from typing_extensions import override

from sandbox.provider.errors import STAND_IN, ProviderError, has_code
from sandbox.provider.json_patch import create_patch
from sandbox.provider.properties import Property, is_json
from sandbox.provider.resource import Resource
from sandbox.provider.values import UNKNOWN, Values

if TYPE_CHECKING:
    from mypy_boto3_cloudcontrol.type_defs import ProgressEventTypeDef

    from sandbox.provider.aws import Aws, Region

_TYPES: Final = frozenset({"AWS::MediaTailor::SourceLocation"})


def _is_known_type(name: str, value: str) -> Iterator[str]:
    if value not in _TYPES:
        yield f"{STAND_IN} does not know the {name} {value}. It knows {', '.join(sorted(_TYPES))}"


class CloudControlResource(Resource):
    """A resource of a type that CloudFormation knows; its ID is its primary identifier."""

    token = "aws:cloudcontrol/resource:Resource"
    noun = "Cloud Control API Resource"
    gone: ClassVar = {}
    properties: ClassVar = {
        "desiredState": Property(required=True, rules=(is_json,), recovered=False),
        "schema": Property(computed=True, secret=True, recovered=False, settable=False),
        "typeName": Property(
            required=True, replaces=True, recovered=False, rules=(_is_known_type,)
        ),
    }
    computed = frozenset({"properties"})

    @override
    def identity(self, inputs: Values) -> str:
        return str(inputs["typeName"])

    @override
    def replaces(self, name: str, state: Values, wanted: Values) -> bool:
        if name != "desiredState" or wanted[name] == UNKNOWN:
            return super().replaces(name, state, wanted)
        fixed = json.loads(state["schema"]).get("createOnlyProperties", [])
        patch = create_patch(state["desiredState"], wanted["desiredState"])
        return any(_property(operation["path"]) in fixed for operation in patch)

    @override
    def complete_plan(self, aws: "Aws", plan: Values, state: Values) -> None:
        """Add the schema of the type, and validate the desired state against it.

        Raises:
            ProviderError: the desired state does not match the schema.

        """
        type_name, desired = plan["typeName"], plan["desiredState"]
        if plan.get("schema", UNKNOWN) == UNKNOWN and type_name != UNKNOWN:
            plan["schema"] = _schema(aws.in_region(plan["region"]), type_name)
        if UNKNOWN not in {desired, type_name}:
            _validate(desired, json.loads(plan["schema"]))
        if state and desired != state.get("desiredState"):
            plan["properties"] = UNKNOWN

    @override
    def create(self, region: "Region", inputs: Values) -> Iterator[str]:
        event = region.cloudcontrol.create_resource(
            TypeName=inputs["typeName"], DesiredState=inputs["desiredState"]
        )["ProgressEvent"]
        # If the user chose the name, AWS returns it before the resource exists. Upstream keeps it in
        # the state even if the creation fails, for example because the name is taken.
        # https://docs.aws.amazon.com/cli/latest/userguide/cli_cloudcontrol_code_examples.html
        if "Identifier" in event:
            yield event["Identifier"]
        yield _finished(region, event)["Identifier"]

    @override
    def read(self, region: "Region", resource_id: str, state: Values) -> Values | None:
        if not state:
            raise ProviderError(
                f"{self.token} cannot be imported: its ID does not include its type"
            )
        try:
            answer = region.cloudcontrol.get_resource(
                TypeName=state["typeName"], Identifier=resource_id
            )
        except Exception as error:
            # Upstream also checks the text: not every type returns the right code.
            if has_code(error, "ResourceNotFoundException") or "not found" in str(error):
                return None
            raise
        return {"properties": answer["ResourceDescription"]["Properties"]}

    @override
    def update(
        self, region: "Region", resource_id: str, old: Values, new: Values, changed: frozenset[str]
    ) -> None:
        if "desiredState" in changed:
            patch = create_patch(old["desiredState"], new["desiredState"])
            event = region.cloudcontrol.update_resource(
                TypeName=new["typeName"], Identifier=resource_id, PatchDocument=json.dumps(patch)
            )["ProgressEvent"]
            _finished(region, event)

    @override
    def delete(self, region: "Region", resource_id: str, state: Values) -> None:
        event = region.cloudcontrol.delete_resource(
            TypeName=state["typeName"], Identifier=resource_id
        )["ProgressEvent"]
        _finished(region, event, accepted="NotFound")


def _finished(
    region: "Region", event: "ProgressEventTypeDef", *, accepted: str | None = None
) -> "ProgressEventTypeDef":
    """Return the final status of a request; the local AWS completes requests before it responds.

    Raises:
        ProviderError: the request failed with an error code other than `accepted`.

    """
    end = region.cloudcontrol.get_resource_request_status(RequestToken=event["RequestToken"])
    event = end["ProgressEvent"]
    if event["OperationStatus"] != "SUCCESS" and event.get("ErrorCode") != (accepted or ""):
        code = event.get("ErrorCode", event["OperationStatus"])
        raise ProviderError(f"{code}: {event.get('StatusMessage', '')}")
    return event


def _schema(region: "Region", type_name: str) -> str:
    return region.cloudformation.describe_type(Type="RESOURCE", TypeName=type_name)["Schema"]


def _validate(desired_state: str, schema: Values) -> None:
    import jsonschema  # noqa: PLC0415  (slow to import, and rarely needed)

    try:
        jsonschema.validate(json.loads(desired_state), schema)
    except jsonschema.ValidationError as error:
        raise ProviderError(f"desired_state: {error.json_path}: {error.message}") from None


def _property(path: str) -> str:
    """Return the schema's name for the property that a patch changes at `path`."""
    return "/properties/" + "/properties/".join(path.removeprefix("/").split("/"))
