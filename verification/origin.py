"""Requests a manifest from origins, with and without the token.

The token is sent in one header of one https request to the host of the base URL. Redirects are not followed.
"""

import re
import ssl
import urllib.request
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

import urllib3
import urllib3.exceptions

from verification.aws import in_parallel
from verification.expected import VerificationError
from verification.fact import Fact, Obstacle
from verification.facts import Facts, OriginFacts, Response, SourceLocationFacts
from verification.requirement import Answer
from verification.requirements import Verification, judge

_TIMEOUT = urllib3.Timeout(connect=5, read=10)
"""Seconds."""

_CDN_HEADERS = ("x-amz-cf-id", "cf-ray", "akamai-grn", "x-served-by", "x-cache", "via", "age")
"""Response headers that CDNs and caches add."""

_NEEDED = {
    "secret-string",
    "source-location-access",
    "source-location-exists",
    "source-location-https",
    "source-location-url",
    "token-characters",
    "token-length",
}
"""The token is sent only if these requirements are met, so that only its origin receives it."""


def origin_path(text: str) -> str:
    """Return a manifest's path with a leading slash, to append to a base URL.

    Raises:
        VerificationError: it is not a path.

    """
    if not re.fullmatch(r"[\x21-\x7E]+", text) or "://" in text or "#" in text:
        raise VerificationError(
            f"--origin-path {text!r} is not a path below a base URL, such as /path/to/manifest.m3u8"
        )
    return "/" + text.lstrip("/")


def with_origins(verification: Verification, path: str) -> Verification:
    """Request a manifest from each source location's origin, and check all requirements again.

    Args:
        verification: the result without the origins.
        path: path of the manifest below each base URL.

    """
    unmet = {
        result.source_location
        for result in verification.results
        if result.requirement.id in _NEEDED
        and result.answer in {Answer.NOT_MET, Answer.NOT_CHECKED}
    }
    facts = in_parallel(
        lambda one: one if one.expected.name in unmet else _ask_all(one, path), verification.facts
    )
    not_asked = [
        one.expected.name
        for one in facts
        if not any(location.origin for location in one.source_locations)
    ]
    setup = verification.setup
    if not_asked:
        note = (
            f"No manifest was requested for {', '.join(not_asked)}: this requires a correct source"
            " location in MediaTailor and a valid token."
        )
        setup = replace(setup, notes=[*setup.notes, note])
    return judge(setup, facts)


def _ask_all(facts: Facts, path: str) -> Facts:
    token = facts.secret.token(facts.expected.secret_string_key.value)
    if token is None:
        return facts
    return replace(
        facts,
        source_locations=[
            replace(location, origin=_ask(location, token, path))
            for location in facts.source_locations
        ],
    )


def _ask(location: SourceLocationFacts, token: str, path: str) -> OriginFacts:
    described = location.described.value
    url = described["HttpConfiguration"]["BaseUrl"].rstrip("/") + path
    access = described["AccessConfiguration"]["SecretsManagerAccessTokenConfiguration"]
    try:
        # Without the token first: otherwise a cache could answer with the response to the token.
        without_token = _get(url, {})
        with_token = _get(url, {access["HeaderName"]: token})
    except urllib3.exceptions.SSLError as error:
        reason = re.sub(r" \(_ssl\.c:\d+\)|\[[^]]*\] ", "", str(error))
        return OriginFacts(url=url, tls_error=reason)
    return OriginFacts(url=url, without_token=without_token, with_token=with_token)


def _get(url: str, headers: Mapping[str, str]) -> Fact[Response]:
    try:
        with _connections(url) as connections:
            response = connections.request(
                "GET",
                url,
                headers={"User-Agent": "mediatailor-access-token", "Accept": "*/*", **headers},
                redirect=False,
                retries=False,
                timeout=_TIMEOUT,
                preload_content=False,
            )
            response.close()
    except urllib3.exceptions.SSLError:
        raise
    except urllib3.exceptions.HTTPError as error:
        # An obstacle, not a finding: MediaTailor may reach the origin even if this machine cannot.
        reason = re.sub(r"^<[^>]*>: |^\w+\([^)]*\): ", "", str(error))
        return Fact(obstacle=Obstacle(action="GET", resource=url, error=reason))
    to = response.headers.get("location")
    return Fact(
        Response(
            status=response.status,
            location=_without_query(urljoin(url, to)) if to else None,
            cdn=next((name for name in _CDN_HEADERS if name in response.headers), None),
        )
    )


def _connections(url: str) -> urllib3.PoolManager:
    context = ssl.create_default_context()
    proxy = urllib.request.getproxies().get("https")
    if proxy and not urllib.request.proxy_bypass(urlsplit(url).hostname or ""):
        # The proxy sees the host but not the content of the TLS connection.
        return urllib3.ProxyManager(proxy, ssl_context=context)
    return urllib3.PoolManager(ssl_context=context)


def _without_query(url: str) -> str:
    """Return a URL without its query, which may contain a signature."""
    return urlsplit(url)._replace(query="", fragment="").geturl()
