"""Shared by all tests of the preparation."""

import pytest

from sandbox.preparation import passphrase_encryption


@pytest.fixture(autouse=True)
def _quick_key_derivation(monkeypatch: pytest.MonkeyPatch) -> None:
    # Tests with the real CLI prove that Pulumi uses this number.
    monkeypatch.setattr(passphrase_encryption, "_PBKDF2_ITERATIONS", 1)
