"""`python -m permissions` reads stack files as Pulumi does, without the user's credentials or settings."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from permissions.policies import Purpose
from permissions.stack import stack_resources
from permissions.stack_file import PROJECT, path_of, read
from tests.support.stack_spellings import SPELLINGS

PLAIN_TOKEN = "canary-4b1d-token"
ENCRYPTED_VALUE = {"secure": "v1:AAAAAAAAAAA=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the command without credentials, a login, a home folder or the stack's passphrase."""
    return subprocess.run(  # noqa: S603  our own command
        [sys.executable, "-m", "permissions", *arguments],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_policies_of_a_stack_file_are_printed_without_aws_and_without_a_login(
    tmp_path: Path,
) -> None:
    file = tmp_path / "Pulumi.prod.yaml"
    file.write_text(
        f"""\
secretsprovider: awskms://alias/pulumi
encryptedkey: c2VjcmV0
environment: [media/prod]
config:
  aws:region: eu-west-1
  aws:allowedAccountIds: [012345678901]
  sourceLocations:
    <<: {{sports: {{headerName: X-Access-Token}}}}
    news: {{headerName: X-Access-Token, baseUrl: https://news.example.com}}
  accessTokens: {{sports: {PLAIN_TOKEN}, news: {json.dumps(ENCRYPTED_VALUE)}}}
"""
    )
    before = file.read_bytes()
    done = run("--config-file", str(file))
    assert done.returncode == 0, done.stderr
    documents = json.loads(done.stdout)
    assert set(documents) == set(Purpose)
    (deploy,) = documents["deploy"]
    secret = "arn:aws:secretsmanager:eu-west-1:012345678901:secret:mediatailor-{}-secret-*"
    secrets = [secret.format("news"), secret.format("sports")]
    assert secrets in [sorted(each["Resource"]) for each in deploy["Statement"]]
    assert "environment" in done.stderr
    assert "awskms://alias/pulumi" in done.stderr
    assert PLAIN_TOKEN not in done.stdout + done.stderr
    assert file.read_bytes() == before


def test_keys_without_namespace_and_project_values_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = yaml.safe_load((PROJECT / "Pulumi.yaml").read_text())
    project["stackConfigDir"] = "stacks"
    project["config"]["aws:region"] = "eu-west-3"
    (tmp_path / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    monkeypatch.setattr("permissions.stack_file.PROJECT", tmp_path)
    assert path_of("prod") == tmp_path / "stacks" / "Pulumi.prod.yaml"
    path_of("prod").parent.mkdir()
    path_of("prod").write_text("config: {sourceLocations: {sports: {headerName: X}}}\n")
    assert stack_resources(read(path_of("prod"), "prod")).region == "eu-west-3"


def test_a_renamed_project_with_stack_files_elsewhere_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    text = f"name: media\nruntime: python\nstackConfigDir: {tmp_path}\n"
    (project / "Pulumi.yaml").write_text(text)
    monkeypatch.setattr("permissions.stack_file.PROJECT", project)
    path_of("prod").write_text("config: {media:sourceLocations: {sports: {headerName: X}}}\n")
    assert path_of("prod") == tmp_path / "Pulumi.prod.yaml"
    assert set(read(path_of("prod"), "prod").config.source_locations) == {"sports"}


@pytest.mark.parametrize("text", SPELLINGS.values(), ids=SPELLINGS)
def test_every_spelling_of_a_stack_file_has_the_same_policies(
    text: str | bytes, tmp_path: Path
) -> None:
    file = tmp_path / "Pulumi.prod.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    found = read(file, "prod")
    assert set(found.config.source_locations) == {"news", "sports"}
    assert stack_resources(found).region == "eu-west-1"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "there is no stack file"),
        (f"config: [{PLAIN_TOKEN}", "is not valid YAML"),
        (f"config: {PLAIN_TOKEN}", "Pulumi cannot read the stack file: "),
        ("config: &a {x:y: *a}", "value contains itself"),
        ("- config\n", "is not a stack file"),
        (f"config: {{accessTokens: {{sports: {PLAIN_TOKEN}}}}}\n", "at least one source location"),
        (f"config: {{accessTokens: {PLAIN_TOKEN}, sourceLocations: 1}}", "must be an object"),
        (
            f"config: {{sourceLocations: {{sports: {{headerName: {ENCRYPTED_VALUE}}}}}}}",
            "encrypted values in mediatailor-access-token:sourceLocations",
        ),
    ],
)
def test_an_invalid_stack_file_causes_one_error_without_a_token(
    text: str | None, message: str, tmp_path: Path
) -> None:
    file = tmp_path / "Pulumi.prod.yaml"
    if text:
        file.write_text(text)
    done = run("--config-file", str(file))
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert PLAIN_TOKEN[:6] not in done.stdout + done.stderr
