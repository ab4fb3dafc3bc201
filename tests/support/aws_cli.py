"""Runs commands of the AWS CLI as boto3 calls, which validates each parameter against AWS's model of the service."""

import json
import shlex
from collections.abc import Mapping
from typing import Any

import boto3
from botocore import xform_name


def run_aws_cli(
    command: str, session: boto3.Session, endpoint_url: str, words: Mapping[str, str] | None = None
) -> None:
    """Run a command, with the words in capitals that it leaves to the user filled in."""
    parts = shlex.split(command)
    for word, value in (words or {}).items():
        parts = [part.replace(word, value) for part in parts]
    program, service, operation, *options = parts
    assert program == "aws"
    region = None
    if options[:1] == ["--region"]:
        region = options[1]
        options = options[2:]
    client: Any = session.client(service, region, endpoint_url=endpoint_url)  # type: ignore[call-overload]
    method = operation.replace("-", "_")
    model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method])
    members = {xform_name(name, "-"): name for name in model.input_shape.members}
    parameters: dict[str, object] = {}
    while options:
        option = options.pop(0)
        name = members[option.removeprefix("--")]
        match model.input_shape.members[name].type_name:
            case "boolean":
                parameters[name] = True
            case "structure" | "list" | "map":
                parameters[name] = json.loads(options.pop(0))
            case _:
                parameters[name] = options.pop(0)
    getattr(client, method)(**parameters)
