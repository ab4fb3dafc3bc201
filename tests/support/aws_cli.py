"""Runs AWS CLI commands as boto3 calls, which validate each parameter against AWS's service model.

It supports the options in the commands that we print. As in the AWS CLI, an option overrides its member in
--cli-input-json, and --query is JMESPath. The CLI itself would add 130 MB to every set-up.
"""

import json
import shlex
import stat
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import boto3
import jmespath  # type: ignore[import-untyped]
from botocore import xform_name

PROJECT = Path(__file__).parents[2]


def run_aws_cli(
    command: str, session: boto3.Session, endpoint_url: str, words: Mapping[str, str] | None = None
) -> None:
    """Run a command after replacing its placeholders, which are words in capitals."""
    parts = shlex.split(command)
    for word, value in (words or {}).items():
        parts = [part.replace(word, value) for part in parts]
    program, *arguments = parts
    assert program == "aws"
    _call(arguments, session, endpoint_url)


def install_aws_cli(folder: Path) -> Path:
    """Write an executable `aws` that reads its credentials and endpoint from the environment, as the CLI does."""
    executable = folder / "aws"
    executable.write_text(
        f"#!/bin/sh\nPYTHONPATH={shlex.quote(str(PROJECT))}"
        f' exec {shlex.quote(sys.executable)} -m tests.support.aws_cli "$@"\n'
    )
    executable.chmod(executable.stat().st_mode | stat.S_IXUSR)
    return executable


def _call(arguments: Sequence[str], session: boto3.Session, endpoint_url: str | None) -> Any:
    service, operation, *rest = arguments
    options = [part for each in rest for part in _split(each)]
    client_options = {
        name: options.pop(options.index(f"--{name}") + 1)
        for name in ("region", "query", "output", "cli-input-json")
        if f"--{name}" in options
    }
    options = [each for each in options if each.removeprefix("--") not in client_options]
    client: Any = session.client(
        service,  # type: ignore[call-overload]  # any of them
        client_options.get("region"),
        endpoint_url=endpoint_url,
    )
    method = operation.replace("-", "_")
    model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method])
    members = {xform_name(name, "-"): name for name in model.input_shape.members}
    parameters = json.loads(client_options.get("cli-input-json", "{}"))
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
    answer = getattr(client, method)(**parameters)
    answer.pop("ResponseMetadata")
    return jmespath.search(client_options["query"], answer) if "query" in client_options else answer


def _split(argument: str) -> list[str]:
    option, equals, value = argument.partition("=")
    return [option, value] if equals and option.startswith("--") else [argument]


if __name__ == "__main__":
    json.dump(_call(sys.argv[1:], boto3.Session(), None), sys.stdout, default=str)
