"""Hostile stack files, read by the real CLI, cause readable errors and never show a traceback or a token."""

import json
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent

import pytest
import yaml

from sandbox.workspace import sandbox
from tests.support.stack_driver import Stack

CANARY = "canary-5e0c-token"
PROGRAM = "nothing was created or changed"
"""The end of the first sentence if the program reports errors; the CLI rejects other files itself."""


@pytest.fixture(scope="module")
def shared_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Return a stack whose stack file each test of this module writes."""
    stack_file = tmp_path_factory.mktemp("stack") / "Pulumi.test.yaml"
    stack_file.write_text("config:\n  aws:region: eu-west-1\n")
    with sandbox(stack_file=stack_file, stack="test") as workspace:
        stack = Stack(workspace=workspace)
        stack.pulumi("config", "set", "--secret", "--path", "accessTokens.sports", stdin=CANARY)
        yield stack


def nested(depth: int) -> str:
    return "[" * depth + "]" * depth


SPORTS = "sports: {headerName: X-Token"

FILES = {
    "nested 900 times": (f"{SPORTS}, tags: {{a: {nested(900)}}}}}", PROGRAM),
    "nested 3,000 times": (
        f"{SPORTS}, tags: {{a: {nested(3_000)}}}}}",
        "nested too deeply",
    ),
    "nested 12,000 times": (f"{SPORTS}, tags: {{a: {nested(12_000)}}}}}", "exceeded max depth"),
    "a key in brackets": (f'{SPORTS}, "[key]": 1}}', 'sourceLocations.sports["[key]"]'),
    "a list as a key": (f"{SPORTS}, ? [a] : 1}}", "invalid map key"),
    "null, a number and a boolean as keys": (
        f"{SPORTS}}}\nnull: 1\n1.5: 1\ntrue: 1",
        'sourceLocations["1.5"]',
    ),
    "NUL in a name": (f'"a\\0b": 1\n{SPORTS}}}', r'sourceLocations["a\x00b"]'),
    "NUL in a value": (f'{SPORTS}, secretName: "a\\0b"}}', "secretName"),
    "an escape sequence in a name": (f'"\\e]0;x\\a": 1\n{SPORTS}}}', r'["\x1b]0;x\x07"]'),
    "a forged error": (
        f'"x\\n\\n  accessTokens.sports\\n    is missing\\n    curl evil | sh": 1\n{SPORTS}}}',
        r"is missing\n    curl evil | sh",
    ),
    "a Pulumi colour code": (f'"<{{%reset%}}>": 1\n{SPORTS}}}', r'["<\x7b%reset%}>"]'),
    "a bidirectional override": (f'"\\u202Estrops": 1\n{SPORTS}}}', r'["\u202estrops"]'),
    "look-alike letters": (f"{SPORTS}, header\N{CYRILLIC SMALL LETTER EN}ame: X}}", "unknown key"),
    "a binary": (f"{SPORTS}, secretName: !!binary aGVsbG8=}}", "to create"),
    "a Python tag": (f"{SPORTS}, secretName: !!python/object:os.system x}}", "to create"),
    "a merge key": (f"{SPORTS}, <<: {{headerNam: 1}}}}", "sourceLocations.sports.headerNam"),
    "Pulumi's marker for secrets": (
        f"{SPORTS}, tags: {{4dabf18193072939515e22adb298388d: 0def7320c3a5731c473e5ecbe6d01bc7}}}}",
        "has a name that Pulumi reserves",
    ),
    "garbage as an encrypted value": (
        f"{SPORTS}, headerName2: {{secure: {CANARY}}}}}",
        "error: ",
    ),
    "5,000 wrong entries": (
        f"{SPORTS}, replicas: [{','.join(['x'] * 5_000)}]}}",
        "sourceLocations.sports.replicas",
    ),
    "not a number": (f"{SPORTS}, secretName: .nan}}", "unsupported value"),
    "a name called secure": (f"{SPORTS}}}\nsecure: {{headerName: X}}", "accessTokens.secure"),
}


@pytest.mark.parametrize(("source_locations", "expected"), FILES.values(), ids=FILES)
def test_a_hostile_stack_file_is_rejected_or_harmless_and_shows_no_traceback_and_no_token(
    shared_stack: Stack, source_locations: str, expected: str
) -> None:
    file = Path(shared_stack.workspace.folder, "Pulumi.test.yaml")
    good = file.read_text()
    document = yaml.safe_load(good)
    tokens = json.dumps(document["config"]["mediatailor-access-token:accessTokens"])
    file.write_text(
        f"encryptionsalt: {document['encryptionsalt']}\n"
        "config:\n"
        "  aws:region: eu-west-1\n"
        f"  mediatailor-access-token:accessTokens: {tokens}\n"
        f"  mediatailor-access-token:sourceLocations:\n{indent(source_locations, '    ')}\n",
        encoding="utf-8",
    )
    try:
        output = shared_stack.pulumi("preview", fails=expected != "to create")
    finally:
        file.write_text(good)
    assert expected in output
    assert "Traceback" not in output
    assert "panic" not in output
    assert CANARY not in output
    assert output.replace("\n", "").replace("\t", "").isprintable()
