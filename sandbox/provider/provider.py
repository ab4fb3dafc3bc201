"""The stand-in's gRPC service: handles the engine's requests as the Pulumi bridge does.

The bridge is github.com/pulumi/pulumi-terraform-bridge, pkg/tfbridge/provider.go.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from google.protobuf.empty_pb2 import Empty
from grpc import ServicerContext
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from sandbox.provider import (
    cloudcontrol,
    iam,
    kms,
    kms_alias,
    secret,
    secret_policy,
    secret_version,
)
from sandbox.provider.aws import Aws
from sandbox.provider.check import Naming, NamingMode, check
from sandbox.provider.diff import Change, changes, delete_before_replace, diff_response
from sandbox.provider.errors import STAND_IN, ProviderError, explained
from sandbox.provider.functions import FUNCTIONS
from sandbox.provider.resource import Resource
from sandbox.provider.settings import Settings, SettingsError, read_settings
from sandbox.provider.state import imported_inputs, planned, refreshed_inputs, split_import_id
from sandbox.provider.target import Target
from sandbox.provider.values import Values, read, write

RESOURCES: Final[Mapping[str, Resource]] = {
    resource.token: resource
    for resource in (
        cloudcontrol.CloudControlResource(),
        iam.Role(),
        iam.RolePolicy(),
        kms.Key(),
        kms.ReplicaKey(),
        kms_alias.Alias(),
        secret.Secret(),
        secret_version.SecretVersion(),
        secret_policy.SecretPolicy(),
    )
}


class StandIn(provider_pb2_grpc.ResourceProviderServicer):
    """Responds to the engine like pulumi-aws, for the resources and functions of this program.

    Raises:
        ProviderError: from every method; its message is shown unchanged.

    """

    def __init__(self, *, version: str) -> None:
        self._version = version
        self._aws = Aws(Settings())

    def GetPluginInfo(self, request: Empty, context: ServicerContext) -> plugin_pb2.PluginInfo:
        """Return the version of pulumi-aws that the stand-in imitates."""
        return plugin_pb2.PluginInfo(version=self._version)

    def Cancel(self, request: Empty, context: ServicerContext) -> Empty:
        """Let running calls finish: all are short."""
        return Empty()

    def CheckConfig(
        self, request: provider_pb2.CheckRequest, context: ServicerContext
    ) -> provider_pb2.CheckResponse:
        """Reject the settings that pulumi-aws would reject."""
        errors = []
        try:
            read_settings(read(request.news))
        except SettingsError as error:
            errors = error.errors
        return provider_pb2.CheckResponse(inputs=request.news, failures=_failures(errors))

    def DiffConfig(
        self, request: provider_pb2.DiffRequest, context: ServicerContext
    ) -> provider_pb2.DiffResponse:
        """Report changed settings. None replaces the provider, not even another Region."""
        old, new = read(request.olds), read(request.news)
        changed = [
            Change(property=name, path=name, old=old.get(name), new=new.get(name), replaces=False)
            for name in sorted(set(old) | set(new))
            if old.get(name) != new.get(name)
        ]
        return diff_response(changed, delete_first=False)

    def Configure(
        self, request: provider_pb2.ConfigureRequest, context: ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        """Use the settings. The engine keeps track of secrets, as it does for pulumi-aws."""
        settings = {
            name.removeprefix("aws:config:"): value for name, value in request.variables.items()
        }
        self._aws = Aws(read_settings(settings))
        return provider_pb2.ConfigureResponse(
            supportsPreview=True, supports_autonaming_configuration=True
        )

    def Invoke(
        self, request: provider_pb2.InvokeRequest, context: ServicerContext
    ) -> provider_pb2.InvokeResponse:
        """Call a function."""
        function = FUNCTIONS.get(request.tok)
        if function is None:
            raise ProviderError(
                f"{STAND_IN} does not know the function {request.tok}."
                f" It knows {', '.join(sorted(FUNCTIONS))}."
            )
        arguments = read(request.args)
        if unknown := sorted(arguments.keys() - function.arguments):
            raise ProviderError(
                f'{STAND_IN} does not know the argument "{unknown[0]}" of {request.tok},'
                " because this program does not pass it."
            )
        with explained(f"calling {request.tok.rpartition(':')[2]}"):
            result = function.call(self._aws, arguments)
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(write(result))
        return response

    def Check(
        self, request: provider_pb2.CheckRequest, context: ServicerContext
    ) -> provider_pb2.CheckResponse:
        """Complete and validate the inputs of a resource."""
        resource = _known(request.urn)
        configured = request.HasField("autonaming")
        naming = Naming(
            resource=request.urn.rpartition("::")[2],
            old=read(request.olds).get("name"),
            seed=request.randomSeed,
            mode=NamingMode(request.autonaming.mode) if configured else None,
            proposed=request.autonaming.proposed_name,
        )
        inputs, errors = check(resource, self._aws, read(request.news), naming)
        return provider_pb2.CheckResponse(
            inputs=write(inputs, secret=resource.secret), failures=_failures(errors)
        )

    def Diff(
        self, request: provider_pb2.DiffRequest, context: ServicerContext
    ) -> provider_pb2.DiffResponse:
        """Report what an update would change, and whether it replaces the resource."""
        resource, inputs = _known(request.urn), read(request.news)
        changed = changes(
            resource, self._aws, read(request.olds), inputs, ignored=request.ignoreChanges
        )
        return diff_response(changed, delete_first=delete_before_replace(resource, inputs))

    def Create(
        self, request: provider_pb2.CreateRequest, context: ServicerContext
    ) -> provider_pb2.CreateResponse:
        """Create a resource, or predict it in a preview."""
        resource, inputs = _known(request.urn), read(request.properties)
        doing = f"creating {resource.noun} ({resource.identity(inputs)})"
        with explained(doing):
            plan = planned(resource, self._aws, inputs)
        if request.preview:
            return provider_pb2.CreateResponse(properties=write(plan, secret=resource.secret))
        target = self._target(resource, plan)
        resource_id, state = target.create(resource.wanted(self._aws, inputs, {}), plan)
        return provider_pb2.CreateResponse(
            id=resource_id, properties=write(state, secret=resource.secret)
        )

    def Read(
        self, request: provider_pb2.ReadRequest, context: ServicerContext
    ) -> provider_pb2.ReadResponse:
        """Read a resource from AWS for a refresh or, without a state, for an import."""
        resource, state, resource_id = _known(request.urn), read(request.properties), request.id
        target = self._target(resource, state)
        if not state:
            resource_id, region = split_import_id(self._aws, resource_id)
            target = Target(resource, self._aws.in_region(region))
        with target.explained("reading", resource_id, state):
            fresh = target.read(resource_id, state)
        if fresh is None:
            return provider_pb2.ReadResponse()
        inputs = (
            refreshed_inputs(resource, read(request.inputs), fresh)
            if state
            else imported_inputs(resource, fresh)
        )
        return provider_pb2.ReadResponse(
            id=resource_id,
            properties=write(fresh, secret=resource.secret),
            inputs=write(inputs, secret=resource.secret),
        )

    def Update(
        self, request: provider_pb2.UpdateRequest, context: ServicerContext
    ) -> provider_pb2.UpdateResponse:
        """Change a resource in place, or predict it in a preview."""
        resource = _known(request.urn)
        old, inputs, ignored = read(request.olds), read(request.news), request.ignoreChanges
        target = self._target(resource, old)
        with target.explained("updating", request.id, old):
            plan = planned(resource, self._aws, inputs, old, ignored=ignored)
        if not request.preview:
            changed = changes(resource, self._aws, old, inputs, ignored=ignored)
            wanted = resource.wanted(self._aws, inputs, old)
            plan = target.update(
                request.id, old, wanted, plan, frozenset(change.property for change in changed)
            )
        return provider_pb2.UpdateResponse(properties=write(plan, secret=resource.secret))

    def Delete(self, request: provider_pb2.DeleteRequest, context: ServicerContext) -> Empty:
        """Delete the resource in a state."""
        resource, state = _known(request.urn), read(request.properties)
        target = self._target(resource, state)
        with target.explained("deleting", request.id, state):
            target.delete(request.id, state)
        return Empty()

    def _target(self, resource: Resource, state: Values) -> Target:
        return Target(resource, self._aws.in_region(state.get("region") or self._aws.region))


def _known(urn: str) -> Resource:
    # A child's URN includes its parents' types: `parent$child`.
    token = urn.split("::")[2].rpartition("$")[2]
    if token not in RESOURCES:
        raise ProviderError(
            f"{STAND_IN} does not know the resource type {token}."
            f" It knows {', '.join(sorted(RESOURCES))}."
        )
    return RESOURCES[token]


def _failures(errors: Iterable[str]) -> list[provider_pb2.CheckFailure]:
    # Without a property: the engine would print its value.
    return [provider_pb2.CheckFailure(reason=error) for error in errors]
