"""Changes that a protected stack refuses before anything is created, changed or deleted."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.recording_engine import ACCOUNT, REGION, TOKEN, Deployment, secret_arn

Deploy = Callable[..., Deployment]
Refusal = Callable[..., str]
Config = dict[str, Any]

KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/99999999-2222-3333-4444-555555555555"


@pytest.fixture
def protected(config: Config, deploy: Deploy, deployment: Deployment) -> Config:
    """Return the config of a deployed, protected stack."""
    config["sourceLocations"] |= {
        "movies": {"headerName": "X-Token", "baseUrl": "https://origin.example.com"},
        "news": {"origin": "mediapackage-v1"},
    }
    config["accessTokens"] |= {"movies": TOKEN, "news": TOKEN}
    config["protect"] = True
    deployment.previous_outputs = dict(deploy(config).outputs)
    deployment.resources.clear()
    return config


def without_sports(config: Config) -> None:
    del config["sourceLocations"]["sports"], config["accessTokens"]["sports"]


def set_in(*path: str, to: object) -> Callable[[Config], None]:
    def change(config: Config) -> None:
        for key in path[:-1]:
            config = config[key]
        config[path[-1]] = to

    return change


DELETING = [
    (without_sports, "sourceLocations.sports"),
    (
        set_in("sourceLocations", "movies", to={"headerName": "X-Token"}),
        "sourceLocations.movies.baseUrl",
    ),
    (
        set_in("sourceLocations", "news", to={"headerName": "X-Token"}),
        "sourceLocations.news.origin",
    ),
    (
        set_in("sourceLocations", "sports", "secretName", to="another"),
        "sourceLocations.sports.secretName",
    ),
    (
        set_in("sourceLocations", "sports", "adoptSecretArn", to=secret_arn("another")),
        "sourceLocations.sports.adoptSecretArn",
    ),
    (set_in("encryptionKey", to={"arn": KEY}), "encryptionKey.arn"),
    (set_in("encryptionKey", to={"alias": "alias/another"}), "encryptionKey.alias"),
    (set_in("replicaRegions", to=["us-west-2"]), "replicaRegions"),
]


@pytest.mark.parametrize("protect", [True, False], ids=["protected", "protection just dropped"])
@pytest.mark.parametrize(("change", "path"), DELETING, ids=[path for _, path in DELETING])
def test_a_change_that_deletes_or_replaces_is_refused_by_its_config_key(
    refusal: Refusal,
    protected: Config,
    change: Callable[[Config], None],
    path: str,
    *,
    protect: bool,
) -> None:
    change(protected)
    message = refusal({**protected, "protect": protect})
    assert f"\n  {path}\n" in message
    assert "protect forbids it" in message
    assert "undo the change, then: pulumi config set --path protect false; pulumi up" in message


def test_another_region_is_refused(refusal: Refusal, protected: Config) -> None:
    assert "\n  aws:region\n" in refusal(protected, region="us-east-1")


@pytest.mark.parametrize("key", [{}, {"arn": KEY}], ids=["the stack's key", "an existing key"])
@pytest.mark.parametrize("protect", [True, False], ids=["protected", "protection just dropped"])
def test_a_removed_replica_region_is_refused(
    refusal: Refusal,
    deploy: Deploy,
    deployment: Deployment,
    protected: Config,
    key: Config,
    *,
    protect: bool,
) -> None:
    away = {"replicaArns": {"us-west-2": KEY.replace(REGION, "us-west-2")}} if key else {}
    with_replica = {**protected, "encryptionKey": key | away, "replicaRegions": ["us-west-2"]}
    deployment.previous_outputs = {}
    deployment.previous_outputs = dict(deploy(with_replica).outputs)
    deployment.resources.clear()
    message = refusal({**protected, "encryptionKey": key, "protect": protect})
    assert "replicaRegions\n    no longer contains us-west-2, which would delete" in message


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (
            set_in("sourceLocations", "sports", "secretStringKey", to="Another"),
            "sourceLocations.sports.secretStringKey",
        ),
        (
            set_in("sourceLocations", "sports", to={"origin": "mediapackage-v2"}),
            "sourceLocations.sports.origin",
        ),
    ],
)
def test_another_secret_string_key_is_refused(
    refusal: Refusal, protected: Config, change: Callable[[Config], None], path: str
) -> None:
    change(protected)
    assert f"\n  {path}\n    changes the SecretString key" in refusal(protected)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (
            set_in("servicePrincipal", to="mediatailor.eu-west-1.amazonaws.com"),
            "servicePrincipal\n    has changed, and MediaTailor might not use the new one",
        ),
        (
            set_in("restrictToSourceAccount", to=True),
            "restrictToSourceAccount\n    was set, and MediaTailor might not send aws:SourceAccount",
        ),
    ],
)
def test_a_policy_that_may_exclude_mediatailor_is_refused(
    refusal: Refusal, protected: Config, change: Callable[[Config], None], error: str
) -> None:
    change(protected)
    assert f"\n  {error}" in refusal(protected)


def test_only_the_same_existing_key_is_accepted(
    refusal: Refusal, deploy: Deploy, deployment: Deployment, protected: Config
) -> None:
    away = KEY.replace(REGION, "us-west-2")
    protected["replicaRegions"] = ["us-west-2"]
    protected["encryptionKey"] = {"arn": KEY, "replicaArns": {"us-west-2": away}}
    deployment.previous_outputs = {}
    deployment.previous_outputs = dict(deploy(protected).outputs)
    assert deploy(protected).resources
    deployment.resources.clear()
    protected["encryptionKey"] = {"arn": KEY, "replicaArns": {"us-west-2": away.replace("9", "8")}}
    assert "encryptionKey.replicaArns.us-west-2\n    has changed" in refusal(protected)
    deployment.errors.clear()
    protected["encryptionKey"] |= {"arn": KEY.replace("9999", "8888")}
    assert "encryptionKey.arn\n    has changed" in refusal(protected)


def test_settings_of_a_wrong_type_are_reported_as_such(refusal: Refusal, protected: Config) -> None:
    message = refusal({**protected, "replicaRegions": 1, "sourceLocations": [], "encryptionKey": 3})
    assert "\n  replicaRegions\n    must be a list" in message


@pytest.mark.parametrize(
    "change",
    [
        set_in("accessTokens", "sports", to="another-token"),
        set_in("sourceLocations", "sports", "headerName", to="X-Another"),
        set_in("sourceLocations", "movies", "baseUrl", to="https://another.example.com"),
        set_in("sourceLocations", "sports", "description", to="Another"),
        set_in("encryptionKey", to={"rotationPeriodInDays": 90}),
        set_in("protect", to=False),
    ],
)
def test_a_change_that_leaves_every_token_readable_is_accepted(
    deploy: Deploy, protected: Config, change: Callable[[Config], None]
) -> None:
    change(protected)
    assert deploy(protected).resources


def test_without_protection_nothing_is_refused(
    deploy: Deploy, deployment: Deployment, protected: Config
) -> None:
    deployment.previous_outputs["deployedSettings"]["protect"] = False
    without_sports(protected)
    assert deploy({**protected, "protect": False}).resources


def test_what_an_older_version_of_the_program_did_not_export_is_not_compared(
    refusal: Refusal, protected: Config, deploy: Deploy, deployment: Deployment
) -> None:
    del deployment.previous_outputs["deployedSettings"]
    protected["encryptionKey"] = {"alias": "alias/another"}
    protected["servicePrincipal"] = f"mediatailor.{REGION}.amazonaws.com"
    protected["restrictToSourceAccount"] = True
    assert deploy(protected).outputs
    deployment.resources.clear()
    without_sports(protected)
    assert "\n  sourceLocations.sports\n" in refusal(protected)


@pytest.mark.parametrize("protect", [True, False])
@pytest.mark.parametrize("is_renamed", [True, False], ids=["renamed", "another one"])
def test_the_secret_of_another_source_location_cannot_be_adopted(
    refusal: Refusal, deployment: Deployment, protected: Config, *, protect: bool, is_renamed: bool
) -> None:
    deployment.previous_outputs["deployedSettings"]["protect"] = protect
    arn = deployment.previous_outputs["secretArns"]["sports"]
    adopting = {"headerName": "X-Access-Token", "adoptSecretArn": arn}
    protected["sourceLocations"]["live"] = adopting
    protected["accessTokens"]["live"] = TOKEN
    if is_renamed:
        without_sports(protected)
    message = refusal({**protected, "protect": protect})
    assert (
        "\n  sourceLocations.live.adoptSecretArn\n    is the secret that the stack has for sports;"
        in message
    )
