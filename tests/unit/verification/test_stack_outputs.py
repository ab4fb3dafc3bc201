"""The setup in a stack's export, without decrypting anything."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.verification_facts import KEY_ARN, SECRET_ARN, access_configuration
from verification.expected import VerificationError
from verification.fact import NotReadableError
from verification.stack_outputs import read_stack, setup_of

ENCRYPTED = {
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    "ciphertext": "v1:abc",
}
LOCATION_ARN = "arn:aws:mediatailor:eu-west-1:123456789012:sourceLocation/news"
ROLE_ARN = "arn:aws:iam::123456789012:role/news-role"


def export(*resources: dict[str, Any], **outputs: object) -> dict[str, Any]:
    given = {
        "accessConfigurations": {"news": access_configuration()},
        "encryptionKeyArn": KEY_ARN,
        "mediaPackageRoleArns": {},
        "replicaSecretArns": {},
        "requiredKeyPolicyStatements": [],
        "secretArns": {"news": SECRET_ARN},
        "secretStringKeys": {"news": "AccessToken"},
        "sourceLocationArns": {},
    }
    stack = {
        "type": "pulumi:pulumi:Stack",
        "urn": "urn:pulumi:prod::p::pulumi:pulumi:Stack::p-prod",
        "outputs": given | outputs,
    }
    return {"version": 3, "deployment": {"resources": [*resources, stack]}}


def version(version_id: str, **change: object) -> dict[str, Any]:
    return {
        "type": "aws:secretsmanager/secretVersion:SecretVersion",
        "outputs": {"secretId": SECRET_ARN, "versionId": version_id, "secretString": ENCRYPTED},
        **change,
    }


def test_the_setup_contains_the_stacks_secrets_region_and_account() -> None:
    setup = setup_of(export())
    assert (setup.title, setup.stack) == ("stack prod", "prod")
    assert (setup.region, setup.account) == ("eu-west-1", "123456789012")
    (expected,) = setup.source_locations
    assert (expected.name, expected.secret_arn) == ("news", SECRET_ARN)
    assert expected.secret_string_key.value == "AccessToken"
    assert expected.access_configuration.value == access_configuration()
    assert expected.owns_key
    assert expected.stack
    assert expected.stack.version_id is None


def test_the_stacks_version_is_the_one_that_is_not_pending_deletion() -> None:
    (expected,) = setup_of(export(version("old", delete=True), version("new"))).source_locations
    assert expected.stack
    assert expected.stack.version_id == "new"


@pytest.mark.parametrize("is_retained", [True, None])
def test_a_secret_with_retain_on_delete_is_adopted(*, is_retained: bool | None) -> None:
    secret = {"type": "aws:secretsmanager/secret:Secret", "id": SECRET_ARN}
    (expected,) = setup_of(export({**secret, "retainOnDelete": is_retained})).source_locations
    assert expected.stack
    assert expected.stack.is_adopted is bool(is_retained)


def test_the_source_location_and_role_come_from_the_state() -> None:
    desired = {"SourceLocationName": "news", "HttpConfiguration": {"BaseUrl": "https://a.b"}}
    source_location = {
        "type": "aws:cloudcontrol/resource:Resource",
        "id": "news",
        "inputs": {"desiredState": json.dumps(desired)},
    }
    policy = {
        "type": "aws:iam/rolePolicy:RolePolicy",
        "outputs": {"role": "news-role", "name": "news-policy"},
    }
    (expected,) = setup_of(
        export(
            source_location,
            policy,
            sourceLocationArns={"news": LOCATION_ARN},
            mediaPackageRoleArns={"news": ROLE_ARN},
        )
    ).source_locations
    assert expected.stack
    assert expected.stack.desired_state.value == desired
    assert expected.stack.source_location_arn == LOCATION_ARN
    assert expected.stack.media_package_role_arn == ROLE_ARN
    assert expected.stack.media_package_role_policy == "news-policy"


def test_the_keys_of_replicas_come_from_the_state() -> None:
    away = KEY_ARN.replace("eu-west-1", "us-west-2")
    secret = {
        "type": "aws:secretsmanager/secret:Secret",
        "outputs": {
            "arn": SECRET_ARN,
            "replicas": [{"region": "us-west-2", "kmsKeyId": away}, {"region": "us-east-1"}],
        },
    }
    (expected,) = setup_of(export(secret)).source_locations
    assert expected.stack
    assert expected.stack.replica_key_arns == {"us-west-2": away}


def test_required_key_policy_statements_mean_an_existing_key() -> None:
    (expected,) = setup_of(
        export(requiredKeyPolicyStatements=[{"Sid": "GrantToMediaTailor"}])
    ).source_locations
    assert not expected.owns_key


@pytest.mark.parametrize(
    "configurations",
    [
        ENCRYPTED,
        {"news": ENCRYPTED},
        {"news": {**access_configuration(), "AccessType": ENCRYPTED}},
    ],
)
def test_an_encrypted_output_is_unknown_and_not_missing(configurations: object) -> None:
    (expected,) = setup_of(
        export(accessConfigurations=configurations, secretStringKeys=ENCRYPTED)
    ).source_locations
    for fact in (expected.access_configuration, expected.secret_string_key):
        with pytest.raises(NotReadableError, match="it is encrypted in the state"):
            fact.value  # noqa: B018  which raises


def test_an_encrypted_desired_state_is_unknown() -> None:
    source_location = {
        "type": "aws:cloudcontrol/resource:Resource",
        "id": "news",
        "inputs": {"desiredState": ENCRYPTED},
    }
    (expected,) = setup_of(
        export(source_location, sourceLocationArns={"news": LOCATION_ARN})
    ).source_locations
    assert expected.stack
    with pytest.raises(NotReadableError):
        expected.stack.desired_state.value  # noqa: B018  which raises


@pytest.mark.parametrize(
    "exported",
    [
        {"deployment": None},
        {"deployment": {}},
        {"deployment": {"resources": [{"type": "aws:s3/bucket:Bucket"}]}},
        export(secretArns={}),
    ],
)
def test_a_stack_without_the_outputs_cannot_be_checked(exported: dict[str, Any]) -> None:
    with pytest.raises(VerificationError, match=r"stack prod has no output `secretArns`"):
        setup_of(exported, "prod")


def pulumi_that(folder: Path, script: str) -> str:
    """Create an executable `pulumi` and return the PATH that contains it."""
    pulumi = folder / "pulumi"
    pulumi.write_text(f"#!/bin/sh\n{script}\n")
    pulumi.chmod(0o755)
    return str(folder)


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("error: no stack named 'x' found", "`pulumi stack ls` lists the stacks."),
        (
            "error: PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions",
            "Log in first: pulumi login",
        ),
        (
            "error: no Pulumi.yaml project file found (searching upwards from /tmp)",
            "Run this command in the project's folder.",
        ),
        ("error: no stack selected; please use `pulumi stack select`", "Name the stack:"),
    ],
)
def test_an_error_of_the_pulumi_cli_is_reported_with_the_next_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, hint: str
) -> None:
    monkeypatch.setenv("PATH", pulumi_that(tmp_path, f"cat >&2 <<'END'\n{said}\nEND\nexit 255"))
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    with pytest.raises(VerificationError) as error:
        read_stack("x")
    first, second = str(error.value).splitlines()
    assert first == f"Pulumi cannot read the stack: {said.removeprefix('error: ')}"
    assert second.startswith(hint)


def test_without_the_pulumi_cli_the_error_explains_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(VerificationError, match="the Pulumi CLI is not on PATH"):
        read_stack(None)
