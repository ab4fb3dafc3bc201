"""A stack in a sandbox and the AWS that it is deployed to."""

import contextlib
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

import boto3
import psutil

from sandbox.workspace import Sandbox

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_secretsmanager import SecretsManagerClient

STACK_FILE = """\
config:
  aws:region: eu-west-1
  mediatailor-access-token:sourceLocations:
    news:
      headerName: X-Access-Token
      secretStringKey: NewsToken
    sports:
      headerName: X-Access-Token
  mediatailor-access-token:encryptionKey:
    deletionWindowInDays: 9
  mediatailor-access-token:recoveryWindowInDays: 11
"""
"""Two source locations, with non-default windows."""


@dataclass(frozen=True, kw_only=True)
class Stack:
    """A stack in a sandbox and the AWS that it is deployed to."""

    workspace: Sandbox

    def pulumi(self, *arguments: str, stdin: str = "", fails: bool = False) -> str:
        """Run a Pulumi command, check whether it fails, and return its output."""
        done = subprocess.run(  # noqa: S603  a test's command
            ["pulumi", "--non-interactive", *arguments],  # noqa: S607  the sandbox's
            cwd=self.workspace.folder,
            env=self.workspace.environment,
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert (done.returncode != 0) is fails, done.stdout
        return done.stdout

    def up(self) -> str:
        """Update the stack without a preview, and return the output."""
        return self.pulumi("up", "--yes", "--skip-preview")

    def config_set(self, path: str, value: str) -> None:
        self.pulumi("config", "set", "--plaintext", "--path", path, value)

    def set_token(self, source_location: str, token: str) -> None:
        path = f'mediatailor-access-token:accessTokens["{source_location}"]'
        self.pulumi("config", "set", "--secret", "--path", path, stdin=token)

    def outputs(self) -> dict[str, Any]:
        outputs: dict[str, Any] = json.loads(self.pulumi("stack", "output", "--json"))
        return outputs

    def resources(self) -> list[dict[str, Any]]:
        """Return the resources in the state, without the stack itself and the provider."""
        state = json.loads(self.pulumi("stack", "export"))["deployment"]
        return [
            resource
            for resource in state.get("resources", [])
            if not resource["type"].startswith("pulumi:")
        ]

    @overload
    def aws(self, service: Literal["kms"]) -> "KMSClient": ...
    @overload
    def aws(self, service: Literal["secretsmanager"]) -> "SecretsManagerClient": ...
    def aws(self, service: Literal["kms", "secretsmanager"]) -> object:
        return self.client(service)

    def client(self, service: str, region: str | None = None) -> Any:
        """Return a client of any service, by default in the Region of the stack."""
        return boto3.client(
            service,  # type: ignore[call-overload]  # any of them
            endpoint_url=self.workspace.aws_url,
            region_name=region or self.workspace.region,
            aws_access_key_id=self.workspace.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.workspace.environment["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=self.workspace.environment["AWS_SESSION_TOKEN"],
        )


def operations(output: str) -> set[str]:
    """Return the operation's symbol and the name of each resource in a preview or an update."""
    lines = (line.split() for line in output.splitlines())
    return {
        f"{line[0]} {line[2]}" for line in lines if len(line) > 2 and line[1].startswith("aws:")
    }


def processes_of(folder: Path) -> list[psutil.Process]:
    """Return the processes of a sandbox whose temporary files are in a folder."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):  # another user's, or ended in the meantime
            if str(folder) in " ".join([*process.cmdline(), *process.environ().values()]):
                found.append(process)
    return found


def process_list() -> str:
    """Return the command line and environment of every process that we may read.

    PULUMI_CONFIG of the program's own Python is left out: Pulumi passes the decrypted config in it.
    """
    lines: list[str] = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):  # another user's, or ended in the meantime
            environment = process.environ()  # first: a new program never has the old one's config
            command = process.cmdline()
            if any(Path(part).name == "pulumi-language-python-exec" for part in command):
                environment.pop("PULUMI_CONFIG", None)
            lines.append(" ".join([*command, *map("=".join, environment.items())]))
    return "\n".join(lines)
