"""An AWS on this machine: MiniStack on a free port of 127.0.0.1, for the lifetime of this process."""

import contextlib
import http.client
import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.errors import SandboxError
from sandbox.signals import signals_held_back
from sandbox.temporary_folder import temporary_folder

ACCOUNT_ID = "123456789012"
"""The default account of the local AWS. MiniStack uses a 12-digit access key as the account ID."""

ARN_HEADER = "x-rehearsal-arn"
"""The HTTP header with the ARN for a new key or secret, which AWS would generate."""

_HOST = "127.0.0.1"
_START_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class LocalAws:
    """A running local AWS. It accepts only requests with its session token."""

    session_token: str = field(repr=False)
    """The AWS_SESSION_TOKEN of its clients."""

    _port: int
    _log: Path

    @property
    def url(self) -> str:
        """The endpoint of all AWS services."""
        return f"http://{_HOST}:{self._port}"

    def wait_until_ready(self) -> None:
        """Wait until it responds.

        Raises:
            SandboxError: it did not start; the message includes its log.

        """
        connection = http.client.HTTPConnection(_HOST, self._port, timeout=_START_SECONDS)
        try:
            headers = {"X-Amz-Security-Token": self.session_token}
            connection.request("GET", "/_ministack/health", headers=headers)
            connection.getresponse().read()
        except (OSError, http.client.HTTPException) as error:
            log = self._log.read_text(errors="replace")
            raise SandboxError(f"the local AWS (MiniStack) did not start:\n{log}") from error
        finally:
            connection.close()


@contextlib.contextmanager
def local_aws(*, module: str = "sandbox.local_aws.server") -> Iterator[LocalAws]:
    """Start the local AWS without waiting until it is ready, and stop it at the end.

    Args:
        module: the module to run as the server.

    """
    session_token = secrets.token_urlsafe()
    with temporary_folder("local-aws-") as folder, socket.socket() as listener:
        # The server inherits the listening socket: no other process can take the port in between,
        # and a request made before the server is ready waits instead of failing.
        listener.bind((_HOST, 0))
        listener.listen()
        port = listener.getsockname()[1]
        log = folder / "log"
        with log.open("wb") as log_file:
            server = subprocess.Popen(
                [sys.executable, "-m", module, str(listener.fileno())],
                pass_fds=[listener.fileno()],
                stdin=subprocess.PIPE,  # closed when this process exits, which also ends the server
                stdout=log_file,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=_environment(folder=folder, session_token=session_token),
                start_new_session=True,  # Ctrl-C ends the command, not the AWS that it uses
            )
        listener.close()
        try:
            yield LocalAws(session_token=session_token, _port=port, _log=log)
        finally:
            _stop(server)


def _environment(*, folder: Path, session_token: str) -> dict[str, str]:
    """Return the server's complete environment, which excludes the user's settings."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": str(Path(__file__).resolve().parent.parent.parent),
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "STATE_DIR": str(folder),
        "SERVICES": "kms,secretsmanager,sts,iam,cloudcontrol",
        "MINISTACK_ACCOUNT_ID": ACCOUNT_ID,
        "AWS_SESSION_TOKEN": session_token,
    }


@signals_held_back()
def _stop(server: "subprocess.Popen[bytes]") -> None:
    server.kill()  # its state is discarded, so there is nothing to wait for
    server.wait()
    if server.stdin:
        server.stdin.close()
