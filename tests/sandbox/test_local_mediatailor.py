"""MediaTailor in the local AWS: source locations that both APIs share, and their grants."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox.local_aws import ACCOUNT_ID, LocalAws, local_aws
from tests.support.setup_by_hand import HandMade, access_configuration, hand_made

TYPE = "AWS::MediaTailor::SourceLocation"


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    with local_aws() as local:
        local.wait_until_ready()
        yield local


@pytest.fixture
def made(aws: LocalAws) -> HandMade:
    return hand_made(aws)


def described(made: HandMade) -> dict[str, Any]:
    answer: dict[str, Any] = made.client("mediatailor").describe_source_location(
        SourceLocationName=made.name
    )
    answer.pop("ResponseMetadata")
    return answer


def grants(made: HandMade) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = made.client("kms").list_grants(KeyId=made.key_arn)["Grants"]
    return listed


def properties(made: HandMade) -> dict[str, Any]:
    resource = made.client("cloudcontrol").get_resource(TypeName=TYPE, Identifier=made.name)
    known: dict[str, Any] = json.loads(resource["ResourceDescription"]["Properties"])
    return known


def test_a_source_location_is_described_as_it_was_created(made: HandMade) -> None:
    assert described(made) == {
        "Arn": f"arn:aws:mediatailor:eu-west-1:{ACCOUNT_ID}:sourceLocation/{made.name}",
        "SourceLocationName": made.name,
        "HttpConfiguration": {"BaseUrl": "https://origin.example.com"},
        "AccessConfiguration": access_configuration(made.secret_arn),
        "Tags": {},
    }


def test_cloud_control_and_mediatailor_have_the_same_source_locations(made: HandMade) -> None:
    name = f"{made.name}-cloud-control"
    state = {
        "SourceLocationName": name,
        "HttpConfiguration": {"BaseUrl": "https://a.example.com"},
        "Tags": [{"Key": "team", "Value": "video"}],
    }
    cloud_control = made.client("cloudcontrol")
    cloud_control.create_resource(TypeName=TYPE, DesiredState=json.dumps(state))
    other = HandMade(made.aws, name, made.key_arn, made.secret_arn)
    assert described(other)["Tags"] == {"team": "video"}
    made.client("mediatailor").update_source_location(
        SourceLocationName=name, HttpConfiguration={"BaseUrl": "https://b.example.com"}
    )
    assert properties(other) == {
        "Arn": f"arn:aws:mediatailor:eu-west-1:{ACCOUNT_ID}:sourceLocation/{name}",
        "SourceLocationName": name,
        "HttpConfiguration": {"BaseUrl": "https://b.example.com"},
        "Tags": [{"Key": "team", "Value": "video"}],
    }
    cloud_control.delete_resource(TypeName=TYPE, Identifier=name)
    with pytest.raises(ClientError, match="NotFoundException"):
        described(other)


def test_an_update_replaces_all_settings(made: HandMade) -> None:
    made.client("mediatailor").update_source_location(
        SourceLocationName=made.name, HttpConfiguration={"BaseUrl": "https://b.example.com"}
    )
    assert "AccessConfiguration" not in described(made)
    assert grants(made) == []


def test_creating_a_source_location_creates_a_grant_and_deleting_it_retires_the_grant(
    made: HandMade,
) -> None:
    (grant,) = grants(made)
    assert grant["Name"] == f"MediaTailor-SourceLocation-{ACCOUNT_ID}-{made.name}"
    assert set(grant["Operations"]) == {"Decrypt", "RetireGrant"}
    assert grant["Constraints"] == {"EncryptionContextSubset": {"SecretARN": made.secret_arn}}
    made.client("mediatailor").delete_source_location(SourceLocationName=made.name)
    assert grants(made) == []


def test_the_grant_is_for_the_secrets_key_at_the_last_update(made: HandMade) -> None:
    former = made.key_arn
    key_arn = made.client("kms").create_key()["KeyMetadata"]["Arn"]
    made.use_key(key_arn)
    now = HandMade(made.aws, made.name, key_arn, made.secret_arn)
    assert (len(grants(made)), len(grants(now))) == (1, 0), former
    made.update_source_location()
    assert (len(grants(made)), len(grants(now))) == (0, 1)


def test_cloud_control_also_creates_and_retires_grants(made: HandMade) -> None:
    made.client("mediatailor").delete_source_location(SourceLocationName=made.name)
    state = {
        "SourceLocationName": made.name,
        "HttpConfiguration": {"BaseUrl": "https://a.example.com"},
        "AccessConfiguration": access_configuration(made.secret_arn),
    }
    cloud_control = made.client("cloudcontrol")
    cloud_control.create_resource(TypeName=TYPE, DesiredState=json.dumps(state))
    assert len(grants(made)) == 1
    patch = json.dumps([{"op": "remove", "path": "/AccessConfiguration"}])
    cloud_control.update_resource(TypeName=TYPE, Identifier=made.name, PatchDocument=patch)
    assert grants(made) == []


def test_source_locations_are_listed_in_pages(made: HandMade) -> None:
    mediatailor = made.client("mediatailor")
    pages = mediatailor.get_paginator("list_source_locations").paginate(
        PaginationConfig={"PageSize": 2}
    )
    names = [item["SourceLocationName"] for page in pages for item in page["Items"]]
    assert made.name in names
    assert len(names) == len(set(names))


def test_a_name_can_be_used_only_once(made: HandMade) -> None:
    with pytest.raises(ClientError, match="already exists"):
        made.client("mediatailor").create_source_location(
            SourceLocationName=made.name, HttpConfiguration={"BaseUrl": "https://a.example.com"}
        )


def test_other_operations_are_rejected(made: HandMade) -> None:
    with pytest.raises(ClientError, match="The local AWS only supports source locations"):
        made.client("mediatailor").list_channels()
