"""The local Secrets Manager rejects the requests that AWS Secrets Manager rejects."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.local_aws_clients import AWAY, HOME, refused

UNUSABLE = {"is disabled": "disable_key", "is pending deletion": "schedule_key_deletion"}


@pytest.mark.parametrize("problem", UNUSABLE)
def test_a_key_that_cannot_be_used_encrypts_nothing(
    secrets: Any, kms: Any, key: str, name: str, problem: str
) -> None:
    secrets.create_secret(Name=name, KmsKeyId=key)
    getattr(kms, UNUSABLE[problem])(KeyId=key)
    with refused("EncryptionFailure", key, problem):
        secrets.put_secret_value(SecretId=name, SecretString="one")
    with refused("EncryptionFailure", key, problem):
        secrets.update_secret(SecretId=name, SecretString="one")
    with refused("EncryptionFailure", key, problem):
        secrets.create_secret(Name=f"{name}-new", KmsKeyId=key)
    with refused("EncryptionFailure", key, problem):
        secrets.update_secret(SecretId=name, KmsKeyId=key)
    secrets.update_secret(SecretId=name, Description="what takes no key")


@pytest.mark.parametrize("problem", UNUSABLE)
def test_a_key_that_cannot_be_used_decrypts_nothing(
    secrets: Any, kms: Any, key: str, name: str, problem: str
) -> None:
    other = kms.create_key()["KeyMetadata"]["Arn"]
    secrets.create_secret(Name=name, KmsKeyId=key, SecretString="one")
    getattr(kms, UNUSABLE[problem])(KeyId=key)
    with refused("DecryptionFailure", key, problem):
        secrets.get_secret_value(SecretId=name)
    with refused("DecryptionFailure", key, problem):
        secrets.update_secret(SecretId=name, KmsKeyId=other)
    assert secrets.describe_secret(SecretId=name)["KmsKeyId"] == key


def test_a_key_that_is_enabled_again_can_be_used(
    secrets: Any, kms: Any, key: str, name: str
) -> None:
    secrets.create_secret(Name=name, KmsKeyId=key, SecretString="one")
    kms.disable_key(KeyId=key)
    kms.enable_key(KeyId=key)
    secrets.put_secret_value(SecretId=name, SecretString="two")
    assert secrets.get_secret_value(SecretId=name)["SecretString"] == "two"


def test_a_key_is_found_by_its_arn_its_id_and_its_alias_in_its_own_region(
    secrets: Any, away: Any, kms: Any, key: str, name: str
) -> None:
    alias = f"alias/{name}"
    kms.create_alias(AliasName=alias, TargetKeyId=key)
    for number, key_id in enumerate(
        (key, key.rpartition("/")[2], alias, "alias/aws/secretsmanager", "")
    ):
        secrets.create_secret(Name=f"{name}-{number}", KmsKeyId=key_id, SecretString="one")
    for key_id in (key, key.replace(HOME, AWAY), key.rpartition("/")[2], alias):
        with refused("EncryptionFailure", f"does not exist in {AWAY}"):
            away.create_secret(Name=name, KmsKeyId=key_id)


def test_a_key_that_is_not_symmetric_is_rejected(secrets: Any, kms: Any, name: str) -> None:
    key = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    with refused("EncryptionFailure", "not a symmetric encryption key"):
        secrets.create_secret(Name=name, KmsKeyId=key)


def test_the_key_of_an_empty_secret_can_always_be_replaced(
    secrets: Any, kms: Any, key: str, name: str
) -> None:
    other = kms.create_key()["KeyMetadata"]["Arn"]
    secrets.create_secret(Name=name, KmsKeyId=key)
    kms.disable_key(KeyId=key)
    secrets.update_secret(SecretId=name, KmsKeyId=other)


@pytest.mark.parametrize("bad", ["with space", "umlaut-ü", "colon:", "x" * 513, ""])
def test_a_name_that_aws_does_not_allow_is_rejected(secrets: Any, bad: str) -> None:
    with refused("ValidationException"):
        secrets.create_secret(Name=bad)


def test_a_name_may_have_all_characters_that_aws_allows(secrets: Any, name: str) -> None:
    secrets.create_secret(Name=f"A/_+=.@-{name}")


def test_the_name_of_a_secret_scheduled_for_deletion_cannot_be_reused(
    secrets: Any, name: str
) -> None:
    secrets.create_secret(Name=name)
    secrets.delete_secret(SecretId=name)
    with refused("InvalidRequestException", "already scheduled for deletion"):
        secrets.create_secret(Name=name)


def test_a_secret_created_without_a_value_has_no_version(secrets: Any, name: str) -> None:
    assert "VersionId" not in secrets.create_secret(Name=name)
    with refused("ResourceNotFoundException"):
        secrets.get_secret_value(SecretId=name)
    version = secrets.put_secret_value(SecretId=name, SecretString="one")["VersionId"]
    described = secrets.describe_secret(SecretId=name)
    assert described["VersionIdsToStages"] == {version: ["AWSCURRENT"]}


def test_a_secret_created_with_a_value_has_one_version(secrets: Any, name: str) -> None:
    created = secrets.create_secret(Name=name, SecretString="one")
    assert secrets.get_secret_value(SecretId=name)["VersionId"] == created["VersionId"]


def test_an_error_does_not_contain_the_value(secrets: Any, name: str) -> None:
    secrets.create_secret(Name=name)
    with pytest.raises(ClientError) as caught:
        secrets.put_secret_value(SecretId=name, SecretString="canary" * 20_000)
    assert "secretString" in str(caught.value)
    assert "canary" not in str(caught.value.response)


def test_the_label_of_the_current_version_can_be_moved_but_not_removed(
    secrets: Any, name: str
) -> None:
    first = secrets.create_secret(Name=name, SecretString="one")["VersionId"]
    second = secrets.put_secret_value(SecretId=name, SecretString="two")["VersionId"]
    with refused("InvalidParameterException", "It can't be completely removed"):
        secrets.update_secret_version_stage(
            SecretId=name, VersionStage="AWSCURRENT", RemoveFromVersionId=second
        )
    secrets.update_secret_version_stage(
        SecretId=name,
        VersionStage="AWSCURRENT",
        RemoveFromVersionId=second,
        MoveToVersionId=first,
    )
    assert secrets.get_secret_value(SecretId=name)["VersionId"] == first
    secrets.update_secret_version_stage(
        SecretId=name, VersionStage="AWSPREVIOUS", RemoveFromVersionId=second
    )


def tags(*names: str, value: str = "v") -> list[dict[str, str]]:
    return [{"Key": name, "Value": value} for name in names]


FIFTY = [f"tag-{number}" for number in range(50)]


@pytest.mark.parametrize(
    ("tags_", "code"),
    [
        (tags("aws:created-by"), "InvalidParameterException"),
        (tags("bad*key"), "InvalidParameterException"),
        (tags("key", value="bad*value"), "InvalidParameterException"),
        (tags(*FIFTY, "one-more"), "InvalidParameterException"),
        (tags("x" * 129), "ValidationException"),
        (tags("key", value="x" * 257), "ValidationException"),
    ],
)
def test_tags_that_aws_does_not_allow_are_rejected(
    secrets: Any, name: str, tags_: list[dict[str, str]], code: str
) -> None:
    with refused(code):
        secrets.create_secret(Name=name, Tags=tags_)
    secrets.create_secret(Name=name)
    with refused(code):
        secrets.tag_resource(SecretId=name, Tags=tags_)


def test_a_secret_has_at_most_fifty_tags(secrets: Any, name: str) -> None:
    secrets.create_secret(Name=name, Tags=tags(*FIFTY))
    secrets.tag_resource(SecretId=name, Tags=tags("tag-0", value="other"))
    with refused("InvalidParameterException", "51"):
        secrets.tag_resource(SecretId=name, Tags=tags("one-more"))
