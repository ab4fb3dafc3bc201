"""The stand-in itself: what the engine asks for, resource by resource."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pulumi.provider.experimental import provider as api

from . import cloudcontrol, iam, kms, secretsmanager
from .aws import Aws, Region, Settings
from .errors import InitializationFailed, Refused, explain
from .functions import FUNCTIONS
from .resource import Change, Resource
from .values import Values, plain, wire

RESOURCES: Final[Mapping[str, Resource]] = {
    resource.token: resource
    for resource in (
        cloudcontrol.CloudControlResource(),
        iam.Role(),
        iam.RolePolicy(),
        kms.Key(),
        kms.ReplicaKey(),
        kms.Alias(),
        secretsmanager.Secret(),
        secretsmanager.SecretVersion(),
        secretsmanager.SecretPolicy(),
    )
}
_STAND_IN = "the rehearsal's stand-in for pulumi-aws"
_KINDS = {
    # (was, is, replaces)
    (False, True, False): api.PropertyDiffKind.ADD,
    (False, True, True): api.PropertyDiffKind.ADD_REPLACE,
    (True, False, False): api.PropertyDiffKind.DELETE,
    (True, False, True): api.PropertyDiffKind.DELETE_REPLACE,
    (True, True, False): api.PropertyDiffKind.UPDATE,
    (True, True, True): api.PropertyDiffKind.UPDATE_REPLACE,
}
_Result = TypeVar("_Result")


class StandIn(api.Provider):
    """Answers the engine as pulumi-aws would, for the resources and functions it knows.

    Raises:
        Refused: from every method, with a message for the user to read as it is.

    """

    def __init__(self) -> None:
        self._aws = Aws(Settings())

    async def check_config(self, request: api.CheckRequest) -> api.CheckResponse:
        """Refuse a setting that is not known here."""
        Settings.of(plain(request.new_inputs))
        return api.CheckResponse(inputs=request.new_inputs)

    async def diff_config(self, request: api.DiffRequest) -> api.DiffResponse:
        """Another region is another provider, with other resources."""
        old, new = plain(request.old_state), plain(request.new_inputs)
        moved = old.get("region") != new.get("region")
        return api.DiffResponse(replaces=["region"] if moved else [])

    async def configure(self, request: api.ConfigureRequest) -> api.ConfigureResponse:
        """Take the settings; secrets are left to the engine to mark, as pulumi-aws leaves them."""
        self._aws = Aws(
            Settings.of(
                {
                    name.removeprefix("aws:config:"): value
                    for name, value in request.variables.items()
                }
            )
        )
        return api.ConfigureResponse(supports_preview=True)

    async def invoke(self, request: api.InvokeRequest) -> api.InvokeResponse:
        """Call a function."""
        function = FUNCTIONS.get(request.tok)
        if function is None:
            raise Refused(
                f"{_STAND_IN} does not know the function {request.tok}."
                f" It knows {', '.join(sorted(FUNCTIONS))}."
            )
        arguments = plain(request.args)
        if unknown := sorted(set(arguments) - function.arguments):
            raise Refused(
                f'{_STAND_IN} does not know the argument "{unknown[0]}" of {request.tok}.'
            )
        name = request.tok.rpartition(":")[2]
        result = await self._in_thread(f"calling {name}", function.call, self._aws, arguments)
        return api.InvokeResponse(return_value=wire(result, secret=frozenset()))

    async def check(self, request: api.CheckRequest) -> api.CheckResponse:
        """Complete and validate the inputs of a resource."""
        resource = _known(request.type)
        inputs, problems = resource.check(
            self._aws,
            request.name,
            plain(request.new_inputs),
            plain(request.old_inputs),
            request.random_seed,
        )
        return api.CheckResponse(
            inputs=wire(inputs, secret=resource.secret),
            # Without a property: the engine would print its value.
            failures=[api.CheckFailure("", problem) for problem in problems],
        )

    async def diff(self, request: api.DiffRequest) -> api.DiffResponse:
        """Say what an update would change, and whether it takes a new resource."""
        resource = _known(request.type)
        inputs = plain(request.new_inputs)
        changes = [
            change
            for change in resource.changes(self._aws, plain(request.old_state), inputs)
            if change.property not in request.ignore_changes
        ]
        replaces = _names(change for change in changes if change.replaces)
        return api.DiffResponse(
            changes=bool(changes),
            replaces=replaces,
            diffs=_names(changes),
            delete_before_replace=bool(replaces) and resource.delete_before_replace(inputs),
            detailed_diff={
                change.path: api.PropertyDiff(
                    _KINDS[change.old is not None, change.new is not None, change.replaces],
                    input_diff=False,
                )
                for change in changes
            },
        )

    async def create(self, request: api.CreateRequest) -> api.CreateResponse:
        """Make a resource, or in a preview say what it will be."""
        resource, inputs = _known(request.type), plain(request.properties)
        doing = f"creating {resource.noun} ({resource.identity(inputs)})"
        if request.preview:
            outputs = await self._in_thread(doing, resource.planned, self._aws, inputs)
            return api.CreateResponse(None, wire(outputs, secret=resource.secret))
        state = await self._in_thread(doing, resource.planned, self._aws, inputs, {})
        region = self._region(inputs)
        resource_id = await self._in_thread(
            doing, resource.create, region, inputs, secrets=_secrets(resource, inputs)
        )
        made = _Existing(resource, region, resource_id)

        def complete() -> Values | None:
            resource.complete(region, resource_id, inputs)
            return made.read(state)

        outputs = await self._finish("creating", made, complete, state=state)
        return api.CreateResponse(resource_id, wire(outputs, secret=resource.secret))

    async def read(self, request: api.ReadRequest) -> api.ReadResponse:
        """Look a resource up in AWS, for a refresh or, without a state, for an import."""
        resource, state = _known(request.type), plain(request.properties)
        resource_id, region = request.resource_id, self._region(state)
        if not state:
            resource_id, place = resource.place(self._aws, resource_id)
            region = self._aws.in_region(place)
        existing = _Existing(resource, region, resource_id)
        outputs = await self._in_thread(
            existing.doing("reading"), existing.read, state, secrets=_secrets(resource, state)
        )
        if outputs is None:
            return api.ReadResponse()
        if state:
            inputs = resource.inputs_read(plain(request.inputs), state, outputs)
        else:
            inputs = resource.inputs_imported(outputs)
        return api.ReadResponse(
            resource_id,
            wire(outputs, secret=resource.secret),
            wire(inputs, secret=resource.secret),
        )

    async def update(self, request: api.UpdateRequest) -> api.UpdateResponse:
        """Change a resource in place, or in a preview say what it will be."""
        resource = _known(request.type)
        old, new = plain(request.olds), plain(request.news)
        existing = _Existing(resource, self._region(old), request.resource_id)
        state = await self._in_thread(
            existing.doing("updating"), resource.planned, self._aws, new, old
        )
        if request.preview:
            return api.UpdateResponse(wire(state, secret=resource.secret))
        changed = frozenset(_names(resource.changes(self._aws, old, new)))

        def apply() -> Values | None:
            existing.update(old, new, changed)
            return existing.read(state)

        outputs = await self._finish("updating", existing, apply, state=state, before=old)
        return api.UpdateResponse(wire(outputs, secret=resource.secret))

    async def delete(self, request: api.DeleteRequest) -> None:
        """Delete a resource as its state says."""
        resource, state = _known(request.type), plain(request.properties)
        existing = _Existing(resource, self._region(state), request.resource_id)
        await self._in_thread(
            existing.doing("deleting"), existing.delete, state, secrets=_secrets(resource, state)
        )

    def _region(self, values: Values) -> Region:
        return self._aws.in_region(values.get("region", self._aws.region))

    async def _finish(
        self,
        verb: str,
        existing: "_Existing",
        steps: Callable[[], Values | None],
        *,
        state: Values,
        before: Values | None = None,
    ) -> Values:
        """Take the steps of a create or an update after which the resource exists in any case.

        Raises:
            InitializationFailed: a step failed. The state is then what AWS tells, so that the next
                update does what is missing.

        """
        doing, secrets = existing.doing(verb), _secrets(existing.resource, state)
        try:
            outputs = await self._in_thread(doing, steps, secrets=secrets)
        except Refused as error:
            actual = None
            with suppress(Refused):
                actual = await self._in_thread(doing, existing.read, state, secrets=secrets)
            raise InitializationFailed(
                str(error),
                resource_id=existing.id,
                state=wire(actual or before or state, secret=existing.resource.secret),
            ) from None
        if outputs is None:
            raise Refused(
                f"{doing}: it does not exist any more. Run `pulumi refresh` to have the state"
                " follow, then `pulumi up` to make it again."
            )
        return outputs

    async def _in_thread(
        self,
        doing: str,
        call: Callable[..., _Result],
        *arguments: Any,  # noqa: ANN401  (those of the call)
        secrets: tuple[str, ...] = (),
    ) -> _Result:
        """Call what blocks, and turn what AWS says is wrong into a message for people."""
        try:
            return await asyncio.to_thread(call, *arguments)
        except Refused as error:
            raise Refused(f"{doing}: {error}") from None
        except Exception as error:
            explanation = explain(error, secrets=secrets)
            if explanation is None:
                raise
            raise Refused(f"{doing}: {explanation}") from None


@dataclass(frozen=True)
class _Existing:
    """A resource that is in AWS."""

    resource: Resource
    region: Region
    id: str

    def doing(self, verb: str) -> str:
        return f"{verb} {self.resource.noun} ({self.id})"

    def read(self, state: Values) -> Values | None:
        try:
            fresh = self.resource.read(self.region, self.id, state)
        except Exception as error:
            if not self.resource.is_gone(error):
                raise
            return None
        return None if fresh is None else self.resource.outputs(self.region, fresh, state)

    def update(self, old: Values, new: Values, changed: frozenset[str]) -> None:
        if "tagsAll" in changed:
            before, after = old.get("tagsAll", {}), new["tagsAll"]
            self.resource.tag(
                self.region,
                self.id,
                add={key: value for key, value in after.items() if before.get(key) != value},
                remove=sorted(set(before) - set(after)),
            )
        self.resource.update(self.region, self.id, old, new, changed)

    def delete(self, state: Values) -> None:
        try:
            self.resource.delete(self.region, self.id, state)
        except Exception as error:
            if not self.resource.is_gone(error):
                raise


def _known(qualified_type: str) -> Resource:
    # A child's URN holds its parents' types as well: `parent$child`.
    token = qualified_type.rpartition("$")[2]
    if token not in RESOURCES:
        raise Refused(
            f"{_STAND_IN} does not know the resource type {token}."
            f" It knows {', '.join(sorted(RESOURCES))}."
        )
    return RESOURCES[token]


def _names(changes: Iterable[Change]) -> list[str]:
    return list(dict.fromkeys(change.property for change in changes))


def _secrets(resource: Resource, values: Values) -> tuple[str, ...]:
    return tuple(str(values[name]) for name in sorted(resource.secret) if values.get(name))
