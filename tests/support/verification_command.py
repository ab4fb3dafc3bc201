"""`python -m verification` in a sandbox with a deployed stack."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from sandbox.workspace import PROJECT
from tests.support.stack_driver import Stack

REGION = "eu-west-1"
STACK_FILE = f"""\
config:
  aws:region: {REGION}
  mediatailor-access-token:sourceLocations:
    news:
      headerName: X-Access-Token
      baseUrl: https://origin.example.com
    sports:
      headerName: X-Access-Token
"""


@dataclass(frozen=True)
class Done:
    status: int
    output: str
    errors: str


@dataclass(frozen=True)
class Command:
    """The command, in a sandbox with a deployed stack."""

    stack: Stack

    def run(self, *arguments: str, **variables: str | None) -> Done:
        return self.run_in(self.stack.workspace.folder, *arguments, **variables)

    def run_in(self, folder: Path, *arguments: str, **variables: str | None) -> Done:
        environment = dict(self.stack.workspace.environment) | {"PYTHONPATH": str(PROJECT)}
        for name, value in variables.items():
            environment.pop(name, None)
            if value is not None:
                environment[name] = value
        done = subprocess.run(  # noqa: S603  our own command
            [sys.executable, "-m", "verification", *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stderr
        return Done(done.returncode, done.stdout, done.stderr)

    def client(self, service: str) -> Any:
        environment = self.stack.workspace.environment
        return boto3.client(
            service,  # type: ignore[call-overload]  # any service
            endpoint_url=self.stack.workspace.aws_url,
            region_name=REGION,
            aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=environment["AWS_SESSION_TOKEN"],
        )

    def token(self, source_location: str) -> str:
        arn = self.stack.outputs()["secretArns"][source_location]
        value = self.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
        return str(json.loads(value)["AccessToken"])
