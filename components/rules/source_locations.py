"""Rules for the settings and tokens of the source locations."""

import dataclasses
import difflib
from collections.abc import Iterator

from ..access_token_secret import secret_name_of
from ..media_package_role import CDN_AUTHORIZATIONS
from . import values
from .errors import InputError, Path
from .inputs import Inputs, mapping, value_errors

SOURCE_LOCATION_RULES = {
    "origin": values.ORIGIN,
    "headerName": values.HEADER_NAME,
    "secretStringKey": values.SECRET_STRING_KEY,
    "secretName": values.SECRET_NAME,
    "adoptSecretArn": values.SECRET_ARN,
    "description": values.DESCRIPTION,
    "baseUrl": values.BASE_URL,
    "segmentDeliveryBaseUrl": values.BASE_URL,
}


def source_location_errors(inputs: Inputs) -> Iterator[InputError]:
    """Yield the errors of the source locations, alone and together, and of the tokens."""
    source_locations = mapping(inputs.get("sourceLocations"))
    if not source_locations:
        yield InputError(
            path=("sourceLocations", "NAME", "headerName"),
            message="is missing: at least one source location is required",
            example=values.HEADER_NAME.example,
        )
    for name, settings in source_locations.items():
        path: Path = ("sourceLocations", name)
        yield from _value_errors(path, mapping(settings))
        yield from _errors_between_settings(path, mapping(settings))
    yield from _errors_between_source_locations(source_locations)
    yield from _errors_between_tokens_and_source_locations(
        source_locations, mapping(inputs.get("accessTokens"))
    )


def _value_errors(path: Path, settings: Inputs) -> Iterator[InputError]:
    yield from value_errors(path, path[-1], values.SOURCE_LOCATION_NAME)
    origin = dataclasses.replace(values.ORIGIN, example=_meant_origin(settings))
    for key, rule in {**SOURCE_LOCATION_RULES, "origin": origin}.items():
        yield from value_errors((*path, key), settings.get(key), rule)
    tags = mapping(settings.get("tags"))
    for named in (path, *((*path, "tags", key) for key in tags)):
        if named[-1] == values.RESERVED_NAME:
            yield InputError(path=named, message="has a name that Pulumi reserves")
    for key, value in tags.items():
        yield from value_errors((*path, "tags", key), key, values.TAG_KEY)
        yield from value_errors((*path, "tags", key), value, values.TAG_VALUE)
    if len(tags) > values.MAX_TAGS:
        message = f"has {len(tags)} tags; AWS allows at most {values.MAX_TAGS}"
        yield InputError(path=(*path, "tags"), message=message)
    segments: Path = (*path, "segmentDeliveryConfigurations")
    configurations = mapping(settings.get("segmentDeliveryConfigurations"))
    for name, url in configurations.items():
        yield from value_errors((*segments, name), name, values.SEGMENT_DELIVERY_NAME)
        yield from value_errors((*segments, name), url, values.BASE_URL)
    if len(configurations) > values.MAX_SEGMENT_DELIVERY_CONFIGURATIONS:
        limit = values.MAX_SEGMENT_DELIVERY_CONFIGURATIONS
        message = f"has {len(configurations)} entries; MediaTailor allows at most {limit}"
        yield InputError(path=segments, message=message)


def _meant_origin(settings: Inputs) -> str:
    """Return the origin or, if it is misspelled, the one that was probably meant."""
    origin = settings.get("origin")
    if not isinstance(origin, str):
        return values.ORIGIN.example
    similar = difflib.get_close_matches(origin, values.ORIGIN.schema["enum"], n=1, cutoff=0.8)
    return similar[0] if similar else values.ORIGIN.example


def _errors_between_settings(path: Path, settings: Inputs) -> Iterator[InputError]:
    origin = _meant_origin(settings)
    cdn_authorization = CDN_AUTHORIZATIONS.get(origin)
    if cdn_authorization:
        for key, value in (
            ("headerName", cdn_authorization.header_name),
            ("secretStringKey", cdn_authorization.secret_string_key),
        ):
            if key in settings:
                message = f"must not be set: {origin} requires {value}"
                yield InputError(path=(*path, key), message=message)
    elif "headerName" not in settings:
        yield InputError(
            path=(*path, "headerName"),
            message="is missing: MediaTailor sends the token in this header to a custom origin",
            example=values.HEADER_NAME.example,
        )
    if "adoptSecretArn" in settings and "secretName" in settings:
        yield InputError(
            path=(*path, "secretName"),
            message="must not be set together with adoptSecretArn: an adopted secret keeps its name",
        )
    for key in ("segmentDeliveryBaseUrl", "segmentDeliveryConfigurations"):
        if key in settings and "baseUrl" not in settings:
            yield InputError(
                path=(*path, "baseUrl"),
                message=f"is missing: {key} configures the source location, which is created only with baseUrl",
                example=values.BASE_URL.example,
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
                message=f"needs another name: two resources would be named {name}-role-policy",
            )


def _errors_between_tokens_and_source_locations(
    source_locations: Inputs, access_tokens: Inputs
) -> Iterator[InputError]:
    for name, settings in source_locations.items():
        is_managed_elsewhere = mapping(settings).get("tokenManagedElsewhere") is True
        if is_managed_elsewhere and name in access_tokens:
            yield InputError(
                path=("accessTokens", name),
                message="must not be set together with tokenManagedElsewhere",
            )
        elif (
            name not in access_tokens
            and not is_managed_elsewhere
            and values.SOURCE_LOCATION_NAME.is_met_by(name)  # otherwise it has to be removed
        ):
            yield InputError(
                path=("accessTokens", name),
                message="is missing: every source location needs a token",
                example=values.ACCESS_TOKEN.example,
            )
    for name, token in access_tokens.items():
        if name not in source_locations or not values.SOURCE_LOCATION_NAME.is_met_by(name):
            yield InputError(path=("accessTokens", name), message="belongs to no source location")
        elif isinstance(token, str):
            yield from token_errors(name, token)


def token_errors(name: str, token: str) -> Iterator[InputError]:
    """Yield the error of a source location's token, without any part of the token."""
    if faults := values.faults_of_token(token):
        yield InputError(
            path=("accessTokens", name),
            message=f"{' and '.join(faults)}; a token is {values.ACCESS_TOKEN.must_be}",
            example=values.ACCESS_TOKEN.example,
        )
