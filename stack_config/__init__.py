"""The stack's config: what may stand in `Pulumi.<stack>.yaml`, and every mistake in it found before AWS is called."""

import difflib
import json
import os
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, cast

import pulumi
from pulumi.runtime import get_config_env, is_config_secret
from pulumi.runtime.config import CONFIG
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from components import (
    AccessTokenAuthenticationArgs,
    DeploymentTarget,
    EncryptionKeySettings,
    SourceLocationSettings,
    value_rules,
)
from components.access_token_secret import secret_name_of, secret_string
from components.media_package import CDN_AUTHORIZATIONS
from components.policies import KEY_POLICY_MAX_BYTES, MEDIATAILOR_PRINCIPAL, key_policy, to_json
from components.regions import (
    MEDIATAILOR_REGIONS,
    REGIONS_WITHOUT_MEDIAPACKAGE,
    nearest_mediatailor_regions,
    partition_of,
)
from stack_config.errors import (
    Mistake,
    Path,
    config_remove,
    config_set,
    config_set_token,
    raise_if_any,
)

# Pydantic would search all installed packages for plugins, which see every value, and so the tokens.
os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"

SECRET_STRING_MAX_BYTES = 65_536
"""https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html"""


# --- The model. A field's description completes "must be …" in messages, its example stands in the command that fixes it.

IamArns = list[Annotated[str, AfterValidator(value_rules.iam_arn)]]
Days = Annotated[int, Field(strict=True)]


class _Section(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", frozen=True, hide_input_in_errors=True
    )

    @field_validator("*", mode="before")
    @classmethod
    def _refuse_null(cls, value: object) -> object:
        # None means "not set" in the model; in a stack file it is a value that somebody forgot.
        if value is None:
            raise PydanticCustomError("null", "null")
        return value


class EncryptionKeyConfig(_Section):
    """`encryptionKey`: the one customer managed key of the stack, made by it or existing."""

    arn: Annotated[str, AfterValidator(value_rules.key_arn)] | None = Field(
        default=None, description="a key ARN", examples=["KEY_ARN"]
    )
    replica_arns: dict[str, Annotated[str, AfterValidator(value_rules.key_arn)]] = Field(
        default={},
        description="an object: for each Region in replicaRegions a key ARN",
        examples=["KEY_ARN"],
    )
    alias: Annotated[str, AfterValidator(value_rules.alias)] | None = Field(
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

    origin: Literal["custom", "mediapackage-v1", "mediapackage-v2"] = Field(
        default="custom",
        description="custom, mediapackage-v1 or mediapackage-v2",
        examples=["custom"],
    )
    header_name: Annotated[str, AfterValidator(value_rules.header_name)] | None = Field(
        default=None, description="a string", examples=["X-Access-Token"]
    )
    secret_string_key: Annotated[str, Field(min_length=1)] | None = Field(
        default=None, description="a string that is not empty", examples=["AccessToken"]
    )
    secret_name: Annotated[str, AfterValidator(value_rules.secret_name)] | None = Field(
        default=None, description="a string", examples=["mediatailor/access-token"]
    )
    description: str | None = Field(
        default=None,
        max_length=2048,
        description="a string of at most 2,048 characters",
        examples=["'Access token of …'"],
    )
    adopt_secret_arn: Annotated[str, AfterValidator(value_rules.secret_arn)] | None = Field(
        default=None, description="the ARN of a secret", examples=["SECRET_ARN"]
    )
    base_url: Annotated[str, AfterValidator(value_rules.base_url)] | None = Field(
        default=None, description="an https URL", examples=["https://origin.example.com"]
    )
    segment_delivery_base_url: Annotated[str, AfterValidator(value_rules.base_url)] | None = Field(
        default=None, description="an https URL", examples=["https://cdn.example.com"]
    )
    tags: Annotated[dict[str, str], AfterValidator(value_rules.tags)] | None = Field(
        default=None, description="an object of strings"
    )


class StackConfig(_Section):
    """The config of one stack, without a mistake that shows before AWS is called.

    Keys, types, ranges and defaults are those of the README's config table.
    """

    source_locations: dict[
        Annotated[str, AfterValidator(value_rules.source_location_name)], SourceLocationConfig
    ] = Field(
        min_length=1,
        description="an object: at least one name of a source location, each with an object of settings",
    )
    access_tokens: dict[str, Annotated[SecretStr, AfterValidator(value_rules.access_token)]] = (
        Field(description="an object: for each source location's name its token, a string")
    )
    encryption_key: EncryptionKeyConfig = Field(
        default=EncryptionKeyConfig(), description="an object"
    )
    recovery_window_in_days: Annotated[Days, AfterValidator(value_rules.recovery_window)] = Field(
        default=30, description="0 or a whole number of days from 7 to 30", examples=["30"]
    )
    replica_regions: list[str] = Field(
        default=[], description="a list of Regions", examples=["us-west-2"]
    )
    restrict_to_source_account: bool = Field(
        default=False, strict=True, description="true or false", examples=["true"]
    )
    service_principal: Annotated[str, AfterValidator(value_rules.service_principal)] = Field(
        default=MEDIATAILOR_PRINCIPAL, description="a string", examples=[MEDIATAILOR_PRINCIPAL]
    )
    protect: bool = Field(
        default=False, strict=True, description="true or false", examples=["true"]
    )

    def component_args(self, target: DeploymentTarget) -> AccessTokenAuthenticationArgs:
        """Return what the stack's `AccessTokenAuthentication` is made of.

        Raises:
            StackConfigError: the config does not fit the provider's partition, Region or account.

        """
        raise_if_any(_mistakes_of_target(self.model_dump(by_alias=True), target))
        key = self.encryption_key
        return {
            "target": target,
            "source_locations": {
                name: cast("SourceLocationSettings", location.model_dump(exclude_none=True))
                for name, location in self.source_locations.items()
            },
            "access_tokens": {
                name: pulumi.Output.secret(token.get_secret_value())
                for name, token in self.access_tokens.items()
            },
            "encryption_key": cast(
                "EncryptionKeySettings",
                key.model_dump(exclude={"arn", "replica_arns"}, exclude_none=True),
            ),
            "existing_key": (
                {"arn": key.arn, "replica_arns": key.replica_arns} if key.arn else None
            ),
            "recovery_window_in_days": self.recovery_window_in_days,
            "replica_regions": self.replica_regions,
            "service_principal": self.service_principal,
            "restrict_to_source_account": self.restrict_to_source_account,
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
    return {
        key.removeprefix(namespace): _read_value(value)
        for key, value in _all_config().items()
        if key.startswith(namespace)
    }


def _all_config() -> dict[str, str]:
    # pulumi.Config can't list its keys, and without a list an unknown one can't be told.
    return {**get_config_env(), **CONFIG.get()}


def _mistakes_of_namespaces() -> Iterator[Mistake]:
    project = pulumi.get_project()
    for key in _all_config():
        namespace = key.partition(":")[0]
        if namespace != project and difflib.get_close_matches(namespace, [project], cutoff=0.8):
            yield Mistake(
                (key,),
                f"is of namespace {namespace}; the program's is {project}",
                config_remove((key,)),
            )


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
    yield from _mistakes_of_namespaces()
    # Where the provider will deploy, as far as it can be known without starting it.
    region = (
        pulumi.Config("aws").get("region")
        or os.environ.get("AWS_REGION")
        or os.environ.get("AWS_DEFAULT_REGION")
    )
    if region:
        target = DeploymentTarget(partition=partition_of(region), region=region, account="")
        yield from _mistakes_of_target(document, target)


def _mistake_of_field(kind: str, path: Path, message: str) -> Mistake:
    rule = message.removeprefix("Value error, ")
    if path[-1] == "[key]":
        return Mistake(path[:-1], rule, config_remove(path[:-1]))
    section, key = _section_and_key(path)
    fields = {str(field.alias): field for field in section.model_fields.values()}
    if key not in fields:
        return Mistake(path, f"is not a key here; {_nearest(key, fields)}", config_remove(path))
    if kind != "value_error":
        rule = f"must be {_description(path) or fields[key].description}"
    return Mistake(path, rule, _command(kind, path, fields[key].examples))


def _nearest(key: str, fields: Mapping[str, Any]) -> str:
    """Say which key may have been meant: one of another section, or of this one by its spelling."""
    sections: dict[str, type[_Section]] = {
        "at the top level": StackConfig,
        "in encryptionKey": EncryptionKeyConfig,
        "in a source location": SourceLocationConfig,
    }
    for where, section in sections.items():
        if key in {field.alias for field in section.model_fields.values()}:
            return f"it is one {where}"
    nearest = difflib.get_close_matches(key, fields, n=1, cutoff=0.4)
    return f"the nearest is {nearest[0]}" if nearest else f"the keys are {', '.join(fields)}"


def _description(path: Path) -> str | None:
    """Say what belongs to a place inside of a field's value."""
    match path:
        case ("accessTokens", _):
            return "a string"
        case ("sourceLocations", _):
            return "an object of settings"
        case ("encryptionKey", "replicaArns", _):
            return "a key ARN"
        case ("encryptionKey", _, int()):
            return "an IAM ARN"
        case ("replicaRegions", int()):
            return "a Region"
        case _:
            return None


def _command(kind: str, path: Path, examples: list[Any] | None) -> str:
    """Return the command that puts a good value where a wrong one is, or else removes the wrong one."""
    match path:
        case ("accessTokens",):
            return config_set_token("NAME")
        case ("accessTokens", str(name)):
            return config_set_token(name)
        case ("sourceLocations",):
            return config_set((*path, "NAME", "headerName"), "X-Access-Token")
        # Where a number or true stands in quotes, the CLI would put the next one in quotes as well.
        case _ if examples and not kind.startswith(("dict_", "list_", "model_", "int_", "bool_")):
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


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


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
    for name, settings in locations.items():
        if isinstance(settings, Mapping):
            yield from _mistakes_of_source_location(("sourceLocations", name), settings)
    yield from _repeated_secrets(locations)
    yield from _too_large_secrets(locations, tokens)
    key = _object(document.get("encryptionKey"))
    yield from _mistakes_of_key_policy(key)
    yield from _mistakes_of_existing_key(key, document)


def _mistakes_of_source_location(path: Path, settings: Mapping[str, Any]) -> Iterator[Mistake]:
    preset = {str(origin): preset for origin, preset in CDN_AUTHORIZATIONS.items()}.get(
        str(settings.get("origin"))
    )
    if preset:
        for key, value in (
            ("headerName", preset.header_name),
            ("secretStringKey", preset.secret_string_key),
        ):
            if key in settings:
                problem = f"is {value} for origin {settings['origin']}, and can't be set beside it"
                yield Mistake((*path, key), problem, config_remove((*path, key)))
    elif "headerName" not in settings:
        yield Mistake(
            (*path, "headerName"),
            "is missing: a custom origin has a header in which it expects the token",
            config_set((*path, "headerName"), "X-Access-Token"),
        )
    if "adoptSecretArn" in settings and "secretName" in settings:
        yield Mistake(
            (*path, "secretName"),
            "can't be set beside adoptSecretArn: an adopted secret keeps its name",
            config_remove((*path, "secretName")),
        )
    if "segmentDeliveryBaseUrl" in settings and "baseUrl" not in settings:
        yield Mistake(
            (*path, "segmentDeliveryBaseUrl"),
            "is a setting of the source location, which is made only where there is a baseUrl",
            config_set((*path, "baseUrl"), "https://origin.example.com"),
        )


def _mistakes_of_existing_key(
    key: Mapping[str, Any], document: Mapping[str, Any]
) -> Iterator[Mistake]:
    regions = [
        region for region in _list(document.get("replicaRegions")) if isinstance(region, str)
    ]
    replica_arns = _object(key.get("replicaArns"))
    mistakes: dict[Path, str] = {}
    if "arn" in key:
        for name in ("alias", "rotationPeriodInDays", "deletionWindowInDays", "administrators"):
            if name in key:
                mistakes["encryptionKey", name] = (
                    "is for a key that the stack makes, and can't be set beside encryptionKey.arn"
                )
        for region in regions:
            if region not in replica_arns and region in MEDIATAILOR_REGIONS:
                path: Path = ("encryptionKey", "replicaArns", region)
                problem = "is missing: with an existing key each replica has a key of its Region"
                yield Mistake(path, problem, config_set(path, "KEY_ARN"))
    for region in replica_arns:
        if "arn" not in key or region not in regions:
            mistakes["encryptionKey", "replicaArns", region] = (
                "is for a Region in replicaRegions, beside encryptionKey.arn"
            )
    for path, problem in mistakes.items():
        yield Mistake(path, problem, config_remove(path))


def _repeated_secrets(locations: Mapping[str, Any]) -> Iterator[Mistake]:
    first: dict[str, str] = {}
    for name, settings in locations.items():
        for key in ("secretName", "adoptSecretArn"):
            secret = _object(settings).get(key)
            if not isinstance(secret, str):
                continue
            secret_name = secret_name_of(secret) if key == "adoptSecretArn" else secret
            owner = first.setdefault(secret_name, name)
            if owner != name:
                path = ("sourceLocations", name, key)
                problem = f"is the secret of {owner} too; each source location has one of its own"
                yield Mistake(path, problem, config_remove(path))


def _too_large_secrets(
    locations: Mapping[str, Any], tokens: Mapping[str, Any]
) -> Iterator[Mistake]:
    for name, settings in locations.items():
        key = _object(settings).get("secretStringKey", "")
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
        for index, arn in enumerate(_list(encryption_key.get(key))):
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


def _mistakes_of_target(document: Mapping[str, Any], target: DeploymentTarget) -> Iterator[Mistake]:
    """Judge what depends on where the provider deploys to. An account that is not known yet is empty."""
    if target.partition != "aws":
        yield Mistake(
            ("aws:region",),
            f"is of partition {target.partition}, in which AWS has no MediaTailor",
            "pulumi config set aws:region us-east-1",
        )
    elif target.region not in MEDIATAILOR_REGIONS:
        nearest = nearest_mediatailor_regions(target.region)
        yield Mistake(
            ("aws:region",),
            f"MediaTailor is not in {target.region}; the nearest Regions that have it: {', '.join(nearest)}",
            f"pulumi config set aws:region {nearest[0]}",
        )
    yield from _mistakes_of_arns(document, target)
    yield from _mistakes_of_replica_regions(_list(document.get("replicaRegions")), target)
    for name, settings in _object(document.get("sourceLocations")).items():
        origin = _object(settings).get("origin")
        if isinstance(origin, str) and target.region in REGIONS_WITHOUT_MEDIAPACKAGE.get(
            origin, ()
        ):
            path: Path = ("sourceLocations", name, "origin")
            problem = f"can't be {origin} in {target.region}, where AWS has no such MediaPackage"
            yield Mistake(path, problem, config_set(path, "custom"))
    principal = str(document.get("servicePrincipal"))
    # Of the two that the value's own rule takes, the global principal is right everywhere.
    if re.fullmatch(r"mediatailor\.[a-z0-9-]+\.amazonaws\.com", principal) and (
        principal != f"mediatailor.{target.region}.amazonaws.com"
    ):
        path = ("servicePrincipal",)
        problem = f"is that of another Region than the stack's, {target.region}"
        yield Mistake(path, problem, config_set(path, MEDIATAILOR_PRINCIPAL))


def _mistakes_of_arns(document: Mapping[str, Any], target: DeploymentTarget) -> Iterator[Mistake]:
    """Judge partition, Region and account of each ARN; what is no ARN at all is told elsewhere."""
    key = _object(document.get("encryptionKey"))
    arns: list[tuple[Path, object, str | None]] = [
        (path, arn, None) for path, arn in _iam_arns(key)
    ]
    arns.append((("encryptionKey", "arn"), key.get("arn"), target.region))
    arns += [
        (("encryptionKey", "replicaArns", region), arn, region)
        for region, arn in _object(key.get("replicaArns")).items()
    ]
    arns += [
        (
            ("sourceLocations", name, "adoptSecretArn"),
            _object(settings).get("adoptSecretArn"),
            target.region,
        )
        for name, settings in _object(document.get("sourceLocations")).items()
    ]
    for path, arn, region in arns:
        parts = arn.split(":") if isinstance(arn, str) else []
        if len(parts) < len(("arn", "partition", "service", "region", "account", "resource")):
            continue
        wrong = []
        if parts[1] != target.partition:
            wrong.append(f"partition {parts[1]}, but the stack deploys to {target.partition}")
        elif region and parts[3] != region:
            wrong.append(f"Region {parts[3]}, but must be of {region}")
        # IAM principals may be of other accounts; MediaTailor documents no key or secret of another account.
        if region and target.account and parts[4] != target.account:
            wrong.append(f"account {parts[4]}, but the stack deploys to {target.account}")
        for problem in wrong:
            yield Mistake(path, f"is of {problem}", config_remove(path))


def _mistakes_of_replica_regions(regions: list[Any], target: DeploymentTarget) -> Iterator[Mistake]:
    for index, region in enumerate(regions):
        if not isinstance(region, str):
            continue
        if partition_of(region) != target.partition:
            problem = f"is of partition {partition_of(region)}, but the stack deploys to {target.partition}"
        elif region == target.region:
            problem = "is the stack's own Region, where the secret itself is"
        elif region in regions[:index]:
            problem = "stands in the list already"
        elif region not in MEDIATAILOR_REGIONS:
            nearest = nearest_mediatailor_regions(region)
            problem = f"has no MediaTailor; the nearest Regions that have it: {', '.join(nearest)}"
        else:
            continue
        path = ("replicaRegions", index)
        yield Mistake(path, problem, config_remove(path))
