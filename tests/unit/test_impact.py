"""The impact of an update on MediaTailor.

Longer than other files because it has every kind of change.
"""

import copy
import json
import shlex
from collections.abc import Callable, Collection
from typing import Any

import pytest

from impact.commands import settings_command
from impact.consequences import impacts
from impact.update import Effect, Impact, OwnSourceLocation, Update
from tests.support.recording_engine import ACCOUNT, KEY_ARN, REGION, Deployment, secret_arn

Deploy = Callable[..., Deployment]
Config = dict[str, Any]
Outputs = dict[str, Any]
Consequences = Callable[..., dict[str, list[Impact]]]

AWAY = "us-west-2"
BASE_URL = "https://origin.example.com"
STACK = "organization/mediatailor-access-token/dev"
V1, V2 = "MediaPackageCDNIdentifier", "MediaPackageV2CDNIdentifier"


@pytest.fixture
def deployed(config: Config, deploy: Deploy) -> Outputs:
    """Return the outputs of a stack of three source locations: created by hand, by the stack, and with MediaPackage."""
    config["sourceLocations"] |= {
        "movies": {"headerName": "X-Token", "baseUrl": BASE_URL},
        "news": {"origin": "mediapackage-v1"},
    }
    config["accessTokens"] |= {"movies": "canary-of-movies", "news": "canary-of-news"}
    return deploy({**config, "replicaRegions": [AWAY]}).outputs


def settings_of(outputs: Outputs, name: str = "movies") -> dict[str, Any] | None:
    """Return the known settings of a source location of the stack."""
    access = outputs["accessConfigurations"].get(name)
    http = {"BaseUrl": BASE_URL}
    return access and {
        "SourceLocationName": name,
        "HttpConfiguration": http,
        "AccessConfiguration": access,
    }


@pytest.fixture
def consequences() -> Consequences:
    """Return a function that returns the consequences of new outputs by source location."""

    def run(
        previous: Outputs,
        new: Outputs,
        *,
        own: OwnSourceLocation | None = None,
        region: str = REGION,
        adopted: Collection[str] = (),
    ) -> dict[str, list[Impact]]:
        updated = OwnSourceLocation(settings=settings_of(new), in_aws=None, is_sent_now=True)
        owned = {"movies": own or updated} if "movies" in new["sourceLocationArns"] else {}
        update = Update(
            previous=previous, new=new, own=owned, adopted=adopted, region=region, stack=STACK
        )
        found: dict[str, list[Impact]] = {}
        for impact in impacts(update):
            found.setdefault(impact.source_location, []).append(impact)
        return found

    return run


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


def with_access(outputs: Outputs, name: str, **change: str) -> Outputs:
    configuration = outputs["accessConfigurations"][name]
    part = "SecretsManagerAccessTokenConfiguration"
    configuration = {**configuration, part: configuration[part] | change}
    return changed(outputs, "accessConfigurations", name, to=configuration)


def without(outputs: Outputs, *names: str) -> Outputs:
    return {
        output: {name: each for name, each in value.items() if name not in names}
        if isinstance(value, dict)
        else value
        for output, value in outputs.items()
    }


def only(impacts: list[Impact], effect: Effect) -> Impact:
    (impact,) = [each for each in impacts if each.effect is effect]
    return impact


def test_nothing_is_reported_if_nothing_changes(
    deployed: Outputs, consequences: Consequences
) -> None:
    assert consequences(deployed, deployed) == {}


def test_an_adopted_secret_takes_it_off_the_air_until_its_command_has_run_if_the_key_changes(
    deployed: Outputs, consequences: Consequences
) -> None:
    for previous in ({}, without(deployed, "sports")):
        impact = only(
            consequences(previous, deployed, adopted=["sports"])["sports"], Effect.NEEDS_COMMAND
        )
        assert impact.meaning.startswith(
            "adopts a secret: if the secret's key changes, off the air until"
        )
        (command,) = impact.commands
        assert deployed["secretArns"]["sports"] in command
    assert consequences(deployed, deployed, adopted=["sports"]) == {}


def test_a_source_location_of_the_stack_that_adopts_a_secret_is_reported_because_others_may_use_it(
    deployed: Outputs, consequences: Consequences
) -> None:
    previous = without(deployed, "movies")
    impact = only(
        consequences(previous, deployed, adopted=["movies"])["movies"], Effect.NEEDS_COMMAND
    )
    assert "if MediaTailor already has it, stop" in impact.meaning
    own = OwnSourceLocation(settings=settings_of(deployed), in_aws=settings_of(deployed))
    impact = only(
        consequences(previous, deployed, own=own, adopted=["movies"])["movies"],
        Effect.NEEDS_COMMAND,
    )
    assert "other source locations that use it are off the air" in impact.meaning


# --- Source locations that the stack does not create


def test_another_secret_arn_takes_a_source_location_off_the_air_until_its_command_has_run(
    deployed: Outputs, consequences: Consequences
) -> None:
    arn = secret_arn("another")
    new = with_access(changed(deployed, "secretArns", "sports", to=arn), "sports", SecretArn=arn)
    impact = only(consequences(deployed, new)["sports"], Effect.OFF_AIR)
    assert impact.meaning == "off the air until you run its command below (new secret)"
    (command,) = impact.commands
    assert f'"SecretArn": "{arn}"' in command


def test_the_command_reads_an_arn_that_is_not_known_yet_from_the_stack(
    deployed: Outputs, consequences: Consequences
) -> None:
    new = changed(deployed, "secretArns", "sports", to=None)
    new = changed(new, "accessConfigurations", "sports", to=None)
    new = changed(new, "replicaSecretArns", "sports", to=None)
    found = consequences(deployed, new)["sports"]
    (command,) = only(found, Effect.OFF_AIR).commands
    assert f"pulumi stack output --json --stack {STACK}" in command
    assert f" sports {REGION})" in command
    (command,) = only(found, Effect.NEEDS_COMMAND_ELSEWHERE).commands
    assert f" sports {AWAY})" in command


def test_another_secret_string_key_takes_a_source_location_off_the_air_until_its_command_has_run(
    deployed: Outputs, consequences: Consequences
) -> None:
    new = changed(deployed, "secretStringKeys", "sports", to="Another")
    new = with_access(new, "sports", SecretStringKey="Another")
    impact = only(consequences(deployed, new)["sports"], Effect.OFF_AIR)
    assert impact.meaning == "off the air until you run its command below (new SecretString key)"
    assert '"SecretStringKey": "Another"' in impact.commands[0]


def test_the_old_header_stays_in_use_until_the_command_has_run(
    deployed: Outputs, consequences: Consequences
) -> None:
    new = with_access(deployed, "sports", HeaderName="X-New")
    impact = only(consequences(deployed, new)["sports"], Effect.NEEDS_COMMAND)
    assert impact.meaning == "sends the old header until you run its command below"
    assert '"HeaderName": "X-New"' in impact.commands[0]


def test_a_new_base_url_is_reported_because_the_source_location_may_exist(
    deployed: Outputs, consequences: Consequences
) -> None:
    previous = changed(deployed, "sourceLocationArns", to={})
    impact = only(consequences(previous, deployed)["movies"], Effect.NEEDS_COMMAND)
    assert "if MediaTailor already has it, stop" in impact.meaning
    own = OwnSourceLocation(settings=settings_of(deployed), in_aws=settings_of(deployed))
    impact = only(consequences(previous, deployed, own=own)["movies"], Effect.KEEPS_WORKING)
    assert impact.meaning == "keeps working: created by the stack"


def test_a_removed_source_location_is_reported_with_what_prevents_its_deletion(
    deployed: Outputs, consequences: Consequences
) -> None:
    found = consequences(deployed, without(deployed, "sports", "movies"))
    assert "its secret is deleted" in only(found["sports"], Effect.REMOVED).meaning
    meaning = only(found["movies"], Effect.REMOVED).meaning
    assert "AWS refuses while it has VOD or live sources" in meaning
    # After an update with --continue-on-error
    previous = changed(deployed, "secretArns", "sports", to=None)
    found = consequences(previous, without(deployed, "sports"))
    assert "its secret is deleted" in only(found["sports"], Effect.REMOVED).meaning


# --- Source locations that the stack creates


@pytest.mark.parametrize(
    ("output", "setting", "what"),
    [
        ("secretArns", "SecretArn", "new secret"),
        ("secretStringKeys", "SecretStringKey", "new SecretString key"),
        (None, "HeaderName", "new header"),
    ],
)
def test_a_source_location_of_the_stack_is_updated_by_the_stack(
    deployed: Outputs, consequences: Consequences, output: str | None, setting: str, what: str
) -> None:
    new = with_access(deployed, "movies", **{setting: "new"})
    if output:
        new = changed(new, output, "movies", to="new")
    impact = only(consequences(deployed, new)["movies"], Effect.KEEPS_WORKING)
    assert impact.meaning == f"keeps working: updated by the stack ({what})"
    assert not impact.commands


@pytest.mark.parametrize(
    ("output", "what"), [("secretArns", "new secret"), ("secretStringKeys", "new SecretString key")]
)
def test_a_token_that_something_else_has_yet_to_write_takes_it_off_the_air(
    deployed: Outputs, consequences: Consequences, output: str, what: str
) -> None:
    elsewhere = changed(
        deployed, "deployedSettings", "tokensManagedElsewhere", to=["movies", "sports"]
    )
    assert consequences(deployed, elsewhere) == {}
    meaning = f"off the air until something else writes its token ({what})"
    new = changed(elsewhere, output, "movies", to="new")
    assert only(consequences(deployed, new)["movies"], Effect.OFF_AIR).meaning == meaning
    new = changed(elsewhere, output, "sports", to="new")
    written, updated = [
        each for each in consequences(deployed, new)["sports"] if each.effect is Effect.OFF_AIR
    ]
    assert written.meaning == meaning
    assert updated.commands
    if output == "secretArns":  # an adopted secret already has a value
        adopted = consequences(deployed, new, adopted=["sports"])["sports"]
        assert meaning not in {each.meaning for each in adopted}


def test_a_removed_base_url_takes_the_source_location_off_the_air(
    deployed: Outputs, consequences: Consequences
) -> None:
    new = changed(deployed, "sourceLocationArns", "movies", to=KeyError)
    impact = only(consequences(deployed, new)["movies"], Effect.OFF_AIR)
    assert "removing baseUrl deletes it" in impact.meaning


def test_a_failed_update_is_reported_with_the_command_that_completes_it(
    deployed: Outputs, consequences: Consequences
) -> None:
    settings = settings_of(deployed)
    own = OwnSourceLocation(settings=settings, in_aws=None)
    impact = only(consequences(deployed, deployed, own=own)["movies"], Effect.NOT_SENT)
    assert impact.meaning == "its last update failed; `pulumi up` does not retry it"
    assert settings
    assert impact.commands == [settings_command(settings, region=REGION)]


def test_a_failed_creation_is_reported_even_if_no_update_has_succeeded(
    deployed: Outputs, consequences: Consequences
) -> None:
    own = OwnSourceLocation(settings=settings_of(deployed), in_aws=None)
    impact = only(consequences({}, deployed, own=own)["movies"], Effect.NOT_SENT)
    assert "its creation or update failed; its command below" in impact.meaning


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("HttpConfiguration", {"BaseUrl": "https://elsewhere.example.com"}),
        ("DefaultSegmentDeliveryConfiguration", {"BaseUrl": "https://cdn.example.com"}),
        ("SegmentDeliveryConfigurations", [{"Name": "a", "BaseUrl": "https://cdn.example.com"}]),
    ],
)
def test_a_difference_from_aws_is_reported_by_setting(
    deployed: Outputs, consequences: Consequences, setting: str, value: Any
) -> None:
    settings = settings_of(deployed) or {}
    own = OwnSourceLocation(settings=settings, in_aws=settings | {setting: value})
    impact = only(consequences(deployed, deployed, own=own)["movies"], Effect.NOT_SENT)
    assert f"differs from the stack in {setting}; `pulumi up` does not fix" in impact.meaning
    assert not own.uses_another_secret


def test_a_secret_that_mediatailor_does_not_use_is_reported(
    deployed: Outputs, consequences: Consequences
) -> None:
    old = with_access(deployed, "movies", SecretArn=secret_arn("old"))
    for in_aws in (settings_of(old), {"HttpConfiguration": {"BaseUrl": BASE_URL}}):
        own = OwnSourceLocation(settings=settings_of(deployed), in_aws=in_aws)
        assert own.uses_another_secret
        impact = only(consequences(deployed, deployed, own=own)["movies"], Effect.NOT_SENT)
        assert "does not use the stack's secret; `pulumi up` fails" in impact.meaning


def test_equivalent_settings_are_not_reported(deployed: Outputs) -> None:
    configurations = [
        {"Name": name, "BaseUrl": f"https://{name}.example.com"} for name in ("a", "b")
    ]
    settings = {
        **(settings_of(deployed) or {}),
        "SegmentDeliveryConfigurations": configurations,
    }
    in_aws = {
        **(settings_of(with_access(deployed, "movies", HeaderName="x-TOKEN")) or {}),
        "HttpConfiguration": {"BaseUrl": f"{BASE_URL}/"},
        "SegmentDeliveryConfigurations": configurations[::-1],
        "Arn": "arn",
        "Tags": [{"Key": "team", "Value": "video"}],
    }
    assert OwnSourceLocation(settings=settings, in_aws=in_aws).is_up_to_date
    assert OwnSourceLocation(
        settings={}, in_aws={"SegmentDeliveryConfigurations": []}
    ).is_up_to_date


# --- All source locations


@pytest.mark.parametrize("to", [KEY_ARN.replace("1111", "2222"), None], ids=["known", "not yet"])
def test_another_key_takes_every_source_location_off_the_air(
    deployed: Outputs, consequences: Consequences, to: str | None
) -> None:
    own = OwnSourceLocation(settings=settings_of(deployed), in_aws=settings_of(deployed))
    found = consequences(deployed, changed(deployed, "encryptionKeyArn", to=to), own=own)
    assert found.keys() == {"sports", "movies", "news"}
    for name, each in found.items():
        impact = only(each, Effect.OFF_AIR)
        expected = "off the air until you run its command below (new encryption key)"
        assert impact.meaning == expected, name
        assert len(impact.commands) == 1, name


def test_another_region_takes_everything_off_the_air(
    deployed: Outputs, consequences: Consequences
) -> None:
    found = consequences(deployed, deployed, region="us-east-1")
    assert found.keys() == {"sports", "movies", "news"}
    for each in found.values():
        assert f"off the air in {REGION}" in only(each, Effect.OFF_AIR).meaning


@pytest.mark.parametrize(
    ("statements", "what"),
    [([], "replicas of its secret and key"), ([{}], "replica of its secret")],
)
def test_a_removed_replica_is_off_the_air_in_its_region(
    deployed: Outputs, consequences: Consequences, statements: list[Any], what: str
) -> None:
    previous = changed(deployed, "requiredKeyPolicyStatements", to=statements)
    new = changed(previous, "replicaSecretArns", to={})
    new = changed(new, "deployedSettings", "replicaKeyArns", to={})
    found = consequences(previous, new)
    assert found.keys() == {"sports", "movies", "news"}
    for each in found.values():
        meaning = only(each, Effect.OFF_AIR).meaning
        assert meaning == f"off the air in {AWAY}: the update deletes the {what} there"


def test_an_added_replica_changes_nothing_for_the_others(
    deployed: Outputs, consequences: Consequences
) -> None:
    previous = changed(deployed, "replicaSecretArns", to={})
    previous = changed(previous, "deployedSettings", "replicaKeyArns", to={})
    assert consequences(previous, deployed) == {}


def test_another_replica_key_needs_a_command_only_in_its_region(
    deployed: Outputs, consequences: Consequences
) -> None:
    new = changed(deployed, "deployedSettings", "replicaKeyArns", AWAY, to="another")
    found = consequences(deployed, new)
    assert found.keys() == {"sports", "movies", "news"}
    (impact,) = found["sports"]
    assert (
        impact.meaning
        == f"if used in {AWAY}, run its command below for that Region (new encryption key)"
    )
    (command,) = impact.commands
    assert command.startswith(f"aws mediatailor update-source-location --region {AWAY} ")
    assert deployed["replicaSecretArns"]["sports"][AWAY] in command
    assert deployed["secretArns"]["sports"] not in command


def test_changed_access_needs_a_command_in_every_replica_region_even_with_a_base_url(
    deployed: Outputs, consequences: Consequences
) -> None:
    new = with_access(deployed, "movies", HeaderName="X-New")
    found = consequences(deployed, new)["movies"]
    impact = only(found, Effect.NEEDS_COMMAND_ELSEWHERE)
    assert (
        impact.meaning == f"if used in {AWAY}, run its command below for that Region (new header)"
    )
    assert deployed["replicaSecretArns"]["movies"][AWAY] in impact.commands[0]


@pytest.mark.parametrize(
    ("to", "meaning"),
    [
        (KeyError, "MediaPackage loses its role and can no longer read the secret"),
        (None, "MediaPackage needs its new role, in the output mediaPackageRoleArns"),
        (f"arn:aws:iam::{ACCOUNT}:role/another", "MediaPackage needs its new role, in"),
    ],
)
def test_the_removal_of_mediapackages_role_is_reported(
    deployed: Outputs, consequences: Consequences, to: Any, meaning: str
) -> None:
    new = changed(deployed, "mediaPackageRoleArns", "news", to=to)
    assert meaning in only(consequences(deployed, new)["news"], Effect.NEEDS_COMMAND).meaning


def test_a_role_for_the_other_mediapackage_generation_is_reported(
    deployed: Outputs, consequences: Consequences
) -> None:
    new = changed(deployed, "secretStringKeys", "news", to=V2)
    meaning = only(consequences(deployed, new)["news"], Effect.NEEDS_COMMAND).meaning
    assert meaning == "after the update, only mediapackagev2.amazonaws.com can assume its role"


@pytest.mark.parametrize(
    ("setting", "to", "condition"),
    [
        ("sourceAccount", ACCOUNT, f"sends aws:SourceAccount {ACCOUNT}"),
        (
            "servicePrincipal",
            "mediatailor.eu-west-1.amazonaws.com",
            "uses the service principal mediatailor.eu-west-1.amazonaws.com",
        ),
    ],
)
def test_a_narrower_policy_is_reported_for_every_source_location(
    deployed: Outputs, consequences: Consequences, setting: str, to: str, condition: str
) -> None:
    narrower = changed(deployed, "deployedSettings", setting, to=to)
    found = consequences(deployed, narrower)
    assert found.keys() == {"sports", "movies", "news"}
    for each in found.values():
        meaning = only(each, Effect.NEEDS_COMMAND).meaning
        assert meaning == f"off the air unless MediaTailor {condition}"


def test_a_wider_policy_is_not_reported(deployed: Outputs, consequences: Consequences) -> None:
    previous = changed(deployed, "deployedSettings", "sourceAccount", to=ACCOUNT)
    assert consequences(previous, deployed) == {}


def test_missing_outputs_of_a_failed_update_are_not_compared(
    deployed: Outputs, consequences: Consequences
) -> None:
    """After a failed update with --continue-on-error, outputs can be missing."""
    previous = changed(deployed, "secretArns", "sports", to=None)
    previous = changed(previous, "accessConfigurations", "sports", to=None)
    assert "sports" not in consequences(previous, deployed)


def test_settings_that_an_older_version_of_the_program_did_not_export_are_not_compared(
    deployed: Outputs, consequences: Consequences
) -> None:
    previous = {name: each for name, each in deployed.items() if name != "deployedSettings"}
    new = changed(deployed, "deployedSettings", "servicePrincipal", to="another")
    assert consequences(previous, new) == {}


# --- The message


def test_the_program_reports_the_impact_in_one_message_with_the_commands_at_its_end(
    deploy: Deploy, deployment: Deployment, config: Config
) -> None:
    config["sourceLocations"] |= {"news": {"headerName": "X"}, "kids": {"headerName": "X"}}
    config["accessTokens"] |= {"news": "canary-of-news", "kids": "canary-of-kids"}
    previous = dict(deploy(config).outputs)
    assert deployment.warnings == [], "the first update has nothing to compare with"
    deployment.previous_outputs = previous
    deploy(config)
    assert deployment.warnings == [], "nothing changed"
    config["sourceLocations"]["sports"]["headerName"] = "X-Another"
    config["sourceLocations"]["kids"]["secretStringKey"] = "Another"
    deploy(config)
    (warning,) = deployment.warnings
    *lines, kids, sports = warning.splitlines()
    assert lines == [
        "What this update means for MediaTailor:",
        "  kids: off the air until you run its command below (new SecretString key)",
        "  sports: sends the old header until you run its command below",
        "  keep working: news",
        "",
        "Run right after the update:",
    ]
    assert '"SecretStringKey": "Another"' in kids
    assert '"HeaderName": "X-Another"' in sports


def test_a_change_to_an_existing_key_needs_its_statements_first(
    deploy: Deploy, deployment: Deployment, config: Config
) -> None:
    deployment.previous_outputs = dict(deploy(config).outputs)
    deploy({**config, "encryptionKey": {"arn": KEY_ARN.replace("1111", "2222")}})
    (warning,) = deployment.warnings
    assert "First add requiredKeyPolicyStatements to the policy of the new key." in warning


def test_an_update_that_would_delete_a_secret_in_use_fails_before_the_engine_deletes_it(
    deploy: Deploy, deployment: Deployment, config: Config
) -> None:
    config["sourceLocations"]["sports"]["baseUrl"] = BASE_URL
    deployment.properties["sports"] = {"HttpConfiguration": {"BaseUrl": BASE_URL}}
    with pytest.raises(SystemExit) as left:
        deploy(config)
    assert left.value.code == 32, "the language host must know that the error was reported"
    (error,) = deployment.errors
    assert "sports: does not use the stack's secret" in error
    assert "Run now, before the next `pulumi up`:" in error
    assert error.splitlines()[-1] == f"  pulumi refresh --yes --stack {STACK}"
    command = shlex.split(error.splitlines()[-2])
    settings = json.loads(command[command.index("--cli-input-json") + 1])
    assert settings["HttpConfiguration"] == {"BaseUrl": BASE_URL}


def test_unaffected_source_locations_are_listed_in_lines_of_80_columns(
    deploy: Deploy, deployment: Deployment, config: Config
) -> None:
    names = [f"channel-{number:02}" for number in range(30)]
    config["sourceLocations"] |= {name: {"headerName": "X"} for name in names}
    config["accessTokens"] |= dict.fromkeys(names, "canary-of-many")
    deployment.previous_outputs = dict(deploy(config).outputs)
    config["sourceLocations"]["sports"]["headerName"] = "X-Another"
    deploy(config)
    (warning,) = deployment.warnings
    listed = warning[warning.index("  keep working: ") :].partition("\n\n")[0].splitlines()
    assert len(listed) > 1
    assert max(map(len, listed)) <= 74, "the CLI indents them by six spaces"
    assert [name for line in listed for name in names if name in line] == names
