"""The stand-in provider names resources as pulumi-aws does."""

from collections.abc import Iterator

import pytest
from pulumi.runtime.proto.provider_pb2 import CheckRequest

from tests.support.provider_driver import (
    ALIAS,
    REGION,
    ROLE,
    SECRET,
    Driver,
    driver,
)

Autonaming = CheckRequest.AutonamingOptions


@pytest.fixture(scope="module")
def shared() -> Iterator[Driver]:
    with driver(variables={"aws:config:region": REGION}) as engine:
        yield engine


def test_the_providers_region_becomes_an_input(engine: Driver, name: str) -> None:
    assert engine.checked(SECRET, name, {})["region"] == REGION
    assert engine.checked(SECRET, name, {"region": "us-east-1"})["region"] == "us-east-1"
    assert "region" not in engine.checked(ROLE, name, {"assumeRolePolicy": "{}"})


def test_a_name_is_the_logical_name_and_digits_from_the_engines_seed(engine: Driver) -> None:
    first, _ = engine.check(SECRET, "origin", {}, seed=b"one")
    again, _ = engine.check(SECRET, "origin", {}, seed=b"one")
    other, _ = engine.check(SECRET, "origin", {}, seed=b"two")
    assert first["name"] == again["name"] != other["name"]
    assert first["name"].startswith("origin-")
    assert len(first["name"]) == len("origin-") + 7


def test_the_name_of_an_alias_has_the_prefix_alias_once(engine: Driver) -> None:
    target = {"targetKeyId": "some-key"}
    assert engine.checked(ALIAS, "origin", target)["name"].startswith("alias/origin-")
    assert engine.checked(ALIAS, "alias/origin", target)["name"].startswith("alias/origin-")


def test_an_automatic_name_does_not_change(engine: Driver) -> None:
    olds = engine.checked(SECRET, "origin", {})
    inputs, _ = engine.check(SECRET, "origin", {}, olds, seed=b"another")
    assert inputs["name"] == olds["name"]


def test_a_name_that_the_program_no_longer_sets_becomes_a_default(engine: Driver) -> None:
    olds = engine.checked(SECRET, "origin", {"name": "ours"})
    assert "name" not in olds["__defaults"]
    inputs, _ = engine.check(SECRET, "origin", {}, olds, seed=b"another")
    assert inputs["name"] == "ours"
    assert "name" in inputs["__defaults"]


def test_an_automatic_name_that_would_be_too_long_is_an_error(engine: Driver) -> None:
    _, failures = engine.check(SECRET, "n" * 248, {})
    assert failures == [
        f"name '{'n' * 248}-' plus 7 random chars is longer than maximum length 255"
    ]


def test_the_provider_supports_autonaming_configuration(engine: Driver) -> None:
    assert engine.configure({"aws:config:region": REGION}).supports_autonaming_configuration


@pytest.mark.parametrize(
    ("type_", "proposed", "expected"),
    [
        (SECRET, "dev-origin", "dev-origin"),
        (ALIAS, "dev-origin", "alias/dev-origin"),
        (ALIAS, "alias/dev-origin", "alias/dev-origin"),
    ],
)
def test_a_pattern_determines_the_name(
    engine: Driver, type_: str, proposed: str, expected: str
) -> None:
    news = {"targetKeyId": "k"} if type_ == ALIAS else {}
    autonaming = Autonaming(mode=Autonaming.PROPOSE, proposed_name=proposed)
    inputs, failures = engine.check(type_, "origin", news, autonaming=autonaming)
    assert failures == []
    assert inputs["name"] == expected
    assert "name" in inputs["__defaults"]


def test_a_pattern_that_results_in_too_long_a_name_is_an_error(engine: Driver) -> None:
    autonaming = Autonaming(mode=Autonaming.PROPOSE, proposed_name="n" * 256)
    _, failures = engine.check(SECRET, "origin", {}, autonaming=autonaming)
    assert failures == [f"calculated name '{'n' * 256}' exceeds maximum length of 255"]


def test_an_enforced_name_is_used_unchanged_even_if_aws_rejects_it(engine: Driver) -> None:
    autonaming = Autonaming(mode=Autonaming.ENFORCE, proposed_name="origin")
    inputs, failures = engine.check(SECRET, "origin", {}, autonaming=autonaming)
    assert failures == []
    assert inputs["name"] == "origin"
    _, failures = engine.check(ALIAS, "origin", {"targetKeyId": "k"}, autonaming=autonaming)
    assert len(failures) == 1
    assert "\"name\" must begin with 'alias/'" in failures[0]


def test_without_autonaming_the_program_must_set_a_name(engine: Driver) -> None:
    autonaming = Autonaming(mode=Autonaming.DISABLE)
    _, failures = engine.check(SECRET, "origin", {}, autonaming=autonaming)
    assert failures == ["automatic naming is disabled but no explicit name was provided"]
    _, failures = engine.check(SECRET, "origin", {"name": "ours"}, autonaming=autonaming)
    assert failures == []
    prefixed = {"assumeRolePolicy": "{}", "namePrefix": "ours-"}
    _, failures = engine.check(ROLE, "origin", prefixed, autonaming=autonaming)
    assert failures == []


def test_changing_the_autonaming_does_not_rename_deployed_resources(engine: Driver) -> None:
    olds = engine.checked(SECRET, "origin", {})
    for mode in (Autonaming.PROPOSE, Autonaming.ENFORCE, Autonaming.DISABLE):
        autonaming = Autonaming(mode=mode, proposed_name="another")
        inputs, failures = engine.check(SECRET, "origin", {}, olds, autonaming=autonaming)
        assert failures == []
        assert inputs["name"] == olds["name"]
