"""The stand-in provider handles the aliases of keys as pulumi-aws does."""

from tests.support.provider_driver import (
    ALIAS,
    KEY,
    SECRET,
    Driver,
    changes,
    is_none,
)


def test_an_alias_refers_to_a_key_by_its_id(engine: Driver, name: str) -> None:
    key = engine.create(KEY, name, {})
    engine.calls()
    alias = engine.create(ALIAS, name, {"targetKeyId": key.state["arn"]})
    assert engine.calls() == ["kms.CreateAlias", "kms.ListAliases"]
    assert alias.id == alias.state["name"] == alias.inputs["name"]
    assert alias.state["targetKeyId"] == key.id
    assert alias.state["targetKeyArn"] == key.state["arn"]
    assert is_none(engine.diff(alias, {"targetKeyId": key.state["arn"]}))
    assert is_none(engine.diff(alias, {"targetKeyId": key.id}))
    assert engine.refresh(alias).state == alias.state  # type: ignore[union-attr]
    assert engine.import_(ALIAS, name, alias.id).state == alias.state  # type: ignore[union-attr]


def test_an_alias_moves_to_another_key_in_place(engine: Driver, name: str) -> None:
    one, other = engine.create(KEY, name, {}), engine.create(KEY, f"{name}-other", {})
    alias = engine.create(ALIAS, name, {"targetKeyId": one.id})
    engine.calls()
    assert changes(engine.diff(alias, {"targetKeyId": other.id})) == {"targetKeyId": "UPDATE"}
    alias = engine.update(alias, {"targetKeyId": other.id})
    assert engine.calls() == ["kms.UpdateAlias", "kms.ListAliases"]
    assert alias.state["targetKeyArn"] == other.state["arn"]


def test_only_a_resource_with_a_name_from_the_user_is_deleted_before_it_is_replaced(
    engine: Driver, name: str
) -> None:
    key = engine.create(KEY, name, {})
    alias = engine.create(ALIAS, name, {"targetKeyId": key.id})
    difference = engine.diff(alias, {"targetKeyId": key.id, "name": f"alias/{name}"})
    assert list(difference.replaces) == ["name"]
    assert difference.deleteBeforeReplace
    secret = engine.create(SECRET, name, {})
    difference = engine.diff(secret, {"region": "us-east-1"})
    assert list(difference.replaces) == ["region"]
    assert not difference.deleteBeforeReplace


def test_an_alias_whose_name_the_program_no_longer_sets_is_kept(engine: Driver, name: str) -> None:
    key = engine.create(KEY, name, {})
    inputs = {"targetKeyId": key.id, "name": f"alias/{name}"}
    alias = engine.create(ALIAS, name, inputs)
    assert is_none(engine.diff(alias, {"targetKeyId": key.id}))


def test_an_alias_that_is_gone_is_deleted_and_read_as_gone(engine: Driver, name: str) -> None:
    key = engine.create(KEY, name, {})
    alias = engine.create(ALIAS, name, {"targetKeyId": key.id})
    engine.calls()
    engine.delete(alias)
    assert engine.calls() == ["kms.DeleteAlias"]
    assert engine.refresh(alias) is None
    engine.delete(alias)
