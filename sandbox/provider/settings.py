"""The provider settings that take effect in a rehearsal, read and validated as in pulumi-aws.

The Pulumi bridge converts values to the type of the setting: where text is expected, 123 becomes
"123" and true becomes "true"
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

# Settings that the engine adds for its own use.
_ENGINE: Final = frozenset({"version", "pluginDownloadURL", "pluginChecksums", "__internal"})
_NOT_JSON: Final = object()


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The provider settings in use."""

    region: str | None = None
    """The provider's Region, or None to use the environment's."""
    default_tags: Mapping[str, str] = field(default_factory=dict)
    """Tags for every resource that can have tags."""
    ignored_keys: frozenset[str] = frozenset()
    """Keys of tags to ignore."""
    ignored_prefixes: tuple[str, ...] = ()
    """Prefixes of tag keys to ignore."""

    def all_tags(self, own: Mapping[str, str]) -> dict[str, str]:
        """Return `tagsAll` for a resource with the tags `own`."""
        return self.not_ignored({**self.default_tags, **own})

    def new_tags(self, own: Mapping[str, str]) -> dict[str, str]:
        """Return the tags that upstream sends for a new resource, including ignored ones."""
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
    """Convert a value to text as the bridge does, or return None if the bridge cannot."""
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
    """Read the settings, by their names in pulumi-aws; values other than text are JSON.

    Settings without effect in a rehearsal are accepted with any value.

    Raises:
        SettingsError: pulumi-aws does not have a setting, or expects another type.

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
    """pulumi-aws would reject the settings; `errors` has one message for each error."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__("\n".join(errors))
        self.errors = errors


def _from_json(value: object) -> object:
    if value == UNKNOWN:  # in a preview, for a provider that the program configures
        return None
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value) if value else None
    except (ValueError, RecursionError):
        return _NOT_JSON


def _default_tags(value: object, errors: list[str]) -> dict[str, str]:
    # The bridge accepts a list of one object instead of the object.
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
    # The bridge accepts a single value instead of a list of one.
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
