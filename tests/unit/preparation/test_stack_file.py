"""The copy of a stack file: what is replaced and what does not change."""

from pathlib import Path

import pytest
import yaml

from sandbox.errors import SandboxError
from sandbox.preparation.stack_file import ENCRYPTED, StackFile, qualified
from tests.support.copied_files import PROJECT, Readable, completed, stack_file

SOURCE_LOCATIONS = f"{PROJECT}:sourceLocations"
ACCESS_TOKENS = f"{PROJECT}:accessTokens"


def test_text_that_is_not_replaced_does_not_change(tmp_path: Path) -> None:
    content = f"""\
config:
  aws:region: eu-west-1
  {SOURCE_LOCATIONS}:
    news: {{headerName: on, secretStringKey: 0123}}
    '404': 2026-11-24
  {ACCESS_TOKENS}:
    news: 12:34:56
    '404': "007"
    films: !!binary aGVsbG8=
"""
    text = stack_file(content, tmp_path).completed(
        project=PROJECT, without=(), values={}, tokens={}, settings={}
    )
    assert yaml.safe_load(text)["config"] == yaml.safe_load(content)["config"]
    for scalar in ("headerName: on,", "Key: 0123}", "2026-11-24", "12:34:56\n", '"007"'):
        assert scalar in text


def test_an_encrypted_value_is_reported_under_a_key_of_its_own(tmp_path: Path) -> None:
    file = stack_file(
        f"config: {{{ACCESS_TOKENS}: {{a: {{secure: v1:x}}}}, x:y: [{{secure: v1:x}}]}}", tmp_path
    )
    reported = yaml.safe_load(file.text())["config"]
    numbers = {reported[ACCESS_TOKENS]["a"][ENCRYPTED], reported["x:y"][0][ENCRYPTED]}
    assert numbers == {"0", "1"}
    assert "v1:x" not in str(reported)


def test_replacements_of_encrypted_values_are_encrypted(tmp_path: Path) -> None:
    file = stack_file(f"config: {{{ACCESS_TOKENS}: {{a: {{secure: v1:x}}}}}}", tmp_path)
    tokens = completed(file, values={"0": "value"})["config"][ACCESS_TOKENS]
    assert tokens == {"a": {"secure": "encrypted(value)"}}


@pytest.mark.parametrize(
    "entry",
    [
        "{secure: {headerName: X-A}}",  # a source location called secure
        "{secure: 12}",
        "{secure: v1:x, more: y}",
        "{other: v1:x}",
    ],
)
def test_only_values_that_pulumi_treats_as_encrypted_are_encrypted(
    tmp_path: Path, entry: str
) -> None:
    file = stack_file(f"config: {{x:y: {entry}}}", tmp_path)
    assert completed(file)["config"]["x:y"] == yaml.safe_load(entry)


def test_an_encrypted_value_shared_by_an_alias_is_replaced_everywhere(
    tmp_path: Path,
) -> None:
    file = stack_file(
        "common: &token {secure: v1:x}\nconfig: {x:a: {b: *token}, x:c: {<<: *token}}\n", tmp_path
    )
    config = completed(file, values={"0": "value"})["config"]
    assert config["x:a"] == {"b": {"secure": "encrypted(value)"}}
    assert config["x:c"] == {"secure": "encrypted(value)"}


def test_the_user_s_encryption_and_environments_are_left_out_and_reported(tmp_path: Path) -> None:
    file = stack_file(
        "secretsprovider: awskms://users\nencryptedkey: users\nencryptionsalt: users\n"
        "environment: [users]\nconfig: {}\n",
        tmp_path,
    )
    assert file.replaced == ("environment", "secretsprovider")
    assert completed(file) == {"config": {}}


def test_a_header_from_a_merge_key_is_left_out_as_well(tmp_path: Path) -> None:
    file = stack_file(
        "common: &common {environment: [users], config: {x:a: 1}}\n<<: *common\n", tmp_path
    )
    assert file.replaced == ("environment",)
    assert completed(file) == {
        "common": yaml.safe_load("{environment: [users], config: {x:a: 1}}"),
        "config": {"x:a": 1},
    }


@pytest.mark.parametrize("key", ["aws:profile", "aws:config:profile", "'aws:profile'"])
def test_a_setting_is_left_out_in_every_spelling_of_its_key(tmp_path: Path, key: str) -> None:
    file = stack_file(f"config: {{{key}: x, aws:region: eu-west-1}}", tmp_path)
    assert completed(file, without={"aws:profile"}) == {"config": {"aws:region": "eu-west-1"}}


def test_a_setting_from_a_merge_key_is_left_out(tmp_path: Path) -> None:
    file = stack_file(
        "common: &common {aws:profile: x, x:a: 1}\nconfig: {<<: *common, x:b: 2}\n", tmp_path
    )
    assert completed(file, without={"aws:profile"})["config"] == {"x:a": 1, "x:b": 2}


def test_a_mappings_own_key_overrides_merged_ones_and_the_first_merge_wins(
    tmp_path: Path,
) -> None:
    file = stack_file(
        "config: {<<: [{x:a: first, x:b: first}, {x:b: second, x:c: second}], x:a: own}", tmp_path
    )
    text = file.completed(project=PROJECT, without=(), values={}, tokens={}, settings={})
    assert text.count("x:a") == text.count("x:b") == 1
    assert yaml.safe_load(text)["config"] == {"x:a": "own", "x:b": "first", "x:c": "second"}


@pytest.mark.parametrize(
    "tokens",
    [
        "",
        f"{ACCESS_TOKENS}: ",
        f"{ACCESS_TOKENS}: {{a: {{secure: v1:x}}}}",
        "accessTokens: {a: {secure: v1:x}}",
        f"{PROJECT}:config:accessTokens: {{a: {{secure: v1:x}}}}",
    ],
)
def test_tokens_are_added_to_those_in_the_file_in_every_spelling_of_their_key(
    tmp_path: Path, tokens: str
) -> None:
    file = stack_file(f"config:\n  {tokens or 'x:y: z'}\n", tmp_path)
    config = completed(file, values={"0": "of a"}, tokens={"b": "of b", "404": "of 404"})["config"]
    (added,) = (value for key, value in config.items() if qualified(key, PROJECT) == ACCESS_TOKENS)
    present = {"a": {"secure": "encrypted(of a)"}} if "secure" in tokens else {}
    new = {"b": {"secure": "encrypted(of b)"}, "404": {"secure": "encrypted(of 404)"}}
    assert added == present | new


def test_tokens_are_not_added_to_a_mapping_shared_by_an_alias(tmp_path: Path) -> None:
    file = stack_file(
        f"common: &shared {{a: {{secure: v1:x}}}}\nconfig: {{{ACCESS_TOKENS}: *shared, x:y: *shared}}",
        tmp_path,
    )
    config = completed(file, values={"0": "value"}, tokens={"b": "of b"})["config"]
    assert set(config[ACCESS_TOKENS]) == {"a", "b"}
    assert set(config["x:y"]) == {"a"}


def test_settings_are_added_as_yaml(tmp_path: Path) -> None:
    file = stack_file("", tmp_path)
    settings = {"aws:skipMetadataApiCheck": "true", "aws:endpoints": '[{"kms": "http://x"}]'}
    assert completed(file, settings=settings) == {
        "config": {"aws:skipMetadataApiCheck": True, "aws:endpoints": [{"kms": "http://x"}]}
    }


def test_settings_outside_of_config_are_reported(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="has no key `config`, below which all settings belong"):
        stack_file("aws:region: eu-west-1\n", tmp_path)


def test_a_missing_stack_file_is_reported_with_those_that_exist(tmp_path: Path) -> None:
    for stack in ("prod", "dev"):
        tmp_path.joinpath(f"Pulumi.{stack}.yaml").touch()
    with pytest.raises(SandboxError, match=r"there is no stack file .*\n.*one: dev, prod\."):
        StackFile(tmp_path / "Pulumi.nope.yaml", encryption=Readable("passphrase"))
