"""The Region and the tokens in a stack's config."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import SandboxError
from tests.support.prepared import (
    KEY,
    PROJECT,
    encrypted,
    locations,
    prepared,
    prepared_as_reported,
)

SETTINGS = [
    "accessTokens",
    "administrators",
    "adoptSecretArn",
    "arn",
    "encryptionKey",
    "replicaArns",
    "secretStringKey",
    "sourceLocationManagers",
    "sourceLocations",
    "tokenManagedElsewhere",
]


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.sampled_from(["sports", f"arn:aws:kms:eu-west-1:123456789012:key/{KEY}"])
    | st.just(encrypted(0)),
    lambda values: (
        st.lists(values, max_size=3)
        | st.dictionaries(st.text() | st.sampled_from(SETTINGS), values, max_size=3)
    ),
    max_leaves=10,
)


@given(
    st.dictionaries(
        st.sampled_from(
            [f"{PROJECT}:{key}" for key in SETTINGS]
            + [f"aws:{key}" for key in ("region", "allowedAccountIds", "assumeRoles", "profile")]
        ),
        ANYTHING,
    )
)
def test_every_config_can_be_prepared(config: dict[str, Any]) -> None:
    with contextlib.suppress(SandboxError):
        preparation = prepared_as_reported(config)
        for lines in (preparation.notes, preparation.assumptions, preparation.not_rehearsed):
            assert all(isinstance(line, str) for line in lines())


def test_the_region_comes_from_the_config() -> None:
    preparation = prepared_as_reported({"aws:region": "eu-west-1"})
    assert preparation.region == "eu-west-1"
    assert list(preparation.notes()) == []


@pytest.mark.parametrize("config", [{}, {"aws:region": ""}])
def test_without_a_region_the_default_is_used_with_a_note(config: dict[str, Any]) -> None:
    preparation = prepared_as_reported(config)
    assert preparation.region == "us-east-1"
    (note,) = preparation.notes()
    assert note.startswith("the config has no aws:region; us-east-1 is used here.")


@pytest.mark.parametrize("region", ["a\0b", "5", {"a": "b"}, ["eu-west-1"], "EU (Ireland)"])
def test_an_invalid_region_is_left_for_the_program_to_refuse(region: object) -> None:
    preparation = prepared_as_reported({"aws:region": region})
    assert preparation.region == "us-east-1"  # of the environment, where a NUL is no option
    assert list(preparation.notes()) == []


def test_every_missing_token_gets_a_unique_throwaway_token() -> None:
    preparation = prepared(
        sourceLocations={"news": {}, "sports": {}, "films": {}},
        accessTokens={"films": encrypted(0)},
    )
    assert set(preparation.tokens) == {"news", "sports"}
    assert [len(token) for token in preparation.tokens.values()] == [32, 32]
    assert len(set(preparation.tokens.values())) == 2


def test_a_token_managed_elsewhere_is_not_missing() -> None:
    assert not prepared(**locations(tokenManagedElsewhere=True)).tokens


@pytest.mark.parametrize("tokens", ["text", ["list"], True])
def test_tokens_that_are_not_an_object_are_left_for_pulumi_to_refuse(tokens: object) -> None:
    assert not prepared(**locations(), accessTokens=tokens).tokens


@pytest.mark.parametrize("source_locations", ["text", ["sports"], {}, encrypted(0)])
def test_source_locations_that_are_not_an_object_are_left_for_pulumi_to_refuse(
    source_locations: object,
) -> None:
    assert not prepared(sourceLocations=source_locations).tokens


def test_tokens_encrypted_as_one_value_are_refused_with_a_command_for_each() -> None:
    with pytest.raises(SandboxError) as error:
        prepared(sourceLocations={"sports": {}, "a.b": {}}, accessTokens=encrypted(0))
    assert "accessTokens is encrypted as one value" in str(error.value)
    assert "  pulumi config set --secret --path accessTokens.sports\n" in str(error.value)
    assert """  pulumi config set --secret --path 'accessTokens["a.b"]'""" in str(error.value)


def test_tokens_in_plain_text_are_found_next_to_encrypted_and_missing_ones() -> None:
    preparation = prepared(
        sourceLocations={"news": {}, "sports": {}, "films": {}},
        accessTokens={"news": "plain", "sports": encrypted(0), "live": 12345678},
    )
    assert preparation.plain_text_tokens == ["news", "live"]
