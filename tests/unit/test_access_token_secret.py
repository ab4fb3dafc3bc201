"""Source locations that adopt an existing secret."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.recording_engine import ACCOUNT, KEY_ARN, REGION, TOKEN, Deployment, FailedInvoke

Deploy = Callable[..., Deployment]
Refusal = Callable[..., str]
Config = dict[str, Any]

ARN = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:MediaPackage/sports-cdn-auth-AbCdEf"
SECRET = "aws:secretsmanager/secret:Secret"
POLICY = "aws:secretsmanager/secretPolicy:SecretPolicy"


def adopting(config: Config, arn: object = ARN, **settings: Any) -> Config:
    config["sourceLocations"]["sports"] |= {"adoptSecretArn": arn, **settings}
    return config


def test_the_secret_is_imported_under_its_own_name_and_moved_to_the_key(
    deploy: Deploy, config: Config
) -> None:
    deployment = deploy(adopting(config))
    assert deployment.resources[SECRET, "mediatailor-sports-secret"].importId == ARN
    secret = deployment.inputs(SECRET, "mediatailor-sports-secret")
    assert secret["name"] == "MediaPackage/sports-cdn-auth"
    assert secret["kmsKeyId"] == KEY_ARN


def test_an_adopted_secret_and_its_policy_are_protected_and_never_deleted(
    deploy: Deploy, config: Config
) -> None:
    deployment = deploy(adopting(config))
    secret = deployment.resources[SECRET, "mediatailor-sports-secret"]
    assert secret.protect
    assert secret.retainOnDelete
    assert deployment.resources[POLICY, "mediatailor-sports-policy"].retainOnDelete


def test_a_secret_of_the_stack_and_its_policy_are_deleted_with_it(
    deploy: Deploy, config: Config
) -> None:
    deployment = deploy(config)
    assert not deployment.resources[SECRET, "mediatailor-sports-secret"].retainOnDelete
    assert not deployment.resources[POLICY, "mediatailor-sports-policy"].retainOnDelete


def value_of(deployment: Deployment) -> Any:
    version = "aws:secretsmanager/secretVersion:SecretVersion"
    return json.loads(deployment.inputs(version, "mediatailor-sports-version")["secretString"])


def test_the_token_is_stored_next_to_the_other_members(
    deploy: Deploy, deployment: Deployment, config: Config
) -> None:
    deployment.adopted_value = '{"user": "ours", "Token": "old", "n": {"a": [1, 0.5, null]}}'
    value = value_of(deploy(adopting(config, secretStringKey="Token")))
    assert list(value.items()) == [
        ("user", "ours"),
        ("Token", TOKEN),
        ("n", {"a": [1, 0.5, None]}),
    ]


def test_the_other_members_are_kept_secret(
    deploy: Deploy, deployment: Deployment, config: Config
) -> None:
    deployment.adopted_value = '{"password": "canary-of-others"}'
    deploy(adopting(config))
    assert value_of(deployment)["password"] == "canary-of-others"
    assert "canary-of-others" not in "".join(deployment.messages)


def test_writing_the_same_value_again_does_not_change_it(
    deploy: Deploy, deployment: Deployment, config: Config
) -> None:
    version = "aws:secretsmanager/secretVersion:SecretVersion", "mediatailor-sports-version"
    deployment.adopted_value = '{ "ü":"ö", "AccessToken":"old",\n"b":1.50 }'
    first = deploy(adopting(config)).inputs(*version)["secretString"]
    deployment.adopted_value = first
    assert deploy(config).inputs(*version)["secretString"] == first


@pytest.mark.parametrize("value", ["", "a token", '"text"', "[1]", "null", "[" * 100_000])
def test_a_value_that_is_not_a_json_object_is_replaced(
    deploy: Deploy, deployment: Deployment, config: Config, value: str
) -> None:
    deployment.adopted_value = value
    assert value_of(deploy(adopting(config))) == {"AccessToken": TOKEN}


def test_a_secret_without_a_value_gets_one(
    deploy: Deploy, deployment: Deployment, config: Config
) -> None:
    deployment.adopted_value = FailedInvoke("reading Secrets Manager …: couldn't find resource")
    assert value_of(deploy(adopting(config))) == {"AccessToken": TOKEN}


def test_a_value_that_cannot_be_read_ends_the_update_before_anything_is_created(
    refusal: Refusal, deployment: Deployment, config: Config
) -> None:
    deployment.adopted_value = FailedInvoke("AccessDeniedException: not authorized")
    message = refusal(adopting(config))
    assert message.startswith(f"The value of {ARN} cannot be read; nothing was created or changed")
    assert "AccessDeniedException: not authorized" in message
    assert "secretsmanager:GetSecretValue" in message


def test_no_value_is_read_unless_a_secret_is_adopted_and_written(
    deploy: Deploy, deployment: Deployment, config: Config
) -> None:
    read = "aws:secretsmanager/getSecretVersion:getSecretVersion"
    assert read not in deploy(config).invokes
    config = adopting(config, tokenManagedElsewhere=True)
    del config["accessTokens"]
    assert read not in deploy(config, secret_keys=()).invokes
    assert deployment.names(SECRET), "the program ran"


def test_unset_settings_of_an_adopted_secret_do_not_change(deploy: Deploy, config: Config) -> None:
    request = deploy(adopting(config)).resources[SECRET, "mediatailor-sports-secret"]
    assert set(request.ignoreChanges) == {"description", "replicas", "tags", "tagsAll"}


def test_set_settings_of_an_adopted_secret_change(deploy: Deploy, config: Config) -> None:
    config = adopting(config, description="Sports", tags={"team": "media"})
    request = deploy(config).resources[SECRET, "mediatailor-sports-secret"]
    assert list(request.ignoreChanges) == ["replicas"]


def test_a_new_secret_is_not_imported_and_its_settings_change(
    deploy: Deploy, config: Config
) -> None:
    request = deploy(config).resources[SECRET, "mediatailor-sports-secret"]
    assert not request.importId
    assert list(request.ignoreChanges) == ["name"], "an autonamed secret keeps its name"
    assert not request.protect


def test_a_new_secretname_in_the_config_renames_the_secret(deploy: Deploy, config: Config) -> None:
    config["sourceLocations"]["sports"]["secretName"] = "sports"
    request = deploy(config).resources[SECRET, "mediatailor-sports-secret"]
    assert not request.ignoreChanges


def test_a_token_managed_elsewhere_gets_a_secret_without_a_version(
    deploy: Deploy, config: Config
) -> None:
    config["sourceLocations"]["sports"]["tokenManagedElsewhere"] = True
    del config["accessTokens"]
    deployment = deploy(config, secret_keys=())
    assert deployment.names(SECRET) == ["mediatailor-sports-secret"]
    assert deployment.names(POLICY) == ["mediatailor-sports-policy"]
    assert not deployment.names("aws:secretsmanager/secretVersion:SecretVersion")
    assert deployment.outputs["deployedSettings"]["tokensManagedElsewhere"] == ["sports"]
    assert deployment.outputs["secretArns"].keys() == {"sports"}


def test_a_token_managed_elsewhere_must_not_be_in_the_config(
    refusal: Refusal, config: Config
) -> None:
    config["sourceLocations"]["sports"]["tokenManagedElsewhere"] = True
    message = refusal(config)
    assert "accessTokens.sports\n    must not be set together with tokenManagedElsewhere" in message
    assert "pulumi config rm --path accessTokens.sports" in message


@pytest.mark.parametrize(
    "arn",
    [
        "MediaPackage/sports-cdn-auth",
        ARN.removesuffix("-AbCdEf"),
        f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555",
        5,
    ],
)
def test_an_incomplete_secret_arn_is_refused(refusal: Refusal, config: Config, arn: object) -> None:
    message = refusal(adopting(config, arn))
    assert "sourceLocations.sports.adoptSecretArn\n    must be the " in message


@pytest.mark.parametrize(
    ("arn", "problem"),
    [
        (ARN.replace(REGION, "eu-west-2"), f"is in eu-west-2, but must be in {REGION}"),
        (ARN.replace("arn:aws:", "arn:aws-cn:"), "is in partition aws-cn"),
        (ARN.replace(ACCOUNT, "123456789012"), "is in account 123456789012"),
    ],
)
def test_a_secret_in_another_region_account_or_partition_is_refused(
    refusal: Refusal, config: Config, arn: str, problem: str
) -> None:
    assert f"adoptSecretArn\n    {problem}" in refusal(adopting(config, arn))


def test_secretname_is_refused_for_an_adopted_secret(refusal: Refusal, config: Config) -> None:
    message = refusal(adopting(config, secretName="sports"))
    assert (
        "sourceLocations.sports.secretName\n    must not be set together with adoptSecretArn"
        in message
    )


def test_a_secret_cannot_be_adopted_twice(refusal: Refusal, config: Config) -> None:
    config = adopting(config)
    config["sourceLocations"]["news"] = {"headerName": "X-News", "adoptSecretArn": ARN}
    config["accessTokens"]["news"] = "canary-of-news"
    message = refusal(config)
    assert "sourceLocations.news.adoptSecretArn\n    is also the secret of sports" in message


def test_a_new_secret_cannot_have_the_name_of_an_adopted_one(
    refusal: Refusal, config: Config
) -> None:
    config = adopting(config)
    config["sourceLocations"]["news"] = {
        "headerName": "X-News",
        "secretName": "MediaPackage/sports-cdn-auth",
    }
    config["accessTokens"]["news"] = "canary-of-news"
    message = refusal(config)
    assert "sourceLocations.news.secretName\n    is also the secret of sports" in message
