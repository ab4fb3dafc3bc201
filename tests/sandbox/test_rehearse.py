"""`python -m sandbox rehearse`: deploy, read back, check."""

import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from sandbox.next_steps import StackChoice
from sandbox.rehearsal import rehearse
from tests.support.stack_driver import Stack

Start = Callable[..., "subprocess.Popen[str]"]
CHOICE = StackChoice(stack="test", stack_file=None)


@pytest.fixture
def in_the_sandbox(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Stack:
    """Set the sandbox's environment variables in this process, as the command does."""
    for name, value in stack.workspace.environment.items():
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


def test_output_is_ascii_on_an_ascii_terminal(start: Start) -> None:
    process = start("rehearse", LC_ALL="C", PYTHONIOENCODING="ascii")
    output, errors = process.communicate()
    assert process.returncode == 0, output + errors
    assert output.isascii()
    assert "  + 1 of 1  the secret exists and is not scheduled for deletion\n" in output


def test_the_report_shows_what_mediatailor_finds_but_no_token(
    in_the_sandbox: Stack, capfd: pytest.CaptureFixture[str]
) -> None:
    status = rehearse(in_the_sandbox.workspace, CHOICE, Console(width=80)).status
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


EVERYTHING = """\
config:
  aws:region: eu-west-1
  mediatailor-access-token:sourceLocations:
    news:
      headerName: X-Access-Token
      baseUrl: https://origin.example.com
    sports:
      origin: mediapackage-v1
    films:
      origin: mediapackage-v2
  mediatailor-access-token:replicaRegions: [us-west-2, eu-central-1]
  mediatailor-access-token:restrictToSourceAccount: true
  mediatailor-access-token:encryptionKey:
    sourceLocationManagers: [arn:aws:iam::123456789012:role/operator]
"""


def test_the_report_covers_every_feature_of_a_stack(start: Start, stack_file: Path) -> None:
    stack_file.write_text(EVERYTHING)
    process = start("rehearse", "--config-file", str(stack_file), COLUMNS="80")
    output, errors = process.communicate()
    assert process.returncode == 0, output + errors
    report = output[output.index("Reading back") :]

    account = "123456789012"
    assert report.count(f"mediatailor.amazonaws.com if aws:SourceAccount is {account}\n") == 3
    for region in ("us-west-2", "eu-central-1"):
        assert (
            report.count(f"\n  replica           arn:aws:secretsmanager:{region}:{account}:") == 3
        )
        assert report.count(f"\n    its key         arn:aws:kms:{region}:{account}:key/mrk-") == 3
    assert report.count(f"\n  MediaPackage role arn:aws:iam::{account}:role/mediatailor-") == 2
    assert f"\n  source location   arn:aws:mediatailor:eu-west-1:{account}:" in report
    assert "\n  base URL          https://origin.example.com\n" in report
    for line in (
        "✔ 3 of 3  each replica is in its Region under the exported ARN",
        "✔ 3 of 3  each replica's key is in its Region and set by its key ARN",
        "✔ 3 of 3  each replica's key is customer managed, symmetric and enabled",
        "✔ 3 of 3  each replica's policy lets MediaTailor read it, and is not public",
        "✔ 3 of 3  each replica contains the same token",
        "✔ 2 of 2  only MediaPackage can assume its role, for this account",
        "✔ 2 of 2  MediaPackage's role can only read and decrypt this secret",
        "✔ 1 of 1  the source location authenticates with this secret",
        "✔ 1 of 1  the source location's base URL is https",
        "✔ 1 of 1  the source location's base URL is the stack's",
        "✔ 1 of 1  MediaTailor's grant on the key lets it decrypt this secret",
        "✔ 3 of 3  the current value is the one that the stack wrote",
    ):
        assert f"\n  {line}\n" in report
    assert "✘" not in report


def test_an_unmet_requirement_is_marked_with_a_cross_and_sets_the_exit_status(
    in_the_sandbox: Stack, capfd: pytest.CaptureFixture[str]
) -> None:
    in_the_sandbox.pulumi("up", "--yes", "--skip-preview")
    arn = in_the_sandbox.outputs()["secretArns"]["sports"]
    in_the_sandbox.aws("secretsmanager").delete_resource_policy(SecretId=arn)

    status = rehearse(in_the_sandbox.workspace, CHOICE, Console(width=80)).status
    output = "".join(capfd.readouterr())

    assert status == 1
    assert "✘ 1 of 2  the secret's policy lets MediaTailor read it" in output
    assert "sports: the secret has no resource policy" in output
    assert "Not ready: 1 of 2 source locations does not meet AWS's requirements." in output


def test_requests_to_the_local_aws_bypass_proxies(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        proxy.settimeout(0)
        url = f"http://127.0.0.1:{proxy.getsockname()[1]}"
        names = ["http_proxy", "https_proxy", "grpc_proxy", "all_proxy"]
        proxies = {spelled: url for name in names for spelled in (name, name.upper())}
        process = start(
            "rehearse", **proxies, no_proxy="corp.example", no_grpc_proxy="corp.example"
        )
        output, errors = process.communicate()
        assert process.returncode == 0, output + errors
        with pytest.raises(BlockingIOError):  # no one has connected
            proxy.accept()
