"""The settings of a stack: names, types, defaults and descriptions. `components/rules` has the rules for their values.

`python -m stack_config` copies the descriptions to Pulumi.yaml and the docs.
"""

import os
from typing import Annotated, Any, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr
from pydantic.alias_generators import to_camel

from components import AccessTokenAuthenticationArgs
from components.access_token_secret import DEFAULT_RECOVERY_WINDOW_IN_DAYS
from components.encryption_key import (
    DEFAULT_DELETION_WINDOW_IN_DAYS,
    DEFAULT_ROTATION_PERIOD_IN_DAYS,
)
from components.inputs import DEFAULT_SECRET_STRING_KEY
from components.policies import MEDIATAILOR_PRINCIPAL

# Pydantic plugins would see every value, including tokens, and looking for plugins takes time.
os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"


class _Section(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        strict=True,
    )


TagValue = Annotated[
    str,
    BeforeValidator(
        lambda value: str(value) if type(value) is int else value, json_schema_input_type=str | int
    ),
]
"""A tag's value. Integers, such as cost centers, become text; YAML may have changed the spelling of fractions and booleans."""


def _setting(description: str, *, default: object = None, **schema: Any) -> Any:  # noqa: ANN401 as pydantic's Field
    return Field(default=default, description=description, json_schema_extra=schema)


class EncryptionKeyConfig(_Section):
    """The customer managed key that encrypts the secrets, created by the stack or existing."""

    alias: str = _setting("Alias of the key, autonamed by default.")
    rotation_period_in_days: int = _setting(
        "Days between rotations of the key material.", default=DEFAULT_ROTATION_PERIOD_IN_DAYS
    )
    deletion_window_in_days: int = _setting(
        "Days that KMS waits before it deletes the key.", default=DEFAULT_DELETION_WINDOW_IN_DAYS
    )
    administrators: list[str] = _setting(
        "ARNs of IAM roles, users or account roots that may administer the key but not use it.",
        default=[],
    )
    source_location_managers: list[str] = _setting(
        "ARNs of IAM roles, users or account roots that create or update the source locations: the key policy lets them"
        " grant MediaTailor use of the key, through MediaTailor only.",
        default=[],
    )
    arn: str = _setting(
        "Key ARN of an existing symmetric customer managed key to use instead of creating one. Of the other settings, only"
        " sourceLocationManagers and replicaArns are allowed with it."
    )
    replica_arns: dict[str, str] = _setting(
        "With arn: key ARN for each Region in replicaRegions.", default={}
    )


class SourceLocationConfig(_Section):
    """Settings of a source location: how MediaTailor authenticates to the origin, and the secret for it."""

    origin: str = _setting(
        "Kind of origin. MediaPackage determines headerName and secretStringKey, and the stack creates the role that"
        " MediaPackage uses to read the secret.",
        default="custom",
    )
    header_name: str = _setting(
        "HTTP header that contains the token; required for a custom origin."
    )
    secret_string_key: str = _setting(
        "SecretString key: the member of the secret's JSON object that contains the token.",
        default=DEFAULT_SECRET_STRING_KEY,
    )
    secret_name: str = _setting("Name of the secret, autonamed by default.")
    adopt_secret_arn: str = _setting("ARN of an existing secret to adopt instead of creating one.")
    description: str = _setting(
        "Description of the secret; AWS does not encrypt it. The default contains the source location's name."
    )
    tags: dict[str, TagValue] = _setting(
        "Tags of the secret; AWS does not encrypt them. Quote a number that has leading zeros or a fraction.",
        default={},
    )
    base_url: str = _setting(
        "URL of the origin. If set, the stack also creates the MediaTailor source location."
    )
    segment_delivery_base_url: str = _setting(
        "URL that players fetch segments from, if not from the origin; only with baseUrl."
    )
    segment_delivery_configurations: dict[str, str] = _setting(
        "Additional URLs that players fetch segments from, by the name that a VOD source's package configuration refers to;"
        " only with baseUrl.",
        default={},
    )
    token_managed_elsewhere: bool = _setting(
        "Whether another system writes the token: the stack creates the secret without a value, and accessTokens has no"
        " entry for it.",
        default=False,
    )


class StackConfig(_Section):
    """The config of one stack."""

    source_locations: dict[str, SourceLocationConfig] = _setting(
        "Settings of each source location, by name.", default={}
    )
    access_tokens: dict[str, SecretStr] = _setting(
        "Access token of each source location, by name, encrypted.", default={}
    )
    encryption_key: EncryptionKeyConfig = _setting(
        "Settings of the customer managed key that encrypts the secrets.",
        default=EncryptionKeyConfig(),
    )
    recovery_window_in_days: int = _setting(
        "Days during which a deleted secret can be restored.",
        default=DEFAULT_RECOVERY_WINDOW_IN_DAYS,
    )
    replica_regions: list[str] = _setting(
        "Regions that the secrets are replicated to, each with its own replica of the key.",
        default=[],
    )
    restrict_to_source_account: bool = _setting(
        "Require aws:SourceAccount to be this account when MediaTailor reads a secret. AWS does not document that"
        " MediaTailor sends it: if it does not, the channel goes off the air. Try it on a test channel first.",
        default=False,
    )
    service_principal: str = _setting(
        "Service principal that MediaTailor uses to read the secrets. AWS does not document whether opt-in Regions use"
        " mediatailor.REGION.amazonaws.com.",
        default=MEDIATAILOR_PRINCIPAL,
    )
    protect: bool = _setting(
        "Refuse to delete or replace the key, the secrets, their policies, MediaPackage's roles and the source locations.",
        default=False,
    )

    def component_args(self) -> AccessTokenAuthenticationArgs:
        """Return the settings as inputs of the component, which has its own defaults for unset ones."""
        settings = self.model_dump(exclude_unset=True, exclude={"access_tokens"})
        tokens = {name: token.get_secret_value() for name, token in self.access_tokens.items()}
        return cast("AccessTokenAuthenticationArgs", {**settings, "access_tokens": tokens})

    def adopting(self) -> list[str]:
        """Return the names of the source locations that adopt a secret."""
        return [name for name, each in self.source_locations.items() if each.adopt_secret_arn]

    def deployed_settings(self, account: str) -> dict[str, Any]:
        """Return settings to compare with those of the next update, except those in other outputs."""
        key = self.encryption_key
        return {
            "alias": key.alias or "",
            "protect": self.protect,
            "replicaKeyArns": {
                region: key.replica_arns.get(region, "") for region in self.replica_regions
            },
            "servicePrincipal": self.service_principal,
            "sourceAccount": account if self.restrict_to_source_account else "",
            "tokensManagedElsewhere": [
                name
                for name, settings in self.source_locations.items()
                if settings.token_managed_elsewhere
            ],
        }
