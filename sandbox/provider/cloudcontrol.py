"""AWS Cloud Control API: resources of types that CloudFormation knows."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Final

from typing_extensions import override

from .errors import Refused
from .resource import Change, Property, Resource, is_json, matching
from .values import UNKNOWN, Values, has_unknown

if TYPE_CHECKING:
    from mypy_boto3_cloudcontrol.type_defs import ProgressEventTypeDef

    from .aws import Aws, Region

_TYPES: Final = frozenset({"AWS::MediaTailor::SourceLocation"})


def _is_known_type(name: str, value: str) -> Iterator[str]:
    if value not in _TYPES:
        yield (
            f"the rehearsal's stand-in for pulumi-aws does not know the {name} {value}."
            f" It knows {', '.join(sorted(_TYPES))}"
        )


class CloudControlResource(Resource):
    """A resource of any type that CloudFormation knows; its ID is its primary identifier."""

    token = "aws:cloudcontrol/resource:Resource"  # noqa: S105  (a type token)
    noun = "Cloud Control API Resource"
    gone: ClassVar = {"ResourceNotFoundException": ""}
    properties: ClassVar = {
        "desiredState": Property(required=True, rules=(is_json,), recovered=False),
        "roleArn": Property(recovered=False),
        "schema": Property(computed=True, secret=True, recovered=False),
        "typeName": Property(
            required=True,
            replaces=True,
            recovered=False,
            rules=(
                matching(
                    r"[A-Za-z0-9]{2,64}::[A-Za-z0-9]{2,64}::[A-Za-z0-9]{2,64}",
                    "{name} must be three alphanumeric sections separated by double colons (::)",
                ),
                _is_known_type,
            ),
        ),
        "typeVersionId": Property(recovered=False),
    }
    computed = frozenset({"properties"})

    @override
    def identity(self, inputs: Values) -> str:
        return str(inputs["typeName"])

    @override
    def changes_by_rule(self, state: Values, inputs: Values) -> Iterator[Change]:
        for change in super().changes_by_rule(state, inputs):
            if change.property == "desiredState" and not has_unknown(change.new):
                steps = _patch(state["desiredState"], inputs["desiredState"])
                fixed = json.loads(state["schema"]).get("createOnlyProperties", [])
                replaces = any(_property(step["path"]) in fixed for step in steps)
                yield from self._change("desiredState", change.old, change.new, replaces=replaces)
            else:
                yield change

    @override
    def planned(self, aws: "Aws", inputs: Values, state: Values | None = None) -> Values:
        """Plan as any resource, after a look at what CloudFormation says of the type.

        Raises:
            Refused: the desired state is not what the type's schema demands.

        """
        outputs = super().planned(aws, inputs, state)
        type_name, wanted = inputs["typeName"], inputs["desiredState"]
        if outputs.get("schema", UNKNOWN) == UNKNOWN and type_name != UNKNOWN:
            region = aws.in_region(self.effective(aws, inputs)["region"])
            outputs["schema"] = _schema(region, type_name)
        if UNKNOWN not in {wanted, type_name}:
            _validate(wanted, json.loads(outputs["schema"]))
        if state and wanted != state.get("desiredState"):
            outputs["properties"] = UNKNOWN
        return outputs

    @override
    def create(self, region: "Region", inputs: Values) -> str:
        progress = region.cloudcontrol.create_resource(
            TypeName=inputs["typeName"], DesiredState=inputs["desiredState"], **_options(inputs)
        )["ProgressEvent"]
        return _done(region, progress)["Identifier"]

    @override
    def read(self, region: "Region", resource_id: str, state: Values) -> Values | None:
        if not state:
            raise Refused(f"{self.token} cannot be imported: an ID does not tell the type")
        answer = region.cloudcontrol.get_resource(
            TypeName=state["typeName"], Identifier=resource_id, **_options(state)
        )
        return {"properties": answer["ResourceDescription"]["Properties"]}

    @override
    def update(
        self,
        region: "Region",
        resource_id: str,
        old: Values,
        new: Values,
        changed: frozenset[str],
    ) -> None:
        if "desiredState" in changed:
            progress = region.cloudcontrol.update_resource(
                TypeName=new["typeName"],
                Identifier=resource_id,
                PatchDocument=json.dumps(_patch(old["desiredState"], new["desiredState"])),
                **_options(new),
            )["ProgressEvent"]
            _done(region, progress)

    @override
    def delete(self, region: "Region", resource_id: str, state: Values) -> None:
        progress = region.cloudcontrol.delete_resource(
            TypeName=state["typeName"], Identifier=resource_id, **_options(state)
        )["ProgressEvent"]
        _done(region, progress, accepted="NotFound")


def _options(values: Values) -> dict[str, Any]:
    names = {"RoleArn": "roleArn", "TypeVersionId": "typeVersionId"}
    return {parameter: values[name] for parameter, name in names.items() if values.get(name)}


def _done(
    region: "Region", progress: "ProgressEventTypeDef", *, accepted: str | None = None
) -> "ProgressEventTypeDef":
    """Ask how a request ended; the local AWS ends each before it answers."""
    end = region.cloudcontrol.get_resource_request_status(RequestToken=progress["RequestToken"])
    event = end["ProgressEvent"]
    if event["OperationStatus"] != "SUCCESS" and (
        not accepted or event.get("ErrorCode") != accepted
    ):
        raise Refused(
            f"{event.get('ErrorCode', event['OperationStatus'])}: {event.get('StatusMessage', '')}"
        )
    return event


def _schema(region: "Region", type_name: str) -> str:
    return region.cloudformation.describe_type(Type="RESOURCE", TypeName=type_name)["Schema"]


def _validate(desired_state: str, schema: Values) -> None:
    import jsonschema  # noqa: PLC0415  (slow to import, and seldom needed)

    try:
        jsonschema.validate(json.loads(desired_state), schema)
    except jsonschema.ValidationError as error:
        raise Refused(f"desired_state: {error.json_path}: {error.message}") from None


def _property(path: str) -> str:
    """Return the schema's name of the property that a patch changes at `path`."""
    return "/properties/" + "/properties/".join(path.removeprefix("/").split("/"))


def _patch(old: str, new: str) -> list[Values]:
    """Return the JSON Patch from one document to another; it replaces a list as a whole.

    https://datatracker.ietf.org/doc/html/rfc6902
    """
    return list(_steps("", json.loads(old), json.loads(new)))


def _steps(path: str, old: Values, new: Values) -> Iterator[Values]:
    for name in sorted(set(old) | set(new)):
        place = f"{path}/{name.replace('~', '~0').replace('/', '~1')}"
        if name not in new:
            yield {"op": "remove", "path": place}
        elif name not in old:
            yield {"op": "add", "path": place, "value": new[name]}
        elif isinstance(old[name], dict) and isinstance(new[name], dict):
            yield from _steps(place, old[name], new[name])
        elif old[name] != new[name]:
            yield {"op": "replace", "path": place, "value": new[name]}
