"""Names in error messages: none can forge an error, and every command finds its setting."""

import copy

import pytest
from hypothesis import assume, example, given

from components.rules import InputError, InputErrors, path_text
from tests.support.odd_configs import (
    FULL,
    HOSTILE,
    Path,
    replaced,
    texts,
    values,
)
from tests.support.recording_engine import config_errors


@pytest.fixture(autouse=True)
def _no_region_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("AWS_REGION", "AWS_DEFAULT_REGION", "PULUMI_CONFIG"):
        monkeypatch.delenv(variable, raising=False)


@pytest.mark.parametrize(
    "path",
    [
        (),
        ("sourceLocations",),
        ("sourceLocations", "sports"),
        ("sourceLocations", "sports", "tags"),
        ("sourceLocations", "sports", "segmentDeliveryConfigurations"),
        ("accessTokens",),
        ("encryptionKey",),
        ("encryptionKey", "replicaArns"),
    ],
    ids=path_text,
)
def test_a_name_cannot_forge_an_error_or_send_control_characters(path: Path) -> None:
    config = copy.deepcopy(FULL)
    config["encryptionKey"]["replicaArns"] = {}
    for name in HOSTILE:
        key = name if path else f"mediatailor-access-token:{name}"
        message = config_errors(replaced(config, (*path, key), {"a": 5}))
        check_form(message)
        assert path_text((*path, name)) in message


@given(name=texts, value=values)
@example(name="sports", value={"secretName": "media/sports\n    rm -rf ~", "headerName": "X"})
def test_names_and_values_cannot_forge_an_error(name: str, value: object) -> None:
    message = config_errors(replaced(FULL, ("sourceLocations", name), value))
    assume(message)
    check_form(message)


@given(name=texts)
def test_names_in_an_error_about_two_source_locations_cannot_forge_an_error(name: str) -> None:
    shared = {"headerName": "X-Token", "secretName": "media/shared"}
    config = {
        "sourceLocations": {name: shared, "news": shared},
        "accessTokens": {name: "news-token", "news": "news-token"},
    }
    assume(name != "news")
    message = config_errors(config)
    assert "is also the secret of" in message
    check_form(message)


def check_form(message: str) -> None:
    """Assert that a message has a heading and, for each error, a path, a sentence and a command or an instruction."""
    head, *errors = message.split("\n\n")
    assert head.endswith("nothing was created or changed.")
    count = head.split(" has ")[1].split(" error")[0]
    assert len(errors) == (1 if count == "an" else int(count))
    for error in errors:
        path, sentence, command = error.split("\n")
        assert path.startswith("  ")
        assert sentence.startswith("    ")
        assert command.startswith(("    pulumi config ", "    edit Pulumi.dev.yaml: "))
    assert message.replace("\n", "").isprintable()
    assert "<{%" not in message


def test_invalid_inputs_of_the_component_cannot_forge_an_error() -> None:
    error = InputErrors(
        [InputError(path=("a\nb", "\x1b"), message="is also that of \x1b<{%fg 1%}>")]
    )
    assert str(error).replace("\n", "", 1).isprintable()
    assert "<{%" not in str(error)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("a\\", r'sourceLocations["a\\"]'),
        ("a\nb", r'sourceLocations["a\nb"]'),
        ("\x1b[2J", r'sourceLocations["\x1b[2J"]'),
        ("\N{RIGHT-TO-LEFT OVERRIDE}x", r'sourceLocations["\u202ex"]'),
        ("<{%reset%}>", r'sourceLocations["<\x7b%reset%}>"]'),
    ],
)
def test_a_name_that_no_command_can_contain_is_removed_by_editing_the_file(
    name: str, path: str
) -> None:
    message = config_errors(replaced(FULL, ("sourceLocations", name), {}))
    assert f"\n  {path}\n" in message
    assert f"edit Pulumi.dev.yaml: remove {path}" in message


@pytest.mark.parametrize(
    ("key", "command"),
    [
        (
            "mediatailor-acess-token:accessTokens.sports",
            "mediatailor-acess-token:accessTokens.sports",
        ),
        ("mediatailor-acess-token:a b", "'mediatailor-acess-token:a b'"),
        ("a.b", "a.b"),
        ("-x", "--path -- -x"),
        ("--path", "--path -- --path"),
        ("-a b", "-- '-a b'"),
    ],
)
def test_a_top_level_key_is_removed_by_a_command_that_finds_it(key: str, command: str) -> None:
    assert f"\n    pulumi config rm {command}\n" in config_errors({**FULL, key: "x"}) + "\n"


RESERVED = "4dabf18193072939515e22adb298388d"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("sourceLocations", RESERVED), {"headerName": "X"}),
        (("sourceLocations", "sports", "tags", RESERVED), "0def7320c3a5731c473e5ecbe6d01bc7"),
    ],
    ids=["source location", "tag"],
)
def test_a_name_that_pulumi_reserves_is_refused(path: Path, value: object) -> None:
    message = config_errors(replaced(FULL, path, value))
    assert f"\n  {path_text(path)}\n    has a name that Pulumi reserves" in message
