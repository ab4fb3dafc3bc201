"""`python -m sandbox rehearse`: deploy, read back, judge."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console
from stack_driver import Stack

from sandbox.rehearsal import rehearse

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def in_the_sandbox(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Stack:
    """Give ourselves the sandbox's environment, as the command does."""
    for name, value in stack.place.environment.items():
        monkeypatch.setenv(name, value)
    return stack


def test_the_dev_stack_is_ready(start: Start) -> None:
    process = start("rehearse")
    output, errors = process.communicate()
    assert process.returncode == 0, output + errors
    assert "Ready: MediaTailor would find what it needs for 1 source location." in output
    assert "✘" not in output


def test_the_prod_stack_is_ready(start: Start) -> None:
    process = start("rehearse", "--stack", "prod")
    output, errors = process.communicate()
    assert process.returncode == 0, output + errors
    assert "Ready: MediaTailor would find what it needs for 2 source locations." in output


def test_shows_what_mediatailor_finds_and_no_token(
    in_the_sandbox: Stack, capfd: pytest.CaptureFixture[str]
) -> None:
    status = rehearse(in_the_sandbox.place, Console(width=80))
    output = "".join(capfd.readouterr())

    assert status == 0, output
    secrets_manager = in_the_sandbox.aws("secretsmanager")
    for name, arn in in_the_sandbox.outputs()["secretArns"].items():
        secret = secrets_manager.describe_secret(SecretId=arn)
        assert f"\n{name}\n  secret            {arn}\n" in output
        assert f"\n  key               {secret['KmsKeyId']}\n" in output
        value = secrets_manager.get_secret_value(SecretId=arn)["SecretString"]
        token = value.split('"')[3]
        assert len(token) == 32
        assert token not in output
    assert "\n  SecretString key  NewsToken\n" in output
    assert "\n  token             32 characters\n" in output
    assert "\n  may be read by    mediatailor.amazonaws.com\n" in output


def test_an_unmet_requirement_gets_a_cross_and_a_failing_status(
    in_the_sandbox: Stack, capfd: pytest.CaptureFixture[str]
) -> None:
    in_the_sandbox.pulumi("up", "--yes", "--skip-preview")
    arn = in_the_sandbox.outputs()["secretArns"]["sports"]
    in_the_sandbox.aws("secretsmanager").delete_resource_policy(SecretId=arn)

    status = rehearse(in_the_sandbox.place, Console(width=80))
    output = "".join(capfd.readouterr())

    assert status == 1
    assert "✘ 1 of 2  the secret's policy lets MediaTailor read it" in output
    assert "sports: the secret has no resource policy" in output
    assert "Not ready: 1 of 2 source locations" in output


def test_a_failing_up_is_shown_as_pulumi_shows_it(start: Start, stack_file: Path) -> None:
    stack_file.write_text(stack_file.read_text().replace("X-Access-Token", "x-amz-token"))
    process = start("rehearse", "--config-file", str(stack_file))
    output, errors = process.communicate()
    assert process.returncode != 0
    assert "Diagnostics:\n  pulumi:pulumi:Stack (mediatailor-access-token-test):" in output, errors
    assert "Reading back" not in output


def test_says_so_when_the_stack_file_leaves_the_region_open(start: Start, stack_file: Path) -> None:
    stack_file.write_text(stack_file.read_text().replace("  aws:region: eu-west-1\n", ""))
    process = start("rehearse", "--config-file", str(stack_file))
    output, errors = process.communicate()
    assert process.returncode == 0, output + errors
    assert errors.startswith("note: Pulumi.test.yaml has no aws:region; us-east-1 is used here.")
    assert "arn:aws:secretsmanager:us-east-1:" in output
