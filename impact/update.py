"""An update of the stack, and what it means for one source location."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

Outputs = Mapping[str, Any]
"""Stack outputs by name. A value that is not known yet, because its resource is created or replaced, is None."""

_SETTINGS = (
    "HttpConfiguration",
    "AccessConfiguration",
    "DefaultSegmentDeliveryConfiguration",
    "SegmentDeliveryConfigurations",
)
"""https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-mediatailor-sourcelocation.html"""


class Effect(Enum):
    """What happens to a source location, in the order of the message."""

    NOT_SENT = 1
    OFF_AIR = 2
    REMOVED = 3
    NEEDS_COMMAND = 4
    NEEDS_COMMAND_ELSEWHERE = 5
    KEEPS_WORKING = 6


@dataclass(frozen=True, kw_only=True)
class Impact:
    """One consequence of an update for one source location."""

    source_location: str
    effect: Effect
    meaning: str
    commands: Sequence[str] = ()
    """The commands after which the source location works."""


@dataclass(frozen=True, kw_only=True)
class OwnSourceLocation:
    """A source location that the stack creates."""

    settings: Mapping[str, Any] | None
    """The settings in the stack, as CloudFormation describes them; None if they are not known yet."""
    in_aws: Mapping[str, Any] | None
    """The settings that the engine last read from AWS; None if it has not read any since a creation or an update failed."""
    is_sent_now: bool = False
    """Whether the preview contains its creation or an update of it."""

    @property
    def is_up_to_date(self) -> bool:
        """Whether AWS has the stack's settings, or gets them in this update."""
        return self.is_sent_now or (self.in_aws is not None and not self.differing)

    @property
    def differing(self) -> Sequence[str]:
        """The names of the settings that have another value in AWS.

        Differences without effect are ignored: the order of a list, a slash at the end of a URL, and the case of a header.
        """
        if self.settings is None or self.in_aws is None:
            return []
        return [
            name
            for name in _SETTINGS
            if _comparable(name, self.settings.get(name))
            != _comparable(name, self.in_aws.get(name))
        ]

    @property
    def uses_another_secret(self) -> bool:
        """Whether MediaTailor reads the token from a secret other than the stack's."""
        return bool(
            self.settings and self.in_aws and _secret_of(self.settings) != _secret_of(self.in_aws)
        )


@dataclass(frozen=True, kw_only=True)
class Update:
    """An update or the preview of one."""

    previous: Outputs
    """The stack's outputs before it."""
    new: Outputs
    """The stack's outputs after it."""
    own: Mapping[str, OwnSourceLocation]
    """The source locations that the stack creates, by name."""
    adopted: Collection[str] = ()
    """Names of the source locations with an adopted secret."""
    region: str
    """The Region that the stack deploys to."""
    stack: str
    """The stack's full name."""

    @property
    def deployed(self) -> Sequence[str]:
        """Names of the source locations whose secret was complete before the update."""
        return sorted(name for name, arn in self.previous.get("secretArns", {}).items() if arn)

    @property
    def has_new_key(self) -> bool:
        """Whether secrets get a new encryption key."""
        old = self.previous.get("encryptionKeyArn")
        return bool(self.deployed and self.new["encryptionKeyArn"] != old)


def deployed_settings(outputs: Outputs) -> Mapping[str, Any]:
    """Return the deployed settings; those that an older version of the program did not export are not compared."""
    return outputs.get("deployedSettings") or {}


def _secret_of(settings: Mapping[str, Any]) -> object:
    access = settings.get("AccessConfiguration") or {}
    return (access.get("SecretsManagerAccessTokenConfiguration") or {}).get("SecretArn")


def _comparable(name: str, value: Any) -> Any:  # noqa: ANN401 any JSON value
    match value:
        case dict():
            return {key: _comparable(key, each) for key, each in value.items()}
        case list():
            return sorted((_comparable(name, each) for each in value), key=str) or None
        case str() if name == "BaseUrl":
            return value.rstrip("/")
        case str() if name == "HeaderName":
            return value.lower()
    return value
