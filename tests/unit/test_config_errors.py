"""Error messages for arbitrary configs: no traceback, no part of a secret, and no text that a name can forge."""

import cProfile
import json
import pstats

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from components.rules import path_text
from tests.support.odd_configs import (
    FULL,
    ROLE,
    Config,
    Path,
    documents,
    faulty,
    mutations,
    paths,
    replaced,
    values,
)
from tests.support.recording_engine import Deployment, config_errors, run_program

CANARY = "canaryXqzvkw"
OURS = [key for key in FULL if key != "accessTokens"]


@pytest.fixture(autouse=True)
def _no_region_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("AWS_REGION", "AWS_DEFAULT_REGION", "PULUMI_CONFIG"):
        monkeypatch.delenv(variable, raising=False)


def parts(secret: str, length: int = 6) -> set[str]:
    return {secret[start : start + length] for start in range(len(secret) - length + 1)}


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


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


def test_the_calls_to_check_a_config_grow_linearly_with_its_errors() -> None:
    def calls(count: int) -> int:
        with cProfile.Profile() as profile:
            message = config_errors(large(count))
        assert f"has {9 * count}" in message
        return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]  # missing in the stubs

    assert calls(400) < 6 * calls(100), "4 times as many if linear, 16 times if quadratic"
