"""README.md and the documents other than docs/operations.md."""

import json

import pytest

from tests.sandbox.documented_commands.conftest import OpenShell
from tests.support.documented_shell import DocumentedShell

STACK_FILE = """\
config:
  aws:region: eu-west-1
  mediatailor-access-token:sourceLocations:
    sports-hd:
      headerName: X-Access-Token
"""


@pytest.fixture
def shell(open_shell: OpenShell) -> DocumentedShell:
    return open_shell(STACK_FILE)


@pytest.mark.parametrize("name", ["sports", "sports-hd"])
@pytest.mark.documents("README.md", "Deploy", "Verify", "Change a token")
def test_the_readme_deploys_verifies_and_changes_a_token(open_shell: OpenShell, name: str) -> None:
    # The user's own Region is another one than the stack's.
    shell = open_shell(STACK_FILE.replace("eu-west-1", "us-east-1"))
    shell.open("README.md", "Deploy", sports=name)
    shell.next(stdin="the-first-token\n")
    shell.rest()
    shell.open("README.md", "Verify", sports=name)
    shell.rest()
    shell.run(f"AWS_REGION=eu-west-1 .venv/bin/python -m verification --live {name}")
    shell.open("README.md", "Change a token", sports=name)
    shell.rest()

    arn = shell.stack.outputs()["secretArns"][name]
    secrets = shell.stack.client("secretsmanager", "eu-west-1")
    old, new = (
        json.loads(secrets.get_secret_value(SecretId=arn, VersionStage=stage)["SecretString"])
        for stage in ("AWSPREVIOUS", "AWSCURRENT")
    )
    assert old == {"AccessToken": "the-first-token"}
    assert len(new["AccessToken"]) == 64


@pytest.mark.documents("docs/reference.md", "Config")
def test_the_commands_in_the_reference_set_the_documented_values(shell: DocumentedShell) -> None:
    shell.open("docs/reference.md", "Config")
    shell.next(stdin="a-new-token")
    config = json.loads(shell.run("pulumi config --json --show-secrets"))
    values = {key.partition(":")[2]: each.get("objectValue") for key, each in config.items()}
    assert values["accessTokens"]["sports"] == "a-new-token"
    assert values["encryptionKey"] == {"arn": "KEY_ARN"}
    assert values["sourceLocations"]["sports"] == {
        "headerName": "X-Access-Token",
        "secretName": "20260101",
    }


@pytest.mark.documents("docs/permissions.md", "Permissions", "How to use it")
def test_policies_are_printed_and_created(shell: DocumentedShell) -> None:
    shell.run("pulumi up")
    for section in ("Permissions", "How to use it"):
        shell.open("docs/permissions.md", section)
        shell.rest()
    assert "mediatailor-prod-deploy" in shell.run("aws iam list-policies")


@pytest.mark.documents("README.md", "Try it")
@pytest.mark.documents("docs/rehearsal.md", "Rehearsals", "Options", "Try anything")
def test_rehearsals_end_with_ready(shell: DocumentedShell) -> None:
    shell.open("README.md", "Try it")
    assert "\nReady:" in shell.next()
    shell.open("docs/rehearsal.md", "Rehearsals")
    assert "\nReady:" in shell.next()

    stacks = shell.stack.workspace.folder.parent / "stacks"
    stacks.mkdir()
    (stacks / "Pulumi.prod.yaml").write_text(STACK_FILE)
    shell.open("docs/rehearsal.md", "Options")
    assert shell.next().count("\nReady:") == 2
    shell.open("docs/rehearsal.md", "Try anything")
    assert "sports-hd" in shell.next()
