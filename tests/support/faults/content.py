"""The content of a local AWS, in a form that is equal for two deployments of the same stack."""

import json
import re
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

Content: TypeAlias = Counter[str]
"""One line per object: its kind, a slash, its label, a space and its settings as JSON."""

_KINDS: Final = {
    "kms._keys": "key",
    "kms._aliases": "alias",
    "secretsmanager._secrets": "secret",
    "iam._roles": "role",
}
_NOT_COMPARED: Final = {"cloudcontrol._requests", "kms._alias_dates"}
_NOT_COMPARED_SETTINGS: Final = re.compile(
    r"(?!Delet)\w*Date|\w*Id(?<!KeyId)|_tokens|_symmetric_key"
)
_RANDOM: Final = re.compile(
    r"(?<=-)(?:[0-9a-f]{7}|[0-9a-f]{26})\b|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|\bmrk-[0-9a-f]{32}|\b[0-9a-f]{64}\b"
)
_ARN_SUFFIX: Final = re.compile(r"(:secret:[^\"]*?)-[0-9a-f]{6}\b")


def content(objects: Iterable[tuple[str, str, Any]], outputs: Mapping[str, Any]) -> Content:
    """Return the objects with their IDs replaced by the stack's names for them.

    Objects that no output contains are labeled `other`: the stack does not use them. The kind `AWSPREVIOUS` is for secret
    versions that are not AWSCURRENT.
    """
    labels = _labels(outputs)
    found = Content()

    def add(kind: str, id_: str, value: object) -> None:
        label = labels.get(id_.rpartition(":")[2], "other")
        text = json.dumps([id_, _settings(value)], sort_keys=True)
        for each, name in labels.items():
            text = text.replace(each, f"<{name}>")
        text = _RANDOM.sub("RANDOM", _ARN_SUFFIX.sub(r"\1", text))
        found[f"{kind}/{label} {text}"] += 1

    for store, key, value in objects:
        if store == "secretsmanager._secrets":
            for version in value.pop("Versions").values():
                is_current = "AWSCURRENT" in version["Stages"]
                add("current version" if is_current else "AWSPREVIOUS", value["ARN"], version)
            add("secret", value["ARN"], value)
        elif store not in _NOT_COMPARED:
            add(_KINDS.get(store, store), key, value)
    return found


def kind(line: str) -> str:
    """Return the kind of an object."""
    return line.partition("/")[0]


def _labels(outputs: Mapping[str, Any]) -> dict[str, str]:
    """Return the stack's name for each ID, longest first because an ID can contain another."""
    labels = {}
    if outputs:
        labels[outputs["encryptionKeyArn"].rpartition("/")[2]] = "key"
        for name, arn in outputs["secretArns"].items():
            labels[arn.rpartition(":")[2]] = f"secret of {name}"
        for name, arn in outputs["mediaPackageRoleArns"].items():
            labels[arn.rpartition("/")[2]] = f"role of {name}"
    return dict(sorted(labels.items(), key=lambda each: -len(each[0])))


def _settings(value: Any) -> Any:
    """Return the settings in a comparable form: policies as JSON, deletion dates in days from now, nothing empty."""
    match value:
        case dict():
            return {
                name: round((each - time.time()) / 86400)
                if name in ("DeletionDate", "DeletedDate")
                else _settings(each)
                for name, each in value.items()
                if each not in (None, "", [], {}) and not _NOT_COMPARED_SETTINGS.fullmatch(name)
            }
        case list():
            return [_settings(each) for each in value]
        case str() if value.startswith("{"):
            return _settings(json.loads(value))
    return value
