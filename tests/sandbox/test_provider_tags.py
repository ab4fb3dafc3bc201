"""The stand-in provider handles tags as pulumi-aws does."""

import json
from collections.abc import Iterator

import pytest
from pulumi.runtime.rpc import UNKNOWN

from tests.support.provider_driver import (
    KEY,
    TAG_SETTINGS,
    Driver,
    Values,
    changes,
    driver,
    is_none,
)


@pytest.fixture(scope="module")
def shared() -> Iterator[Driver]:
    with driver(variables=TAG_SETTINGS) as engine:
        yield engine


def test_a_tag_is_text_in_aws_for_any_type_in_the_stack_file() -> None:
    values = {"i": 123, "f": 1.5, "e": 1e21, "yes": True, "no": False, "null": None, "t": "01"}
    expected = {
        "i": "123",
        "f": "1.5",
        "e": "1000000000000000000000",
        "yes": "true",
        "no": "false",
        "null": "",
        "t": "01",
    }
    tags = json.dumps({"tags": values})
    with driver(variables={"aws:config:defaultTags": tags}) as engine:
        assert engine.check_config({"defaultTags": tags}) == []
        key = engine.create(KEY, "key", {})
        assert tags_of(engine, key.id) == key.state["tagsAll"] == expected
        assert is_none(engine.diff(key, {}))


def tags_of(engine: Driver, key_id: str) -> Values:
    tags = engine.client("kms").list_resource_tags(KeyId=key_id)["Tags"]
    return {tag["TagKey"]: tag["TagValue"] for tag in tags}


def test_a_resources_own_tag_overrides_a_default_tag(engine: Driver, name: str) -> None:
    inputs = engine.checked(KEY, name, {"tags": {"stage": "mine", "team": "video"}})
    assert inputs["tagsAll"] == {"stage": "mine", "team": "video"}
    assert engine.checked(KEY, name, {})["tagsAll"] == {"stage": "test"}
    assert engine.checked(KEY, name, {"tags": {"team": UNKNOWN}})["tagsAll"] == UNKNOWN


def test_a_tag_equal_to_a_default_tag_is_the_resources_own(engine: Driver, name: str) -> None:
    inputs = {"tags": {"stage": "test"}}
    key = engine.create(KEY, name, inputs)
    assert key.state["tags"] == {"stage": "test"}
    assert is_none(engine.diff(key, inputs))
    assert engine.refresh(key) == key


def test_a_default_tag_is_only_in_tags_all(engine: Driver, name: str) -> None:
    key = engine.create(KEY, name, {})
    assert key.state["tagsAll"] == {"stage": "test"}
    assert "tags" not in key.state
    assert tags_of(engine, key.id) == {"stage": "test"}
    assert is_none(engine.diff(key, {}))


def test_an_ignored_tag_added_by_hand_is_neither_read_nor_removed(
    engine: Driver, name: str
) -> None:
    key = engine.create(KEY, name, {})
    added = {"owner": "them", "scanner-run": "1", "audit": "yes"}
    engine.client("kms").tag_resource(
        KeyId=key.id, Tags=[{"TagKey": tag, "TagValue": value} for tag, value in added.items()]
    )
    drifted = engine.refresh(key)
    assert drifted is not None
    assert drifted.state["tags"] == {"audit": "yes"}
    assert drifted.state["tagsAll"] == {"audit": "yes", "stage": "test"}
    assert changes(engine.diff(drifted, {})) == {"tags": "DELETE", 'tagsAll["audit"]': "DELETE"}
    engine.update(drifted, {})
    assert tags_of(engine, key.id) == {"owner": "them", "scanner-run": "1", "stage": "test"}


def test_an_ignored_tag_of_the_program_is_created_and_then_a_permanent_change(
    engine: Driver, name: str
) -> None:
    inputs = {"tags": {"owner": "us", "team": "video"}}
    assert engine.checked(KEY, name, inputs)["tagsAll"] == {"stage": "test", "team": "video"}
    key = engine.create(KEY, name, inputs)
    assert tags_of(engine, key.id) == {"owner": "us", "stage": "test", "team": "video"}
    assert key.state["tags"] == {"team": "video"}
    assert changes(engine.diff(key, inputs)) == {'tags["owner"]': "ADD"}


def test_aws_own_tags_are_not_changed(engine: Driver, name: str) -> None:
    inputs = {"tags": {"aws:ours": "1", "team": "video"}}
    key = engine.create(KEY, name, inputs)
    assert tags_of(engine, key.id) == {"stage": "test", "team": "video"}
    assert key.state["tagsAll"] == {"stage": "test", "team": "video"}
