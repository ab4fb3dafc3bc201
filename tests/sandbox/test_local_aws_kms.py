"""The local KMS rejects the requests that AWS KMS rejects."""

import json
from typing import Any

import pytest

from sandbox.local_aws import ACCOUNT_ID, LocalAws
from tests.support.local_aws_clients import AWAY, HOME, client, refused
from tests.support.provider_driver import ROOT

DEFAULT_KEY_POLICY = json.dumps(ROOT)

# https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
NOT_WHILE_PENDING_DELETION: dict[str, dict[str, Any]] = {
    "create_alias": {"AliasName": "alias/new"},
    "create_grant": {"GranteePrincipal": ACCOUNT_ID, "Operations": ["Decrypt"]},
    "disable_key": {},
    "disable_key_rotation": {},
    "enable_key": {},
    "enable_key_rotation": {},
    "replicate_key": {"ReplicaRegion": "eu-central-1"},
    "schedule_key_deletion": {},
    "tag_resource": {"Tags": [{"TagKey": "a", "TagValue": "b"}]},
    "untag_resource": {"TagKeys": ["a"]},
    "update_key_description": {"Description": "new"},
}
EVEN_WHILE_PENDING_DELETION: dict[str, dict[str, Any]] = {
    "describe_key": {},
    "get_key_policy": {},
    "get_key_rotation_status": {},
    "list_resource_tags": {},
    "put_key_policy": {"Policy": DEFAULT_KEY_POLICY},
}


@pytest.mark.parametrize("replicated", [False, True])
@pytest.mark.parametrize("operation", NOT_WHILE_PENDING_DELETION)
def test_a_key_pending_deletion_is_not_changed(
    kms: Any, key: str, operation: str, *, replicated: bool
) -> None:
    if replicated:  # the key is then pending replica deletion
        kms.replicate_key(KeyId=key, ReplicaRegion=AWAY)
    kms.schedule_key_deletion(KeyId=key)
    target = {"TargetKeyId" if operation == "create_alias" else "KeyId": key}
    with refused("KMSInvalidStateException", key):
        getattr(kms, operation)(**target, **NOT_WHILE_PENDING_DELETION[operation])


@pytest.mark.parametrize("operation", EVEN_WHILE_PENDING_DELETION)
def test_a_key_pending_deletion_can_be_read_and_given_a_policy(
    kms: Any, key: str, operation: str
) -> None:
    kms.schedule_key_deletion(KeyId=key)
    getattr(kms, operation)(KeyId=key, **EVEN_WHILE_PENDING_DELETION[operation])


def test_an_alias_can_be_moved_from_a_key_pending_deletion_but_not_to_one(
    kms: Any, key: str
) -> None:
    other = kms.create_key()["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/moving", TargetKeyId=key)
    kms.schedule_key_deletion(KeyId=key)
    kms.update_alias(AliasName="alias/moving", TargetKeyId=other)
    with refused("KMSInvalidStateException", "is pending deletion"):
        kms.update_alias(AliasName="alias/moving", TargetKeyId=key)


@pytest.mark.parametrize("operation", ["enable_key_rotation", "disable_key_rotation"])
def test_the_rotation_of_a_disabled_key_is_not_changed(kms: Any, key: str, operation: str) -> None:
    kms.disable_key(KeyId=key)
    with refused("DisabledException", f"{key} is disabled"):
        getattr(kms, operation)(KeyId=key)
    kms.enable_key(KeyId=key)
    getattr(kms, operation)(KeyId=key)


@pytest.mark.parametrize("operation", ["enable_key_rotation", "disable_key_rotation"])
def test_the_rotation_of_a_replica_key_is_not_changed(
    aws: LocalAws, kms: Any, key: str, operation: str
) -> None:
    kms.replicate_key(KeyId=key, ReplicaRegion=AWAY)
    replica = key.replace(HOME, AWAY)
    with refused("UnsupportedOperationException", "on the primary key"):
        getattr(client(aws, "kms", AWAY), operation)(KeyId=replica)


def test_only_a_scheduled_deletion_can_be_canceled(kms: Any, key: str) -> None:
    with refused("KMSInvalidStateException", f"{key} is not pending deletion"):
        kms.cancel_key_deletion(KeyId=key)
    kms.schedule_key_deletion(KeyId=key)
    kms.cancel_key_deletion(KeyId=key)


def test_a_region_whose_replica_is_pending_deletion_gets_no_other_replica(
    aws: LocalAws, kms: Any, key: str
) -> None:
    kms.replicate_key(KeyId=key, ReplicaRegion=AWAY)
    away = client(aws, "kms", AWAY)
    away.schedule_key_deletion(KeyId=key.replace(HOME, AWAY))
    with refused("AlreadyExistsException", "pending deletion"):
        kms.replicate_key(KeyId=key, ReplicaRegion=AWAY)
    kms.replicate_key(KeyId=key, ReplicaRegion="eu-central-1")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("alias/aws/mine", "InvalidAliasNameException"),
        ("alias/a b", "ValidationException"),
        ("alias/" + "x" * 251, "ValidationException"),
    ],
)
def test_an_alias_that_aws_does_not_allow_is_rejected(
    kms: Any, key: str, name: str, code: str
) -> None:
    with refused(code):
        kms.create_alias(AliasName=name, TargetKeyId=key)
    with refused(code):
        kms.update_alias(AliasName=name, TargetKeyId=key)


@pytest.mark.parametrize("days", [89, 2561])
def test_a_rotation_period_out_of_range_is_rejected(kms: Any, key: str, days: int) -> None:
    with refused("ValidationException", "rotationPeriodInDays"):
        kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=days)


def test_a_value_of_the_wrong_type_is_rejected(kms: Any, key: str) -> None:
    with refused("ValidationException", "rotationPeriodInDays"):
        kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=[90])


def tags(*names: str, value: str = "v") -> list[dict[str, str]]:
    return [{"TagKey": name, "TagValue": value} for name in names]


FIFTY = [f"tag-{number}" for number in range(50)]


@pytest.mark.parametrize(
    ("tags_", "code"),
    [
        (tags("aws:created-by"), "TagException"),
        (tags("AWS:created-by"), "TagException"),
        (tags("bad*key"), "TagException"),
        (tags("key", value="bad*value"), "TagException"),
        (tags("twice", "twice"), "TagException"),
        (tags(*FIFTY, "one-more"), "TagException"),
        (tags("x" * 129), "ValidationException"),
        (tags("key", value="x" * 257), "ValidationException"),
        (tags(""), "ValidationException"),
        ([{"TagKey": "without-value"}], "ValidationException"),
    ],
)
def test_tags_that_aws_does_not_allow_are_rejected(
    kms: Any, key: str, tags_: list[dict[str, str]], code: str
) -> None:
    with refused(code):
        kms.create_key(Tags=tags_)
    with refused(code):
        kms.tag_resource(KeyId=key, Tags=tags_)
    with refused(code):
        kms.replicate_key(KeyId=key, ReplicaRegion=AWAY, Tags=tags_)


def test_a_key_has_at_most_fifty_tags(kms: Any, key: str) -> None:
    kms.tag_resource(KeyId=key, Tags=tags(*FIFTY, value="Grüße 1+2=3: a/b@c_d. -"))
    kms.tag_resource(KeyId=key, Tags=tags("tag-0", value="other"))
    with refused("TagException", "51"):
        kms.tag_resource(KeyId=key, Tags=tags("one-more"))
    kms.untag_resource(KeyId=key, TagKeys=["tag-0"])
    kms.tag_resource(KeyId=key, Tags=tags("one-more"))
    kms.replicate_key(KeyId=key, ReplicaRegion=AWAY, Tags=tags(*FIFTY))
