"""The examples: each stack file is rehearsed, and the pipelines' commands run with minimal permissions."""

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.pulumi_cli.build import pinned_version
from sandbox.workspace import PROJECT
from tests.support.stack_driver import Stack

Start = Callable[..., "subprocess.Popen[str]"]

STACK_FILES = sorted((PROJECT / "examples" / "stack-files").rglob("Pulumi.*.yaml"))
PIPELINES = {path.stem: path for path in sorted((PROJECT / "examples" / "pipelines").glob("*.yml"))}
WORKFLOWS = sorted((PROJECT / ".github" / "workflows").glob("*.yml"))


@pytest.mark.parametrize(
    "stack_file", STACK_FILES, ids=lambda file: f"{file.parent.name}-{file.suffixes[0][1:]}"
)
def test_a_stack_file_is_ready_to_deploy(start: Start, stack_file: Path) -> None:
    process = start("rehearse", "--config-file", str(stack_file))
    output, errors = process.communicate()
    assert process.returncode == 0, output + errors
    assert "\nReady: " in output


def jobs(pipeline: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(PIPELINES[pipeline].read_text())["jobs"]
    return found


def steps(pipeline: str) -> list[dict[str, Any]]:
    return [step for job in jobs(pipeline).values() for step in job.get("steps", [])]


def commands(pipeline: str) -> list[str]:
    """Return the shell commands of a pipeline after the setup."""
    return [
        step["run"] for step in steps(pipeline) if step.get("run", "make setup") != "make setup"
    ]


def run(command: str, stack: Stack) -> "subprocess.CompletedProcess[str]":
    """Run a command of a pipeline in the sandbox, where no setup is needed."""
    return subprocess.run(  # noqa: S603 a command of ours
        ["bash", "-e", "-c", command],  # noqa: S607 as on the runner
        cwd=stack.workspace.folder,
        env={**stack.workspace.environment, "STACK": "test", "MAKEFLAGS": "--old-file=setup"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_deployed_stack_passes_the_nightly_checks_until_someone_changes_it(stack: Stack) -> None:
    for command in [*commands("deploy-stack"), *commands("nightly")]:
        done = run(command, stack)
        assert done.returncode == 0, done.stdout + done.stderr
    secret = stack.outputs()["secretArns"]["sports"]
    stack.aws("secretsmanager").delete_resource_policy(SecretId=secret)
    for command in commands("nightly"):
        done = run(command, stack)
        assert done.returncode != 0, f"{command} did not detect it:\n{done.stdout}"


def test_the_pull_request_pipeline_needs_neither_aws_nor_a_secret() -> None:
    assert commands("pull-request") == ['make rehearse STACK="$STACK"']
    (job,) = jobs("pull-request").values()
    assert job["permissions"] == {"contents": "read"}
    text = PIPELINES["pull-request"].read_text()
    assert "secrets." not in text
    assert "vars." not in text


def test_a_deployment_waits_for_approval_and_for_the_previous_environment() -> None:
    assert {name: job.get("needs") for name, job in jobs("deploy").items()} == {
        "dev": None,
        "prod": "dev",
    }
    (job,) = jobs("deploy-stack").values()
    assert job["environment"] == "${{ inputs.stack }}", "its reviewers approve the deployment"


@pytest.mark.parametrize("pipeline", ["deploy-stack", "nightly", "preview"])
def test_aws_is_reached_without_stored_credentials(pipeline: str) -> None:
    (job,) = jobs(pipeline).values()
    assert job["permissions"]["id-token"] == "write"
    (login,) = [
        s for s in steps(pipeline) if s.get("uses", "").startswith("aws-actions/configure-aws")
    ]
    assert set(login["with"]) == {"role-to-assume", "aws-region"}
    assert "secrets." not in PIPELINES[pipeline].read_text()


def test_a_preview_is_a_comment_on_the_pull_request_except_from_forks() -> None:
    (job,) = jobs("preview").values()
    assert job["if"] == "github.event.pull_request.head.repo.full_name == github.repository"
    (preview,) = [step["with"] for step in steps("preview") if "command" in step.get("with", {})]
    assert preview["command"] == "preview"
    assert preview["comment-on-pr"] is True


def actions(path: Path) -> Iterator[tuple[str, str]]:
    """Yield each action from another repository with its version."""
    yield from re.findall(r"uses: ([\w./-]+)@(.+)", path.read_text())


def test_every_action_is_pinned_to_one_commit() -> None:
    versions: dict[str, set[str]] = {}
    for path in [*WORKFLOWS, *PIPELINES.values()]:
        for action, version in actions(path):
            versions.setdefault(action, set()).add(version)
    assert {"actions/checkout", "pulumi/actions"} <= set(versions)
    for action, found in versions.items():
        (version,) = found
        assert re.fullmatch(r"[0-9a-f]{40} # v\d+\.\d+\.\d+", version), action


def test_the_pipelines_install_the_pulumi_cli_version_of_the_tests() -> None:
    versions = {
        step["with"]["pulumi-version"]
        for pipeline in PIPELINES
        for step in steps(pipeline)
        if step.get("uses", "").startswith("pulumi/")
    }
    assert versions == {pinned_version().removeprefix("v")}
