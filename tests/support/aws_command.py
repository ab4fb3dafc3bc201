"""The `aws` command of documents and messages: boto3 with the AWS CLI's rules for names, --query and --output.

The AWS CLI itself would add 150 MB to what every user of the rehearsal installs.
https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-parameters.html
"""

import json
import os
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import boto3
import jmespath  # type: ignore[import-untyped]
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.model import Shape

_PROJECT: Final = Path(__file__).parents[2]


def install(folder: Path) -> None:
    """Write the command `aws` to a folder, which is then to be on the PATH."""
    command = folder / "aws"
    command.write_text(
        f"#!/bin/sh\nPYTHONPATH={shlex.quote(str(_PROJECT))}"
        f' exec {shlex.quote(sys.executable)} -m {__name__} "$@"\n',
        encoding="utf-8",
    )
    command.chmod(0o755)


def main(arguments: Sequence[str]) -> None:
    """Make the call of a command line such as `kms list-aliases --key-id 1234 --output text`."""
    service, command, *rest = arguments
    options = dict(_options(rest))
    query, output = options.pop("query", None), options.pop("output", ["json"])
    (region,) = options.pop("region", [os.environ["AWS_REGION"]])
    client: Any = boto3.client(service, region_name=region)  # type: ignore[call-overload]
    method = command.replace("-", "_")
    operation = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method])
    parameters = _parameters(operation.input_shape.members, options)
    if client.can_paginate(method):
        answer = client.get_paginator(method).paginate(**parameters).build_full_result()
    else:
        answer = getattr(client, method)(**parameters)
    answer.pop("ResponseMetadata", None)
    if query is not None:
        answer = jmespath.search(query[0], answer)
    if output == ["text"]:
        sys.stdout.writelines(f"{line}\n" for line in _text(answer))
    else:
        sys.stdout.write(json.dumps(answer, indent=4, default=str) + "\n")


def _options(arguments: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each option without its hyphens, and its values."""
    name, values = "", list[str]()
    for argument in arguments:
        if argument.startswith("--"):
            if name:
                yield name, values
            name, _, value = argument.removeprefix("--").partition("=")
            values = [value] if value else []
        else:
            values.append(argument)
    if name:
        yield name, values


def _parameters(members: Mapping[str, Shape], options: Mapping[str, list[str]]) -> dict[str, Any]:
    names = {xform_name(member, "-"): member for member in members}
    parameters: dict[str, Any] = {}
    for option, values in options.items():
        if option == "cli-input-json":
            parameters = json.loads(values[0]) | parameters
        elif option.removeprefix("no-") in names and not values:
            parameters[names[option.removeprefix("no-")]] = not option.startswith("no-")
        else:
            member = names[option]
            parameters[member] = _value(members[member], values)
    return parameters


def _value(shape: Shape, values: list[str]) -> Any:
    text = values[0]
    if text.startswith("file://"):
        text = Path(text.removeprefix("file://")).read_text(encoding="utf-8")
    if shape.type_name == "list" and not text.startswith("["):
        return values
    if shape.type_name in ("string", "blob", "timestamp"):
        return text
    if shape.type_name == "structure" and not text.startswith("{"):  # the shorthand
        return dict(pair.split("=", 1) for pair in text.split(","))
    return json.loads(text)


def _text(answer: object) -> Iterator[str]:
    """Yield the lines of `--output text`.

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
    try:
        main(sys.argv[1:])
    except ClientError as error:
        sys.exit(f"\n{error}")
