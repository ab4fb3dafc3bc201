"""The JSON Schema of `Pulumi.<stack>.yaml`, which editors use to complete and check stack files.

Names, types, defaults and descriptions come from the model; ranges and patterns from the rules for single values. Rules
that involve several settings are repeated here if JSON Schema can express them; the program checks all of them. Draft 7,
which yaml-language-server supports: https://github.com/redhat-developer/yaml-language-server
"""

import json
from collections.abc import Mapping
from typing import Any

from components.media_package_role import CDN_AUTHORIZATIONS
from components.regions import MEDIATAILOR_REGIONS
from components.rules import Path, Rule, name_rule_at, rule_at
from components.rules.values import MAX_SEGMENT_DELIVERY_CONFIGURATIONS, MAX_TAGS

from .model import StackConfig

Schema = dict[str, Any]

_PROJECT = "mediatailor-access-token"
_REGION: Schema = {"$ref": "#/definitions/region"}

_ENCRYPTED: Schema = {
    "description": "Encrypted token: pulumi config set --secret --path accessTokens.NAME",
    "errorMessage": "must be encrypted: pulumi config set --secret --path accessTokens.NAME",
    "type": "object",
    "properties": {"secure": {"type": "string"}},
    "required": ["secure"],
    "additionalProperties": False,
}


def json_schema() -> Schema:
    """Return the schema."""
    model = StackConfig.model_json_schema()
    settings = {
        key: _as_stored_by_the_cli(_refined(setting, (key,), model["$defs"]))
        for key, setting in model["properties"].items()
    }
    _add_rules_of_several_settings(settings)
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$comment": "Written by `python -m stack_config` from stack_config/model.py and components/rules/values.py.",
        "title": f"Stack file of {_PROJECT}",
        "type": "object",
        "properties": {
            "config": _config(settings),
            "environment": {
                "description": "Pulumi ESC environments whose values are merged into the config, or a definition of one.",
                "type": ["array", "object"],
            },
            "secretsprovider": {"type": "string"},
            "encryptedkey": {"type": "string"},
            "encryptionsalt": {"type": "string"},
        },
        # An ESC environment may provide settings that are missing in the stack file.
        "if": {"not": {"required": ["environment"]}},
        "then": {"properties": {"config": {"patternProperties": _required_settings()}}},
        "definitions": {
            **settings,
            "region": {
                "description": "A Region that has MediaTailor.",
                "errorMessage": "must be a Region that has MediaTailor",
                "enum": sorted(MEDIATAILOR_REGIONS),
            },
        },
    }


def _config(settings: Mapping[str, Schema]) -> Schema:
    """Return the schema of `config`. It suggests each key as the CLI writes it, and accepts Pulumi's other spellings.

    https://github.com/pulumi/pulumi/blob/v3.274.1/sdk/go/common/resource/config/key.go
    """
    return {
        "type": ["object", "null"],
        "properties": {
            "aws:region": _REGION,
            **{f"{_PROJECT}:{key}": {"$ref": f"#/definitions/{key}"} for key in settings},
        },
        "patternProperties": {
            **{
                f"^({_PROJECT}:config:)?{key}$": {"$ref": f"#/definitions/{key}"}
                for key in settings
            },
            "^aws:config:region$": _REGION,
            rf"^(?!{_PROJECT}:)[^:]+:[^:]+(:[^:]+)?$": True,
        },
        "additionalProperties": False,
    }


def _refined(schema: Schema, path: Path, definitions: Mapping[str, Schema]) -> Schema:
    """Return the schema of a setting and its nested settings, with their rules."""
    if path[0] == "accessTokens" and len(path) > 1:
        return _ENCRYPTED
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]] | schema
        del schema["$ref"]
    schema.pop("title", None)
    if isinstance(schema.get("default"), dict | list | None):
        schema.pop("default", None)
    if "anyOf" in schema:
        schema["type"] = [each["type"] for each in schema.pop("anyOf")]
    rule = rule_at(path)
    if rule:
        schema |= _keywords(rule) | _documentation(rule, schema)
    if "properties" in schema:
        schema["properties"] = {
            key: _refined(each, (*path, key), definitions)
            for key, each in schema["properties"].items()
        }
    elif isinstance(schema.get("additionalProperties"), dict):
        inner = schema["additionalProperties"]
        schema["additionalProperties"] = _refined(inner, (*path, "NAME"), definitions)
        names = name_rule_at(path)
        if names:
            keywords = _keywords(names)
            # Editors see YAML's merge keys; Pulumi sees the merged keys.
            schema["propertyNames"] = keywords | {"pattern": f"^<<$|{keywords['pattern']}"}
    if "items" in schema:
        schema["items"] = _refined(schema["items"], (*path, 0), definitions)
        schema["uniqueItems"] = True  # no list may contain duplicates
    return schema


def _keywords(rule: Rule) -> Schema:
    keywords = dict(rule.schema)
    if "pattern" in keywords:
        # \w matches letters of all alphabets in Python, but only ASCII letters in JavaScript.
        keywords["pattern"] = keywords["pattern"].replace(r"\w", "A-Za-z0-9_\u00aa-\U0010ffff")
    # Editors show this instead of the violated keyword.
    return keywords | {"errorMessage": f"must be {rule.must_be}"}


def _documentation(rule: Rule, schema: Schema) -> Schema:
    description = f"{schema.get('description', '')} Must be {rule.must_be}.".lstrip()
    example = rule.kind(rule.example) if rule.example else None
    # The example of some rules is a placeholder for commands.
    is_example = example is not None and rule.is_met_by(example)
    return {"description": description, **({"examples": [example]} if is_example else {})}


def _as_stored_by_the_cli(schema: Schema) -> Schema:
    """Accept quoted numbers and booleans as well: `pulumi config set` quotes them at the top level."""
    match schema["type"]:
        case "boolean":
            values, expected = [True, False], {"errorMessage": "must be true or false"}
        case "integer":
            values, expected = schema["enum"], {}
        case _:
            return schema
    quoted = [json.dumps(value) for value in values]
    return {**schema, **expected, "type": [schema["type"], "string"], "enum": [*values, *quoted]}


def _add_rules_of_several_settings(settings: Mapping[str, Schema]) -> None:
    """Add the rules that apply whether or not an ESC environment adds settings."""
    settings["replicaRegions"]["items"] = _REGION
    settings["encryptionKey"]["properties"]["replicaArns"]["propertyNames"] = _REGION
    of_a_new_key = ("alias", "rotationPeriodInDays", "deletionWindowInDays", "administrators")
    settings["encryptionKey"]["dependencies"] = {"arn": _without(*of_a_new_key)}
    source_location = settings["sourceLocations"]["additionalProperties"]
    source_location["properties"]["tags"]["maxProperties"] = MAX_TAGS
    source_location["properties"]["segmentDeliveryConfigurations"]["maxProperties"] = (
        MAX_SEGMENT_DELIVERY_CONFIGURATIONS
    )
    source_location["dependencies"] = {"adoptSecretArn": _without("secretName")}
    source_location |= {
        "if": _FROM_MEDIA_PACKAGE,
        "then": _without("headerName", "secretStringKey"),
    }


_FROM_MEDIA_PACKAGE: Schema = {
    "properties": {"origin": {"enum": list(CDN_AUTHORIZATIONS)}},
    "required": ["origin"],
}


def _without(*keys: str) -> Schema:
    return {"properties": dict.fromkeys(keys, False)}


def _required_settings() -> Schema:
    """Return the schemas of required settings, by the pattern of the config key."""
    source_location = {
        "dependencies": {
            key: ["baseUrl"] for key in ("segmentDeliveryBaseUrl", "segmentDeliveryConfigurations")
        },
        "if": _FROM_MEDIA_PACKAGE,
        "else": {"required": ["headerName"]},
    }
    required: Mapping[str, Schema] = {
        "sourceLocations": {"minProperties": 1, "additionalProperties": source_location},
        "encryptionKey": {"dependencies": {"replicaArns": ["arn"]}},
    }
    return {f"^({_PROJECT}:(config:)?)?{key}$": each for key, each in required.items()}
