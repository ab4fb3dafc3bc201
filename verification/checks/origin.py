"""Whether the origin accepts requests with the token and only those; checked only with --origin-path."""

from collections.abc import Iterator

from verification.checks.source_location import of_source_locations
from verification.fact import NothingToCheckError
from verification.facts import Facts, OriginFacts, Response, SourceLocationFacts
from verification.requirement import Finding, Requirement

_PAGE = "https://docs.aws.amazon.com/mediatailor/latest/ug/channel-assembly-access-configuration-overview.html"
_REFUSED = {401, 403}
_NOT_FOUND = {404, 410}


def _accepts(_facts: Facts, location: SourceLocationFacts) -> Iterator[Finding]:
    origin = _origin(location)
    if origin.tls_error:
        yield Finding(text=f"the TLS connection is not trusted: {origin.tls_error}")
        return
    response = origin.with_token.value
    if not _is_ok(response):
        yield Finding(text=f"with the token, {_explain(response, origin)}")


def _explain(response: Response, origin: OriginFacts) -> str:
    answer = f"{origin.url} returned {response.status}"
    if response.location:
        return f"{answer}, a redirect to {response.location}, which was not followed to protect the token"
    if response.status in _REFUSED:
        without = origin.without_token.known
        cdn = response.cdn and without and without.status == response.status
        return f"{answer}: the origin expects another token or header" + (
            f", or the CDN in front of it ({response.cdn}) drops the header" if cdn else ""
        )
    if response.status in _NOT_FOUND:
        return f"{answer}: check the path, and the base URL of the source location"
    return f"{answer}, which neither accepts (2xx) nor refuses (401, 403) the request"


def _refuses_others(_facts: Facts, location: SourceLocationFacts) -> Iterator[Finding]:
    origin = _origin(location)
    if origin.tls_error:
        raise NothingToCheckError
    if not _is_ok(origin.with_token.value):
        raise NothingToCheckError  # reported by _accepts
    response = origin.without_token.value
    if response.status in _REFUSED:
        return
    answer = f"without the token, {origin.url} returned {response.status}"
    if _is_ok(response):
        cdn = f", or the CDN in front of it ({response.cdn}) responds from its cache"
        text = f"{answer}: the origin accepts anyone{cdn if response.cdn else ''}"
    elif response.location:
        text = f"{answer}, a redirect to {response.location}, instead of 401 or 403"
    else:
        text = f"{answer} instead of 401 or 403"
    yield Finding(text=text)


def _origin(location: SourceLocationFacts) -> OriginFacts:
    if location.origin is None:
        raise NothingToCheckError
    return location.origin


def _is_ok(response: Response) -> bool:
    return response.status // 100 == 2  # noqa: PLR2004  the class of the status


REQUIREMENTS = (
    Requirement(
        id="origin-accepts",
        title="the origin accepts a request with the token",
        page=_PAGE,
        check=of_source_locations(_accepts),
    ),
    Requirement(
        id="origin-refuses",
        title="the origin refuses a request without the token",
        page=_PAGE,
        check=of_source_locations(_refuses_others),
    ),
)
