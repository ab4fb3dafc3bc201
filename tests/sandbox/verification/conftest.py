"""Three local AWSs that the tests share: for setups created by hand, a deployed stack and the command."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from sandbox.local_aws import LocalAws, local_aws
from sandbox.workspace import sandbox
from tests.support.deployed_stack import Deployed, Deployments
from tests.support.setup_by_hand import HandMade, found, hand_made
from tests.support.stack_driver import Stack
from tests.support.verification_command import STACK_FILE, Command


@pytest.fixture(scope="package")
def aws() -> Iterator[LocalAws]:
    with local_aws() as local:
        local.wait_until_ready()
        yield local


@pytest.fixture
def setup(aws: LocalAws) -> HandMade:
    """Return a new setup without a stack."""
    return hand_made(aws)


@pytest.fixture(scope="package")
def deployments(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployments]:
    with ExitStack() as sandboxes:
        yield Deployments(tmp_path_factory.mktemp, sandboxes)


@pytest.fixture
def deployed(deployments: Deployments) -> Iterator[Deployed]:
    """Return a deployed stack; if the test leaves findings, later tests get a new one."""
    deployed = deployments.get()
    yield deployed
    if found(deployed.verify()):
        deployments.shared = None


@pytest.fixture(scope="package")
def command(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Command]:
    stack_file = tmp_path_factory.mktemp("stack") / "Pulumi.test.yaml"
    stack_file.write_text(STACK_FILE)
    with sandbox(stack_file=stack_file, stack="test") as workspace:
        stack = Stack(workspace=workspace)
        stack.pulumi("up", "--yes", "--skip-preview")
        yield Command(stack)
