"""No command that a user runs shows or stores a token anywhere but in AWS, for any form of token."""

import base64
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from sandbox.workspace import PROJECT
from tests.support.leak_harness import ECHOES, NAMESPACE, Harness, config, leak_harness
from tests.support.leaks import Search, canaries, spellings


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[Harness]:
    with leak_harness(tmp_path) as made:
        yield made


def test_every_spelling_of_every_canary_is_found() -> None:
    for canary in canaries():
        for trace in canary.traces:
            for spelling, needle in spellings(trace).items():
                search = Search([canary])
                search.look_at("surface", b"before" + needle + b"after")
                assert search.found, (canary.source_location, spelling)
    (plain, *_) = canaries()
    for text in (f"{'x' * n}{plain.token}yz".encode() for n in range(3)):
        for encode in (base64.b64encode, base64.urlsafe_b64encode, base64.b16encode):
            search = Search([plain])
            search.look_at("surface", encode(text))
            assert search.found


def test_a_canary_in_the_arguments_or_the_environment_of_a_process_is_found() -> None:
    (plain, *_) = canaries()
    for surface, arguments, environment in (
        ("process arguments", [plain.token], {}),
        ("process environments", [], {"TOKEN": plain.token}),
    ):
        search = Search([plain])
        with search.processes():
            subprocess.run(  # noqa: S603  a process of our own
                [sys.executable, "-c", "import time; time.sleep(0.5)", *arguments],
                env={**os.environ, **environment},
                check=True,
            )
        assert {found for found, _, _ in search.found} == {surface}


def test_no_token_is_anywhere_but_in_aws(harness: Harness) -> None:
    harness.set_tokens(harness.tokens)
    harness.pulumi("preview", "--diff", "--save-plan", "../plans/plan.json")
    with harness.aws_refuses_tokens(ECHOES["the SecretString"]):
        harness.pulumi("up", "--yes", "--skip-preview", "--continue-on-error", status=1)
    harness.pulumi("up", "--yes", "--skip-preview", "--debug", "-v=9")
    harness.see_the_tokens_in_aws(harness.tokens)
    harness.pulumi("stack", "export")
    harness.run(sys.executable, "-m", "verification", "--stack", "test")
    harness.pulumi("destroy", "--yes", "--skip-preview")
    print(harness.report())  # noqa: T201  for `make thorough`
    harness.check()


@pytest.mark.thorough
def test_no_token_is_anywhere_but_in_aws_after_any_command(harness: Harness) -> None:
    harness.set_tokens(harness.tokens)
    look_at_the_config(harness)
    look_at_previews(harness)
    for echo in ECHOES.values():
        with harness.aws_refuses_tokens(echo):
            harness.pulumi("up", "--yes", "--skip-preview", "--continue-on-error", status=1)
            harness.pulumi("up", "--yes", "--skip-preview", "--logtostderr", "-v=11", status=1)
    harness.pulumi("up", "--yes", "--debug", "--logtostderr", "-v=11")
    harness.see_the_tokens_in_aws(harness.tokens)
    look_at_the_stack(harness)
    change_the_tokens(harness)
    put_tokens_where_they_do_not_belong(harness)
    run_the_other_commands(harness)
    harness.set_tokens(harness.tokens)
    harness.pulumi("destroy", "--yes", "--debug", "-v=11")
    harness.pulumi("stack", "rm", "--yes")
    print(harness.report())  # noqa: T201  for `make thorough`
    harness.check()


def look_at_the_config(harness: Harness) -> None:
    harness.pulumi("config")
    harness.pulumi("config", "--json")
    harness.pulumi("config", "get", "sourceLocations")
    harness.pulumi("config", "set", "--path", "sourceLocations.plain.description", "Plain")
    harness.pulumi("config", "rm", "--path", "sourceLocations.plain.description")


def look_at_previews(harness: Harness) -> None:
    for options in (
        [],
        ["--diff"],
        ["--json"],
        ["--diff", "--show-config", "--show-reads", "--show-sames", "--show-replacement-steps"],
        ["--show-full-output", "--suppress-progress"],
        ["--save-plan", "../plans/plan.json"],
        ["--debug"],
        ["-v=9"],
        ["-v=11", "--logtostderr"],
        ["--logflow", "-v=11", "--debug", "--diff"],
    ):
        harness.pulumi("preview", *options)


def look_at_the_stack(harness: Harness) -> None:
    harness.pulumi("refresh", "--yes", "--diff")
    harness.pulumi("refresh", "--preview-only", "--logtostderr", "-v=11")
    harness.pulumi("up", "--yes", "--refresh", "--json")
    for command in (
        ["stack", "--show-ids", "--show-urns"],
        ["stack", "output"],
        ["stack", "output", "--json"],
        ["stack", "output", "--shell"],
        ["stack", "output", "--show-secrets"],
        ["stack", "history", "--full-dates"],
        ["stack", "history", "--json"],
        ["stack", "export"],
        ["stack", "export", "--file", "../plans/state.json"],
        ["stack", "import", "--file", "../plans/state.json"],
        ["stack", "graph", "../plans/graph.dot"],
        ["stack", "tag", "ls"],
        ["stack", "ls"],
        ["about"],
        ["plugin", "ls"],
    ):
        harness.pulumi(*command)


def change_the_tokens(harness: Harness) -> None:
    others = canaries()
    harness.search.add(others)
    harness.set_tokens(others)
    harness.pulumi("preview", "--diff")
    version = "**mediatailor-plain-version"
    harness.pulumi("up", "--yes", "--target", version, "--diff")
    harness.pulumi("up", "--yes", "--skip-preview", "--refresh")


def put_tokens_where_they_do_not_belong(harness: Harness) -> None:
    """Set tokens as secret values of other settings, one by one and all at once, and set invalid tokens."""
    file = Path(harness.stack.workspace.folder, "Pulumi.test.yaml")
    good = file.read_text()
    settings = [
        "accessTokens.nobody",
        "accessTokens.nobody-else.nested",
        "sourceLocations.plain.headerName",
        "sourceLocations.plain.description",
        "sourceLocations.plain.tags.owner",
        "sourceLocations.plain.cookie",
        "encryptionKey.administrators[0]",
        "replicaRegions[0]",
        "servicePrincipal",
        "cookie",
    ]
    for canary, paths in [
        *((harness.tokens[0], [path]) for path in settings),
        *((canary, settings) for canary in harness.tokens),
    ]:
        for path in paths:
            harness.pulumi("config", "set", "--secret", "--path", path, stdin=canary.token)
        harness.pulumi("up", "--yes", "--skip-preview", status=1)
        file.write_text(good)
    harness.set_tokens(
        [replace(each, token=f"{each.token}\n{'x' * 128}") for each in harness.tokens]
    )
    harness.pulumi("preview", status=1)
    file.write_text(good)


def run_the_other_commands(harness: Harness) -> None:
    """Run the other commands; a rehearsal gets plain-text tokens, because it replaces encrypted ones."""
    for options in ([], ["--json"], ["--live"]):
        harness.run(sys.executable, "-m", "verification", *options)
    plain = {canary.source_location: canary.token for canary in harness.tokens}
    stack_file = harness.temporary.parent / "Pulumi.plain.yaml"
    document = {"config": {**config(harness.tokens), f"{NAMESPACE}accessTokens": plain}}
    stack_file.write_text(yaml.safe_dump(document))
    for command, status in (("sandbox rehearse", 1), ("permissions", 0)):
        module, *arguments = command.split()
        harness.run(
            sys.executable,
            "-m",
            module,
            *arguments,
            "--config-file",
            str(stack_file),
            folder=PROJECT,
            status=status,
            variables={"TMPDIR": str(harness.temporary)},
        )
