"""docs/operations.md: the snippets on tokens, source locations and stacks."""

import json

import pytest

from tests.sandbox.documented_commands.conftest import OpenShell
from tests.support.documented_shell import DocumentedShell

DOCUMENT = "docs/operations.md"
STACK_FILE = """\
config:
  aws:region: eu-west-1
  mediatailor-access-token:sourceLocations:
    news:
      headerName: X-Access-Token
    sports-hd:
      headerName: X-Access-Token
      secretName: prod.sports/hd
      baseUrl: https://origin.example.com
"""


@pytest.fixture
def shell(open_shell: OpenShell) -> DocumentedShell:
    shell = open_shell(STACK_FILE)
    shell.open(DOCUMENT, "Operations")
    shell.run("pulumi up")
    shell.rest()
    return shell


def token(shell: DocumentedShell, stage: str = "AWSCURRENT") -> str:
    arn = shell.stack.outputs()["secretArns"]["sports-hd"]
    value = shell.stack.aws("secretsmanager").get_secret_value(SecretId=arn, VersionStage=stage)
    return str(json.loads(value["SecretString"])["AccessToken"])


@pytest.mark.documents(DOCUMENT, "Operations", "Change a token", "A token has leaked")
def test_a_token_is_changed(shell: DocumentedShell) -> None:
    old = token(shell)
    shell.open(DOCUMENT, "Change a token")
    new = shell.next().strip()
    assert (len(new), token(shell)) == (64, old)
    shell.next()
    assert (token(shell), token(shell, "AWSPREVIOUS")) == (new, old)
    shell.rest()

    shell.open(DOCUMENT, "A token has leaked")
    shell.rest()
    assert (token(shell), token(shell, "AWSPREVIOUS")) == (new, new)


@pytest.mark.documents(DOCUMENT, "My channel returns errors")
def test_verification_reports_a_finding_and_the_command_that_fixes_it(
    shell: DocumentedShell,
) -> None:
    arn = shell.stack.outputs()["secretArns"]["sports-hd"]
    shell.stack.aws("secretsmanager").delete_resource_policy(SecretId=arn)
    shell.open(DOCUMENT, "My channel returns errors")
    report = shell.next(fails=True)
    assert "sports-hd: the secret has no resource policy" in report
    shell.run("pulumi up --refresh --stack prod")
    shell.run("make verify STACK=prod")


@pytest.mark.documents(DOCUMENT, "Drift")
def test_only_verification_detects_drift_of_a_source_location(
    shell: DocumentedShell,
) -> None:
    shell.open(DOCUMENT, "Drift")
    preview, verify = shell.snippets[0].splitlines()
    shell.next()

    arn = shell.stack.outputs()["secretArns"]["news"]
    shell.stack.aws("secretsmanager").delete_resource_policy(SecretId=arn)
    shell.run(preview, fails=True)
    shell.run("pulumi up --refresh")

    shell.run(
        "aws mediatailor update-source-location --source-location-name sports-hd"
        """ --http-configuration '{"BaseUrl": "https://elsewhere.example.com"}'"""
    )
    shell.run(preview)
    assert "update-source-location" in shell.run(verify, fails=True)


@pytest.mark.documents(DOCUMENT, "Remove a source location", "Remove a stack")
def test_a_source_location_and_then_the_stack_are_removed(shell: DocumentedShell) -> None:
    arns = shell.stack.outputs()["secretArns"]
    shell.open(DOCUMENT, "Remove a source location")
    shell.rest()
    secrets = shell.stack.aws("secretsmanager")
    assert {each["ARN"] for each in secrets.list_secrets()["SecretList"]} == {arns["news"]}

    shell.run("pulumi config set --path protect true; pulumi up")
    shell.open(DOCUMENT, "Remove a stack")
    shell.rest()
    assert secrets.list_secrets()["SecretList"] == []
    assert shell.stack.resources() == []
