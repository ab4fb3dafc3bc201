"""The component in the provider host, as programs in other languages use it."""

from typing import Any

import pulumi
import pytest
from pulumi.provider.experimental.analyzer import Analyzer
from pulumi.provider.experimental.component import ComponentProvider
from pulumi.provider.server import ComponentInitError

import components
from components import AccessTokenAuthentication
from tests.support.recording_engine import TOKEN, Deployment, run

COMPONENT = "mediatailor-access-token:index:AccessTokenAuthentication"


def construct(deployment: Deployment, inputs: dict[str, Any], **secret: str) -> None:
    """Construct the component, with tokens marked as secret."""

    def program() -> None:
        provider = ComponentProvider([AccessTokenAuthentication], "mediatailor-access-token")
        tokens = {name: pulumi.Output.secret(token) for name, token in secret.items()}
        inputs["accessTokens"] = inputs.get("accessTokens", {}) | tokens
        provider.construct("vod", COMPONENT, inputs, pulumi.ResourceOptions())

    run(deployment, program)


def test_the_provider_host_constructs_the_component_from_plain_objects(
    deployment: Deployment,
) -> None:
    construct(
        deployment,
        {
            "sourceLocations": {
                "sports": {"headerName": "X-Token", "tags": {"team": "media"}},
                "news": {"origin": "mediapackage-v1"},
            },
            "accessTokens": {"news": TOKEN},
            "encryptionKey": {"alias": "alias/tokens", "rotationPeriodInDays": 90},
        },
        sports=TOKEN,
    )
    key = deployment.inputs("aws:kms/key:Key", "vod-key")
    assert key["rotationPeriodInDays"] == 90
    secret = deployment.inputs("aws:secretsmanager/secret:Secret", "vod-sports-secret")
    assert secret["tags"] == {"team": "media"}
    assert deployment.names("aws:iam/role:Role") == ["vod-news-role"]


@pytest.mark.parametrize(
    ("inputs", "path"),
    [
        ({"accessTokens": {"sports": TOKEN}}, "sourceLocations"),
        ({"sourceLocations": {"sports": {}}, "accessTokens": {"sports": TOKEN}}, "headerName"),
        (
            {
                "sourceLocations": {"sports": {"headerName": "x-amz-a"}},
                "accessTokens": {"sports": TOKEN},
            },
            "sourceLocations.sports.headerName",
        ),
        (
            {
                "sourceLocations": {"sports": {"headerName": "X-A"}},
                "accessTokens": {"sports": "canary"},
            },
            "accessTokens.sports",
        ),
    ],
)
def test_the_provider_host_reports_missing_and_invalid_inputs_by_name(
    deployment: Deployment, inputs: dict[str, Any], path: str
) -> None:
    with pytest.raises((pulumi.InputPropertyError, ComponentInitError)) as caught:
        construct(deployment, inputs)
    error: Any = caught.value
    if isinstance(error, ComponentInitError):
        error = error.inner
        assert isinstance(error, pulumi.InputPropertiesError)
        assert any(path in each["property_path"] for each in error.errors or [])
    else:
        assert error.property_path == path
    assert "canary" not in str(error)
    assert not deployment.resources


def test_pulumis_analyzer_derives_the_schema_of_a_package_for_other_languages() -> None:
    analyzed = Analyzer("mediatailor-access-token").analyze([components.AccessTokenAuthentication])
    component = analyzed["component_definitions"]["AccessTokenAuthentication"]
    required = {name for name, each in component.inputs.items() if not each.optional}
    assert required == {"sourceLocations"}
    assert set(component.outputs) == {
        "encryptionKeyArn",
        "secretArns",
        "secretStringKeys",
        "accessConfigurations",
        "replicaSecretArns",
        "mediaPackageRoleArns",
        "sourceLocationArns",
        "requiredKeyPolicyStatements",
    }
