"""The provider settings that take effect in a rehearsal, read and validated as pulumi-aws does.

The Pulumi bridge converts what a stack file holds to the type that the setting has: where text is
expected, 123 becomes "123" and true becomes "true"
(github.com/pulumi/pulumi-terraform-bridge, pkg/tfbridge/schema.go, makeTerraformInput).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.provider.errors import ProviderError
from sandbox.provider.values import UNKNOWN, Values, number_text
from sandbox.provider_settings import SETTINGS, unknown_setting

# What the engine adds for itself.
_ENGINE: Final = frozenset({"version", "pluginDownloadURL", "pluginChecksums", "__internal"})
_NOT_JSON: Final = object()


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The provider settings in use."""

    region: str | None = None
    """The provider's Region, or None to take the environment's."""
    default_tags: Mapping[str, str] = field(default_factory=dict)
    """Tags for every resource that can have tags."""
    ignored_keys: frozenset[str] = frozenset()
    """Keys of tags that are treated as if they did not exist."""
    ignored_prefixes: tuple[str, ...] = ()
    """Beginnings of such keys."""

    def all_tags(self, own: Mapping[str, str]) -> dict[str, str]:
        """Return `tagsAll` for a resource with tags of its own."""
        return self.not_ignored({**self.default_tags, **own})

    def new_tags(self, own: Mapping[str, str]) -> dict[str, str]:
        """Return the tags that upstream sends for a new resource: the ignored ones too."""
        return not_of_aws({**self.default_tags, **own})

    def not_ignored(self, tags: Mapping[str, str]) -> dict[str, str]:
        """Return the tags without those that `aws:ignoreTags` names."""
        return {
            key: value
            for key, value in tags.items()
            if key not in self.ignored_keys and not key.startswith(self.ignored_prefixes)
        }


def not_of_aws(tags: Mapping[str, str]) -> dict[str, str]:
    """Return the tags without AWS's own, which only AWS can change."""
    return {key: value for key, value in tags.items() if not key.startswith("aws:")}


def text_of(value: object) -> str | None:
    """Return a value as the bridge converts it where text is expected, or None if it cannot."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return str(value).lower()
        case int() | float():
            return number_text(value)
    return None


def read_settings(values: Mapping[str, Any]) -> Settings:
    """Read the settings by their names in pulumi-aws; all but text is JSON text.

    Settings without effect in a rehearsal are accepted with any value.

    Raises:
        SettingsError: a setting is not one of pulumi-aws, or has another shape there.

    """
    errors = [unknown_setting(name) for name in sorted(set(values) - SETTINGS - _ENGINE)]
    tags = _default_tags(_from_json(values.get("defaultTags")), errors)
    keys, prefixes = _ignore_tags(_from_json(values.get("ignoreTags")), errors)
    if errors:
        raise SettingsError(errors)
    return Settings(
        region=values.get("region"),
        default_tags=tags,
        ignored_keys=frozenset(keys),
        ignored_prefixes=tuple(prefixes),
    )


class SettingsError(ProviderError):
    """pulumi-aws would not accept the settings; `errors` has one message for each mistake."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__("\n".join(errors))
        self.errors = errors


def _from_json(value: object) -> object:
    if value == UNKNOWN:  # in a preview, of a provider that the program configures itself
        return None
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value) if value else None
    except (ValueError, RecursionError):
        return _NOT_JSON


def _default_tags(value: object, errors: list[str]) -> dict[str, str]:
    # The bridge takes a list of one for the object that it must hold.
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    given = _object("aws:defaultTags", value, errors, names={"tags"}).get("tags")
    return {
        key: text
        for key, each in _object("aws:defaultTags.tags", given, errors).items()
        if (text := _text(_path("aws:defaultTags.tags", key), each, errors)) is not None
    }


def _ignore_tags(value: object, errors: list[str]) -> tuple[list[str], list[str]]:
    given = _object("aws:ignoreTags", value, errors, names={"keys", "keyPrefixes"})
    return (
        _texts("aws:ignoreTags.keys", given.get("keys"), errors),
        _texts("aws:ignoreTags.keyPrefixes", given.get("keyPrefixes"), errors),
    )


def _object(
    path: str, value: object, errors: list[str], *, names: set[str] | None = None
) -> Values:
    if value is None:
        return {}
    if not isinstance(value, dict):
        errors.append(_invalid(path, "must be an object"))
        return {}
    errors += [
        f"`{_path(path, name)}` is not a valid configuration key for the aws provider."
        f" {path} has {' and '.join(f'`{each}`' for each in sorted(names or ()))}."
        for name in sorted(set(value) - (names or set(value)))
    ]
    return value


def _texts(path: str, value: object, errors: list[str]) -> list[str]:
    # The bridge takes a single value for a list of one.
    values = [] if value is None else value if isinstance(value, list) else [value]
    texts = []
    for index, each in enumerate(values):
        if isinstance(each, str):
            texts.append(each)
        else:
            errors.append(_invalid(f"{path}[{index}]", "must be text"))
    return texts


def _text(path: str, value: object, errors: list[str]) -> str | None:
    text = text_of(value)
    if text is None:
        errors.append(_invalid(path, "must be text"))
    return text


def _invalid(path: str, rule: str) -> str:
    return (
        f"could not validate provider configuration: `{path}` {rule}."
        f" Check `pulumi config get --path '{path}'`."
    )


def _path(path: str, name: str) -> str:
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", name):
        return f"{path}.{name}"
    return f"{path}[{json.dumps(name)}]"
