"""The commands that a rehearsal ends with."""

import shlex
from pathlib import Path

import pytest

from sandbox.next_steps import StackChoice
from tests.support.prepared import PROJECT, encrypted, prepared, prepared_as_reported

DEV = StackChoice(stack="dev", stack_file=None)
READY = prepared_as_reported(
    {
        "aws:region": "eu-west-1",
        f"{PROJECT}:sourceLocations": {"news": {}},
        f"{PROJECT}:accessTokens": {"news": encrypted(0)},
    }
)


def test_a_complete_stack_is_deployed_and_verified() -> None:
    assert list(DEV.commands_to_deploy(READY)) == [
        "pulumi stack select --create dev",
        "pulumi up",
        "make verify STACK=dev",
    ]


def test_what_the_config_lacks_is_set_first() -> None:
    assert list(DEV.commands_to_deploy(prepared(sourceLocations={"news": {}}))) == [
        "pulumi stack select --create dev",
        "pulumi config set aws:region REGION",
        "pulumi config set --secret --path accessTokens.news",
        "pulumi up",
        "make verify STACK=dev",
    ]


def test_an_organization_stays_part_of_the_name() -> None:
    choice = StackChoice(stack="acme/prod", stack_file=None)
    assert next(choice.commands_to_deploy(READY)) == "pulumi stack select --create acme/prod"
    assert choice.command("rehearse") == "make rehearse STACK=acme/prod"


def test_a_stack_file_elsewhere_is_named_in_every_command_that_reads_it() -> None:
    file = Path("/stack files/Pulumi.x.yaml")
    choice = StackChoice(stack=None, stack_file=file)
    steps = list(choice.commands_to_deploy(prepared(sourceLocations={"news": {}})))
    commands = [*steps[1:-1], choice.command("rehearse"), choice.command("shell")]
    assert len(commands) == 5
    for command in commands:
        words = shlex.split(command)
        assert words[words.index("--config-file") + 1] == str(file)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("news", "pulumi config set --secret --path accessTokens.news"),
        ("a.b", """pulumi config set --secret --path 'accessTokens["a.b"]'"""),
        ("spört", "pulumi config set --secret --path 'accessTokens.spört'"),
        ('a"b', r"""pulumi config set --secret --path 'accessTokens["a\"b"]'"""),
        ("a\x1b\n", r'no command can name it; rename it in the file: accessTokens["a\x1b\n"]'),
        ("a\\", r'no command can name it; rename it in the file: accessTokens["a\"]'),
    ],
)
def test_commands_work_for_every_name_or_are_replaced_by_instructions(name: str, line: str) -> None:
    assert line in list(DEV.commands_to_deploy(prepared(sourceLocations={name: {}})))


def test_long_lists_are_cut() -> None:
    steps = list(
        DEV.commands_to_deploy(prepared(sourceLocations={f"l{number}": {} for number in range(40)}))
    )
    assert len([step for step in steps if "accessTokens" in step]) == 3
    assert "and the same for 37 more" in steps
