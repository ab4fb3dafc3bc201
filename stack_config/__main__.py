"""`python -m stack_config` writes the files that are generated from the model.

These are `config:` in Pulumi.yaml, docs/reference.md and docs/stack-config.schema.json.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_origin

import yaml
from pulumi.provider.experimental.analyzer import Analyzer
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from components import AccessTokenAuthentication
from components.rules import rule_at
from components.rules.values import ACCESS_TOKEN, SOURCE_LOCATION_NAME, TAG_KEY

from .json_schema import json_schema
from .model import EncryptionKeyConfig, SourceLocationConfig, StackConfig

PROJECT = Path(__file__).resolve().parent.parent
PULUMI_YAML = PROJECT / "Pulumi.yaml"
REFERENCE = PROJECT / "docs" / "reference.md"
JSON_SCHEMA = PROJECT / "docs" / "stack-config.schema.json"

_PULUMI_TYPES = {bool: "boolean", int: "integer", str: "string", list: "array"}
_COMMENT = "# Written by `python -m stack_config`. The program checks the values and reports all errors at once.\n"


def pulumi_yaml() -> str:
    """Return Pulumi.yaml with the types, defaults and descriptions of the model."""
    config = {}
    for key, field in _fields(StackConfig):
        kind = _origin(field)
        type_ = _PULUMI_TYPES.get(kind, "object")
        setting: dict[str, Any] = {"type": type_}
        if kind is list:
            setting["items"] = {"type": "string"}
        # accessTokens has no `secret: true`: the CLI would refuse a plain-text token without the command that fixes it.
        setting["description"] = field.description
        setting["default"] = {} if type_ == "object" else field.default
        config[key] = setting
    head = (
        PULUMI_YAML.read_text(encoding="utf-8")
        .partition("# Written by ")[0]
        .partition("config:")[0]
    )
    return head + _COMMENT + yaml.safe_dump({"config": config}, sort_keys=False, width=1000)


def reference() -> str:
    """Return docs/reference.md."""
    outputs = (
        Analyzer("reference")
        .analyze([AccessTokenAuthentication])["component_definitions"]["AccessTokenAuthentication"]
        .outputs
    )
    return "\n".join(
        [
            "<!-- Written by `python -m stack_config` from stack_config/model.py. -->",
            "# Reference",
            "",
            "## Config",
            "",
            "Every key in `Pulumi.<stack>.yaml` is in the namespace `mediatailor-access-token`, which the CLI adds. `aws:` keys",
            "configure [pulumi-aws](https://www.pulumi.com/registry/packages/aws/installation-configuration/).",
            "",
            "```sh",
            "pulumi config set --secret --path accessTokens.sports          # a token; the CLI prompts for it",
            "pulumi config set --path sourceLocations.sports.headerName X-Access-Token",
            "pulumi config set --plaintext --path encryptionKey.arn KEY_ARN  # if the CLI mistakes the value for a secret",
            "pulumi config set --type string --path sourceLocations.sports.secretName 20260101",
            "```",
            "",
            *_table(StackConfig, ()),
            "",
            f"A source location is {SOURCE_LOCATION_NAME.must_be}. A token is {ACCESS_TOKEN.must_be}.",
            "",
            "### Settings of a source location",
            "",
            *_table(SourceLocationConfig, ("sourceLocations", "NAME")),
            "",
            f"A tag is {TAG_KEY.must_be}.",
            "",
            "### Settings of encryptionKey",
            "",
            *_table(EncryptionKeyConfig, ("encryptionKey",)),
            "",
            "## Outputs",
            "",
            "All outputs always exist; an output without values is empty. No output contains a token.",
            "",
            "| output | value |",
            "|---|---|",
            *(f"| `{name}` | {_cell(each.description or '')} |" for name, each in outputs.items()),
            "| `deployedSettings` | Settings that the program compares with those of the next update. |",
            "| `readme` | The state of each source location and the next command for it, in Markdown. |",
            "",
        ]
    )


def _table(section: type[BaseModel], path: tuple[str, ...]) -> Iterator[str]:
    yield "| key | value | default | meaning |"
    yield "|---|---|---|---|"
    for key, field in _fields(section):
        default = field.default
        shown = (
            ""
            if default is None or default in ({}, []) or isinstance(default, BaseModel)
            else (f"`{str(default).lower() if isinstance(default, bool) else default}`")
        )
        yield f"| `{key}` | {_value(field, (*path, key))} | {shown} | {_cell(field.description or '')} |"


def _value(field: FieldInfo, path: tuple[str, ...]) -> str:
    """Return which values a setting accepts."""
    kind = _origin(field)
    rule = rule_at(path)
    if rule:
        return _cell(rule.must_be)
    element = rule_at((*path, "*"))
    container = {bool: "true or false", list: "a list", str: "text"}.get(kind, "an object")
    return (
        f"{container}; each {'value' if kind is dict else 'entry'} is {_cell(element.must_be)}"
        if element
        else container
    )


def _fields(section: type[BaseModel]) -> Iterator[tuple[str, FieldInfo]]:
    return ((str(field.alias), field) for field in section.model_fields.values())


def _origin(field: FieldInfo) -> Any:  # noqa: ANN401 a type form, which mypy cannot express
    return get_origin(field.annotation) or field.annotation


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", "\\|").strip()


def documents() -> Mapping[Path, str]:
    """Return the text of every generated file, by path."""
    return {
        PULUMI_YAML: pulumi_yaml(),
        REFERENCE: reference(),
        JSON_SCHEMA: f"{json.dumps(json_schema(), indent=2)}\n",
    }


if __name__ == "__main__":
    for path, text in documents().items():
        path.write_text(text, encoding="utf-8")
