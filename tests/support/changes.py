"""The changes to stack files that docs/changes.md lists, at least one for each config key."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.support.changing_stack import BASE_URL, BY_HAND, REGION, Config

AWAY, FAR = "us-west-2", "eu-central-1"
YOURS, OWN = "yours", "own"
"""A source location without baseUrl, and one with baseUrl."""

Settings = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class LocationChange:
    """A change to one source location."""

    key: str
    what: str
    before: Settings | None
    after: Settings | None
    """Its settings before and after, without baseUrl; None if it is not in the stack file."""
    kinds: Sequence[str] = (YOURS, OWN)
    """The kinds of source location that can have this change."""


@dataclass(frozen=True, kw_only=True)
class StackChange:
    """A change to a setting outside the source locations."""

    key: str
    what: str
    base: str
    """The stack that is changed."""
    change: Callable[[Config], object]


V1, V2 = {"origin": "mediapackage-v1"}, {"origin": "mediapackage-v2"}
NAMED = {**BY_HAND, "secretName": "NAME"}
ELSEWHERE = {**BY_HAND, "tokenManagedElsewhere": True}
ADOPTED = {**BY_HAND, "adoptSecretArn": "ARN"}
"""NAME and ARN are placeholders for a unique name and for the ARN of a secret that the stack does not own."""


def _of(
    key: str,
    what: str,
    before: Settings | None,
    after: Settings | None,
    *kinds: str,
) -> LocationChange:
    return LocationChange(
        key=key, what=what, before=before, after=after, kinds=kinds or (YOURS, OWN)
    )


LOCATION_CHANGES = [
    _of("sourceLocations", "added", None, BY_HAND),
    _of("sourceLocations", "removed", BY_HAND, None),
    _of("sourceLocations", "renamed", BY_HAND, {**BY_HAND, "RENAMED": True}),
    _of("accessTokens", "new token", BY_HAND, {**BY_HAND, "TOKEN": "new"}),
    _of("headerName", "new header", BY_HAND, {"headerName": "X-New"}),
    _of("secretStringKey", "new SecretString key", BY_HAND, {**BY_HAND, "secretStringKey": "New"}),
    _of("secretName", "new name", BY_HAND, NAMED),
    _of("secretName", "removed", NAMED, BY_HAND),
    _of("adoptSecretArn", "a new source location adopts a secret", None, ADOPTED, YOURS),
    _of("adoptSecretArn", "another secret is adopted", BY_HAND, ADOPTED),
    _of("adoptSecretArn", "removed", ADOPTED, BY_HAND),
    _of("origin", "custom to mediapackage-v1", BY_HAND, V1),
    _of("origin", "custom to mediapackage-v2", BY_HAND, V2),
    _of("origin", "mediapackage-v1 to mediapackage-v2", V1, V2),
    _of("origin", "mediapackage-v1 to custom", V1, BY_HAND),
    _of("description", "new text", BY_HAND, {**BY_HAND, "description": "New"}),
    _of("tags", "new tag", BY_HAND, {**BY_HAND, "tags": {"team": "video"}}),
    _of("tokenManagedElsewhere", "set", BY_HAND, ELSEWHERE),
    _of("tokenManagedElsewhere", "removed, with a token again", ELSEWHERE, BY_HAND),
    _of("baseUrl", "added", BY_HAND, {**BY_HAND, "baseUrl": BASE_URL}, YOURS),
    _of("baseUrl", "new URL", BY_HAND, {**BY_HAND, "baseUrl": f"{BASE_URL}/new"}, OWN),
    _of("baseUrl", "removed", BY_HAND, {**BY_HAND, "baseUrl": None}, OWN),
    _of(
        "segmentDeliveryBaseUrl",
        "new URL",
        BY_HAND,
        {**BY_HAND, "segmentDeliveryBaseUrl": BASE_URL},
        OWN,
    ),
    _of(
        "segmentDeliveryConfigurations",
        "one added",
        BY_HAND,
        {**BY_HAND, "segmentDeliveryConfigurations": {"cdn": BASE_URL}},
        OWN,
    ),
]


OPERATOR = "arn:aws:iam::123456789012:root"
PLAIN, REPLICATED, EXISTING = "own key", "own key, one replica", "existing key, one replica"
"""The stacks in which the other settings are changed."""


def stack_changes(keys: Mapping[str, Sequence[str]]) -> list[StackChange]:
    """Return the changes to the other settings, given the ARNs of two existing keys in each Region."""

    def of(key: str, what: str, base: str, **values: object) -> StackChange:
        """Set values at the top level, or remove those that are None."""

        def change(config: Config) -> None:
            config.update(values)
            for each in [name for name, value in values.items() if value is None]:
                del config[each]

        return StackChange(key=key, what=what, base=base, change=change)

    def key(key: str, what: str, base: str, **values: object) -> StackChange:
        def change(config: Config) -> None:
            config.setdefault("encryptionKey", {}).update(values)

        return StackChange(key=key, what=what, base=base, change=change)

    home, away = keys[REGION], keys[AWAY]
    return [
        key("alias", "new name", PLAIN, alias="alias/new"),
        key("rotationPeriodInDays", "new value", PLAIN, rotationPeriodInDays=90),
        key("deletionWindowInDays", "new value", PLAIN, deletionWindowInDays=7),
        key("administrators", "one added", PLAIN, administrators=[OPERATOR]),
        key("sourceLocationManagers", "one added", PLAIN, sourceLocationManagers=[OPERATOR]),
        key("arn", "set: an existing key instead of the stack's", PLAIN, arn=home[0]),
        key("arn", "another existing key", EXISTING, arn=home[1]),
        of("arn", "removed: the stack creates a key instead", EXISTING, encryptionKey=None),
        key("replicaArns", "another key", EXISTING, replicaArns={AWAY: away[1]}),
        of("replicaRegions", "the first Region", PLAIN, replicaRegions=[AWAY]),
        of("replicaRegions", "one added", REPLICATED, replicaRegions=[AWAY, FAR]),
        of("replicaRegions", "another Region", REPLICATED, replicaRegions=[FAR]),
        of("replicaRegions", "all removed", REPLICATED, replicaRegions=None),
        of(
            "replicaRegions",
            "all removed",
            EXISTING,
            replicaRegions=None,
            encryptionKey={"arn": home[0]},
        ),
        of("recoveryWindowInDays", "new value", PLAIN, recoveryWindowInDays=7),
        of("restrictToSourceAccount", "set", PLAIN, restrictToSourceAccount=True),
        of(
            "servicePrincipal",
            "new principal",
            PLAIN,
            servicePrincipal=f"mediatailor.{REGION}.amazonaws.com",
        ),
        of("protect", "set", PLAIN, protect=True),
        of("aws:region", "another Region", PLAIN, **{"aws:region": AWAY}),
        of("aws:region", "another Region", REPLICATED, **{"aws:region": FAR}),
    ]
