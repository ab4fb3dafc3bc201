"""Errors that prevent `python -m verification` from checking anything, each with the next step."""

import json
from pathlib import Path

import pytest

from tests.support.verification_command import Command


def test_an_unknown_stack_is_an_error(command: Command) -> None:
    done = command.run("--stack", "prod")
    assert (done.status, done.output) == (2, "")
    assert done.errors == (
        "error: Pulumi cannot read the stack: no stack named 'prod' found\n"
        "`pulumi stack ls` lists the stacks.\n"
    )


def test_without_a_login_the_error_explains_how_to_log_in(command: Command, tmp_path: Path) -> None:
    done = command.run(PULUMI_BACKEND_URL=None, PULUMI_HOME=str(tmp_path))
    assert done.status == 2
    assert done.errors.endswith("\nLog in first: pulumi login\n")


def test_outside_the_project_the_error_says_where_to_run_the_command(
    command: Command, tmp_path: Path
) -> None:
    done = command.run_in(tmp_path)
    assert done.status == 2
    assert done.errors.endswith("\nRun this command in the project's folder.\n")


def test_an_unknown_source_location_is_reported_with_those_that_exist(command: Command) -> None:
    done = command.run("--source-location", "sport")
    assert done.status == 2
    assert done.errors == "error: stack test has no source location 'sport'; it has sports\n"
    done = command.run("--live", "new")
    assert done.status == 2
    assert done.errors == (
        "error: MediaTailor has no source location 'new' in eu-west-1, account 123456789012."
        " It has: news. For another Region, set AWS_REGION.\n"
    )


def test_credentials_of_another_account_are_reported_before_anything_is_read(
    command: Command,
) -> None:
    done = command.run(AWS_ACCESS_KEY_ID="210987654321")
    assert (done.status, done.output) == (2, "")
    assert done.errors == (
        "error: these AWS credentials belong to account 210987654321, but stack test is in account"
        " 123456789012. Switch to that account, for example: export AWS_PROFILE=PROFILE\n"
    )
    document = json.loads(command.run("--json", AWS_ACCESS_KEY_ID="210987654321").output)
    assert document["answer"] == "not checked"
    assert "belong to account 210987654321" in document["error"]


def test_a_note_says_that_the_stacks_region_is_checked_instead_of_the_configured_one(
    command: Command,
) -> None:
    done = command.run(AWS_REGION="us-east-1")
    assert done.status == 0
    assert done.output.startswith(
        "Note: Your AWS settings specify us-east-1, but stack test is in eu-west-1, so\nthat Region was checked.\n"
    )


def test_another_region_without_source_locations_is_not_a_finding(command: Command) -> None:
    done = command.run("--live", AWS_REGION="us-east-1")
    assert done.status == 2
    assert done.errors == (
        "error: no source location in us-east-1, account 123456789012, authenticates with an"
        " access token (0 found). For another Region, set AWS_REGION.\n"
    )


NO_CREDENTIALS = dict.fromkeys(
    ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"), None
)


@pytest.mark.parametrize(
    ("variables", "error", "hint"),
    [
        (NO_CREDENTIALS, "Unable to locate credentials", "Log in to AWS, "),
        ({"AWS_SESSION_TOKEN": "expired"}, "UnrecognizedClientException: ", "Log in to AWS, "),
        ({"AWS_SECRET_ACCESS_KEY": None}, "Partial credentials found in env", "Log in to AWS, "),
        (
            {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"},
            "Could not connect to the endpoint URL",
            "Check the network, ",
        ),
        ({"AWS_ENDPOINT_URL": "aws"}, "Invalid endpoint: aws", "Check the network, "),
    ],
)
def test_an_error_in_reaching_aws_is_reported_once_with_the_next_step(
    command: Command, variables: dict[str, str | None], error: str, hint: str
) -> None:
    done = command.run(**variables)
    assert (done.status, done.output) == (2, "")
    first, second = done.errors.splitlines()
    assert first.startswith(f"error: cannot access AWS: {error}")
    assert second.startswith(hint)


def test_an_unknown_profile_and_a_missing_region_are_errors(command: Command) -> None:
    done = command.run(AWS_PROFILE="nobody")
    assert (done.status, done.errors) == (
        2,
        "error: invalid AWS settings: The config profile (nobody) could not be found\n",
    )
    done = command.run("--live", AWS_REGION=None, AWS_DEFAULT_REGION=None)
    assert (done.status, done.errors) == (2, "error: no Region is set: export AWS_REGION=REGION\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--secret-arn", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-AbCdEf"],
        ["--secret-string-key", "AccessToken"],
        ["--stack", "a", "--live"],
        ["--secret-arn", "a", "--secret-string-key", "b", "--origin-path", "/a"],
        ["--unknown"],
    ],
)
def test_arguments_that_exclude_or_require_each_other_are_refused(
    command: Command, arguments: list[str]
) -> None:
    done = command.run(*arguments)
    assert done.status == 2
    assert "usage: python -m verification" in done.errors


def test_an_invalid_secret_arn_is_reported_with_the_command_that_prints_the_arn(
    command: Command,
) -> None:
    done = command.run("--secret-arn", "media/origin", "--secret-string-key", "AccessToken")
    assert done.status == 2
    assert done.errors.startswith(
        "error: 'media/origin' is not the ARN of a secret. To get the ARN:"
    )
