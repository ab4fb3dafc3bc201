"""What the component's inputs must be before anything is created, as far as it depends on the inputs alone.

The inputs are checked in the form in which stack files and other languages write them: objects with camelCase keys. What
is not known yet (a `pulumi.Output`), and what has a wrong type, is skipped.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from . import policies, value_rules
from .access_token_secret import secret_name_of
from .input_errors import InputError, Path
from .media_package_role import CDN_AUTHORIZATIONS
from .regions import MEDIATAILOR_REGIONS
from .value_rules import Rule

Inputs = Mapping[str, Any]

SOURCE_LOCATION_RULES = {
    "origin": value_rules.ORIGIN,
    "headerName": value_rules.HEADER_NAME,
    "secretStringKey": value_rules.SECRET_STRING_KEY,
    "secretName": value_rules.SECRET_NAME,
    "adoptSecretArn": value_rules.SECRET_ARN,
    "description": value_rules.DESCRIPTION,
    "baseUrl": value_rules.BASE_URL,
    "segmentDeliveryBaseUrl": value_rules.BASE_URL,
}
ENCRYPTION_KEY_RULES = {
    "arn": value_rules.KEY_ARN,
    "alias": value_rules.ALIAS,
    "rotationPeriodInDays": value_rules.ROTATION_PERIOD_IN_DAYS,
    "deletionWindowInDays": value_rules.DELETION_WINDOW_IN_DAYS,
}
TOP_LEVEL_RULES = {
    "recoveryWindowInDays": value_rules.RECOVERY_WINDOW_IN_DAYS,
    "servicePrincipal": value_rules.SERVICE_PRINCIPAL,
}


def input_errors(inputs: Inputs) -> Iterator[InputError]:
    """Yield every error that shows without knowing where the provider deploys to."""
    source_locations = mapping(inputs.get("sourceLocations"))
    if not source_locations:
        yield InputError(
            path=("sourceLocations", "NAME", "headerName"),
            message="is missing: at least one source location is required",
            example=value_rules.HEADER_NAME.example,
        )
    for name, settings in source_locations.items():
        yield from _source_location_errors(("sourceLocations", name), mapping(settings))
    yield from _errors_between_source_locations(source_locations)
    yield from _errors_between_tokens_and_source_locations(
        source_locations, mapping(inputs.get("accessTokens"))
    )
    yield from _encryption_key_errors(inputs)
    for key, rule in TOP_LEVEL_RULES.items():
        yield from _value_errors((key,), inputs.get(key), rule)


def rule_at(path: Path) -> Rule | None:  # noqa: PLR0911 one return per section
    """Return the rule of the value at a path, if it has one."""
    match path:
        case ("sourceLocations", _, "tags", _):
            return value_rules.TAG_VALUE
        case ("sourceLocations", _, str(key)):
            return SOURCE_LOCATION_RULES.get(key)
        case ("encryptionKey", "replicaArns", _):
            return value_rules.KEY_ARN
        case ("encryptionKey", "administrators" | "sourceLocationManagers", _):
            return value_rules.IAM_ARN
        case ("encryptionKey", str(key)):
            return ENCRYPTION_KEY_RULES.get(key)
        case (str(key),):
            return TOP_LEVEL_RULES.get(key)
        case _:
            return None


def mapping(value: object) -> Mapping[str, Any]:
    """Return the value if it is a mapping, else an empty one; wrong types are reported elsewhere."""
    return value if isinstance(value, Mapping) else {}


def strings(value: object) -> list[tuple[int, str]]:
    """Return the strings in a list with their positions; wrong types are reported elsewhere."""
    items = value if isinstance(value, list | tuple) else ()
    return [(index, item) for index, item in enumerate(items) if isinstance(item, str)]


def iam_arns(encryption_key: Inputs) -> Iterator[tuple[Path, str]]:
    """Yield the ARNs of the key's principals with their paths."""
    for key in ("administrators", "sourceLocationManagers"):
        for index, arn in strings(encryption_key.get(key)):
            yield ("encryptionKey", key, index), arn


def _value_errors(path: Path, value: object, rule: Rule) -> Iterator[InputError]:
    if type(value) is rule.kind and not rule.is_met_by(value):
        yield InputError(path=path, message=f"must be {rule.must_be}", example=rule.example)


def _source_location_errors(path: Path, settings: Inputs) -> Iterator[InputError]:
    yield from _value_errors(path, path[-1], value_rules.SOURCE_LOCATION_NAME)
    for key, rule in SOURCE_LOCATION_RULES.items():
        yield from _value_errors((*path, key), settings.get(key), rule)
    tags = mapping(settings.get("tags"))
    for key, value in tags.items():
        yield from _value_errors((*path, "tags", key), key, value_rules.TAG_KEY)
        yield from _value_errors((*path, "tags", key), value, value_rules.TAG_VALUE)
    if len(tags) > value_rules.MAX_TAGS:
        message = f"has {len(tags)} tags; AWS takes at most {value_rules.MAX_TAGS}"
        yield InputError(path=(*path, "tags"), message=message)

    origin = settings.get("origin", "custom")
    cdn_authorization = CDN_AUTHORIZATIONS.get(origin) if isinstance(origin, str) else None
    if cdn_authorization:
        for key, value in (
            ("headerName", cdn_authorization.header_name),
            ("secretStringKey", cdn_authorization.secret_string_key),
        ):
            if key in settings:
                message = f"must not be set: {origin} prescribes {value}"
                yield InputError(path=(*path, key), message=message)
    elif "headerName" not in settings:
        yield InputError(
            path=(*path, "headerName"),
            message="is missing: MediaTailor sends the token in this header to a custom origin",
            example=value_rules.HEADER_NAME.example,
        )
    if "adoptSecretArn" in settings and "secretName" in settings:
        yield InputError(
            path=(*path, "secretName"),
            message="must not be set together with adoptSecretArn: an adopted secret keeps its name",
        )
    if "segmentDeliveryBaseUrl" in settings and "baseUrl" not in settings:
        yield InputError(
            path=(*path, "baseUrl"),
            message="is missing: segmentDeliveryBaseUrl configures the source location, which is created only with baseUrl",
            example=value_rules.BASE_URL.example,
        )


def _errors_between_source_locations(source_locations: Inputs) -> Iterator[InputError]:
    owners: dict[str, str] = {}
    for name, settings in source_locations.items():
        for key in ("secretName", "adoptSecretArn"):
            secret = mapping(settings).get(key)
            if not isinstance(secret, str):
                continue
            secret_name = secret if key == "secretName" else secret_name_of(secret)
            owner = owners.setdefault(secret_name, name)
            if owner != name:
                message = f"is also the secret of {owner}; every source location needs its own"
                yield InputError(path=("sourceLocations", name, key), message=message)
        if (
            str(mapping(settings).get("origin")) in CDN_AUTHORIZATIONS
            and f"{name}-role" in source_locations
        ):
            yield InputError(
                path=("sourceLocations", f"{name}-role"),
                message=f"needs another name: the resource {name}-role-policy would be in the stack twice",
            )


def _errors_between_tokens_and_source_locations(
    source_locations: Inputs, access_tokens: Inputs
) -> Iterator[InputError]:
    for name in source_locations:
        if name not in access_tokens:
            yield InputError(
                path=("accessTokens", name),
                message="is missing: every source location needs a token",
                example=value_rules.ACCESS_TOKEN.example,
            )
    for name, token in access_tokens.items():
        if name not in source_locations:
            yield InputError(
                path=("accessTokens", name), message="belongs to none of the source locations"
            )
        elif isinstance(token, str):
            yield from token_errors(name, token)


def token_errors(name: str, token: str) -> Iterator[InputError]:
    """Yield the error of a source location's token, without any part of the token."""
    if faults := value_rules.faults_of_token(token):
        yield InputError(
            path=("accessTokens", name),
            message=f"{' and '.join(faults)}; a token is {value_rules.ACCESS_TOKEN.must_be}",
            example=value_rules.ACCESS_TOKEN.example,
        )


def _encryption_key_errors(inputs: Inputs) -> Iterator[InputError]:
    path: Path = ("encryptionKey",)
    settings = mapping(inputs.get("encryptionKey"))
    for key, rule in ENCRYPTION_KEY_RULES.items():
        yield from _value_errors((*path, key), settings.get(key), rule)
    for region, arn in mapping(settings.get("replicaArns")).items():
        yield from _value_errors((*path, "replicaArns", region), arn, value_rules.KEY_ARN)
    yield from _principal_errors(settings)
    yield from _existing_key_errors(settings, strings(inputs.get("replicaRegions")))


def _principal_errors(encryption_key: Inputs) -> Iterator[InputError]:
    arns = dict(iam_arns(encryption_key))
    seen = set()
    for path, arn in arns.items():
        yield from _value_errors(path, arn, value_rules.IAM_ARN)
        if (path[1], arn) in seen:
            # KMS drops the repetition when it stores the policy, which then differs from ours for good.
            yield InputError(path=path, message="is in the list already")
        seen.add((path[1], arn))
    # Every account ID has the same length, and the length of a Region matters little: any of the longest will do.
    document = policies.key_policy(
        partition="aws",
        account="0" * 12,
        region=max(MEDIATAILOR_REGIONS, key=len),
        administrators=[arn for path, arn in arns.items() if path[1] == "administrators"],
        source_location_managers=[
            arn for path, arn in arns.items() if path[1] == "sourceLocationManagers"
        ],
    )
    if len(policies.to_json(document).encode()) > policies.KEY_POLICY_MAX_BYTES:
        yield InputError(
            path=list(arns)[-1],
            message=f"makes the key policy larger than {policies.KEY_POLICY_MAX_BYTES:,} bytes, which KMS refuses: name fewer"
            " principals",
        )


def _existing_key_errors(
    encryption_key: Inputs, replica_regions: list[tuple[int, str]]
) -> Iterator[InputError]:
    regions = [region for _, region in replica_regions]
    replica_arns = mapping(encryption_key.get("replicaArns"))
    if "arn" in encryption_key:
        for key in ("alias", "rotationPeriodInDays", "deletionWindowInDays", "administrators"):
            if key in encryption_key:
                yield InputError(
                    path=("encryptionKey", key),
                    message="must not be set together with encryptionKey.arn: it configures a new key",
                )
        for region in regions:
            if region not in replica_arns and region in MEDIATAILOR_REGIONS:
                yield InputError(
                    path=("encryptionKey", "replicaArns", region),
                    message="is missing: with an existing key, every replica Region needs a key ARN",
                    example=value_rules.KEY_ARN.example,
                )
    for region in replica_arns:
        if "arn" not in encryption_key or region not in regions:
            yield InputError(
                path=("encryptionKey", "replicaArns", region),
                message="needs encryptionKey.arn, and its Region in replicaRegions",
            )
