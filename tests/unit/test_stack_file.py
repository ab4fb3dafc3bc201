"""The rehearsal's copy of a stack file: what is replaced, and what is not."""

import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sandbox import stack_file
from sandbox.stack_file import rehearsal_stack_file

PASSPHRASE = "a throw-away passphrase"
SOURCE_LOCATIONS = "mediatailor-access-token:sourceLocations"
ACCESS_TOKENS = "mediatailor-access-token:accessTokens"


@pytest.fixture(autouse=True)
def _quick_key_derivation(monkeypatch: pytest.MonkeyPatch) -> None:
    # The tests with the real engine prove that the number is Pulumi's.
    monkeypatch.setattr(stack_file, "_PBKDF2_ITERATIONS", 1)


def copy_of(content: str, folder: Path) -> dict[str, Any]:
    source = folder / "Pulumi.test.yaml"
    source.write_text(content)
    copied: dict[str, Any] = yaml.safe_load(
        rehearsal_stack_file(source, passphrase=PASSPHRASE).text
    )
    return copied


def decrypted(copied: dict[str, Any], value: dict[str, str]) -> str:
    """Decrypt as Pulumi does: the salt is `v1:<salt>:<check>`, a value `v1:<nonce>:<ciphertext>`."""
    salt = base64.b64decode(copied["encryptionsalt"].split(":")[1])
    key = hashlib.pbkdf2_hmac("sha256", PASSPHRASE.encode(), salt, 1)
    assert list(value) == ["secure"]
    _, nonce, ciphertext = value["secure"].split(":")
    plain = AESGCM(key).decrypt(base64.b64decode(nonce), base64.b64decode(ciphertext), None)
    return plain.decode()


def test_every_missing_token_becomes_a_throw_away_token_of_its_own(tmp_path: Path) -> None:
    copied = copy_of(
        f"config:\n  {SOURCE_LOCATIONS}:\n    news: {{}}\n    sports: {{}}\n", tmp_path
    )
    tokens = copied["config"][ACCESS_TOKENS]
    assert set(tokens) == {"news", "sports"}
    plain = [decrypted(copied, token) for token in tokens.values()]
    assert [len(token) for token in plain] == [32, 32]
    assert plain[0] != plain[1]


def test_every_encrypted_value_becomes_a_throw_away_token(tmp_path: Path) -> None:
    copied = copy_of(
        f"""\
encryptionsalt: v1:of:v1:a:person
config:
  {SOURCE_LOCATIONS}: {{news: {{}}}}
  {ACCESS_TOKENS}:
    news: {{secure: v1:of-a:person}}
  other:secrets:
    - {{deep: {{secure: v1:of-a:person}}}}
""",
        tmp_path,
    )
    assert "person" not in str(copied)
    assert len(decrypted(copied, copied["config"][ACCESS_TOKENS]["news"])) == 32
    assert len(decrypted(copied, copied["config"]["other:secrets"][0]["deep"])) == 32


@pytest.mark.parametrize("tokens", ["", "{secure: v1:of-a:person}", "null"])
def test_tokens_that_are_encrypted_as_one_or_not_there_are_made_for_all(
    tmp_path: Path, tokens: str
) -> None:
    copied = copy_of(
        f"config:\n  {SOURCE_LOCATIONS}: {{news: {{}}}}\n  {ACCESS_TOKENS}: {tokens}\n", tmp_path
    )
    assert list(copied["config"][ACCESS_TOKENS]) == ["news"]
    assert len(decrypted(copied, copied["config"][ACCESS_TOKENS]["news"])) == 32


def test_whatever_is_no_secret_stays_as_it_was_written(tmp_path: Path) -> None:
    config = f"""\
  aws:region: eu-west-1
  {SOURCE_LOCATIONS}:
    news: {{headerName: on, secretStringKey: 0123}}
    '404': 2026-11-24
  {ACCESS_TOKENS}:
    news: 12:34:56
    '404': "007"
    no-such-location: plain-token
"""
    copied = copy_of(f"config:\n{config}", tmp_path)
    assert copied["config"] == yaml.safe_load(config)
    text = rehearsal_stack_file(tmp_path / "Pulumi.test.yaml", passphrase=PASSPHRASE).text
    for scalar in (
        "headerName: on,",
        "secretStringKey: 0123}",
        "2026-11-24",
        ": 12:34:56\n",
        '"007"',
    ):
        assert scalar in text


@pytest.mark.parametrize(
    "content",
    [
        "",
        "# nothing but a comment\n",
        "config: text\n",
        f"config:\n  {SOURCE_LOCATIONS}: [news]\n",
        f"config:\n  {SOURCE_LOCATIONS}: {{news: {{}}}}\n  {ACCESS_TOKENS}: text\n",
    ],
)
def test_bad_config_stays_for_the_program_to_judge(tmp_path: Path, content: str) -> None:
    copied = copy_of(content, tmp_path)
    assert copied.pop("encryptionsalt").startswith("v1:")
    assert copied == (yaml.safe_load(content) or {})


def test_the_persons_encryption_does_not_come_along(tmp_path: Path) -> None:
    copied = copy_of(
        "secretsprovider: awskms://of-a-person\nencryptedkey: of-a-person\n"
        "encryptionsalt: of-a-person\nconfig: {}\n",
        tmp_path,
    )
    assert set(copied) == {"config", "encryptionsalt"}
    assert "of-a-person" not in str(copied)


@pytest.mark.parametrize(
    ("content", "region"),
    [("config: {'aws:region': sa-east-1}", "sa-east-1"), ("config: {}", None), ("", None)],
)
def test_tells_the_region_if_the_stack_has_one(
    tmp_path: Path, content: str, region: str | None
) -> None:
    source = tmp_path / "Pulumi.test.yaml"
    source.write_text(content)
    assert rehearsal_stack_file(source, passphrase=PASSPHRASE).region == region


def test_a_source_location_named_secure_is_no_encrypted_value(tmp_path: Path) -> None:
    copied = copy_of(f"config:\n  {SOURCE_LOCATIONS}: {{secure: {{headerName: X-A}}}}\n", tmp_path)
    assert copied["config"][SOURCE_LOCATIONS] == {"secure": {"headerName": "X-A"}}
    assert set(copied["config"][ACCESS_TOKENS]) == {"secure"}
