"""Copies of stack files and project files, with readable encryption."""

from pathlib import Path
from typing import Any

import yaml

from sandbox.preparation.passphrase_encryption import PassphraseEncryption
from sandbox.preparation.stack_file import ProjectFile, StackFile

PROJECT = "mediatailor-access-token"


class Readable(PassphraseEncryption):
    """Encryption with readable ciphertexts."""

    def encrypt(self, value: str) -> str:
        return f"encrypted({value})"


def stack_file(content: str | bytes, folder: Path) -> StackFile:
    source = folder / "Pulumi.test.yaml"
    source.write_bytes(content if isinstance(content, bytes) else content.encode())
    return StackFile(source, encryption=Readable("passphrase"))


def project_file(content: str | bytes, folder: Path) -> ProjectFile:
    source = folder / "Pulumi.yaml"
    source.write_bytes(content if isinstance(content, bytes) else content.encode())
    return ProjectFile(source)


def completed(file: StackFile, **changes: Any) -> dict[str, Any]:
    arguments = {"without": (), "values": {}, "tokens": {}, "settings": {}} | changes
    document: dict[str, Any] = yaml.safe_load(file.completed(project=PROJECT, **arguments))
    assert document.pop("encryptionsalt").startswith("v1:")
    return document
