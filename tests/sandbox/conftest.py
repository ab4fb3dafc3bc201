"""Fixtures: stacks in sandboxes, the command that creates sandboxes, and the stand-in provider."""

import itertools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from sandbox.local_aws import LocalAws, local_aws
from sandbox.workspace import PROJECT, sandbox
from tests.support.local_aws_clients import AWAY, client
from tests.support.provider_driver import Driver, driver
from tests.support.stack_driver import STACK_FILE, Stack

_numbers = itertools.count()


@pytest.fixture(autouse=True)
def _no_aws_settings_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-aws-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-aws-credentials"))


@pytest.fixture
def stack_file(tmp_path: Path) -> Path:
    """Return a stack file that a test may change."""
    file = tmp_path / "Pulumi.test.yaml"
    file.write_text(STACK_FILE)
    return file


@pytest.fixture
def stack(stack_file: Path) -> Iterator[Stack]:
    """Return the stack for the stack file, not yet deployed."""
    with sandbox(stack_file=stack_file, stack="test") as workspace:
        yield Stack(workspace=workspace)


@pytest.fixture
def make_stack(tmp_path: Path) -> Iterator[Callable[..., Stack]]:
    """Return a function that creates a stack with one source location and optional further config."""
    with ExitStack() as workspaces:

        def make(source_location: dict[str, Any] | None = None, **config: object) -> Stack:
            values = {
                "aws:region": "eu-west-1",
                "mediatailor-access-token:sourceLocations": {
                    "sports": source_location or {"headerName": "X-Access-Token"}
                },
                **{f"mediatailor-access-token:{key}": value for key, value in config.items()},
            }
            stack_file = tmp_path / "Pulumi.test.yaml"
            stack_file.write_text(json.dumps({"config": values}))
            workspace = workspaces.enter_context(sandbox(stack_file=stack_file, stack="test"))
            return Stack(workspace=workspace)

        yield make


@pytest.fixture
def deployed(stack: Stack) -> Stack:
    """Return the stack for the stack file, deployed."""
    stack.pulumi("up", "--yes", "--skip-preview")
    return stack


@pytest.fixture(autouse=True, scope="session")
def _interrupts_reach_the_commands() -> None:
    # A shell starts background jobs with interrupts ignored, and their child processes inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    """Return the folder for the temporary files of the commands that `start` runs."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


@pytest.fixture
def start(temporary: Path) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Return a function that starts `python -m sandbox`.

    The command leads its own process group, as in a shell.
    """
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str, **variables: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(  # noqa: S603  our own command
            [sys.executable, "-m", "sandbox", *arguments],
            cwd=PROJECT,
            env=dict(os.environ) | {"TMPDIR": str(temporary)} | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            process_group=0,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def shared() -> Iterator[Driver]:
    """Return a provider and its local AWS, shared by all tests of a module."""
    with driver() as engine:
        yield engine


@pytest.fixture
def engine(shared: Driver) -> Driver:
    """Return the shared provider without refusals, fakes or recorded calls."""
    shared.gateway.refusals.clear()
    shared.gateway.fakes.clear()
    shared.gateway.garbage.clear()
    shared.calls()
    return shared


@pytest.fixture
def name() -> str:
    """Return a unique resource name, since the tests of a module share one AWS."""
    return f"r{next(_numbers)}"


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    """Return a local AWS that all tests of a module share."""
    with local_aws() as local:
        local.wait_until_ready()
        yield local


@pytest.fixture
def kms(aws: LocalAws) -> Any:
    """Return a client for its KMS."""
    return client(aws, "kms")


@pytest.fixture
def secrets(aws: LocalAws) -> Any:
    """Return a client for its Secrets Manager."""
    return client(aws, "secretsmanager")


@pytest.fixture
def away(aws: LocalAws) -> Any:
    """Return a client for its Secrets Manager in the replica Region."""
    return client(aws, "secretsmanager", AWAY)


@pytest.fixture
def key(kms: Any) -> str:
    """Return the ARN of a new key that can be replicated."""
    return str(kms.create_key(MultiRegion=True)["KeyMetadata"]["Arn"])
