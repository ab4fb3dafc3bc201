"""Placeholders for encrypted values, which a rehearsal cannot decrypt.

The program accepts each of them, so that it reports no error for a value that the user did not write.
Whether a setting may be encrypted is left to the program.
"""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sandbox.preparation.stack_file import ENCRYPTED
from sandbox.preparation.stack_settings import Path, StackSettings, is_encrypted

_VALUES: Final[Mapping[tuple[str, ...], str]] = {
    ("aws:region",): "{region}",
    ("encryptionKey", "arn"): "arn:aws:kms:{region}:{account}:key/{uuid}",
    ("encryptionKey", "replicaArns", "*"): "arn:aws:kms:{step}:{account}:key/{uuid}",
    ("encryptionKey", "alias"): "alias/rehearsal-{number}",
    ("encryptionKey", "administrators", "*"): "arn:aws:iam::{account}:role/rehearsal-{number}",
    ("encryptionKey", "sourceLocationManagers", "*"): (
        "arn:aws:iam::{account}:role/rehearsal-{number}"
    ),
    ("recoveryWindowInDays",): "30",
    ("replicaRegions", "*"): "us-west-2",
    ("restrictToSourceAccount",): "false",
    ("servicePrincipal",): "mediatailor.amazonaws.com",
    ("protect",): "false",
    ("sourceLocations", "*", "adoptSecretArn"): (
        "arn:aws:secretsmanager:{region}:{account}:secret:rehearsal-{number}-AbCdEf"
    ),
    ("sourceLocations", "*", "baseUrl"): "https://origin-{number}.example.com",
    ("sourceLocations", "*", "headerName"): "X-Rehearsal-{number}",
    ("sourceLocations", "*", "origin"): "custom",
    ("sourceLocations", "*", "secretName"): "rehearsal-{number}",
    ("sourceLocations", "*", "segmentDeliveryBaseUrl"): "https://segments-{number}.example.com",
    ("sourceLocations", "*", "segmentDeliveryConfigurations", "*"): (
        "https://segments-{number}.example.com"
    ),
}
"""A valid value for each config key (`*` is any step). Keys that accept any text are not listed."""

_TOKEN_BYTES = 24  # 32 characters, within MediaTailor's 8 to 128


@dataclass(frozen=True)
class PlausibleValue:
    """The placeholder for one encrypted value."""

    path: Path
    """The path of the value, without the project's own namespace."""

    text: str
    """The value."""

    @property
    def is_token(self) -> bool:
        """Whether it is an access token."""
        return self.path[0] == "accessTokens"


def plausible_values(
    settings: StackSettings, *, region: str, account: str
) -> Mapping[str, PlausibleValue]:
    """Return a placeholder for each encrypted value, by the text under `ENCRYPTED`."""
    return dict(_values(settings, region=region, account=account))


def throw_away_token() -> str:
    """Return a random access token."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def _values(
    settings: StackSettings, *, region: str, account: str
) -> Iterator[tuple[str, PlausibleValue]]:
    for (key, *steps), value in settings.leaves():
        if not is_encrypted(value):
            continue
        namespace, _, name = str(key).partition(":")
        path = (name, *steps) if namespace == settings.project else (str(key), *steps)
        number = int(value[ENCRYPTED])
        template = _template(path)
        text = template.format(
            region=region,
            account=account,
            number=number,
            step=path[-1],
            uuid=f"{number:08}-0000-4000-8000-000000000000",
        )
        yield value[ENCRYPTED], PlausibleValue(path, text or throw_away_token())


def _template(path: tuple[str | int, ...]) -> str:
    for pattern, template in _VALUES.items():
        if len(pattern) == len(path) and all(
            expected in ("*", step) for expected, step in zip(pattern, path, strict=True)
        ):
            return template
    return ""
