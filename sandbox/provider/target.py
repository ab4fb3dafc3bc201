"""A resource type in a Region: its AWS API calls, and the resulting state.

As upstream, the state contains the planned values after a failed create or update, not the values in
AWS (github.com/hashicorp/terraform-plugin-sdk, helper/schema/resource.go, Apply). The next
`pulumi up` then finds nothing to change. Only a refresh finds the difference, except in properties
that AWS does not return.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from sandbox.provider.aws import Region
from sandbox.provider.errors import InitializationError, ProviderError, explained
from sandbox.provider.resource import Resource
from sandbox.provider.settings import not_of_aws
from sandbox.provider.state import outputs
from sandbox.provider.values import UNKNOWN, Values


@dataclass(frozen=True)
class Target:
    """A resource type in a Region."""

    resource: Resource
    region: Region

    def explained(self, verb: str, resource_id: str, state: Values) -> AbstractContextManager[None]:
        """Turn any error into a `ProviderError` that names the operation and the resource."""
        return explained(
            f"{verb} {self.resource.noun} ({resource_id})", secrets=self._secrets(state)
        )

    def create(self, wanted: Values, plan: Values) -> tuple[str, Values]:
        """Create a resource, and return its ID and its state.

        Raises:
            InitializationError: the resource exists, but a later step failed.

        """
        identity = self.resource.identity(wanted)
        steps = self.resource.create(self.region, wanted)
        with self.explained("creating", identity, wanted):
            resource_id = next(steps)
        with self._keeping(plan, resource_id), self.explained("creating", resource_id, wanted):
            for _ in steps:
                pass
            state = self.read(resource_id, plan)
            if state is None:
                raise ProviderError("it no longer exists")
        return resource_id, state

    def read(self, resource_id: str, state: Values) -> Values | None:
        """Return the state after reading AWS, or None if the resource is gone."""
        try:
            fresh = self.resource.read(self.region, resource_id, state)
        except Exception as error:
            if not self.resource.is_gone(error):
                raise
            return None
        return None if fresh is None else outputs(self.resource, self.region, fresh, state)

    def update(
        self, resource_id: str, old: Values, wanted: Values, plan: Values, changed: frozenset[str]
    ) -> Values:
        """Change the properties in `changed`, and return the new state.

        Raises:
            InitializationError: a step failed.
            ProviderError: the resource no longer exists.

        """
        with self._keeping(plan, resource_id), self.explained("updating", resource_id, wanted):
            if "tagsAll" in changed:
                before, after = old.get("tagsAll", {}), wanted["tagsAll"]
                added = {key: each for key, each in after.items() if before.get(key) != each}
                self.resource.tag(
                    self.region,
                    resource_id,
                    add=not_of_aws(added),
                    remove=sorted(not_of_aws(before).keys() - after.keys()),
                )
            self.resource.update(self.region, resource_id, old, wanted, changed)
            state = self.read(resource_id, plan)
        if state is None:
            raise ProviderError(
                f"updating {self.resource.noun} ({resource_id}): it no longer exists."
                " Run `pulumi refresh` to remove it from the state, then `pulumi up` to create it."
            )
        return state

    def delete(self, resource_id: str, state: Values) -> None:
        """Delete a resource, unless it is already gone."""
        try:
            self.resource.delete(self.region, resource_id, state)
        except Exception as error:
            if not self.resource.is_gone(error):
                raise

    @contextmanager
    def _keeping(self, plan: Values, resource_id: str) -> Iterator[None]:
        """Make the engine keep the known planned values if a step fails."""
        try:
            yield
        except ProviderError as error:
            state = {name: value for name, value in plan.items() if value != UNKNOWN}
            raise InitializationError(
                str(error), resource_id=resource_id, state=state, secret=self.resource.secret
            ) from None

    def _secrets(self, values: Values) -> tuple[str, ...]:
        names = sorted(self.resource.secret)
        return tuple(str(values[name]) for name in names if values.get(name))
