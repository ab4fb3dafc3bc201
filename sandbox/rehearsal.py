"""The rehearsal itself: `pulumi up`, then what MediaTailor would find, read through the AWS API."""

import json
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import boto3
import botocore.exceptions
from botocore.config import Config
from rich.console import Console

from sandbox.errors import SandboxError
from sandbox.report import print_report
from sandbox.verdict import REQUIREMENTS, ReadBack
from sandbox.workspace import Sandbox

_CONNECTIONS = 8


def rehearse(place: Sandbox, console: Console) -> int:
    """Deploy the stack, read it back, print what was found, and return the exit status.

    Our own environment must be the sandbox's.

    Raises:
        SandboxError: the stack has no source location to look at.

    """
    console.print("[bold]pulumi up[/]")
    status = place.run(["pulumi", "up", "--yes"])
    if status != 0:
        return status
    console.print("[bold]Reading back[/] through the AWS API what MediaTailor would find")
    outputs = json.loads(place.output(["pulumi", "stack", "output", "--json"]))
    configurations = outputs.get("accessConfigurations")
    if not configurations:
        raise SandboxError("the stack has no output `accessConfigurations`: nothing to read back.")
    found = _read_back(configurations, place)
    print_report(found, console)
    met = all(not r.problem(f) for r in REQUIREMENTS for f in found.values())
    return 0 if met else 1


def _read_back(
    configurations: Mapping[str, Mapping[str, Any]], place: Sandbox
) -> dict[str, ReadBack]:
    """Ask the AWS API about the secret of each source location, and about that secret's key."""
    session = boto3.Session(region_name=place.region)
    config = Config(max_pool_connections=_CONNECTIONS)
    secrets = session.client("secretsmanager", endpoint_url=place.aws_url, config=config)
    kms = session.client("kms", endpoint_url=place.aws_url, config=config)

    @cache
    def key(key_id: str) -> dict[str, Any]:
        if not key_id:
            return {"key": {}, "rotation": {}, "key_policy": ""}
        return {
            "key": _answer(lambda: kms.describe_key(KeyId=key_id)).get("KeyMetadata", {}),
            "rotation": _answer(lambda: kms.get_key_rotation_status(KeyId=key_id)),
            "key_policy": _answer(
                lambda: kms.get_key_policy(KeyId=key_id, PolicyName="default")
            ).get("Policy", ""),
        }

    def secret(configuration: Mapping[str, Any]) -> ReadBack:
        named = configuration["SecretsManagerAccessTokenConfiguration"]
        arn = named["SecretArn"]
        described = _answer(lambda: secrets.describe_secret(SecretId=arn))
        value = _answer(lambda: secrets.get_secret_value(SecretId=arn))
        policy = _answer(lambda: secrets.get_resource_policy(SecretId=arn))
        return ReadBack(
            secret_arn=arn,
            secret_string_key=named["SecretStringKey"],
            secret=described,
            secret_string=value.get("SecretString", ""),
            resource_policy=policy.get("ResourcePolicy", ""),
            **key(described.get("KmsKeyId", "")),
        )

    with ThreadPoolExecutor(_CONNECTIONS) as threads:
        return dict(zip(configurations, threads.map(secret, configurations.values()), strict=True))


def _answer(call: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return what AWS answers, or nothing where it refuses: the verdict says what is missing."""
    try:
        return call()
    except botocore.exceptions.ClientError:
        return {}
