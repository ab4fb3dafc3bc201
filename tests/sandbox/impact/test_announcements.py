"""Preview and update announce every change that interrupts a channel, in the same words."""

import json

from tests.support.changing_stack import (
    BASE_URL,
    BY_HAND,
    IMPACT,
    OWN,
    REGION,
    Change,
    ChangingStack,
    Config,
    MakeStack,
    drop,
    impact_of,
    lines_of,
    set_in,
)

AWAY, FAR = "us-west-2", "eu-central-1"
BOTH = {"hand": BY_HAND, "own": OWN}
V1 = {"origin": "mediapackage-v1"}
UNTIL = "off the air until you run its command below"
CREATES = "the stack creates it; if MediaTailor already has it, stop: the update would fail"
CREATED = "keeps working: created by the stack"


def announced(stack: ChangingStack, *changes: Change) -> list[str]:
    """Apply changes, check that preview and update announce the same, and return the lines about source locations."""
    stack.change(*changes)
    before = lines_of(stack.plan().impact)
    after = lines_of(impact_of(stack.up()))
    # A preview does not know whether a source location that the stack will create exists already.
    created = {line.replace(CREATED, CREATES) for line in after}
    assert created == set(before)
    return before


def test_each_change_to_a_source_location_is_announced_with_its_effect(
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
    refused = "AWS refuses while it has VOD or live sources"
    lost_role = "MediaPackage loses its role and can no longer read the secret"
    assert announced(stack, change) == [
        f"from-v1: {UNTIL} (new SecretString key, new header)",
        f"key: {UNTIL} (new SecretString key)",
        f"name: {UNTIL} (new secret)",
        "own-url: off the air: removing baseUrl deletes it, unless it has VOD or live sources",
        f"to-v2: {UNTIL} (new SecretString key, new header)",
        f"v1: {UNTIL} (new SecretString key, new header)",
        f"own-removed: removed with its secret; {refused}",
        f"own-renamed: removed with its secret; {refused}",
        "removed: removed: its secret is deleted, and anything that still uses it goes off the air",
        "renamed: removed: its secret is deleted, and anything that still uses it goes off the air",
        f"created: {CREATES}",
        f"from-v1: {lost_role}",
        "header: sends the old header until you run its command below",
        f"own-from-v1: {lost_role}",
        "to-v2: after the update, only mediapackagev2.amazonaws.com can assume its role",
        f"own-adopts: {updated} (new secret)",
        f"own-from-v1: {updated} (new SecretString key, new header)",
        f"own-header: {updated} (new header)",
        f"own-key: {updated} (new SecretString key)",
        f"own-name: {updated} (new secret)",
        f"own-v1: {updated} (new SecretString key, new header)",
        "keep working: adopts, own-untouched, untouched",
    ]
    assert announced(stack, drop("sourceLocations", "own-adopts", "adoptSecretArn")) == []


def test_changes_that_do_not_affect_mediatailor_are_not_announced(
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


def test_changes_to_key_replicas_and_readers_are_announced(make_stack: MakeStack) -> None:
    """These updates change several settings at once; docs/changes.md has a preview of each change."""
    stack = make_stack(BOTH)
    key_off_air = [f"{name}: {UNTIL} (new encryption key)" for name in BOTH]
    # The stack's key is a single-Region key, which replicas replace.
    assert announced(stack, set_in("replicaRegions", to=[AWAY, FAR])) == key_off_air

    keys = [
        stack.client("kms", region).create_key()["KeyMetadata"]["Arn"] for region in (REGION, AWAY)
    ]
    existing = {"arn": keys[0], "replicaArns": {AWAY: keys[1]}}
    replica = (set_in("encryptionKey", to=existing), set_in("replicaRegions", to=[AWAY]))
    each = (
        f"{UNTIL} (new encryption key)",
        f"off the air in {FAR}: the update deletes the replicas of its secret and key there",
        f"if used in {AWAY}, run its command below for that Region (new encryption key)",
    )
    key_policy_first = "First add requiredKeyPolicyStatements to the policy of the new key."
    assert sorted(announced(stack, *replica)) == sorted(
        [*(f"{name}: {line}" for name in BOTH for line in each), key_policy_first]
    )

    principal = f"mediatailor.{REGION}.amazonaws.com"
    each = (
        f"off the air in {AWAY}: the update deletes the replica of its secret there",
        f"off the air unless MediaTailor uses the service principal {principal}",
        "off the air unless MediaTailor sends aws:SourceAccount 123456789012",
    )
    assert sorted(
        announced(
            stack,
            drop("replicaRegions"),
            set_in("encryptionKey", to={"arn": keys[0]}),
            set_in("servicePrincipal", to=principal),
            set_in("restrictToSourceAccount", to=True),
        )
    ) == sorted(f"{name}: {line}" for name in BOTH for line in each)


def test_a_deleted_secret_is_announced_once_a_refresh_has_detected_it(
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


def test_a_renamed_stack_can_be_refreshed_previewed_and_destroyed(make_stack: MakeStack) -> None:
    stack = make_stack(BOTH, replicaRegions=[AWAY])
    stack.pulumi("stack", "rename", "renamed")
    stack.pulumi("refresh", "--yes", "--skip-preview")
    stack.pulumi("preview", "--refresh", "--expect-no-changes")
    types = {
        resource["type"]
        for resource in json.loads(stack.pulumi("stack", "export"))["deployment"]["resources"]
    }
    assert not any("StackReference" in each for each in types)
    config = stack.workspace.folder / "Pulumi.renamed.yaml"
    config.write_text(config.read_text().replace("X-Token", "X-New"))
    printed = stack.pulumi("preview", "--refresh")
    assert "own: keeps working: updated by the stack (new header)" in printed
    stack.pulumi("destroy", "--yes", "--skip-preview", "--refresh")
    assert stack.resources() == []
    assert IMPACT not in stack.pulumi("preview"), "nothing is deployed anymore"
