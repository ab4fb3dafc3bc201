"""The source location in MediaTailor (AWS's step 3)."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from verification.commands import set_source_location
from verification.expected import region_and_account
from verification.fact import NothingToCheckError, NotReadableError, Obstacle
from verification.facts import Facts, SourceLocationFacts
from verification.requirement import Check, Finding, Requirement

_PAGE = "https://docs.aws.amazon.com/mediatailor/latest/ug/channel-assembly-creating-source-locations.html"
ACCESS_TOKEN = "SECRETS_MANAGER_ACCESS_TOKEN"  # noqa: S105  the name of an access type
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_PARTS = ("HeaderName", "SecretArn", "SecretStringKey")

LocationCheck = Callable[[Facts, SourceLocationFacts], Iterable[Finding]]


def of_source_locations(check: LocationCheck) -> Check:
    """Return the check of each source location in MediaTailor that uses the secret."""

    def check_each(facts: Facts) -> Iterator[Finding | Obstacle]:
        applies = False
        for location in facts.source_locations:
            # A source location that was created by hand may have a different name.
            where = "" if location.name == facts.expected.name else f"{location.name}: "
            try:
                for finding in check(facts, location):
                    yield replace(finding, text=where + finding.text)
            except NotReadableError as error:
                yield error.obstacle
            except NothingToCheckError:
                continue
            applies = True
        if not applies:
            raise NothingToCheckError

    return check_each


def _exists(facts: Facts, location: SourceLocationFacts) -> Iterator[Finding]:
    arn = facts.expected.stack.source_location_arn if facts.expected.stack else None
    if location.described.is_missing:
        yield Finding(text=f"MediaTailor has no source location {location.name}", up_fixes=True)
    elif arn and location.described.value.get("Arn") != arn:
        text = f"the ARN is {location.described.value.get('Arn')}, but the stack has {arn}"
        yield Finding(text=text)


def _access(facts: Facts) -> Iterable[Finding | Obstacle]:
    if facts.expected.stack or facts.source_locations:
        return of_source_locations(_access_of)(facts)
    if facts.expected.secret_arn:
        raise NothingToCheckError
    # The source location has no secret, so only its access configuration can be checked.
    return _usable_access(facts.expected.access_configuration.value)


def _access_of(facts: Facts, location: SourceLocationFacts) -> Iterator[Finding]:
    described = location.described.value
    access = described.get("AccessConfiguration") or {}
    if facts.expected.stack is None:
        yield from _usable_access(access)
        return
    wanted = facts.expected.access_configuration.value
    differences = [
        f"{name} is {_part(access, name)}, but the stack has {_part(wanted, name)}"
        for name in ("AccessType", *_PARTS)
        if _part(access, name) != _part(wanted, name)
    ]
    if differences:
        fix = set_source_location(facts, location)
        yield Finding(text="; ".join(differences), fix=(fix,))


def _usable_access(access: Mapping[str, Any]) -> Iterator[Finding]:
    """Check an access configuration without a stack to compare it with."""
    parts = {name: _part(access, name) for name in ("AccessType", *_PARTS)}
    missing = [name for name in _PARTS if parts[name] == _NOTHING]
    if parts["AccessType"] != ACCESS_TOKEN:
        yield Finding(text=f"AccessType is {parts['AccessType']}, not {ACCESS_TOKEN}")
    elif missing:
        yield Finding(text=f"the access configuration has no {', '.join(missing)}")
    elif not region_and_account(parts["SecretArn"]):
        text = f"SecretArn is {parts['SecretArn']}, which is not the ARN of a secret"
        yield Finding(text=text)
    elif not _HEADER_NAME.fullmatch(parts["HeaderName"]):
        text = f"HeaderName is {parts['HeaderName']!r}, which is not a valid HTTP header name"
        yield Finding(text=text)
    elif parts["HeaderName"].lower().startswith(("x-amz-", "x-amzn-")):
        text = f"HeaderName is {parts['HeaderName']}; MediaTailor reserves x-amz- and x-amzn-"
        yield Finding(text=text)


_NOTHING = "missing"


def _part(access: Mapping[str, Any], name: str) -> str:
    token = access.get("SecretsManagerAccessTokenConfiguration") or {}
    return str((access if name == "AccessType" else token).get(name) or _NOTHING)


def _same_region(facts: Facts, location: SourceLocationFacts) -> Iterator[Finding]:
    here = location.described.value["Arn"].split(":")[3:5]
    if not facts.secret.arn:
        raise NothingToCheckError
    there = [facts.secret.region, facts.secret.account]
    if here != there:
        yield Finding(
            text=f"the secret is in {there[0]} of account {there[1]},"
            f" the source location in {here[0]} of account {here[1]}"
        )


def _https(facts: Facts, location: SourceLocationFacts) -> Iterator[Finding]:
    described = location.described.value
    base_url = _base_url(described.get("HttpConfiguration"))
    if not base_url.startswith("https://"):
        text = f"the base URL is {base_url}, so the token is sent unencrypted"
        fix = set_source_location(facts, location)
        yield Finding(text=text, fix=(fix,))


def _stack_url(facts: Facts, location: SourceLocationFacts) -> Iterator[Finding]:
    described = location.described.value
    wanted = _desired_state(facts).get("HttpConfiguration")
    base_url = _base_url(described.get("HttpConfiguration"))
    # _https reports http.
    if base_url != _base_url(wanted) and base_url.startswith("https://"):
        yield Finding(
            text=f"the base URL is {base_url}, but the stack has {_base_url(wanted)}:"
            " MediaTailor sends the token to the wrong origin",
            fix=(set_source_location(facts, location),),
        )


def _segments(facts: Facts, location: SourceLocationFacts) -> Iterator[Finding]:
    described, wanted = location.described.value, _desired_state(facts)
    default = "DefaultSegmentDeliveryConfiguration"
    named = "SegmentDeliveryConfigurations"
    differences = []
    if _base_url(described.get(default)) != _base_url(wanted.get(default)):
        differences.append(
            f"the default segment delivery URL is {_base_url(described.get(default))},"
            f" but the stack has {_base_url(wanted.get(default))}"
        )
    if _by_name(described.get(named)) != _by_name(wanted.get(named)):
        differences.append(
            f"the segment delivery configurations are {_by_name(described.get(named))},"
            f" but the stack has {_by_name(wanted.get(named))}"
        )
    if differences:
        fix = set_source_location(facts, location)
        yield Finding(text="; ".join(differences), fix=(fix,))


def _desired_state(facts: Facts) -> Mapping[str, Any]:
    if facts.expected.stack is None:
        raise NothingToCheckError
    return facts.expected.stack.desired_state.value


def _base_url(configuration: Mapping[str, Any] | None) -> str:
    return str((configuration or {}).get("BaseUrl") or _NOTHING).rstrip("/")


def _by_name(configurations: Sequence[Mapping[str, Any]] | None) -> str:
    pairs = {(str(c.get("Name")), _base_url(c)) for c in configurations or ()}
    return ", ".join(f"{name}: {url}" for name, url in sorted(pairs)) or _NOTHING


REQUIREMENTS = (
    Requirement(
        id="source-location-exists",
        title="the source location exists",
        page=_PAGE,
        check=of_source_locations(_exists),
    ),
    Requirement(
        id="source-location-access",
        title="the source location authenticates with this secret",
        page=_PAGE,
        check=_access,
    ),
    Requirement(
        id="source-location-region",
        title="the secret is in the source location's Region and account",
        page=_PAGE,
        check=of_source_locations(_same_region),
    ),
    Requirement(
        id="source-location-https",
        title="the source location's base URL is https",
        page=_PAGE,
        check=of_source_locations(_https),
    ),
    Requirement(
        id="source-location-url",
        title="the source location's base URL is the stack's",
        page=_PAGE,
        check=of_source_locations(_stack_url),
    ),
    Requirement(
        id="source-location-segments",
        title="the source location's segment delivery URLs are the stack's",
        page=_PAGE,
        check=of_source_locations(_segments),
    ),
)
