"""What an update means for MediaTailor, for every kind of change."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from impact import Effect, impacts, update_command
from tests.support.recording_engine import ACCOUNT, KEY_ARN, REGION, Deployment, secret_arn

Deploy = Callable[..., Deployment]
Config = dict[str, Any]
Outputs = dict[str, Any]

BASE_URL = "https://origin.example.com"
OPERATOR = f"arn:aws:iam::{ACCOUNT}:role/operator"


@pytest.fixture
def deployed(config: Config, deploy: Deploy) -> Outputs:
    """Return the outputs of a stack of three source locations: by hand, created by the stack, and with MediaPackage."""
    config["sourceLocations"] |= {
        "movies": {"headerName": "X-Token", "baseUrl": BASE_URL},
        "news": {"origin": "mediapackage-v1"},
    }
    config["accessTokens"] |= {"movies": "canary-of-movies", "news": "canary-of-news"}
    return deploy({**config, "replicaRegions": ["us-west-2"]}).outputs


def changed(outputs: Outputs, *path: str, to: Any) -> Outputs:
    new = copy.deepcopy(outputs)
    section = new
    for key in path[:-1]:
        section = section[key]
    if to is KeyError:
        del section[path[-1]]
    else:
        section[path[-1]] = to
    return new


def access(outputs: Outputs, name: str, **change: str) -> dict[str, Any]:
    configuration = outputs["accessConfigurations"][name]
    part = "SecretsManagerAccessTokenConfiguration"
    return {**configuration, part: configuration[part] | change}


def effects(previous: Outputs, new: Outputs) -> dict[str, tuple[Effect, str, bool]]:
    found = list(impacts(previous, new, region=REGION))
    assert len({impact.source_location for impact in found}) == len(found), found
    return {i.source_location: (i.effect, i.meaning, i.needs_update) for i in found}


def test_nothing_is_reported_if_nothing_changes(deployed: Outputs) -> None:
    assert effects(deployed, deployed) == {}


@pytest.mark.parametrize("to", [secret_arn("another"), None], ids=["known", "not known yet"])
def test_another_secret_takes_a_source_location_off_the_air_until_it_is_updated(
    deployed: Outputs, to: str | None
) -> None:
    new = changed(deployed, "secretArns", "sports", to=to)
    (effect, meaning, needs_update) = effects(deployed, new)["sports"]
    assert effect is Effect.OFF_AIR
    assert "another secret" in meaning
    assert needs_update


def test_another_secret_string_key_takes_it_off_the_air_until_it_is_updated(
    deployed: Outputs,
) -> None:
    new = changed(deployed, "secretStringKeys", "sports", to="Another")
    (effect, meaning, needs_update) = effects(deployed, new)["sports"]
    assert effect is Effect.OFF_AIR
    assert "another SecretString key" in meaning
    assert needs_update


def test_another_header_leaves_the_old_one_in_use_until_it_is_updated(deployed: Outputs) -> None:
    configuration = access(deployed, "sports", HeaderName="X-New")
    new = changed(deployed, "accessConfigurations", "sports", to=configuration)
    (effect, meaning, needs_update) = effects(deployed, new)["sports"]
    assert effect is Effect.NEEDS_ACTION
    assert "sends the old header until" in meaning
    assert needs_update


def test_a_source_location_of_the_stack_is_updated_by_the_stack(deployed: Outputs) -> None:
    configuration = access(deployed, "movies", HeaderName="X-New")
    new = changed(deployed, "accessConfigurations", "movies", to=configuration)
    (effect, meaning, needs_update) = effects(deployed, new)["movies"]
    assert effect is Effect.KEEPS_WORKING
    assert meaning == "updated by the stack (another header)"
    assert not needs_update


@pytest.mark.parametrize("to", [KEY_ARN.replace("1111", "2222"), None], ids=["known", "not yet"])
def test_another_key_takes_every_source_location_off_the_air_those_of_the_stack_too(
    deployed: Outputs, to: str | None
) -> None:
    new = changed(deployed, "encryptionKeyArn", to=to)
    found = effects(deployed, new)
    assert found.keys() == {"sports", "movies", "news"}
    for effect, meaning, needs_update in found.values():
        assert effect is Effect.OFF_AIR
        assert "another encryption key" in meaning
        assert needs_update


def test_a_removed_source_location_is_reported_with_what_blocks_its_deletion(
    deployed: Outputs,
) -> None:
    new = changed(deployed, "accessConfigurations", "sports", to=KeyError)
    new = changed(new, "accessConfigurations", "movies", to=KeyError)
    found = effects(deployed, new)
    assert found["sports"][0] is found["movies"][0] is Effect.OFF_AIR
    assert "its secret is deleted" in found["sports"][1]
    assert "AWS refuses to delete it while it has VOD or live sources" in found["movies"][1]


def test_a_removed_base_url_takes_the_source_location_off_the_air(deployed: Outputs) -> None:
    new = changed(deployed, "sourceLocationArns", "movies", to=KeyError)
    (effect, meaning, needs_update) = effects(deployed, new)["movies"]
    assert effect is Effect.OFF_AIR
    assert "without baseUrl the stack deletes the source location" in meaning
    assert not needs_update


def test_a_new_base_url_is_announced_because_the_source_location_may_exist(
    deployed: Outputs,
) -> None:
    arn = f"arn:aws:mediatailor:{REGION}:{ACCOUNT}:sourceLocation/sports"
    new = changed(deployed, "sourceLocationArns", "sports", to=arn)
    (effect, meaning, _) = effects(deployed, new)["sports"]
    assert effect is Effect.NEEDS_ACTION
    assert "if MediaTailor has one of this name already, the update fails" in meaning


def test_another_region_takes_everything_off_the_air(deployed: Outputs) -> None:
    found = list(impacts(deployed, deployed, region="us-east-1"))
    assert [impact.source_location for impact in found] == ["movies", "news", "sports"]
    assert all(impact.effect is Effect.OFF_AIR for impact in found)
    assert f"off the air in {REGION}" in found[0].meaning


def test_a_removed_replica_is_off_the_air_in_its_region(deployed: Outputs) -> None:
    new = changed(deployed, "replicaSecretArns", to={})
    found = effects(deployed, new)
    assert found.keys() == {"sports", "movies", "news"}
    assert all("off the air in us-west-2" in meaning for _, meaning, _ in found.values())


def test_an_added_replica_changes_nothing_for_the_others(deployed: Outputs) -> None:
    previous = changed(deployed, "replicaSecretArns", to={})
    assert effects(previous, deployed) == {}


@pytest.mark.parametrize("to", [KeyError, None, f"arn:aws:iam::{ACCOUNT}:role/another"])
def test_a_role_that_mediapackage_loses_is_announced(deployed: Outputs, to: Any) -> None:
    new = changed(deployed, "mediaPackageRoleArns", "news", to=to)
    (effect, meaning, _) = effects(deployed, new)["news"]
    assert effect is Effect.NEEDS_ACTION
    assert "MediaPackage cannot use its role any more" in meaning


@pytest.mark.parametrize(
    ("setting", "to", "reader"),
    [
        ("sourceAccount", ACCOUNT, f"mediatailor.amazonaws.com with aws:SourceAccount {ACCOUNT}"),
        ("servicePrincipal", "mediatailor.eu-west-1.amazonaws.com", "mediatailor.eu-west-1"),
    ],
)
def test_another_reader_is_announced_for_every_source_location(
    deployed: Outputs, setting: str, to: str, reader: str
) -> None:
    found = effects(deployed, changed(deployed, "deployedSettings", setting, to=to))
    assert found.keys() == {"sports", "movies", "news"}
    for effect, meaning, _ in found.values():
        assert effect is Effect.NEEDS_ACTION
        assert reader in meaning


def test_the_program_reports_it_in_one_message_with_the_command(
    deploy: Deploy, deployment: Deployment, config: Config
) -> None:
    config["sourceLocations"]["news"] = {"headerName": "X-News"}
    config["accessTokens"]["news"] = "canary-of-news"
    previous = dict(deploy(config).outputs)
    assert deployment.warnings == [], "a first update has nothing to be compared with"
    deployment.previous_outputs = previous
    deploy(config)
    assert deployment.warnings == [], "nothing changed"
    config["sourceLocations"]["sports"]["headerName"] = "X-Another"
    deploy(config)
    (warning,) = deployment.warnings
    assert warning.splitlines() == [
        "What this update means for MediaTailor:",
        "  sports: sends the old header until you run this after the update (another header):",
        f"    {update_command('sports', region=REGION, stack='dev')}",
        "  keep working: news",
    ]
