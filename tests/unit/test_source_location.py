"""Stacks that also create the MediaTailor source location, and who may read the secret."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from components.source_location import access_configuration, desired_state
from tests.support.recording_engine import ACCOUNT, REGION, Deployment, secret_arn

Deploy = Callable[..., Deployment]
Refusal = Callable[..., str]
Config = dict[str, Any]

RESOURCE = "aws:cloudcontrol/resource:Resource"
POLICY = "aws:secretsmanager/secretPolicy:SecretPolicy"
# From cfn-lint: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resource-type-schemas.html
SCHEMA = Path(__file__).parents[2] / "sandbox" / "local_aws" / "aws-mediatailor-sourcelocation.json"
BASE_URL = "https://origin.example.com/vod"
CDN_URL = "https://cdn.example.com"


@pytest.fixture
def located(config: Config) -> Config:
    config["sourceLocations"]["sports"] |= {"baseUrl": BASE_URL, "segmentDeliveryBaseUrl": CDN_URL}
    return config


def test_the_source_location_authenticates_with_the_secret(deploy: Deploy, located: Config) -> None:
    deployment = deploy(located)
    inputs = deployment.inputs(RESOURCE, "mediatailor-sports-source-location")
    assert inputs["typeName"] == "AWS::MediaTailor::SourceLocation"
    assert json.loads(inputs["desiredState"]) == {
        "SourceLocationName": "sports",
        "HttpConfiguration": {"BaseUrl": BASE_URL},
        "DefaultSegmentDeliveryConfiguration": {"BaseUrl": CDN_URL},
        "AccessConfiguration": {
            "AccessType": "SECRETS_MANAGER_ACCESS_TOKEN",
            "SecretsManagerAccessTokenConfiguration": {
                "HeaderName": "X-Origin-Token",
                "SecretArn": secret_arn("mediatailor-sports-secret"),
                "SecretStringKey": "AccessToken",
            },
        },
    }


@pytest.mark.parametrize("segment_delivery_base_url", [CDN_URL, None])
def test_the_desired_state_conforms_to_the_cloudformation_schema(
    segment_delivery_base_url: str | None,
) -> None:
    jsonschema.validate(
        desired_state(
            name="sports",
            base_url=BASE_URL,
            segment_delivery_base_url=segment_delivery_base_url,
            segment_delivery_configurations={"low-latency": CDN_URL},
            access_configuration=access_configuration(
                header_name="X-Origin-Token",
                secret_arn=secret_arn("sports"),
                secret_string_key="AccessToken",
            ),
        ),
        json.loads(SCHEMA.read_text(encoding="utf-8")),
    )


def test_the_source_location_is_created_after_and_deleted_before_the_version_and_policy(
    deploy: Deploy, located: Config
) -> None:
    request = deploy(located).resources[RESOURCE, "mediatailor-sports-source-location"]
    dependencies = {urn.rpartition("::")[2] for urn in request.dependencies}
    assert dependencies >= {
        "mediatailor-sports-secret",
        "mediatailor-sports-version",
        "mediatailor-sports-policy",
    }


def test_without_a_segment_url_the_origins_url_is_used(deploy: Deploy, located: Config) -> None:
    del located["sourceLocations"]["sports"]["segmentDeliveryBaseUrl"]
    state = deploy(located).policy(RESOURCE, "mediatailor-sports-source-location", "desiredState")
    assert "DefaultSegmentDeliveryConfiguration" not in state


def test_the_source_location_has_the_named_segment_delivery_configurations(
    deploy: Deploy, located: Config
) -> None:
    located["sourceLocations"]["sports"]["segmentDeliveryConfigurations"] = {
        "low-latency": "https://fast.example.com",
        "archive": "https://archive.example.com",
    }
    state = deploy(located).policy(RESOURCE, "mediatailor-sports-source-location", "desiredState")
    assert state["SegmentDeliveryConfigurations"] == [
        {"Name": "archive", "BaseUrl": "https://archive.example.com"},
        {"Name": "low-latency", "BaseUrl": "https://fast.example.com"},
    ]


@pytest.mark.parametrize(
    ("configurations", "path", "rule"),
    [
        ({"a b": CDN_URL}, '["a b"]', "must be named with 1 to 128 characters"),
        ({"a": "http://cdn.example.com"}, ".a", "must be an https URL"),
        ({"a": 5}, ".a", "must be an https URL"),
        ({str(n): CDN_URL for n in range(6)}, "", "has 6 entries; MediaTailor allows at most 5"),
    ],
)
def test_segment_delivery_configurations_are_checked(
    refusal: Refusal, located: Config, configurations: Any, path: str, rule: str
) -> None:
    located["sourceLocations"]["sports"]["segmentDeliveryConfigurations"] = configurations
    message = refusal(located)
    assert f"sourceLocations.sports.segmentDeliveryConfigurations{path}\n    {rule}" in message


def test_the_source_locations_arn_is_an_output(deploy: Deploy, located: Config) -> None:
    located["sourceLocations"]["news"] = {"headerName": "X-News"}
    located["accessTokens"]["news"] = "canary-of-news"
    assert deploy(located).outputs["sourceLocationArns"] == {
        "sports": f"arn:aws:mediatailor:{REGION}:{ACCOUNT}:sourceLocation/sports"
    }


def test_without_a_base_url_no_source_location_is_created(deploy: Deploy, config: Config) -> None:
    deployment = deploy(config)
    assert not deployment.names(RESOURCE)
    assert deployment.outputs["sourceLocationArns"] == {}


@pytest.mark.parametrize("setting", ["baseUrl", "segmentDeliveryBaseUrl"])
@pytest.mark.parametrize(
    "url",
    [
        "http://origin.example.com",
        "https://",
        "https:///vod",
        "origin.example.com",
        "https://user@origin.example.com",
        "https://origin.example.com/?a=b",
        "https://origin.example.com/#a",
        "https://origin.example.com/a b",
        "https://[origin",
        "https://origin.example.com\n",
        "",
        5,
    ],
)
def test_a_url_without_https_or_with_extra_parts_is_refused(
    refusal: Refusal, located: Config, setting: str, url: object
) -> None:
    located["sourceLocations"]["sports"][setting] = url
    message = refusal(located)
    assert f"sourceLocations.sports.{setting}\n    must be " in message
    assert (
        f"pulumi config set --plaintext --path sourceLocations.sports.{setting} https://" in message
    )


def test_a_segment_url_without_a_base_url_is_refused(refusal: Refusal, config: Config) -> None:
    config["sourceLocations"]["sports"]["segmentDeliveryBaseUrl"] = CDN_URL
    message = refusal(config)
    assert (
        "sourceLocations.sports.baseUrl\n    is missing: segmentDeliveryBaseUrl configures"
        in message
    )
    assert "pulumi config set --plaintext --path sourceLocations.sports.baseUrl https://" in message


def test_the_source_account_is_required_only_if_configured(deploy: Deploy, config: Config) -> None:
    deployment = deploy({**config, "restrictToSourceAccount": True})
    (statement,) = deployment.policy(POLICY, "mediatailor-sports-policy")["Statement"]
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


@pytest.mark.parametrize(
    "principal", ["mediatailor.amazonaws.com", f"mediatailor.{REGION}.amazonaws.com"]
)
def test_the_service_principal_can_be_global_or_regional(
    deploy: Deploy, config: Config, principal: str
) -> None:
    deployment = deploy({**config, "servicePrincipal": principal})
    (statement,) = deployment.policy(POLICY, "mediatailor-sports-policy")["Statement"]
    assert statement["Principal"] == {"Service": principal}


@pytest.mark.parametrize(
    "principal", ["*", "ec2.amazonaws.com", "mediatailor.eu-west-2.amazonaws.com", "", 5, ["a"]]
)
def test_another_service_principal_is_refused(
    refusal: Refusal, config: Config, principal: object
) -> None:
    message = refusal({**config, "servicePrincipal": principal})
    assert "\n  servicePrincipal\n" in message
    assert (
        "pulumi config set --plaintext --path servicePrincipal mediatailor.amazonaws.com" in message
    )
