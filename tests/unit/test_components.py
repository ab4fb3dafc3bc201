"""The components in a program of others: explicit providers, values that nobody marked."""

import pulumi
import pulumi_aws as aws

from components import AccessTokenSecret, deployment_target
from tests.support.recording_engine import KEY_ARN, TOKEN, Deployment, run

VERSION = "aws:secretsmanager/secretVersion:SecretVersion"
SECRET_SIGNATURE = "4dabf18193072939515e22adb298388d"


def test_a_token_that_nobody_marked_is_a_secret_all_the_same(deployment: Deployment) -> None:
    def program() -> None:
        AccessTokenSecret(
            "mine",
            {
                "encryption_key_arn": KEY_ARN,
                "secret_string_key": "AccessToken",
                "access_token": TOKEN,
            },
        )

    run(deployment, program)
    secret_string = deployment.resources[VERSION, "mine-version"].object.fields["secretString"]
    assert SECRET_SIGNATURE in secret_string.struct_value.fields
    assert not [message for message in deployment.messages if TOKEN in message]


def test_the_target_is_that_of_the_provider_named(deployment: Deployment) -> None:
    def program() -> None:
        provider = aws.Provider("of-another-account")
        deployment_target(pulumi.InvokeOptions(provider=provider))

    run(deployment, program)
    assert len(deployment.providers) == 3
    assert all("of-another-account" in provider for provider in deployment.providers)
