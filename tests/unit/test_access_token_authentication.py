"""The component: its names and its use in other programs."""

from collections.abc import Callable
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from pulumi.runtime.rpc import _special_sig_key

from components import AccessTokenAuthentication
from components.rules import InputErrors
from tests.support.recording_engine import ACCOUNT, KEY_ARN, TOKEN, Deployment, run

Deploy = Callable[..., Deployment]
COMPONENT = "mediatailor-access-token:index:AccessTokenAuthentication"
EVERYTHING = {
    "sourceLocations": {
        "sports": {"headerName": "X-Token", "baseUrl": "https://origin.example.com"},
        "news": {"origin": "mediapackage-v1"},
    },
    "accessTokens": {"sports": "canary-of-sports", "news": "canary-of-news"},
    "replicaRegions": ["us-west-2"],
}


def test_types_names_and_parents_are_frozen_with_the_first_release(deploy: Deploy) -> None:
    deployment = deploy(EVERYTHING)
    parents = {
        request.parent for (type_, _), request in deployment.resources.items() if type_ != COMPONENT
    }
    assert [parent.rpartition("::")[2] for parent in parents] == ["mediatailor"]
    assert sorted((name, type_) for type_, name in deployment.resources) == [
        ("mediatailor", COMPONENT),
        ("mediatailor-alias", "aws:kms/alias:Alias"),
        ("mediatailor-key", "aws:kms/key:Key"),
        ("mediatailor-news-policy", "aws:secretsmanager/secretPolicy:SecretPolicy"),
        ("mediatailor-news-role", "aws:iam/role:Role"),
        ("mediatailor-news-role-policy", "aws:iam/rolePolicy:RolePolicy"),
        ("mediatailor-news-secret", "aws:secretsmanager/secret:Secret"),
        ("mediatailor-news-version", "aws:secretsmanager/secretVersion:SecretVersion"),
        ("mediatailor-replica-us-west-2", "aws:kms/replicaKey:ReplicaKey"),
        ("mediatailor-sports-policy", "aws:secretsmanager/secretPolicy:SecretPolicy"),
        ("mediatailor-sports-secret", "aws:secretsmanager/secret:Secret"),
        ("mediatailor-sports-source-location", "aws:cloudcontrol/resource:Resource"),
        ("mediatailor-sports-version", "aws:secretsmanager/secretVersion:SecretVersion"),
    ]


def test_several_source_locations_share_one_key(deploy: Deploy) -> None:
    deployment = deploy(EVERYTHING)
    assert deployment.names("aws:kms/key:Key") == ["mediatailor-key"]
    assert {
        deployment.inputs("aws:secretsmanager/secret:Secret", name)["kmsKeyId"]
        for name in deployment.names("aws:secretsmanager/secret:Secret")
    } == {KEY_ARN}


def test_protect_covers_everything_but_versions(deploy: Deploy) -> None:
    resources = deploy({**EVERYTHING, "protect": True}).resources
    unprotected = {name for (_, name), request in resources.items() if not request.protect}
    assert unprotected == {
        "mediatailor",
        "mediatailor-news-version",
        "mediatailor-sports-version",
    }


def test_nothing_is_protected_by_default(deploy: Deploy) -> None:
    assert not any(request.protect for request in deploy(EVERYTHING).resources.values())


def test_the_identity_of_the_deployer_is_looked_up_once(deploy: Deploy) -> None:
    assert sorted(deploy(EVERYTHING).invokes) == [
        "aws:index/getCallerIdentity:getCallerIdentity",
        "aws:index/getPartition:getPartition",
        "aws:index/getRegion:getRegion",
    ]


def args(**inputs: Any) -> Any:
    return {
        "source_locations": {"sports": {"header_name": "X-Access-Token"}},
        "access_tokens": {"sports": TOKEN},
        **inputs,
    }


def test_a_token_that_is_not_marked_as_secret_is_kept_secret(
    deployment: Deployment,
) -> None:
    run(deployment, lambda: AccessTokenAuthentication("vod", args()))
    version = deployment.resources[
        "aws:secretsmanager/secretVersion:SecretVersion", "vod-sports-version"
    ]
    assert _special_sig_key in version.object.fields["secretString"].struct_value.fields
    assert not [message for message in deployment.messages if TOKEN in message]


@pytest.mark.parametrize("option", ["provider", "providers", "mapping", "parent"])
def test_the_target_comes_from_the_components_provider(deployment: Deployment, option: str) -> None:
    class Parent(pulumi.ComponentResource):
        pass

    def program() -> None:
        provider = aws.Provider("of-another-account")
        parent = Parent(
            "test:index:Parent", "parent", {}, pulumi.ResourceOptions(providers=[provider])
        )
        opts = {
            "provider": pulumi.ResourceOptions(provider=provider),
            "providers": pulumi.ResourceOptions(providers=[provider]),
            "mapping": pulumi.ResourceOptions(providers={"aws": provider}),
            "parent": pulumi.ResourceOptions(parent=parent),
        }
        AccessTokenAuthentication("vod", args(), opts[option])

    run(deployment, program)
    assert len(deployment.providers) == 3
    assert all("of-another-account" in provider for provider in deployment.providers)


@pytest.mark.parametrize(
    ("inputs", "path"),
    [
        ({"source_locations": {"sports": {}}}, "sourceLocations.sports.headerName"),
        (
            {"source_locations": {"sports": {"header_name": "X Token"}}},
            "sourceLocations.sports.headerName",
        ),
        ({"source_locations": {}}, "sourceLocations.NAME.headerName"),
        ({"access_tokens": {}}, "accessTokens.sports"),
        ({"access_tokens": {"sports": "canary"}}, "accessTokens.sports"),
        ({"recovery_window_in_days": 1}, "recoveryWindowInDays"),
        ({"encryption_key": {"rotation_period_in_days": 1}}, "encryptionKey.rotationPeriodInDays"),
        ({"encryption_key": {"arn": KEY_ARN.replace(ACCOUNT, "1" * 12)}}, "encryptionKey.arn"),
        ({"replica_regions": ["us-west-1"]}, "replicaRegions[0]"),
    ],
)
def test_invalid_inputs_are_reported_by_name_before_anything_is_created(
    deployment: Deployment, inputs: dict[str, Any], path: str
) -> None:
    with pytest.raises(InputErrors) as caught:
        run(deployment, lambda: AccessTokenAuthentication("vod", args(**inputs)))
    assert path in [error["property_path"] for error in caught.value.errors or []]
    assert "canary" not in str(caught.value)
    assert not deployment.resources


def test_an_input_that_is_known_later_is_accepted(deployment: Deployment) -> None:
    def program() -> None:
        inputs = args(encryption_key={"arn": pulumi.Output.from_input(KEY_ARN)})
        inputs["access_tokens"] = {"sports": pulumi.Output.secret(TOKEN)}
        AccessTokenAuthentication("vod", inputs)

    run(deployment, program)
    secret = deployment.inputs("aws:secretsmanager/secret:Secret", "vod-sports-secret")
    assert secret["kmsKeyId"] == KEY_ARN


def test_an_invalid_token_that_is_known_later_is_refused_before_anything_is_created(
    deployment: Deployment,
) -> None:
    def program() -> None:
        tokens = {"sports": pulumi.Output.secret("canary")}
        AccessTokenAuthentication("vod", args(access_tokens=tokens))

    with pytest.raises(InputErrors) as caught:
        run(deployment, program)
    assert "accessTokens.sports has fewer than 8 characters" in str(caught.value)
    assert "canary" not in str(caught.value)
    assert not deployment.resources
