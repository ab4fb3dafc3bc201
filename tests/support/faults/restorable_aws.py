"""A local AWS whose content can be read, saved and restored in milliseconds."""

import copy
import http.client
import json
import sys
from typing import Any, Final
from urllib.parse import urlsplit

from ministack import app as ministack  # type: ignore[import-untyped]
from ministack.core.responses import (  # type: ignore[import-untyped]
    AccountRegionScopedDict,
    AccountScopedDict,
)

from sandbox.local_aws import LocalAws, server

MODULE: Final = __name__
"""The module that serves it."""

_PATH: Final = "/_content/"


def request(aws: LocalAws, operation: str, name: str = "") -> Any:
    """Read, save or restore the content.

    Args:
        aws: a local AWS that this module serves.
        operation: `read`, `save` or `restore`.
        name: the name of the saved content.

    Returns:
        For `read`, every object as a list: its kind, its key and its value.

    """
    connection = http.client.HTTPConnection(urlsplit(aws.url).netloc)
    headers = {"X-Amz-Security-Token": aws.session_token}
    connection.request("PUT", f"{_PATH}{operation}/{name}", headers=headers)
    response = connection.getresponse()
    body = response.read()
    connection.close()
    if response.status != 200:
        raise RuntimeError(f"the local AWS returned {response.status} for {operation} {name}")
    return json.loads(body)


class _Content:
    """The content of MiniStack: each of its stores is an instance of one of two classes."""

    def __init__(self) -> None:
        self._saved: dict[str, dict[str, Any]] = {}

    def read(self, _: str) -> list[Any]:
        return [
            (kind, key[-1], value)
            for kind, store in _stores().items()
            for key, value in store._data.items()  # noqa: SLF001  it has no public way to read all Regions
        ]

    def save(self, name: str) -> None:
        # In one copy, because stores share values.
        self._saved[name] = copy.deepcopy({kind: s._data for kind, s in _stores().items()})  # noqa: SLF001

    def restore(self, name: str) -> None:
        saved = copy.deepcopy(self._saved[name])
        for kind, store in _stores().items():
            store._data.clear()  # noqa: SLF001
            store._data.update(saved.get(kind, {}))  # noqa: SLF001


def _stores() -> dict[str, Any]:
    """Return every store by its module and variable, such as `kms._keys`."""
    return {
        f"{module.__name__.rpartition('.')[2]}.{name}": value
        for module in list(sys.modules.values())
        if module.__name__.startswith("ministack.")
        for name, value in vars(module).items()
        if isinstance(value, (AccountScopedDict, AccountRegionScopedDict))
    }


def _app() -> server.App:
    content = _Content()

    async def app(scope: server.Scope, receive: server.Receive, send: server.Send) -> None:
        path: str = scope["path"]
        if not path.startswith(_PATH):
            await ministack.app(scope, receive, send)
            return
        operation, name = path.removeprefix(_PATH).split("/")
        body = json.dumps(getattr(content, operation)(name), default=lambda _: "bytes")
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body.encode()})

    return app


if __name__ == "__main__":
    server.main(int(sys.argv[1]), _app())
