"""Stacks that together cover every part of the table of permissions, and what their policies allow."""

import json
from typing import Any

from permissions.policies import Policy, Purpose, StackResources, policies
from permissions.stack import stack_resources
from permissions.stack_file import StackFile, checked
from tests.support.recording_engine import ACCOUNT, KEY_ARN, PROJECT, REGION

Config = dict[str, Any]

SECRET_ARN = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:MediaPackage/a-AbCdEf"
CUSTOM = {"headerName": "X-Origin-Token"}

STACKS: dict[str, Config] = {
    "own key": {"sourceLocations": {"sports": CUSTOM}},
    "existing key": {"sourceLocations": {"sports": CUSTOM}, "encryptionKey": {"arn": KEY_ARN}},
    "existing key with replicas": {
        "sourceLocations": {"sports": CUSTOM},
        "replicaRegions": ["us-east-1"],
        "encryptionKey": {
            "arn": KEY_ARN,
            "replicaArns": {"us-east-1": KEY_ARN.replace(REGION, "us-east-1")},
        },
    },
    "replicas": {"sourceLocations": {"sports": CUSTOM}, "replicaRegions": ["us-east-1"]},
    "MediaPackage": {"sourceLocations": {"sports": {"origin": "mediapackage-v1"}}},
    "adopted secret": {"sourceLocations": {"sports": CUSTOM | {"adoptSecretArn": SECRET_ARN}}},
    "token managed elsewhere": {
        "sourceLocations": {"sports": CUSTOM | {"tokenManagedElsewhere": True}}
    },
    "source location": {
        "sourceLocations": {"sports": CUSTOM | {"baseUrl": "https://origin.example.com"}}
    },
    "default tags": {
        "sourceLocations": {"sports": CUSTOM},
        "aws:defaultTags": {"tags": {"team": "media"}},
    },
    "default tags and an existing key": {
        "sourceLocations": {"sports": CUSTOM},
        "encryptionKey": {"arn": KEY_ARN},
        "aws:defaultTags": {"tags": {"team": "media"}},
    },
    "long name": {"sourceLocations": {"n" * 200: {"origin": "mediapackage-v1"}}},
    "everything": {
        "sourceLocations": {
            "sports": {"origin": "mediapackage-v2", "baseUrl": "https://origin.example.com"},
            "news": CUSTOM | {"adoptSecretArn": SECRET_ARN, "tags": {"team": "news"}},
            "films": CUSTOM | {"secretName": "films/token"},
            "series": CUSTOM | {"tokenManagedElsewhere": True},
        },
        "encryptionKey": {"alias": "alias/films"},
        "replicaRegions": ["us-east-1", "us-west-2"],
        "aws:defaultTags": {"tags": {"team": "media"}},
    },
}


def stack_file(config: Config, **left_out: str) -> StackFile:
    values = {
        key if ":" in key else f"{PROJECT}:{key}": each
        if isinstance(each, str)
        else json.dumps(each)
        for key, each in ({"aws:region": REGION} | config).items()
    }
    return checked("prod", values, left_out)


def stack(config: Config) -> StackResources:
    return stack_resources(stack_file({"aws:allowedAccountIds": [ACCOUNT]} | config))


def statements(*documents: Policy) -> list[dict[str, Any]]:
    return [statement for document in documents for statement in document["Statement"]]


def allowed_arns(config: Config, action: str, purpose: Purpose = Purpose.DEPLOY) -> list[str]:
    return [
        arn
        for statement in statements(*policies(purpose, stack(config)))
        if action in statement["Action"]
        for arn in statement["Resource"]
    ]


def printed(name: str) -> list[dict[str, Any]]:
    """Return the statements of all policies of a stack."""
    return [
        statement
        for purpose in Purpose
        for statement in statements(*policies(purpose, stack(STACKS[name])))
    ]
