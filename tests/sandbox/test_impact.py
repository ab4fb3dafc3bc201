"""Every change that interrupts a channel is announced by a preview and by the update, with the real engine."""

import copy
import json
import shlex
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.support.aws_cli import install_aws_cli
from tests.support.changing_stack import (
    IMPACT,
    REGION,
    Change,
    ChangingStack,
    Config,
    changing_stack,
    commands_of,
    impact_of,
)

MakeStack = Callable[..., ChangingStack]
BASE_URL = "https://origin.example.com"
AWAY, FAR = "us-west-2", "eu-central-1"
DENIED = ("AccessDeniedException", "not you")
BY_HAND, OWN = {"headerName": "X-Token"}, {"headerName": "X-Token", "baseUrl": BASE_URL}
BOTH = {"hand": BY_HAND, "own": OWN}
V1 = {"origin": "mediapackage-v1"}
UNTIL = "off the air until you run its command below"
SETTINGS = {
    "DefaultSegmentDeliveryConfiguration",
    "HttpConfiguration",
    "SegmentDeliveryConfigurations",
}
CREATES = "the stack creates it in MediaTailor; if it is there already, stop: that fails"
CREATED = "keeps working: created by the stack"
LONG = "Az09_-" * 36
"""A source location's name of 216 characters, the longest."""


@pytest.fixture
def make_stack(tmp_path: Path) -> Iterator[MakeStack]:
    """Return a function that makes a stack and deploys it; its `aws` is ours."""
    with ExitStack() as stacks:

        def make(source_locations: Config, **config: object) -> ChangingStack:
            stack = stacks.enter_context(
                changing_stack(tmp_path, sourceLocations=source_locations, **config)
            )
            printed = stack.up()
            assert IMPACT not in printed, "a first update changes nothing"
            return stack

        yield make


def set_in(*path: str, to: object) -> Change:
    def change(config: Any) -> None:
        for key in path[:-1]:
            config = config[key]
        config[path[-1]] = to

    return change


def drop(*path: str) -> Change:
    def change(config: Any) -> None:
        for key in path[:-1]:
            config = config[key]
        del config[path[-1]]

    return change


def announced(stack: ChangingStack, *changes: Change) -> list[str]:
    """Apply changes, see that preview and update announce the same, and return the lines without the commands."""
    stack.change(*changes)
    before = lines(stack.plan().impact)
    after = lines(impact_of(stack.up()))
    # Before it is created, nobody knows whether it is there already.
    created = {line.replace(CREATED, CREATES) for line in after}
    assert created == set(before)
    return before


def lines(impact: str) -> list[str]:
    title, *rest = impact.partition("\n\n")[0].splitlines() or [IMPACT]
    assert title == IMPACT
    return [line.strip() for line in rest]


def run_commands(stack: ChangingStack, impact: str, folder: Path) -> list[str]:
    """Run the commands in a message as a user pastes them, with an AWS CLI."""
    commands = commands_of(impact)
    path = f"{install_aws_cli(folder).parent}:{stack.place.environment['PATH']}"
    for command in commands:
        stack.shell(command, PATH=path)
    return commands


# --- Changes of source locations


def test_each_change_of_a_source_location_is_announced_with_what_it_means(
    make_stack: MakeStack,
) -> None:
    """One source location for each kind of change, all in one update."""
    names = ("header", "key", "name", "renamed", "removed", "v1", "adopts", "untouched")
    locations = {
        **dict.fromkeys(names, BY_HAND),
        **{f"own-{name}": OWN for name in (*names, "url")},
        "created": BY_HAND,
        "from-v1": V1,
        "own-from-v1": {**V1, "baseUrl": BASE_URL},
        "to-v2": V1,
    }
    stack = make_stack(locations)
    arn = stack.client("secretsmanager").create_secret(Name="theirs")["ARN"]

    def change(config: Config) -> None:
        located, tokens = config["sourceLocations"], config["accessTokens"]
        for prefix in ("", "own-"):
            located[f"{prefix}header"]["headerName"] = "X-New"
            located[f"{prefix}key"]["secretStringKey"] = "New"
            located[f"{prefix}name"]["secretName"] = f"{prefix}new"
            located[f"{prefix}v1"].pop("headerName")
            located[f"{prefix}v1"] |= V1
            located[f"{prefix}from-v1"].pop("origin")
            located[f"{prefix}from-v1"]["headerName"] = "X-Token"
            for settings in (located, tokens):
                settings[f"{prefix}new-name"] = settings.pop(f"{prefix}renamed")
                settings.pop(f"{prefix}removed")
        located["own-adopts"]["adoptSecretArn"] = arn
        located["own-url"].pop("baseUrl")
        located["created"]["baseUrl"] = BASE_URL
        located["to-v2"]["origin"] = "mediapackage-v2"

    updated = "keeps working: updated by the stack"
    refused = "AWS refuses as long as it has VOD or live sources"
    lost_role = "MediaPackage loses its role and can no longer read the secret"
    assert announced(stack, change) == [
        f"from-v1: {UNTIL} (new SecretString key, new header)",
        f"key: {UNTIL} (new SecretString key)",
        f"name: {UNTIL} (new secret)",
        "own-url: off the air: without baseUrl it is deleted, unless it has VOD or live sources",
        f"to-v2: {UNTIL} (new SecretString key, new header)",
        f"v1: {UNTIL} (new SecretString key, new header)",
        f"own-removed: removed with its secret; {refused}",
        f"own-renamed: removed with its secret; {refused}",
        "removed: removed: its secret is deleted, and what still uses it goes off the air",
        "renamed: removed: its secret is deleted, and what still uses it goes off the air",
        f"created: {CREATES}",
        f"from-v1: {lost_role}",
        "header: needs its command below: sends the old header until then",
        f"own-from-v1: {lost_role}",
        "to-v2: only mediapackagev2.amazonaws.com can use its role from now on",
        f"own-adopts: {updated} (new secret)",
        f"own-from-v1: {updated} (new SecretString key, new header)",
        f"own-header: {updated} (new header)",
        f"own-key: {updated} (new SecretString key)",
        f"own-name: {updated} (new secret)",
        f"own-v1: {updated} (new SecretString key, new header)",
        "keep working: adopts, own-untouched, untouched",
    ]
    assert announced(stack, drop("sourceLocations", "own-adopts", "adoptSecretArn")) == []


def test_changes_that_mean_nothing_for_mediatailor_are_not_announced(
    make_stack: MakeStack,
) -> None:
    stack = make_stack(BOTH)
    operator = "arn:aws:iam::123456789012:root"
    unaffected = announced(
        stack,
        set_in("sourceLocations", "own", "baseUrl", to="https://new.example.com"),
        set_in("sourceLocations", "own", "description", to="New"),
        set_in("sourceLocations", "own", "tags", to={"team": "video"}),
        set_in("sourceLocations", "hand", "tokenManagedElsewhere", to=True),
        drop("accessTokens", "hand"),
        set_in("encryptionKey", to={"alias": "alias/new", "administrators": [operator]}),
        set_in("recoveryWindowInDays", to=7),
    )
    assert unaffected == []
    assert announced(stack, set_in("protect", to=True)) == []


# --- Changes of the whole stack


def test_each_change_of_key_replicas_and_readers_is_announced(make_stack: MakeStack) -> None:
    stack = make_stack(BOTH)
    key_off_air = [f"{name}: {UNTIL} (new encryption key)" for name in BOTH]
    # The stack's key is a single-Region key, which replicas replace.
    assert announced(stack, set_in("replicaRegions", to=[AWAY, FAR])) == key_off_air
    assert announced(stack, set_in("replicaRegions", to=[AWAY])) == [
        f"{name}: off the air in {FAR}: replica and key are deleted there" for name in BOTH
    ]
    assert announced(stack, set_in("sourceLocations", "own", "headerName", to="X-New")) == [
        f"own: needs a command below if used in {AWAY} (new header)",
        "own: keeps working: updated by the stack (new header)",
        "keep working: hand",
    ]
    assert announced(stack, drop("replicaRegions")) == [
        f"{name}: off the air in {AWAY}: replica and key are deleted there" for name in BOTH
    ]
    keys = [
        stack.client("kms", region).create_key()["KeyMetadata"]["Arn"]
        for region in (REGION, REGION, AWAY, AWAY)
    ]
    first = "The new key's policy must have requiredKeyPolicyStatements first."
    existing = set_in("encryptionKey", to={"arn": keys[0]})
    assert announced(stack, existing) == [*key_off_air, first]
    assert announced(stack, set_in("encryptionKey", to={"arn": keys[1]})) == [*key_off_air, first]
    with_replica = {"arn": keys[1], "replicaArns": {AWAY: keys[2]}}
    replica = (set_in("encryptionKey", to=with_replica), set_in("replicaRegions", to=[AWAY]))
    assert announced(stack, *replica) == []
    assert announced(stack, set_in("encryptionKey", "replicaArns", AWAY, to=keys[3])) == [
        f"{name}: needs a command below if used in {AWAY} (new encryption key)" for name in BOTH
    ]
    assert announced(stack, drop("replicaRegions"), drop("encryptionKey")) == sorted(
        [
            *key_off_air,
            *(f"{n}: off the air in {AWAY}: its replica is deleted there" for n in BOTH),
        ],
        key=lambda line: line.partition(":")[0],
    )
    principal = f"mediatailor.{REGION}.amazonaws.com"
    assert announced(
        stack,
        set_in("servicePrincipal", to=principal),
        set_in("restrictToSourceAccount", to=True),
    ) == [
        f"{name}: off the air unless MediaTailor {what}"
        for name in BOTH
        for what in (f"reads as {principal}", "sends aws:SourceAccount 123456789012")
    ]
    assert announced(stack, set_in("restrictToSourceAccount", to=False)) == []


def test_another_region_is_announced(make_stack: MakeStack) -> None:
    stack = make_stack(BOTH)
    assert announced(stack, set_in("aws:region", to=AWAY)) == [
        f"{name}: off the air in {REGION}: what the stack has there moves to {AWAY}"
        for name in BOTH
    ]


def test_a_secret_that_someone_deleted_is_announced_once_a_refresh_has_noticed(
    make_stack: MakeStack,
) -> None:
    stack = make_stack(BOTH)
    for arn in stack.outputs()["secretArns"].values():
        stack.client("secretsmanager").delete_secret(SecretId=arn)
    stack.pulumi("refresh", "--yes", "--skip-preview")
    assert announced(stack) == [
        f"hand: {UNTIL} (new secret)",
        "own: keeps working: updated by the stack (new secret)",
    ]


# --- The commands


def test_the_command_changes_the_access_configuration_and_nothing_else(
    make_stack: MakeStack, tmp_path: Path
) -> None:
    settings: dict[str, dict[str, Any]] = {
        "plain": {},
        "with-segments_1": {
            "DefaultSegmentDeliveryConfiguration": {"BaseUrl": "https://cdn.example.com"},
            "SegmentDeliveryConfigurations": [
                {"Name": name, "BaseUrl": f"https://{name}.example.com/it's"} for name in "ab"
            ],
        },
        "-": {"SegmentDeliveryConfigurations": []},
        LONG: {"Tags": {"team": "video"}},
    }
    stack = make_stack(dict.fromkeys(settings, BY_HAND))
    for name, each in settings.items():
        stack.create_source_location(name, **each)
    before = {name: stack.source_location(name) for name in settings}
    odd = "quote ' \" ` $HOME \\ <{%reset%}> é\n"

    def change(config: Config) -> None:
        for name in settings:
            config["sourceLocations"][name] |= {"secretStringKey": odd, "secretName": f"{name}/new"}
            config["sourceLocations"][name]["headerName"] = "X-`'$|~"

    stack.change(change)
    from_preview = commands_of(stack.plan().impact)
    printed = impact_of(stack.up())
    assert all("pulumi stack output" in command for command in from_preview)
    assert not any("pulumi stack output" in command for command in commands_of(printed))
    for message in ("\n".join(from_preview), printed):
        assert len(run_commands(stack, message, tmp_path)) == len(settings)
        wanted = stack.outputs()["accessConfigurations"]
        for name in settings:
            assert wanted[name]["SecretsManagerAccessTokenConfiguration"]["SecretStringKey"] == odd
            after = stack.source_location(name)
            assert after == before[name] | {"AccessConfiguration": wanted[name]}
            stack.client("mediatailor").update_source_location(
                SourceLocationName=name,
                **{key: value for key, value in before[name].items() if key in SETTINGS},
            )


def test_the_command_for_a_replica_is_for_its_region(make_stack: MakeStack, tmp_path: Path) -> None:
    stack = make_stack({"sports": BY_HAND}, replicaRegions=[AWAY])
    outputs = stack.outputs()
    access = copy.deepcopy(outputs["accessConfigurations"]["sports"])
    part = "SecretsManagerAccessTokenConfiguration"
    access[part]["SecretArn"] = outputs["replicaSecretArns"]["sports"][AWAY]
    for region, configuration in (
        (REGION, outputs["accessConfigurations"]["sports"]),
        (AWAY, access),
    ):
        stack.client("mediatailor", region).create_source_location(
            SourceLocationName="sports",
            HttpConfiguration={"BaseUrl": BASE_URL},
            AccessConfiguration=configuration,
        )
    stack.change(set_in("sourceLocations", "sports", "secretName", to="new"))
    from_preview = stack.plan().impact
    from_update = impact_of(stack.up())
    arns = stack.outputs()["replicaSecretArns"]["sports"]
    for message in (from_preview, from_update):
        run_commands(stack, message, tmp_path)
        described = stack.client("mediatailor", AWAY).describe_source_location(
            SourceLocationName="sports"
        )
        assert described["AccessConfiguration"][part]["SecretArn"] == arns[AWAY]


# --- Updates that AWS refuses


def test_a_header_that_aws_refused_is_reported_until_the_printed_commands_have_run(
    make_stack: MakeStack, tmp_path: Path
) -> None:
    stack = make_stack(
        {**BOTH, "own": {**OWN, "segmentDeliveryBaseUrl": "https://cdn.example.com"}}
    )
    stack.change(set_in("sourceLocations", "own", "headerName", to="X-New"))
    stack.gateway.refusals["UpdateResource"] = DENIED
    assert "Traceback" not in stack.up(fails=True)
    stack.gateway.refusals.clear()
    failed = "own: its last update failed; `pulumi up` does not repeat it"
    assert lines(stack.plan().impact) == [failed, "keep working: hand"]
    impact = impact_of(stack.up())
    differs = "own: does not have the stack's AccessConfiguration; `pulumi up` does not repair that"
    assert lines(impact) == [differs, "keep working: hand"]
    assert stack.plan().impact == impact, "reported until it is repaired"
    before = stack.source_location("own")
    aws, refresh = run_commands(stack, impact, tmp_path)
    assert aws.startswith(f"aws mediatailor update-source-location --region {REGION} ")
    assert shlex.split(refresh)[:3] == ["pulumi", "refresh", "--yes"]
    access = stack.outputs()["accessConfigurations"]["own"]
    assert stack.source_location("own") == before | {"AccessConfiguration": access}
    assert stack.plan().impact == ""
    assert IMPACT not in stack.up("--expect-no-changes")


def test_the_old_secret_is_not_deleted_before_mediatailor_uses_the_new_one(
    make_stack: MakeStack, tmp_path: Path
) -> None:
    stack = make_stack({"own": OWN})
    old = stack.outputs()["secretArns"]["own"]
    stack.change(set_in("sourceLocations", "own", "secretName", to="new"))
    stack.gateway.refusals["UpdateResource"] = DENIED
    stack.up(fails=True)
    stack.gateway.refusals.clear()
    secrets = stack.client("secretsmanager")
    for _ in range(2):
        printed = stack.up(fails=True)
        assert "own: does not use the stack's secret; `pulumi up` fails until" in printed
        assert "Traceback" not in printed
        assert "AWSCURRENT" in secrets.get_secret_value(SecretId=old)["VersionStages"]
    run_commands(stack, impact_of(printed), tmp_path)
    stack.up()
    assert "DeletedDate" in secrets.describe_secret(SecretId=old)
    assert stack.plan().impact == ""
    new = stack.outputs()["secretArns"]["own"]
    access = stack.source_location("own")["AccessConfiguration"]
    assert access["SecretsManagerAccessTokenConfiguration"]["SecretArn"] == new


def test_a_change_there_and_back_repairs_it_too(make_stack: MakeStack) -> None:
    stack = make_stack({"own": OWN})
    stack.change(set_in("sourceLocations", "own", "headerName", to="X-New"))
    stack.gateway.refusals["UpdateResource"] = DENIED
    stack.up(fails=True)
    stack.gateway.refusals.clear()
    stack.change(set_in("sourceLocations", "own", "headerName", to="X-Other"))
    stack.up()
    stack.change(set_in("sourceLocations", "own", "headerName", to="X-New"))
    stack.up()
    access = stack.source_location("own")["AccessConfiguration"]
    assert access["SecretsManagerAccessTokenConfiguration"]["HeaderName"] == "X-New"
    assert stack.plan().impact == ""


def test_what_fails_in_an_update_that_continues_is_not_said_to_keep_working(
    make_stack: MakeStack,
) -> None:
    stack = make_stack(BOTH)

    def change(config: Config) -> None:
        config["sourceLocations"]["own"]["headerName"] = "X-New"
        config["sourceLocations"]["more"] = OWN
        config["accessTokens"]["more"] = config["accessTokens"]["own"]

    stack.change(change)
    stack.gateway.refusals |= {"UpdateResource": DENIED, "CreateSecret": DENIED}
    printed = stack.up("--continue-on-error", fails=True)
    assert lines(impact_of(printed)) == [
        "more: was neither created nor updated, because its secret failed",
        "own: its last update failed; `pulumi up` does not repeat it",
        "keep working: hand",
    ]
    stack.gateway.refusals.clear()
    assert "own: its creation or update failed" in stack.plan().impact, "the update has left no ARN"
    assert "own: does not have the stack's AccessConfiguration" in impact_of(stack.up())


@pytest.mark.parametrize("operation", ["CreateSecret", "PutResourcePolicy", "CreateResource"])
def test_an_update_that_aws_refuses_shows_awss_answer_and_no_traceback(
    make_stack: MakeStack, operation: str
) -> None:
    stack = make_stack({"own": OWN})

    def change(config: Config) -> None:
        config["sourceLocations"]["more"] = OWN
        config["accessTokens"]["more"] = config["accessTokens"]["own"]

    stack.change(change)
    stack.gateway.refusals[operation] = DENIED
    printed = stack.up(fails=True)
    assert "AccessDeniedException: not you" in printed
    assert "Traceback" not in printed
    stack.gateway.refusals.clear()
    assert IMPACT not in stack.up()


# --- What others do


def test_a_source_location_that_exists_keeps_working_and_its_command_takes_it_over(
    make_stack: MakeStack, tmp_path: Path
) -> None:
    stack = make_stack({"hand": BY_HAND})
    stack.create_source_location("hand")
    theirs = stack.source_location("hand")
    stack.change(set_in("sourceLocations", "hand", "baseUrl", to=BASE_URL))
    assert CREATES in stack.plan().impact
    assert "AlreadyExists" in stack.up(fails=True)
    assert stack.source_location("hand") == theirs
    impact = stack.plan().impact
    assert (
        "its creation or update failed; its command makes it the stack's, whoever made it" in impact
    )
    run_commands(stack, impact, tmp_path)
    assert stack.source_location("hand")["HttpConfiguration"] == {"BaseUrl": BASE_URL}
    assert IMPACT not in stack.up()
    assert stack.plan().operations == {}


def test_a_change_made_outside_is_reported_once_a_refresh_has_noticed(
    make_stack: MakeStack, tmp_path: Path
) -> None:
    stack = make_stack({"own": OWN})
    described = stack.source_location("own")
    stack.client("mediatailor").update_source_location(
        SourceLocationName="own",
        HttpConfiguration={"BaseUrl": "https://elsewhere.example.com"},
        AccessConfiguration=described["AccessConfiguration"],
    )
    assert stack.plan().impact == ""
    printed = stack.pulumi("preview", "--refresh")
    assert "own: does not have the stack's HttpConfiguration" in printed
    run_commands(stack, impact_of(printed), tmp_path)
    assert stack.source_location("own") == described
    assert IMPACT not in stack.pulumi("preview", "--refresh")


def test_a_source_location_that_aws_does_not_delete_keeps_its_secret(
    make_stack: MakeStack,
) -> None:
    stack = make_stack(BOTH)
    arn = stack.outputs()["secretArns"]["own"]
    stack.change(drop("sourceLocations", "own"), drop("accessTokens", "own"))
    stack.gateway.refusals["DeleteResource"] = ("GeneralServiceException", "it has VOD sources")
    stack.calls()
    printed = stack.up(fails=True)
    assert "removed with its secret; AWS refuses as long as it has VOD or live sources" in printed
    assert stack.writes() == ["cloudcontrolapi.DeleteResource"]
    assert stack.client("secretsmanager").get_secret_value(SecretId=arn)


# --- The stack


def test_a_renamed_stack_is_refreshed_previewed_and_destroyed(make_stack: MakeStack) -> None:
    stack = make_stack(BOTH, replicaRegions=[AWAY])
    stack.pulumi("stack", "rename", "renamed")
    stack.pulumi("refresh", "--yes", "--skip-preview")
    stack.pulumi("preview", "--refresh", "--expect-no-changes")
    types = {
        resource["type"]
        for resource in json.loads(stack.pulumi("stack", "export"))["deployment"]["resources"]
    }
    assert not any("StackReference" in each for each in types)
    config = stack.place.folder / "Pulumi.renamed.yaml"
    config.write_text(config.read_text().replace("X-Token", "X-New"))
    printed = stack.pulumi("preview", "--refresh")
    assert "own: keeps working: updated by the stack (new header)" in printed
    stack.pulumi("destroy", "--yes", "--skip-preview", "--refresh")
    assert stack.resources() == []
    assert IMPACT not in stack.pulumi("preview"), "a destroyed stack starts anew"
