"""Error messages for arbitrary configs: no traceback, no part of a secret, and no text that a name can forge."""

import copy
import json
import time
from collections.abc import Callable

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from components.rules import InputError, InputErrors, path_text
from tests.support.odd_configs import (
    FULL,
    HOSTILE,
    ROLE,
    Config,
    Path,
    documents,
    faulty,
    mutations,
    paths,
    replaced,
    texts,
    values,
)
from tests.support.recording_engine import Deployment, config_errors, run_program

Deploy = Callable[..., Deployment]

CANARY = "canaryXqzvkw"
TEXT_PATHS = [
    path
    for path in paths(FULL)
    if isinstance(path[-1], str) and path[0] == "sourceLocations" and len(path) > 2
]
OURS = [key for key in FULL if key != "accessTokens"]


@pytest.fixture(autouse=True)
def _no_region_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("AWS_REGION", "AWS_DEFAULT_REGION", "PULUMI_CONFIG"):
        monkeypatch.delenv(variable, raising=False)


def parts(secret: str, length: int = 6) -> set[str]:
    return {secret[start : start + length] for start in range(len(secret) - length + 1)}


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


# --- Every config


def test_the_valid_config_is_valid() -> None:
    assert config_errors(FULL) == ""


@given(document=documents, secret_keys=st.lists(st.sampled_from([*FULL])))
def test_any_config_is_read_or_refused_without_a_traceback(
    document: Config, secret_keys: list[str]
) -> None:
    message = config_errors(document, secret_keys=secret_keys)
    assert message.startswith("The config of stack dev has ") or not message


@settings(max_examples=settings().max_examples // 2)  # the whole program is slow
@given(config=faulty())
def test_a_faulty_config_is_refused_and_a_harmless_change_is_deployed_without_a_traceback(
    config: Config,
) -> None:
    if not config_errors(config):
        assert run_program(Deployment(), config).outputs


@given(mutation=mutations())
def test_an_error_contains_the_path_of_the_invalid_value(mutation: tuple[Path, Config]) -> None:
    path, config = mutation
    message = config_errors(config)
    # The error may be inside a section, a source location or a list.
    assert (
        not message
        or f"\n  {path_text(path)[:500]}" in message
        or names_a_consequence(path, message)
    )


def names_a_consequence(path: Path, message: str) -> bool:
    """Whether a change is reported at another setting that it affects, as rules between settings do."""
    match path:
        case ("sourceLocations", name) | ("accessTokens", name):
            return f"\n  {path_text(('accessTokens', name))}" in message
        case ("sourceLocations",):
            return "\n  accessTokens" in message or "\n  sourceLocations.NAME" in message
        case ("accessTokens",):
            return "\n  accessTokens.sports" in message
        case ("sourceLocations", name, "origin" | "baseUrl" | "tokenManagedElsewhere"):
            return f"\n  sourceLocations.{name}" in message or f"\n  accessTokens.{name}" in message
        case _:
            return False


@pytest.mark.parametrize("key", FULL)
@pytest.mark.parametrize("depth", [900, 1_100, 3_000, 20_000])
def test_deep_nesting_is_one_error(key: str, depth: int) -> None:
    for text in (
        nested(depth),
        json.dumps({"sports": {"tags": None}}).replace("null", nested(depth)),
    ):
        message = config_errors({**FULL, key: text})
        assert f"\n  {key}" in message
        if depth > 1_000:
            assert "has an error" in message
            assert f"\n  {key}\n    contains a value that is nested too deeply\n" in message
            assert f"edit Pulumi.dev.yaml: remove the nested value under {key}" in message


# --- Values


@pytest.mark.parametrize(
    "wrong",
    [
        CANARY,
        f"a:{CANARY}:{CANARY}:{CANARY}:{CANARY}:{CANARY}",
        f"arn:aws:{CANARY}:{CANARY}:{CANARY}:{CANARY}",
        f"arn:{CANARY}:kms:{CANARY}:210987654321:key/{CANARY}",
        f"mediatailor.{CANARY}.amazonaws.com",
        f"https://{CANARY}@example.com",
        f"http://{CANARY}.example.com/\n",
        f"{CANARY} ",
        f"{CANARY}\n\x1b",
        "\n" * 3_000 + CANARY,
        [CANARY],
        [[CANARY]],
        {"sports": CANARY},
        {"sports": [CANARY]},
        {"sports": {"headerName": {"a": CANARY}}},
    ],
    ids=lambda wrong: repr(wrong)[:30],
)
def test_errors_contain_no_part_of_a_value(wrong: object) -> None:
    for path in paths(FULL):
        for secret_keys in ([], [*FULL], ["accessTokens"]):
            message = config_errors(replaced(FULL, path, wrong), secret_keys=secret_keys)
            assert not [part for part in parts(CANARY) if part in message], path


@pytest.mark.parametrize("key", OURS)
@pytest.mark.parametrize(
    "wrong",
    [
        "770077007700",
        770077007700,
        770077007700.5,
        [770077007700],
        ["arn:aws-cn:iam::770077007700:role/a", "arn:aws:iam::770077007700:role/a"],
        {"770077007700": {"770077007700": 770077007700}},
        {"arn": "arn:aws:kms:us-east-1:770077007700:key/11111111-2222-3333-4444-770077007700"},
        {"sports": {"headerName": 770077007700, "description": "7700-77-00 77:00:77 +0000 UTC"}},
        ["us-west-7700"],
    ],
    ids=str,
)
def test_errors_contain_no_part_of_a_setting_with_an_encrypted_value(
    key: str, wrong: object
) -> None:
    message = config_errors({**FULL, key: wrong}, secret_keys=[key, "accessTokens"])
    assert (
        f"has an error; nothing was created or changed.\n\n  {key}\n    contains an encrypted"
        in message
    )
    assert (
        f"edit Pulumi.dev.yaml: replace `secure: …` under {key} with the value in plain" in message
    )
    assert "7700" not in message


@given(value=values, key=st.sampled_from(OURS))
def test_an_encrypted_value_changes_nothing_in_the_error(value: object, key: str) -> None:
    secret_keys = [key, "accessTokens"]
    assert config_errors({**FULL, key: value}, secret_keys=secret_keys) == config_errors(
        FULL, secret_keys=secret_keys
    )


def test_all_encrypted_settings_plain_tokens_and_misspelled_namespaces_are_reported_together() -> (
    None
):
    message = config_errors(
        {**FULL, "mediatailor-acess-token:protect": "true"}, secret_keys=[*OURS, "aws:region"]
    )
    for path in (*OURS, "aws:region", "accessTokens.sports", "mediatailor-acess-token:protect"):
        assert f"\n  {path}\n" in message, path


@pytest.mark.parametrize(
    "value", ["770077007700", {"770077007700": 1}, [770077007700], 770077007700]
)
def test_an_encrypted_value_of_an_unknown_key_is_reported_only_by_its_key(value: object) -> None:
    message = config_errors({**FULL, "cookie": value}, secret_keys=["cookie", "accessTokens"])
    assert "\n  cookie\n    unknown key; " in message
    assert "pulumi config rm --path cookie" in message
    assert "7700" not in message


def test_an_encrypted_region_is_refused_without_showing_it() -> None:
    message = config_errors(FULL, secret_keys=["accessTokens", "aws:region"], region=f"us-{CANARY}")
    assert "\n  aws:region\n    contains an encrypted value" in message
    assert CANARY not in message


# --- Text that YAML reads as something else


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12345, "12345"),
        (-5, "-5"),
        (1.5, "1.5"),
        (True, "true"),
        (False, "false"),
        ("2024-01-01 00:00:00 +0000 UTC", "2024-01-01"),
        ("2024-01-01 10:30:00.5 +0200 +0200", "2024-01-01T10:30:00.5+02:00"),
    ],
)
def test_text_that_yaml_reads_as_another_type_keeps_its_value(value: object, text: str) -> None:
    message = config_errors(replaced(FULL, ("sourceLocations", "sports", "description"), value))
    assert f"must be text, but YAML reads {text}: quote it" in message
    dashes = "-- " if text.startswith("-") else ""
    option = "--type string" if isinstance(value, int) else "--plaintext"
    command = f"pulumi config set {option} --path {dashes}sourceLocations.sports.description {text}"
    assert f"\n    {command}" in message


def test_a_number_that_the_cli_mistakes_for_a_secret_is_quoted_by_editing_the_file() -> None:
    path = ("sourceLocations", "sports", "secretName")
    message = config_errors(replaced(FULL, path, 8473629105847362))
    assert (
        "edit Pulumi.dev.yaml: set sourceLocations.sports.secretName to '8473629105847362'"
        in message
    )


@pytest.mark.parametrize("key", ["secretName", "secretStringKey", "headerName"])
def test_a_number_that_is_meant_as_a_name_keeps_its_value(key: str) -> None:
    message = config_errors(replaced(FULL, ("sourceLocations", "sports", key), 20260101))
    assert "has an error" in message
    command = f"pulumi config set --type string --path sourceLocations.sports.{key} 20260101"
    assert f"\n    {command}" in message


def test_a_token_may_look_like_a_date() -> None:
    token = "2024-01-01 00:00:00 +0000 UTC"
    assert config_errors(replaced(FULL, ("accessTokens", "sports"), token)) == ""


@pytest.mark.parametrize("number", [1234, 0, -5, 2**63])
def test_an_integer_tag_value_is_accepted_and_stored_as_text(deploy: Deploy, number: int) -> None:
    config = replaced(FULL, ("sourceLocations", "sports", "tags"), {"CostCenter": number})
    secret = deploy(config).inputs("aws:secretsmanager/secret:Secret", "mediatailor-sports-secret")
    assert secret["tags"] == {"CostCenter": str(number)}


# --- Names


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


# --- Large configs


def large(count: int) -> Config:
    """Return a config with nine errors per source location."""
    numbers = range(count)
    return {
        "sourceLocations": {f"s{n}": {"headerName": "X", "secretName": "a"} for n in numbers}
        | {f"s {n}": {"headerNam": 1} for n in numbers},
        "accessTokens": {f"t{n}": None for n in numbers},
        "encryptionKey": {
            "arn": "a",
            "administrators": [f"nobody-{n}" for n in numbers],
            "sourceLocationManagers": [ROLE] * count,
            "replicaArns": {f"r{n}": "x" for n in numbers},
        },
        "replicaRegions": [f"us-west-{n}" for n in numbers] + ["us-west-2"] * count,
        **{f"unknown{n}": 1 for n in numbers},
    }


def test_the_time_to_check_a_config_grows_linearly_with_its_errors() -> None:
    def cpu_time(count: int) -> float:
        start = time.process_time()
        assert f"has {9 * count}" in config_errors(large(count))
        return time.process_time() - start

    # A ratio of CPU times in one process, which does not depend on the machine: 4 if linear, 16 if quadratic.
    assert any(cpu_time(1_200) < 8 * cpu_time(300) for _ in range(3))
