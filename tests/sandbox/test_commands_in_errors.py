"""The commands in config errors, run in a shell with the real CLI, fix the config."""

import json
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import Phase, example, given, settings

from sandbox.workspace import sandbox
from tests.support.odd_configs import ACCOUNT, FULL, HOSTILE, Config, faulty, replaced
from tests.support.recording_engine import config_errors
from tests.support.stack_driver import Stack

NAMESPACE = "mediatailor-access-token:"
TOKEN = "a-good-token"

STACK_FILE = """\
config:
  aws:region: us-west-1
  mediatailor-access-token:sourceLocation: {}
  mediatailor-access-token:sourceLocations:
    news:
      headerNam: X-Access-Token
      secretStringKey: ""
      secretName: media-tokens
    sports:
      headerName: x-amz-token
      secretName: tokens
    film.4k:
      headerName: X-Access-Token
    movies:
      headerName: X-Access-Token
      secretName: tokens
      segmentDeliveryBaseUrl: http://cdn.example.com
    kids:
      origin: mediapackage-v1
      headerName: X-Access-Token
    music: X-Access-Token
  mediatailor-access-token:accessTokens:
    gone: canary-of-gone
    sports: canary
  mediatailor-access-token:encryptionKey:
    alias: tokens
    rotationPeriodInDays: "365"
    deletionWindowInDays: 31
    administrators: nobody
    sourceLocationManagers:
      - arn:aws-cn:iam::123456789012:role/operator
      - arn:aws:iam::123456789012:role/operator
      - arn:aws-cn:iam::123456789012:role/other
      - arn:aws:iam::123456789012:role/other
  mediatailor-access-token:recoveryWindowInDays: 1
  mediatailor-access-token:replicaRegions: [us-west-1]
  mediatailor-access-token:servicePrincipal: ec2.amazonaws.com
"""


@pytest.fixture(scope="module")
def shared_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Return a stack whose stack file each test of this module writes."""
    stack_file = tmp_path_factory.mktemp("stack") / "Pulumi.test.yaml"
    stack_file.write_text("config:\n  aws:region: eu-west-1\n")
    with sandbox(stack_file=stack_file, stack="test") as workspace:
        yield Stack(workspace=workspace)


def write(stack: Stack, config: Config) -> None:
    """Write a config to the stack file, keeping the stack's encryption."""
    file = Path(stack.workspace.folder, "Pulumi.test.yaml")
    salt = yaml.safe_load(file.read_text())["encryptionsalt"]
    named = {key if ":" in key else f"{NAMESPACE}{key}": value for key, value in config.items()}
    document = {"encryptionsalt": salt, "config": {"aws:region": "eu-west-1", **named}}
    file.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")


def errors(stack: Stack) -> str | None:
    """Return the program's errors for the stack file as the CLI reads it, None if the CLI itself rejects it."""
    done = subprocess.run(
        ["pulumi", "config", "--json", "--show-secrets"],  # noqa: S607  the sandbox's
        cwd=stack.workspace.folder,
        env=stack.workspace.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        return None
    values: Mapping[str, Any] = json.loads(done.stdout)
    return config_errors(
        {key: value["value"] for key, value in values.items() if "value" in value},
        secret_keys=[key for key, value in values.items() if value["secret"]],
        region=None,
    )


def instructions(message: str) -> list[str]:
    """Return the commands and instructions in a message: the last line of each error."""
    return [error.splitlines()[2].strip() for error in message.split("\n\n")[1:]]


def run(stack: Stack, command: str) -> None:
    """Run a command in a shell, with a token as input and with ARNs in place of placeholders."""
    key = "11111111-2222-3333-4444-555555555555"
    for placeholder, arn in {
        "KEY_ARN": f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/{key}",
        "SECRET_ARN": f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:media/new-AbCdEf",
    }.items():
        command = command.removesuffix(placeholder) + arn * command.endswith(f" {placeholder}")
    done = subprocess.run(  # noqa: S603  the command in the program's error
        ["bash", "-c", command],  # noqa: S607
        cwd=stack.workspace.folder,
        env=stack.workspace.environment,
        input=TOKEN,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}"


def fix(stack: Stack) -> str:
    """Run the commands in the errors until no command is left, and return the last message."""
    seen = []
    while True:
        message = errors(stack)
        assert message is not None, "a command produced a config that the CLI rejects"
        commands = [line for line in instructions(message) if line.startswith("pulumi ")]
        if not commands:
            return message
        assert message not in seen, "the commands changed nothing"
        seen.append(message)
        for command in dict.fromkeys(commands):
            run(stack, command)


def test_running_the_commands_in_the_errors_fixes_the_config(tmp_path: Path) -> None:
    stack_file = tmp_path / "Pulumi.test.yaml"
    stack_file.write_text(STACK_FILE)
    with sandbox(stack_file=stack_file, stack="test") as workspace:
        stack = Stack(workspace=workspace)
        # A source location that the first round removes leaves a token, which the second round reports.
        for _ in ("the first round", "the second"):
            message = stack.pulumi("preview", fails=True)
            assert "nothing was created or changed" in message
            assert "canary" not in message
            lines = dict.fromkeys(line.strip() for line in message.splitlines())
            for line in lines:
                if line.startswith("pulumi config "):
                    _, *arguments = shlex.split(line)
                    stack.pulumi(*arguments, stdin=TOKEN if "--secret" in arguments else "")
        assert "to create" in stack.pulumi("preview")
        key = json.loads(stack.pulumi("config", "get", "encryptionKey"))
        assert key["sourceLocationManagers"] == [
            "arn:aws:iam::123456789012:role/operator",
            "arn:aws:iam::123456789012:role/other",
        ]


def test_text_that_yaml_reads_as_another_type_is_reported_and_keeps_its_value(
    shared_stack: Stack,
) -> None:
    read = {
        "12345": "12345",
        "-5": "-5",
        "0123": "83",
        "0x10": "16",
        "1_000": "1000",
        "1e3": "1000",
        "1.50": "1.5",
        "True": "true",
        "2024-01-01": "2024-01-01",
        "2024-01-01T10:30:00Z": "2024-01-01T10:30:00Z",
        "2024-01-01T10:30:00+02:00": "2024-01-01T10:30:00+02:00",
        "847362910584": "847362910584",
        "-847362": "-847362",
        "yes": "",
        "1:30": "",
    }
    names = [f"location{n}" for n in range(len(read))]
    locations = {name: {"headerName": "X", "secretStringKey": name} for name in names}
    write(shared_stack, {"sourceLocations": locations, "accessTokens": dict.fromkeys(names, TOKEN)})
    file = Path(shared_stack.workspace.folder, "Pulumi.test.yaml")
    text = file.read_text()
    for name, spelling in zip(names, read, strict=True):
        text = text.replace(f"secretStringKey: {name}\n", f"secretStringKey: {spelling}\n")
    file.write_text(text)
    message = errors(shared_stack)
    assert message
    for name, meant in zip(names, read.values(), strict=True):
        error = f"\n  sourceLocations.{name}.secretStringKey\n    must be text, but YAML reads {meant}: "
        assert (error in message) is bool(meant)
    assert fix(shared_stack) == ""
    config = json.loads(shared_stack.pulumi("config", "get", "sourceLocations"))
    for name, (spelling, meant) in zip(names, read.items(), strict=True):
        assert config[name]["secretStringKey"] == (meant or spelling)


def odd_names() -> Config:
    """Return a config with every hostile name in a section."""
    tags, settings, locations, key, tokens, top = (
        dict.fromkeys(HOSTILE[start::6], 5) for start in range(6)
    )
    config = replaced(FULL, ("sourceLocations", "sports", "tags"), tags)
    config["sourceLocations"]["sports"] |= settings
    config["sourceLocations"] |= locations
    config["encryptionKey"] |= key
    config["accessTokens"] |= tokens
    return {**{f"{NAMESPACE}{name}": value for name, value in top.items()}, **config}


@settings(
    max_examples=settings().max_examples // 5,
    phases=[Phase.explicit, Phase.generate],  # an example takes seconds
)
@example(config=odd_names())
@given(config=faulty())
def test_the_commands_fix_any_config_or_the_message_says_to_edit_the_file(
    shared_stack: Stack, config: Config
) -> None:
    write(shared_stack, config)
    if errors(shared_stack) is None:
        return
    message = fix(shared_stack)
    assert all(line.startswith("edit Pulumi.dev.yaml: ") for line in instructions(message))
