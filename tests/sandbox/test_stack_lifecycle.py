"""A stack's life cycle with the real engine: up, changes, drift, destroy."""

import dataclasses
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.workspace import sandbox
from tests.support.stack_driver import Stack


def test_a_preview_creates_nothing(stack: Stack) -> None:
    assert "to create" in stack.pulumi("preview")
    assert stack.resources() == []
    assert _is_empty(stack)


def test_a_second_up_changes_nothing(deployed: Stack) -> None:
    before = {resource["urn"]: resource["modified"] for resource in deployed.resources()}
    deployed.pulumi("up", "--yes", "--expect-no-changes")
    after = {resource["urn"]: resource["modified"] for resource in deployed.resources()}
    assert after == before


def test_a_new_token_replaces_only_its_version_and_the_old_one_becomes_previous(
    deployed: Stack,
) -> None:
    arn = deployed.outputs()["secretArns"]["news"]
    secrets_manager = deployed.aws("secretsmanager")
    old = secrets_manager.get_secret_value(SecretId=arn)
    before = _ids(deployed)

    deployed.set_token("news", "a-new-token-of-news")
    deployed.pulumi("up", "--yes", "--skip-preview")

    after = _ids(deployed)
    changed = {urn.split("::")[-1] for urn in before if before[urn] != after[urn]}
    assert changed == {"mediatailor-news-version"}
    assert set(before) == set(after)
    new = secrets_manager.get_secret_value(SecretId=arn)
    assert json.loads(new["SecretString"]) == {"NewsToken": "a-new-token-of-news"}
    previous = secrets_manager.get_secret_value(SecretId=arn, VersionStage="AWSPREVIOUS")
    assert previous["VersionId"] == old["VersionId"]
    assert previous["SecretString"] == old["SecretString"]


def test_refresh_and_up_restore_a_drifted_policy(deployed: Stack) -> None:
    arn = deployed.outputs()["secretArns"]["news"]
    secrets_manager = deployed.aws("secretsmanager")
    documented = json.loads(secrets_manager.get_resource_policy(SecretId=arn)["ResourcePolicy"])
    drifted = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::210987654321:root"},
                "Action": "secretsmanager:GetSecretValue",
                "Resource": "*",
            }
        ],
    }
    secrets_manager.put_resource_policy(SecretId=arn, ResourcePolicy=json.dumps(drifted))

    deployed.pulumi("refresh", "--yes")
    deployed.pulumi("up", "--yes", "--skip-preview")

    policy = json.loads(secrets_manager.get_resource_policy(SecretId=arn)["ResourcePolicy"])
    assert policy == documented
    deployed.pulumi("up", "--yes", "--expect-no-changes")


def test_removing_a_source_location_deletes_its_secret_and_nothing_else(
    deployed: Stack,
) -> None:
    before = _ids(deployed)
    for key in ("sourceLocations", "accessTokens"):
        path = f'mediatailor-access-token:{key}["sports"]'
        deployed.pulumi("config", "rm", "--path", path)
    deployed.pulumi("up", "--yes", "--skip-preview")

    after = _ids(deployed)
    assert after == {urn: id_ for urn, id_ in before.items() if "mediatailor-sports" not in urn}
    secrets = deployed.aws("secretsmanager").list_secrets()["SecretList"]
    assert [secret["ARN"] for secret in secrets] == [deployed.outputs()["secretArns"]["news"]]


def test_destroy_schedules_deletion_with_the_configured_windows_and_leaves_nothing_else(
    deployed: Stack,
) -> None:
    key_arn = deployed.outputs()["encryptionKeyArn"]
    secrets_manager, kms = deployed.aws("secretsmanager"), deployed.aws("kms")
    arns = deployed.outputs()["secretArns"].values()

    deployed.pulumi("destroy", "--yes", "--skip-preview")

    key = kms.describe_key(KeyId=key_arn)["KeyMetadata"]
    assert key["KeyState"] == "PendingDeletion"
    assert _days_from_now(key["DeletionDate"]) == 9
    assert secrets_manager.list_secrets()["SecretList"] == []
    planned = secrets_manager.list_secrets(IncludePlannedDeletion=True)["SecretList"]
    assert {secret["ARN"] for secret in planned} == set(arns)
    assert {_days_from_now(secret["DeletedDate"]) for secret in planned} == {11}
    own = [a for a in kms.list_aliases()["Aliases"] if not a["AliasName"].startswith("alias/aws/")]
    assert own == []
    assert deployed.resources() == []


@pytest.mark.parametrize(
    ("written", "instead", "message"),
    [
        ("X-Access-Token", "x-amz-token", "headerName"),
        ("deletionWindowInDays: 9", "deletionWindowInDays: 6", "deletionWindowInDays"),
        ("secretStringKey: NewsToken", "secretStringKye: NewsToken", "secretStringKey"),
    ],
)
def test_invalid_config_shows_the_error_and_registers_nothing(
    stack_file: Path, written: str, instead: str, message: str
) -> None:
    stack_file.write_text(stack_file.read_text().replace(written, instead))
    with sandbox(stack_file=stack_file, stack="test") as workspace:
        stack = Stack(workspace=workspace)
        output = stack.pulumi("up", "--yes", "--skip-preview", fails=True)
        assert message in output
        assert "Traceback" not in output
        assert stack.resources() == []
        assert _is_empty(stack)


@pytest.mark.parametrize(
    ("missing", "error"),
    [("AWS_SECRET_ACCESS_KEY", "credentials"), ("AWS_REGION", "pulumi config set aws:region")],
)
def test_missing_credentials_and_a_missing_region_are_reported_without_a_traceback(
    stack: Stack, missing: str, error: str
) -> None:
    stack.pulumi("config", "rm", "aws:region")
    gone = {missing, "AWS_DEFAULT_REGION"}
    environment = {k: v for k, v in stack.workspace.environment.items() if k not in gone}
    bare = Stack(workspace=dataclasses.replace(stack.workspace, environment=environment))
    output = bare.pulumi("up", "--yes", "--skip-preview", fails=True)
    assert error in output
    assert "Traceback" not in output
    assert stack.resources() == []


def _ids(stack: Stack) -> dict[str, Any]:
    return {resource["urn"]: resource.get("id") for resource in stack.resources()}


def _is_empty(stack: Stack) -> bool:
    secrets = stack.aws("secretsmanager").list_secrets(IncludePlannedDeletion=True)["SecretList"]
    return not secrets and not stack.aws("kms").list_keys()["Keys"]


def _days_from_now(date: dt.datetime) -> int:
    return round((date - dt.datetime.now(tz=dt.UTC)) / dt.timedelta(days=1))
