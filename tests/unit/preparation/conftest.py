"""What all tests of the preparation need."""

import pytest

from sandbox.preparation import passphrase_encryption


@pytest.fixture(autouse=True)
def _quick_key_derivation(monkeypatch: pytest.MonkeyPatch) -> None:
    # The tests with the real CLI prove that the number is Pulumi's.
    monkeypatch.setattr(passphrase_encryption, "_PBKDF2_ITERATIONS", 1)
