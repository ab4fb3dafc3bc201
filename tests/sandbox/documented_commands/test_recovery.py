"""docs/operations.md: recovery."""

import json

import pytest

from tests.sandbox.documented_commands.conftest import OpenShell
from tests.support.documented_shell import DocumentedShell

DOCUMENT = "docs/operations.md"
STACK_FILE = """\
config:
  aws:region: eu-west-1
  mediatailor-access-token:replicaRegions: [us-west-2]
  mediatailor-access-token:sourceLocations:
    news_v1:
      origin: mediapackage-v1
    sports-hd:
      headerName: X-Access-Token
      secretName: prod.sports/hd
      secretStringKey: token.of "sports"
      baseUrl: https://origin.example.com
      segmentDeliveryBaseUrl: https://cdn.example.com
"""
KEY = 'token.of "sports"'


@pytest.fixture
def shell(open_shell: OpenShell) -> DocumentedShell:
    shell = open_shell(STACK_FILE)
    shell.run("pulumi up")
    return shell


def secret(shell: DocumentedShell) -> str:
    return str(shell.stack.outputs()["secretArns"]["sports-hd"])


def members(shell: DocumentedShell) -> dict[str, str]:
    value = shell.stack.aws("secretsmanager").get_secret_value(SecretId=secret(shell))
    return dict(json.loads(value["SecretString"]))


def put_by_hand(shell: DocumentedShell, token: str) -> None:
    secrets = shell.stack.aws("secretsmanager")
    secrets.put_secret_value(SecretId=secret(shell), SecretString=json.dumps({KEY: token}))


@pytest.mark.documents(DOCUMENT, "A wrong token was rolled out")
def test_the_token_before_a_wrong_one_is_restored(shell: DocumentedShell) -> None:
    before = members(shell)
    shell.stack.set_token("sports-hd", "a-wrong-token")
    shell.run("pulumi up")
    assert members(shell) == {KEY: "a-wrong-token"}
    shell.open(DOCUMENT, "A wrong token was rolled out")
    shell.rest()
    assert members(shell) == before


@pytest.mark.documents(DOCUMENT, "A token was changed in AWS")
def test_a_token_changed_in_aws_is_kept_or_undone(shell: DocumentedShell) -> None:
    put_by_hand(shell, "changed-by-hand")
    shell.run("pulumi preview --refresh --expect-no-changes")
    shell.run("make verify STACK=prod", fails=True)
    shell.open(DOCUMENT, "A token was changed in AWS")
    shell.next()
    assert members(shell) == {KEY: "changed-by-hand"}
    shell.run("make verify STACK=prod")

    put_by_hand(shell, "changed-by-hand-again")
    shell.next()
    assert members(shell) == {KEY: "changed-by-hand"}

    put_by_hand(shell, "once")
    put_by_hand(shell, "twice")
    shell.run("pulumi up --refresh")
    assert members(shell) == {KEY: "changed-by-hand"}


@pytest.mark.documents(DOCUMENT, "The key or a secret is scheduled for deletion")
def test_a_key_and_a_secret_that_are_scheduled_for_deletion_are_restored(
    shell: DocumentedShell,
) -> None:
    outputs = shell.stack.outputs()
    shell.open(DOCUMENT, "The key or a secret is scheduled for deletion")
    shell.stack.aws("kms").schedule_key_deletion(KeyId=outputs["encryptionKeyArn"])
    shell.run("make verify STACK=prod", fails=True)
    shell.next()
    secrets = shell.stack.aws("secretsmanager")
    secrets.remove_regions_from_replication(
        SecretId=secret(shell), RemoveReplicaRegions=["us-west-2"]
    )
    secrets.delete_secret(SecretId=secret(shell))
    shell.next()
    shell.run("pulumi preview --expect-no-changes")


@pytest.mark.documents(DOCUMENT, "A destroyed stack had a fixed secret name")
def test_the_secret_of_a_destroyed_stack_with_a_fixed_name_is_restored(
    shell: DocumentedShell,
) -> None:
    arn = secret(shell)
    shell.run("pulumi destroy")
    assert "already scheduled for deletion" in shell.run("pulumi up", fails=True)
    shell.open(DOCUMENT, "A destroyed stack had a fixed secret name")
    shell.rest()
    assert secret(shell) == arn
    shell.run("make verify STACK=prod")


@pytest.mark.documents(DOCUMENT, "Recovery", "The state is lost")
def test_a_lost_state_is_imported_from_the_outputs(shell: DocumentedShell) -> None:
    before = shell.stack.outputs()
    shell.open(DOCUMENT, "Recovery")
    shell.rest()
    shell.run("pulumi stack rm --force --preserve-config; pulumi stack init prod")
    assert shell.stack.resources() == []

    shell.open(DOCUMENT, "The state is lost")
    shell.next()
    changes = shell.next()
    for unwanted in ("replace", "to delete", "deleted"):
        assert unwanted not in changes
    after = shell.stack.outputs()
    changed = {name for name in before if after[name] != before[name]}
    assert changed == {"sourceLocationArns", "readme"}
    assert after["sourceLocationArns"] == {}
    shell.run("pulumi preview --refresh --expect-no-changes")
