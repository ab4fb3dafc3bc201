"""The policy documents, statement by statement."""

import json

from components import policies

MANAGERS = ["arn:aws:iam::123456789012:role/operator", "arn:aws:iam::123456789012:user/ci"]
ADMINISTRATORS = ["arn:aws:iam::123456789012:role/security"]


def key_policy(partition: str = "aws", **principals: list[str]) -> policies.PolicyDocument:
    return policies.key_policy(
        partition=partition, account="123456789012", region="eu-west-1", **principals
    )


def test_by_default_the_key_policy_leaves_access_to_iam_policies() -> None:
    assert key_policy() == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "EnableIamPolicies",
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }


def test_the_account_root_has_the_partition() -> None:
    (root,) = key_policy(partition="aws-us-gov")["Statement"]
    assert root["Principal"] == {"AWS": "arn:aws-us-gov:iam::123456789012:root"}


def test_source_location_managers_can_create_grants_only_through_mediatailor() -> None:
    _, grant = key_policy(source_location_managers=MANAGERS)["Statement"]
    assert grant == {
        "Sid": "GrantToMediaTailor",
        "Effect": "Allow",
        "Principal": {"AWS": MANAGERS},
        "Action": "kms:CreateGrant",
        "Resource": "*",
        "Condition": {"StringEquals": {"kms:ViaService": "mediatailor.eu-west-1.amazonaws.com"}},
    }


def test_administrators_can_manage_the_key_but_not_use_it() -> None:
    _, administration = key_policy(administrators=ADMINISTRATORS)["Statement"]
    assert administration["Effect"] == "Allow"
    assert administration["Principal"] == {"AWS": ADMINISTRATORS}
    assert administration["Resource"] == "*"
    actions = [action.removeprefix("kms:") for action in administration["Action"]]
    assert actions == [
        *("CancelKeyDeletion", "CreateAlias", "DeleteAlias", "DescribeKey", "DisableKey"),
        *("DisableKeyRotation", "EnableKey", "EnableKeyRotation", "GetKeyPolicy"),
        *("GetKeyRotationStatus", "ListGrants", "ListKeyPolicies", "ListKeyRotations"),
        *("ListResourceTags", "PutKeyPolicy", "RevokeGrant", "RotateKeyOnDemand"),
        *("ScheduleKeyDeletion", "TagResource", "UntagResource", "UpdateAlias"),
        "UpdateKeyDescription",
    ]
    use = ("Decrypt", "Encrypt", "ReEncrypt", "GenerateDataKey", "CreateGrant", "*")
    assert not [action for action in actions for verb in use if verb in action]


def test_key_policy_statements_have_unique_sids_and_no_public_principal() -> None:
    statements = key_policy(administrators=ADMINISTRATORS, source_location_managers=MANAGERS)[
        "Statement"
    ]
    assert len({statement["Sid"] for statement in statements}) == 3
    assert not [s for s in statements if "*" in json.dumps(s["Principal"])]


def test_the_secret_policy_is_awss_example_word_for_word() -> None:
    arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:name-AbCdEf"
    assert policies.secret_policy(arn) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "mediatailor.amazonaws.com"},
                "Action": "secretsmanager:GetSecretValue",
                "Resource": arn,
            }
        ],
    }


def test_a_document_is_written_as_compact_json_without_reordering() -> None:
    assert policies.to_json({"Version": "2012-10-17", "Statement": []}) == (
        '{"Version":"2012-10-17","Statement":[]}'
    )
