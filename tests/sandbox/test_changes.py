"""The effect of each change is documented, and a replacement is complete before the old resource is deleted."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from pydantic import BaseModel

from stack_config.model import EncryptionKeyConfig, SourceLocationConfig, StackConfig
from tests.support.change_table import DOCUMENT, Changes, compute, document
from tests.support.changes import AWAY, LOCATION_CHANGES, stack_changes
from tests.support.changing_stack import (
    BY_HAND,
    OWN,
    REGION,
    ChangingStack,
    Config,
    MakeStack,
    changing_stack,
)


@pytest.fixture(scope="module")
def changes() -> Changes:
    """Return the changes as the engine previews them."""
    return compute()


@pytest.fixture
def make_stack(tmp_path: Path) -> Iterator[MakeStack]:
    """Return a function that creates and deploys a stack."""
    with ExitStack() as stacks:

        def make(source_locations: Config, **config: object) -> ChangingStack:
            stack = stacks.enter_context(
                changing_stack(tmp_path, sourceLocations=source_locations, **config)
            )
            stack.up()
            stack.calls()
            return stack

        yield make


def test_the_table_of_changes_has_every_config_key() -> None:
    def keys(section: type[BaseModel]) -> set[str]:
        return {str(field.alias) for field in section.model_fields.values()}

    arns = {region: ["", ""] for region in (REGION, AWAY)}
    covered = {each.key for each in LOCATION_CHANGES} | {each.key for each in stack_changes(arns)}
    sections = keys(StackConfig) | keys(EncryptionKeyConfig) | keys(SourceLocationConfig)
    assert covered >= sections - {"encryptionKey"}


def test_the_table_of_changes_is_what_the_engine_previews(changes: Changes) -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(changes), "run `make changes`"


def test_no_plan_deletes_a_resource_before_it_creates_the_replacement(changes: Changes) -> None:
    replaced = 0
    for plan in changes.plans:
        for index, (operation, name) in enumerate(plan.order):
            if operation == "delete-replaced":
                replaced += 1
                before = {each for each, other in plan.order[:index] if other == name}
                assert before & {"create-replacement", "import-replacement"}, name
            assert operation not in {"delete", "delete-replaced"} or not any(
                "create" in each for each, _ in plan.order[index:]
            ), "everything is deleted at the end"
    assert replaced > 20, "no plan replaces anything"


def assert_created_before_anything_was_deleted(writes: list[str]) -> None:
    deleting = ("Delete", "ScheduleKeyDeletion", "RemoveRegions")
    operations = [each.partition(".")[2] for each in writes]
    first = next(i for i, each in enumerate(operations) if each.startswith(deleting))
    assert not [each for each in operations[first:] if not each.startswith(deleting)], writes


def test_every_replacement_is_complete_before_the_old_resource_is_deleted(
    make_stack: MakeStack,
) -> None:
    stack = make_stack({"sports": OWN, "news": BY_HAND})
    adopted = stack.client("secretsmanager").create_secret(Name="others")["ARN"]

    def change(config: Config) -> None:
        located, tokens = config["sourceLocations"], config["accessTokens"]
        located["sports"]["secretName"] = "new"
        located["news"]["adoptSecretArn"] = adopted
        config["encryptionKey"] = {"alias": "alias/new"}
        config["replicaRegions"] = [AWAY]  # replaces the key
        tokens["sports"], tokens["news"] = tokens["news"], tokens["sports"]

    stack.change(change)
    stack.up()
    writes = [each for each in stack.writes() if "UpdateSecretVersionStage" not in each]
    assert {"kms.CreateKey", "kms.CreateAlias", "secretsmanager.CreateSecret"} <= set(writes)
    assert_created_before_anything_was_deleted(writes)

    def move(config: Config) -> None:
        config["sourceLocations"]["news"].pop("adoptSecretArn")
        config["replicaRegions"] = []

    stack.change(move)
    stack.up()
    stack.calls()
    stack.change(lambda config: config.update({"aws:region": AWAY}))
    stack.up()
    writes = [each for each in stack.writes() if "UpdateSecretVersionStage" not in each]
    assert "cloudcontrolapi.CreateResource" in writes
    assert_created_before_anything_was_deleted(writes)


@pytest.mark.parametrize("taken", ["secret", "alias"])
def test_a_new_name_that_is_in_use_changes_nothing(make_stack: MakeStack, taken: str) -> None:
    stack = make_stack({"sports": OWN, "news": BY_HAND})
    kms, secrets = stack.client("kms"), stack.client("secretsmanager")
    secrets.create_secret(Name="taken")
    kms.create_alias(AliasName="alias/taken", TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
    before = stack.source_location("sports"), kms.list_aliases()["Aliases"]

    def change(config: Config) -> None:
        if taken == "secret":
            config["sourceLocations"]["sports"]["secretName"] = "taken"
            config["sourceLocations"]["news"]["secretName"] = "taken/too"
        else:
            config["encryptionKey"] = {"alias": "alias/taken"}

    stack.change(change)
    printed = stack.up(fails=True)
    assert "already exists" in printed
    assert "Traceback" not in printed
    assert not [each for each in stack.writes() if ".Delete" in each or "Schedule" in each]
    assert (stack.source_location("sports"), kms.list_aliases()["Aliases"]) == before
    for arn in stack.outputs()["secretArns"].values():
        assert secrets.get_secret_value(SecretId=arn)["VersionStages"] == ["AWSCURRENT"]
    stack.change(
        lambda config: [
            each.pop("secretName", None) for each in config["sourceLocations"].values()
        ],
        lambda config: config.pop("encryptionKey", None),
    )
    stack.up()
    assert stack.plan().operations == {}
