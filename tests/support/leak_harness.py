"""A stack whose tokens are canaries: runs commands as a user would and searches everything they write or print."""

import contextlib
import json
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import yaml

from sandbox.workspace import PROJECT, sandbox
from tests.support.aws_proxy import Answer, Request, aws_proxy
from tests.support.leaks import PROGRAMS_CONFIG, Canary, Search, canaries
from tests.support.stack_driver import Stack

NAMESPACE = "mediatailor-access-token:"

SURFACES = {
    "standard output",
    "standard error",
    "process arguments",
    "process environments",
    PROGRAMS_CONFIG,
    "state",
    "state backups",
    "history",
    "plan files",
    "log files",
    "engine's home",
    "local AWS",
    "temporary files",
    "project folder",
    "project folder of the sandbox",
}

PROCESSES = {
    b"pulumi",
    b"pulumi-language-python",
    b"pulumi-language-python-exec",
    b"sandbox.provider",
    b"sandbox.local_aws.server",
}
"""What the processes have in their arguments that get to see a token, or start one that does."""

_TOOLS = (".venv", ".engine", ".git", ".hypothesis", ".mypy_cache", ".ruff_cache", ".pytest_cache")


def aws_error(message: str, code: str = "InternalServiceError") -> Answer:
    """Return an error response of AWS's JSON services."""
    body = json.dumps({"__type": code, "message": message})
    return Answer(status=400, body=body.encode(), content_type="application/x-amz-json-1.1")


ECHOES: Mapping[str, Callable[[str], Answer]] = {
    "the SecretString": aws_error,
    "the token": lambda secret: aws_error(f"bad value {next(iter(json.loads(secret).values()))}"),
    "the SecretString as JSON": lambda secret: aws_error(json.dumps(secret)),
    "the SecretString as JSON in JSON": lambda secret: aws_error(json.dumps(json.dumps(secret))),
    "the SecretString as Python writes it": lambda secret: aws_error(repr(secret)),
    "the SecretString as the code": lambda secret: aws_error("", code=secret),
    "a page with the SecretString": lambda secret: Answer(
        status=502, body=f"<html>{secret}</html>".encode(), content_type="text/html"
    ),
    "half an answer": lambda secret: Answer(
        status=200, body=f'{{"ARN": {secret}'.encode(), content_type="application/x-amz-json-1.1"
    ),
}
"""AWS errors that quote the refused input."""


def config(tokens: Sequence[Canary]) -> dict[str, Any]:
    """Return a config with a source location for each canary, and every kind of resource."""
    locations: dict[str, dict[str, Any]] = {
        canary.source_location: {
            "headerName": canary.header,
            "secretStringKey": canary.secret_string_key,
        }
        for canary in tokens
    }
    locations["plain"]["baseUrl"] = "https://origin.example.com"
    locations["odd"] = {"origin": "mediapackage-v2"}
    return {
        "aws:region": "eu-west-1",
        f"{NAMESPACE}sourceLocations": locations,
        f"{NAMESPACE}replicaRegions": ["us-east-1"],
        f"{NAMESPACE}recoveryWindowInDays": 0,
    }


@dataclass
class Harness:
    """A stack whose tokens are canaries, and the search of everything its commands write or print."""

    stack: Stack
    tokens: Sequence[Canary]
    search: Search
    temporary: Path
    """The temporary folder of the sandbox and of all commands."""
    home: Path
    environment: dict[str, str]
    """Environment variables of the next commands."""
    commands: list[str] = field(default_factory=list)

    def pulumi(self, *arguments: str, stdin: str = "", status: int = 0) -> str:
        """Run a Pulumi command in the sandbox, check its exit status and search all surfaces."""
        return self.run("pulumi", "--non-interactive", *arguments, stdin=stdin, status=status)

    def run(
        self,
        *command: str,
        folder: Path | None = None,
        stdin: str = "",
        status: int = 0,
        variables: Mapping[str, str] = MappingProxyType({}),
    ) -> str:
        """Run a command, check its exit status, search all surfaces and return its standard output.

        Args:
            command: the command line.
            folder: the working directory; that of the sandbox if None.
            stdin: standard input.
            status: exit status as a shell reports it.
            variables: environment variables besides the sandbox's.

        """
        done = subprocess.run(  # noqa: S603  a test's command
            command,
            cwd=folder or self.stack.workspace.folder,
            env={**self.stack.workspace.environment, **self.environment, **variables},
            input=stdin.encode(),
            capture_output=True,
            check=False,
        )
        self.commands.append(" ".join(command))
        self.search.look_at("standard output", done.stdout)
        self.search.look_at("standard error", done.stderr)
        self.look_at_files()
        assert done.returncode == status, (command, done.stdout, done.stderr)
        return done.stdout.decode()

    def look_at_files(self) -> None:
        """Search all changed files; a file in several surfaces counts for the first."""
        root = self.stack.workspace.folder.parent
        backend = root / "state" / ".pulumi"
        for surface, folders in {
            "state": [backend / "stacks"],
            "state backups": [backend / "backups"],
            "history": [backend / "history"],
            "plan files": [root / "plans"],
            "log files": [root / "logs"],
            "engine's home": [Path(self.stack.workspace.environment["PULUMI_HOME"])],
            "project folder of the sandbox": [self.stack.workspace.folder],
            "home folder": [self.home],
            "local AWS": [*self.temporary.glob("local-aws-*")],
            "temporary files": [self.temporary],
            "project folder": [PROJECT],
        }.items():
            tools = [PROJECT / name for name in _TOOLS]
            self.search.look_at_files(surface, *folders, but=tools)

    def set_tokens(self, tokens: Sequence[Canary]) -> None:
        """Encrypt tokens in the stack file as a user does."""
        for canary in tokens:
            path = f"accessTokens.{canary.source_location}"
            self.pulumi("config", "set", "--secret", "--path", path, stdin=canary.token)

    @contextlib.contextmanager
    def aws_refuses_tokens(self, error: Callable[[str], Answer]) -> Iterator[None]:
        """Make AWS refuse every token with an error that contains the SecretString."""

        def instead(request: Request) -> Answer | None:
            if request.operation != "PutSecretValue":
                return None
            return error(json.loads(request.body)["SecretString"])

        with aws_proxy(self.stack.workspace.aws_url, instead=instead) as proxy:
            self.environment["AWS_ENDPOINT_URL"] = proxy.url
            yield
            del self.environment["AWS_ENDPOINT_URL"]

    def see_the_tokens_in_aws(self, tokens: Sequence[Canary]) -> None:
        """Assert that the search finds every canary in AWS, to prove that it works."""
        search = Search(tokens)
        secrets_manager = self.stack.aws("secretsmanager")
        for arn in self.stack.outputs()["secretArns"].values():
            value = secrets_manager.get_secret_value(SecretId=arn)["SecretString"]
            search.look_at("AWS", value.encode())
        assert {kind for _, kind, _ in search.found} == {each.source_location for each in tokens}

    def report(self) -> str:
        """Return the surfaces with their sizes."""
        lines = [f"{size:>12,} bytes  {name}" for name, size in sorted(self.search.sizes.items())]
        return "\n".join([*lines, f"{len(self.commands)} commands"])

    def check(self) -> None:
        """Assert that every surface was searched, and that tokens were found only in the program's config."""
        assert not SURFACES - {surface for surface, size in self.search.sizes.items() if size}
        words = {
            word.rpartition(b"/")[2]
            for each in self.search.processes_seen
            for word in each.split(b"\0")
        }
        assert words >= PROCESSES
        own = {find for find in self.search.found if find[0] == PROGRAMS_CONFIG}
        assert own, "the search must find the known occurrence"
        assert self.search.found == own


@contextlib.contextmanager
def leak_harness(folder: Path) -> Iterator[Harness]:
    """Create a sandbox with a stack of canaries, whose tokens are not set yet, in one folder."""
    tokens = canaries()
    temporary, home = folder / "temporary", folder / "home"
    for each in (temporary, home):
        each.mkdir()
    stack_file = folder / "Pulumi.test.yaml"
    stack_file.write_text(yaml.safe_dump({"config": config(tokens)}))
    search = Search(tokens)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(temporary))
        patch.setattr(tempfile, "tempdir", None)
        patch.setenv("HOME", str(home))
        with search.processes(), sandbox(stack_file=stack_file, stack="test") as workspace:
            root = workspace.folder.parent
            for name in ("plans", "logs"):
                root.joinpath(name).mkdir()
            # As outside a sandbox, the state is written after every step.
            environment = {"TMPDIR": str(root / "logs"), "PULUMI_SKIP_CHECKPOINTS": "false"}
            yield Harness(
                stack=Stack(workspace=workspace),
                tokens=tokens,
                search=search,
                temporary=temporary,
                home=home,
                environment=environment,
            )
