"""Runs AWS CLI commands as boto3 calls, which validate each parameter against AWS's service model.

It has the options that the commands we print use. As in the AWS CLI, an option overrides its member in --cli-input-json,
--query is JMESPath, and --output is json or text. The CLI itself would add 130 MB to every setup.
"""

import json
import os
import shlex
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence
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


def _call(arguments: Sequence[str], session: boto3.Session, endpoint_url: str | None) -> str:
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
            case "integer":
                parameters[name] = int(options.pop(0))
            case "structure" | "list" | "map":
                parameters[name] = _structure(options.pop(0))
            case _:
                parameters[name] = _content(options.pop(0))
    answer = getattr(client, method)(**parameters)
    answer.pop("ResponseMetadata")
    answer = jmespath.search(client_options.get("query", "@"), answer)
    if client_options.get("output") == "text":
        return "".join(f"{line}\n" for line in _text(answer))
    return json.dumps(answer, default=str)


def _structure(value: str) -> Any:
    """Read JSON, or the shorthand for a structure with text: Name=value,Name=value."""
    if value.startswith(("{", "[")):
        return json.loads(value)
    return dict(pair.split("=", 1) for pair in value.split(","))


def _content(value: str) -> str:
    """Return a value, or the content of the file that it names as file://path."""
    path = value.removeprefix("file://")
    return value if path == value else Path(path).read_text(encoding="utf-8")


def _split(argument: str) -> list[str]:
    option, equals, value = argument.partition("=")
    return [option, value] if equals and option.startswith("--") else [argument]


def _text(answer: object) -> Iterator[str]:
    """Yield the lines of `--output text`: the elements of a list are separated by tabs.

    https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-output-format.html
    """
    if not isinstance(answer, list):
        yield str(answer)
    elif any(isinstance(each, list) for each in answer):
        for each in answer:
            yield from _text(each)
    elif answer:
        yield "\t".join(map(str, answer))


if __name__ == "__main__":
    sys.stdout.write(_call(sys.argv[1:], boto3.Session(region_name=os.environ["AWS_REGION"]), None))
