"""The MediaTailor source location (AWS's step 3)."""

from collections.abc import Iterator

from verification.facts import Facts, NothingToCheckError
from verification.requirement import Finding, Requirement

_PAGE = "https://docs.aws.amazon.com/mediatailor/latest/ug/channel-assembly-creating-source-locations.html"


def _access(facts: Facts) -> Iterator[Finding]:
    if facts.expected.source_location_arn is None:
        raise NothingToCheckError
    if (
        facts.source_location.is_missing
        or facts.source_location.value.get("Arn") != facts.expected.source_location_arn
    ):
        yield Finding(text="MediaTailor knows no such source location")
    elif (
        facts.source_location.value.get("AccessConfiguration")
        != facts.expected.access_configuration
    ):
        yield Finding(text="its access configuration is another one")


def _https(facts: Facts) -> Iterator[Finding]:
    base_url = facts.source_location.value.get("HttpConfiguration", {}).get("BaseUrl", "")
    if not base_url.startswith("https://"):
        yield Finding(text=f"the base URL is {base_url or 'missing'}")


REQUIREMENTS = (
    Requirement(
        id="source-location-access",
        title="the source location authenticates as the stack exports",
        page=_PAGE,
        check=_access,
    ),
    Requirement(
        id="source-location-https",
        title="the source location's base URL is https",
        page=_PAGE,
        check=_https,
    ),
)
