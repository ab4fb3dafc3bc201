"""The stack's config: what may stand in `Pulumi.<stack>.yaml`, and every mistake in it found before AWS is called."""

import difflib
import json
import os
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, cast

import pulumi
from pulumi.runtime import get_config_env, is_config_secret
from pulumi.runtime.config import CONFIG
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic.alias_generators import to_camel

import config_values
from aws_regions import MEDIATAILOR_REGIONS, nearest_mediatailor_regions, partition_of
from components import (
    AccessTokenAuthenticationArgs,
    DeploymentTarget,
    EncryptionKeySettings,
    SourceLocationArgs,
)
from components.access_token_authentication import DEFAULT_SECRET_STRING_KEY
from components.access_token_secret import secret_string
from components.policies import KEY_POLICY_MAX_BYTES, key_policy, to_json
from mistakes import Mistake, Path, config_remove, config_set, config_set_token, raise_if_any

SECRET_STRING_MAX_BYTES = 65_536
"""https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html"""


# --- The model. A field's description completes "must be …" in messages, its example stands in the command that fixes it.

IamArns = list[Annotated[str, AfterValidator(config_values.iam_arn)]]
Days = Annotated[int, Field(strict=True)]


class _Section(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", frozen=True, hide_input_in_errors=True
    )


class EncryptionKeyConfig(_Section):
    """`encryptionKey`: the one customer managed key of the stack."""

    alias: Annotated[str, AfterValidator(config_values.alias)] | None = Field(
        default=None, description="a string", examples=["alias/mediatailor-access-token"]
    )
    rotation_period_in_days: Days = Field(
        default=365,
        ge=90,
        le=2560,
        description="a whole number of days from 90 to 2560",
        examples=["365"],
    )
    deletion_window_in_days: Days = Field(
        default=30, ge=7, le=30, description="a whole number of days from 7 to 30", examples=["30"]
    )
    administrators: IamArns = Field(
        default=[],
        description="a list of IAM ARNs",
        examples=["arn:aws:iam::123456789012:role/NAME"],
    )
    source_location_managers: IamArns = Field(
        default=[],
        description="a list of IAM ARNs",
        examples=["arn:aws:iam::123456789012:role/NAME"],
    )


class SourceLocationConfig(_Section):
    """An entry of `sourceLocations`: how MediaTailor authenticates to one origin, and the secret for it."""

    header_name: Annotated[str, AfterValidator(config_values.header_name)] = Field(
        description="a string, the HTTP header in which the origin expects the token",
        examples=["X-Access-Token"],
    )
    secret_string_key: str = Field(
        default=DEFAULT_SECRET_STRING_KEY,
        min_length=1,
        description="a string that is not empty",
        examples=["AccessToken"],
    )
    secret_name: Annotated[str, AfterValidator(config_values.secret_name)] | None = Field(
        default=None, description="a string", examples=["mediatailor/access-token"]
    )
    description: str | None = Field(
        default=None,
        max_length=2048,
        description="a string of at most 2,048 characters",
        examples=["'Access token of …'"],
    )
    tags: Annotated[dict[str, str], AfterValidator(config_values.tags)] | None = Field(
        default=None, description="an object of strings"
    )


class StackConfig(_Section):
    """The config of one stack, without a mistake that shows before AWS is called.

    Keys, types, ranges and defaults are those of the README's config table.
    """

    source_locations: dict[
        Annotated[str, AfterValidator(config_values.source_location_name)], SourceLocationConfig
    ] = Field(
        min_length=1,
        description="an object: at least one name of a source location, each with an object of settings",
    )
    access_tokens: dict[str, Annotated[SecretStr, AfterValidator(config_values.access_token)]] = (
        Field(description="an object: for each source location's name its token, a string")
    )
    encryption_key: EncryptionKeyConfig = Field(
        default=EncryptionKeyConfig(), description="an object"
    )
    recovery_window_in_days: Annotated[Days, AfterValidator(config_values.recovery_window)] = Field(
        default=30, description="0 or a whole number of days from 7 to 30", examples=["30"]
    )
    protect: bool = Field(
        default=False, strict=True, description="true or false", examples=["true"]
    )

    def component_args(self, target: DeploymentTarget) -> AccessTokenAuthenticationArgs:
        """Return what the stack's `AccessTokenAuthentication` is made of.

        Raises:
            StackConfigError: the config does not fit the provider's partition or Region.

        """
        raise_if_any(
            _mistakes_of_target(
                self.model_dump(by_alias=True), partition=target.partition, region=target.region
            )
        )
        return {
            "target": target,
            "source_locations": {
                name: cast("SourceLocationArgs", location.model_dump(exclude_none=True))
                for name, location in self.source_locations.items()
            },
            "access_tokens": {
                name: pulumi.Output.secret(token.get_secret_value())
                for name, token in self.access_tokens.items()
            },
            "encryption_key": cast(
                "EncryptionKeySettings", self.encryption_key.model_dump(exclude_none=True)
            ),
            "recovery_window_in_days": self.recovery_window_in_days,
            "protect": self.protect,
        }


def load_stack_config() -> StackConfig:
    """Read the config of the stack in use.

    Raises:
        StackConfigError: names every mistake that shows without asking AWS, and how to mend it.

    """
    document = _read_document()
    raise_if_any(_mistakes(document))
    return StackConfig.model_validate(document)


def _read_document() -> dict[str, Any]:
    """Return the values of this project's namespace by key. Pulumi hands each one over as text, objects as JSON."""
    namespace = f"{pulumi.get_project()}:"
    # pulumi.Config can't list its keys, and without a list an unknown one can't be told.
    values = {**get_config_env(), **CONFIG.get()}
    return {
        key.removeprefix(namespace): _read_value(value)
        for key, value in values.items()
        if key.startswith(namespace)
    }


def _read_value(text: str) -> Any:  # noqa: ANN401 whatever the stack file holds
    try:
        return json.loads(text)
    except ValueError:
        return text


def _mistakes(document: Mapping[str, Any]) -> Iterator[Mistake]:
    try:
        StackConfig.model_validate(document)
    except ValidationError as error:
        # Only what kind, where and which rule: the input, which the rest of the error holds, may be a token.
        for detail in error.errors(include_url=False, include_context=False, include_input=False):
            yield _mistake_of_field(detail["type"], detail["loc"], detail["msg"])
    yield from _mistakes_between_fields(document)
    # Where the provider will deploy, as far as it can be known without starting it.
    region = (
        pulumi.Config("aws").get("region")
        or os.environ.get("AWS_REGION")
        or os.environ.get("AWS_DEFAULT_REGION")
    )
    if region:
        yield from _mistakes_of_target(document, partition=partition_of(region), region=region)


def _mistake_of_field(kind: str, path: Path, message: str) -> Mistake:
    rule = message.removeprefix("Value error, ")
    if path[-1] == "[key]":
        return Mistake(path[:-1], rule, config_remove(path[:-1]))
    section, key = _section_and_key(path)
    fields = {str(field.alias): field for field in section.model_fields.values()}
    if key not in fields:
        nearest = difflib.get_close_matches(key, fields, n=1, cutoff=0)
        return Mistake(path, f"is not a key; the nearest is {nearest[0]}", config_remove(path))
    if kind != "value_error":
        token = path[0] == "accessTokens" and len(path) > 1
        rule = "must be a string" if token else f"must be {fields[key].description}"
    return Mistake(path, rule, _command(kind, path, fields[key].examples))


def _command(kind: str, path: Path, examples: list[Any] | None) -> str:
    """Return the command that puts a good value where a wrong one is, or else removes the wrong one."""
    match path:
        case ("accessTokens", *name):
            return config_set_token(str(*name) or "NAME")
        case ("sourceLocations",):
            return config_set((*path, "NAME", "headerName"), "X-Access-Token")
        case _ if examples and not kind.startswith(("dict_", "list_", "model_")):
            return config_set(path, examples[0])
        case _:
            return config_remove(path)


def _section_and_key(path: Path) -> tuple[type[BaseModel], str]:
    match path:
        case ("encryptionKey", key, *_):
            return EncryptionKeyConfig, str(key)
        case ("sourceLocations", _, key, *_):
            return SourceLocationConfig, str(key)
        case _:
            return StackConfig, str(path[0])


def _object(value: object) -> Mapping[str, Any]:
    """Return the value if it is an object, else an empty one: that it should be one is told elsewhere."""
    return value if isinstance(value, Mapping) else {}


def _mistakes_between_fields(document: Mapping[str, Any]) -> Iterator[Mistake]:
    """Judge what no single field shows. It reads the raw document, so that it has its say beside other mistakes."""
    locations = _object(document.get("sourceLocations"))
    tokens = _object(document.get("accessTokens"))
    for name in (name for name in locations if name not in tokens):
        yield Mistake(
            ("accessTokens", name),
            "is missing: each source location has a token",
            config_set_token(name),
        )
    for name in (name for name in tokens if name not in locations):
        yield Mistake(
            ("accessTokens", name),
            "is a token without a source location",
            config_remove(("accessTokens", name)),
        )
    if tokens and not is_config_secret(f"{pulumi.get_project()}:accessTokens"):
        for name in tokens:
            yield Mistake(
                ("accessTokens", name),
                "stands unencrypted in the stack file: encrypt a new one, and let this one be refused by the origin",
                config_set_token(name),
            )
    yield from _repeated_secret_names(locations)
    yield from _too_large_secrets(locations, tokens)
    yield from _mistakes_of_key_policy(_object(document.get("encryptionKey")))


def _repeated_secret_names(locations: Mapping[str, Any]) -> Iterator[Mistake]:
    first: dict[str, str] = {}
    for name, settings in locations.items():
        secret_name = _object(settings).get("secretName")
        if not isinstance(secret_name, str):
            continue
        owner = first.setdefault(secret_name, name)
        if owner != name:
            path = ("sourceLocations", name, "secretName")
            yield Mistake(
                path,
                f"is the secretName of {owner} too; each secret has its own",
                config_remove(path),
            )


def _too_large_secrets(
    locations: Mapping[str, Any], tokens: Mapping[str, Any]
) -> Iterator[Mistake]:
    for name, settings in locations.items():
        key = _object(settings).get("secretStringKey", DEFAULT_SECRET_STRING_KEY)
        token = tokens.get(name, "")
        if (
            isinstance(key, str)
            and isinstance(token, str)
            and len(secret_string(key, token)) > SECRET_STRING_MAX_BYTES
        ):
            path = ("sourceLocations", name, "secretStringKey")
            yield Mistake(
                path,
                f"makes a SecretString of over {SECRET_STRING_MAX_BYTES:,} bytes, which Secrets Manager refuses",
                config_set(path, "AccessToken"),
            )


def _iam_arns(encryption_key: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    for key in ("administrators", "sourceLocationManagers"):
        arns = encryption_key.get(key)
        for index, arn in enumerate(arns if isinstance(arns, list) else []):
            if isinstance(arn, str):
                yield ("encryptionKey", key, index), arn


def _mistakes_of_key_policy(encryption_key: Mapping[str, Any]) -> Iterator[Mistake]:
    arns = list(_iam_arns(encryption_key))
    seen = set()
    for path, arn in arns:
        if (path[1], arn) in seen:
            # KMS drops the repetition from the policy that it stores, which then differs from ours for ever.
            yield Mistake(path, "stands in the list already", config_remove(path))
        seen.add((path[1], arn))
    # Account ids are of one length, and so are Regions within a few bytes: any will do to measure.
    document = key_policy(
        partition="aws",
        account="0" * 12,
        region=max(MEDIATAILOR_REGIONS, key=len),
        administrators=[arn for path, arn in arns if path[1] == "administrators"],
        source_location_managers=[arn for path, arn in arns if path[1] == "sourceLocationManagers"],
    )
    if len(to_json(document).encode()) > KEY_POLICY_MAX_BYTES:
        yield Mistake(
            ("encryptionKey",),
            f"makes a key policy of over {KEY_POLICY_MAX_BYTES:,} bytes, which KMS refuses: name fewer principals",
            config_remove(arns[-1][0]),
        )


def _mistakes_of_target(
    document: Mapping[str, Any], *, partition: str, region: str
) -> Iterator[Mistake]:
    if region not in MEDIATAILOR_REGIONS:
        nearest = nearest_mediatailor_regions(region)
        reason = (
            f"AWS has no MediaTailor in partition {partition}"
            if partition != "aws"
            else f"MediaTailor is not in {region}; the nearest Regions that have it: {', '.join(nearest)}"
        )
        yield Mistake(("aws:region",), reason, f"pulumi config set aws:region {nearest[0]}")
    for path, arn in _iam_arns(_object(document.get("encryptionKey"))):
        arn_partition = arn.split(":")[1] if arn.count(":") else ""
        if arn.startswith("arn:") and arn_partition != partition:
            yield Mistake(
                path,
                f"is of partition {arn_partition}, but the stack deploys to {partition}",
                config_set(path, f"arn:{partition}:iam::123456789012:role/NAME"),
            )
