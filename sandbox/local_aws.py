"""An AWS that lives on this machine for as long as we do: MiniStack on a free port of 127.0.0.1."""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from sandbox.errors import SandboxError

ACCOUNT_ID = "123456789012"
"""The account of everything in the local AWS. MiniStack takes a 12-digit access key as the account."""

_HOST = "127.0.0.1"
_START_SECONDS = 60


@contextlib.contextmanager
def local_aws() -> Iterator[Callable[[], str]]:
    """Start the local AWS and stop it at the end, whatever the end is.

    It starts in the background: the yielded function waits until it answers and returns the URL
    that all AWS services are reached at.

    Raises:
        SandboxError: it does not start; the message ends with its log.

    """
    with tempfile.TemporaryDirectory(prefix="local-aws-") as folder, socket.socket() as listener:
        # We take the port and hand the listening socket over: nobody can take the port in between,
        # and a request made before the server is ready waits instead of failing.
        listener.bind((_HOST, 0))
        listener.listen()
        port = listener.getsockname()[1]
        log = Path(folder, "log")
        with log.open("wb") as log_file:
            server = subprocess.Popen(
                [sys.executable, "-m", "sandbox.local_aws", str(listener.fileno())],
                pass_fds=[listener.fileno()],
                stdin=subprocess.PIPE,  # its end tells the server that we are gone
                stdout=log_file,
                stderr=subprocess.STDOUT,
                cwd=folder,
                env=_environment(folder=folder, port=port),
                start_new_session=True,  # Ctrl-C is for the command; the AWS it talks to stays
            )
        listener.close()

        def wait_until_ready() -> str:
            connection = http.client.HTTPConnection(_HOST, port, timeout=_START_SECONDS)
            try:
                connection.request("GET", "/_ministack/health")
                connection.getresponse().read()
            except (OSError, http.client.HTTPException) as error:
                raise SandboxError(
                    f"the local AWS (MiniStack) did not start:\n{log.read_text(errors='replace')}"
                ) from error
            finally:
                connection.close()
            return f"http://{_HOST}:{port}"

        try:
            yield wait_until_ready
        finally:
            # Its state is thrown away, so there is nothing to wait for.
            server.kill()
            server.wait()
            if server.stdin:
                server.stdin.close()


def _environment(*, folder: str, port: int) -> dict[str, str]:
    """Make the server's whole environment: none of the person's settings reach it."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONPATH": str(Path(__file__).resolve().parent.parent),
        "HOME": folder,
        "TMPDIR": folder,
        "BIND_HOST": _HOST,
        "GATEWAY_PORT": str(port),
        "MINISTACK_ACCOUNT_ID": ACCOUNT_ID,
        # Left on, these listen on fixed ports and clean up the person's Docker containers.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": f"unix://{folder}/no-docker.sock",
    }


def _serve(listener_fd: int) -> None:
    """Serve MiniStack on a listening socket that we inherited, until our parent is gone."""
    from hypercorn.config import Config  # noqa: PLC0415  only the server process needs it
    from hypercorn.run import run  # noqa: PLC0415

    from sandbox.local_aws_gaps import fill_gaps  # noqa: PLC0415

    def leave_with_parent() -> None:
        os.read(sys.stdin.fileno(), 1)
        os._exit(0)

    threading.Thread(target=leave_with_parent, daemon=True).start()
    fill_gaps()
    config = Config()
    config.application_path = "ministack.app:app"
    config.bind = [f"fd://{listener_fd}"]
    config.workers = 0  # serve in this process
    config.keep_alive_timeout = 75  # longer than boto3 keeps an idle connection
    run(config)


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
