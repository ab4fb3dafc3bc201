"""The rehearsal's copy of a stack file, in which every secret is a throw-away token.

The file is edited as a tree of YAML nodes, so that whatever is not a secret reaches Pulumi exactly
as it was written: a bad value stays bad, for the program to judge.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path

import yaml
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sandbox.errors import SandboxError

_SOURCE_LOCATIONS = "mediatailor-access-token:sourceLocations"
_ACCESS_TOKENS = "mediatailor-access-token:accessTokens"
_TOKEN_BYTES = 24  # 32 characters, within MediaTailor's 8 to 128
_PBKDF2_ITERATIONS = 1_000_000


@dataclass(frozen=True, kw_only=True)
class RehearsalStackFile:
    """A stack file that needs no secret and no passphrase but the sandbox's own."""

    text: str
    """The file, to be written as `Pulumi.<stack>.yaml`."""

    region: str | None
    """The stack's `aws:region`, if it has one."""


def rehearsal_stack_file(source: Path, *, passphrase: str) -> RehearsalStackFile:
    """Copy a stack file with a fresh throw-away token in place of each secret.

    Replaced are each encrypted value, whatever it is for, and each access token that is missing
    for a source location. They are encrypted with the passphrase.

    Raises:
        SandboxError: the file is not there, or not a YAML mapping.

    """
    encryption = _PassphraseEncryption(passphrase)
    stack = _read_mapping(source)
    for key in ("encryptionsalt", "encryptedkey", "secretsprovider"):
        _remove(stack, key)
    _append(stack, "encryptionsalt", _scalar(encryption.salt))

    region = None
    config = _get(stack, "config")
    if isinstance(config, yaml.MappingNode):
        _add_missing_access_tokens(config, encryption)
        _replace_encrypted_values(config, encryption, seen=set())
        region_node = _get(config, "aws:region")
        if isinstance(region_node, yaml.ScalarNode):
            region = region_node.value
    return RehearsalStackFile(
        text=yaml.serialize(stack, Dumper=yaml.CSafeDumper, allow_unicode=True), region=region
    )


class _PassphraseEncryption:
    """Encrypts as Pulumi's passphrase secrets provider does.

    AES-256-GCM with a key derived from the passphrase; all parts in base64:
    https://github.com/pulumi/pulumi/blob/v3.274.1/sdk/go/common/resource/config/crypt.go
    The CLI does the same for one value per process; a stack may have a thousand.
    """

    def __init__(self, passphrase: str) -> None:
        salt = secrets.token_bytes(8)
        key = hashlib.pbkdf2_hmac("sha256", passphrase.encode(), salt, _PBKDF2_ITERATIONS)
        self._cipher = AESGCM(key)
        self.salt = f"v1:{_base64(salt)}:{self._encrypt('pulumi')}"

    def throw_away_token(self) -> yaml.MappingNode:
        node = yaml.MappingNode("tag:yaml.org,2002:map", [])
        _append(node, "secure", _scalar(self._encrypt(secrets.token_urlsafe(_TOKEN_BYTES))))
        return node

    def _encrypt(self, value: str) -> str:
        nonce = secrets.token_bytes(12)
        return f"v1:{_base64(nonce)}:{_base64(self._cipher.encrypt(nonce, value.encode(), None))}"


def _add_missing_access_tokens(config: yaml.MappingNode, encryption: _PassphraseEncryption) -> None:
    source_locations = _get(config, _SOURCE_LOCATIONS)
    if not isinstance(source_locations, yaml.MappingNode):
        return
    tokens = _get(config, _ACCESS_TOKENS)
    if _is_null(tokens) or _is_encrypted(tokens):  # not there at all, or encrypted as a whole
        _remove(config, _ACCESS_TOKENS)
        tokens = yaml.MappingNode("tag:yaml.org,2002:map", [])
        _append(config, _ACCESS_TOKENS, tokens)
    if isinstance(tokens, yaml.MappingNode):
        present = {name.value for name, _ in tokens.value}
        for name, _ in source_locations.value:
            if isinstance(name, yaml.ScalarNode) and name.value not in present:
                _append(tokens, name.value, encryption.throw_away_token())


def _replace_encrypted_values(
    node: yaml.Node, encryption: _PassphraseEncryption, *, seen: set[int]
) -> None:
    if id(node) in seen:  # a YAML alias
        return
    seen.add(id(node))
    if _is_encrypted(node):
        node.value = encryption.throw_away_token().value
    elif isinstance(node, yaml.MappingNode):
        for _, value in node.value:
            _replace_encrypted_values(value, encryption, seen=seen)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _replace_encrypted_values(item, encryption, seen=seen)


def _read_mapping(source: Path) -> yaml.MappingNode:
    try:
        root = yaml.compose(source.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except FileNotFoundError:
        raise SandboxError(
            f"there is no stack file {source}.\n"
            f"Stacks that have one here: {', '.join(_stacks_beside(source)) or 'none'}. "
            "Choose one with --stack NAME, or any file with --config-file FILE."
        ) from None
    except OSError as error:
        raise SandboxError(f"{source} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise SandboxError(f"{source} is not UTF-8 text. Save it as UTF-8.") from None
    except yaml.MarkedYAMLError as error:
        # Not the error's own text: it may quote the line, which may hold a token.
        where = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise SandboxError(f"{source} is not valid YAML{where}: {error.problem}.") from None
    except yaml.YAMLError:
        raise SandboxError(f"{source} is not valid YAML: it holds a control character.") from None
    if root is None:  # an empty file: a stack without settings
        return yaml.MappingNode("tag:yaml.org,2002:map", [])
    if not isinstance(root, yaml.MappingNode):
        raise SandboxError(
            f"{source} is not a stack file: it must be a YAML mapping with the key `config`."
        )
    return root


def _stacks_beside(source: Path) -> list[str]:
    return sorted(
        path.name.removeprefix("Pulumi.").removesuffix(".yaml")
        for path in source.parent.glob("Pulumi.*.yaml")
    )


def _get(mapping: yaml.MappingNode, key: str) -> yaml.Node | None:
    return next((value for name, value in mapping.value if name.value == key), None)


def _remove(mapping: yaml.MappingNode, key: str) -> None:
    mapping.value = [(name, value) for name, value in mapping.value if name.value != key]


def _append(mapping: yaml.MappingNode, key: str, value: yaml.Node) -> None:
    mapping.value.append((_scalar(key), value))


def _scalar(value: str) -> yaml.ScalarNode:
    return yaml.ScalarNode("tag:yaml.org,2002:str", value)


def _is_null(node: yaml.Node | None) -> bool:
    return node is None or node.tag == "tag:yaml.org,2002:null"


def _is_encrypted(node: yaml.Node | None) -> bool:
    """Whether a value is `secure: …`, which is how Pulumi writes an encrypted one."""
    return (
        isinstance(node, yaml.MappingNode)
        and len(node.value) == 1
        and node.value[0][0].value == "secure"
        and isinstance(node.value[0][1], yaml.ScalarNode)
    )


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
