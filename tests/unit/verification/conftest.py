"""Fixtures: https origins whose certificate is trusted."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.support.https_origin import Authority, authority, https_origin
from tests.support.origin_checks import Serve


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def serve(trust: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Return a function that starts an origin whose certificate is trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(trust.certificate))
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with ExitStack() as servers:
        yield lambda answer: servers.enter_context(https_origin(trust, answer))
