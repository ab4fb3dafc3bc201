"""Encryption as in Pulumi's passphrase secrets provider.

The CLI (`pulumi config set-all --path --secret`) takes one second for one value and three for a
thousand, and needs the values as arguments. Here the only cost is one key derivation, while the local
AWS starts.
"""

import base64
import hashlib
import secrets

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_PBKDF2_ITERATIONS = 1_000_000


class PassphraseEncryption:
    """AES-256-GCM with a key derived from a passphrase; all parts in base64.

    https://github.com/pulumi/pulumi/blob/v3.274.1/sdk/go/common/resource/config/crypt.go
    """

    def __init__(self, passphrase: str) -> None:
        salt = secrets.token_bytes(8)
        key = hashlib.pbkdf2_hmac("sha256", passphrase.encode(), salt, _PBKDF2_ITERATIONS)
        self._cipher = AESGCM(key)
        self.salt = f"v1:{_base64(salt)}:{self.encrypt('pulumi')}"
        """The stack file's `encryptionsalt`."""

    def encrypt(self, value: str) -> str:
        """Return the ciphertext of a value, to be written as `secure: <ciphertext>`."""
        nonce = secrets.token_bytes(12)
        return f"v1:{_base64(nonce)}:{_base64(self._cipher.encrypt(nonce, value.encode(), None))}"


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
