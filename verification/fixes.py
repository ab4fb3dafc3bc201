"""Prints the commands that fix the findings, and how to bring a setup into a stack."""

import json
import re
import shlex
import textwrap
from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from verification.commands import Command
from verification.expected import Expected
from verification.facts import Facts
from verification.report import printable
from verification.requirements import Verification

_WIDTH = 80
_WORDS = {
    "KEY_ARN": "the ARN of a symmetric customer managed key in the secret's Region. To create one:"
    " aws kms create-key --query KeyMetadata.Arn --output text",
    "HTTPS_URL": "the origin's base URL, with https.",
    "SECRET_STRING.json": "a file with a JSON object such as"
    ' {"AccessToken": "TOKEN"}; delete it afterwards.',
}
"""Explanations of the words that the user replaces."""

_MEDIAPACKAGE = {
    ("X-MediaPackage-CDNIdentifier", "MediaPackageCDNIdentifier"): "mediapackage-v1",
    ("X-MediaPackageV2-CDNIdentifier", "MediaPackageV2CDNIdentifier"): "mediapackage-v2",
}
"""The value of `origin` for the header and SecretString key that MediaPackage expects."""


def print_fixes(verification: Verification, console: Console) -> None:
    """Print each command that fixes findings, with its reasons."""
    stack = verification.setup.stack
    reasons: dict[Command, list[str]] = {}
    for result in verification.results:
        for finding in result.findings:
            up = (f"pulumi up --refresh --stack {shlex.quote(stack or '')}",)
            commands = (up,) if stack and finding.up_fixes else finding.fix
            for command in commands:
                reasons.setdefault(command, []).append(f"{result.source_location}: {finding.text}")
    if not reasons:
        return
    console.print("[bold]To fix it[/]")
    # MediaTailor checks the secret and its key when a source location is updated.
    in_order = sorted(reasons.items(), key=lambda item: item[0][0].startswith("aws mediatailor"))
    for command, why in in_order:
        console.print()
        for reason in dict.fromkeys(why):
            console.print(Text(_comment(reason), "dim"), soft_wrap=True)
        console.print(Text(_on_lines(command)), soft_wrap=True)
    all_commands = " ".join(" ".join(command) for command in reasons)
    for word, meaning in _WORDS.items():
        if word in all_commands:
            console.print("\n" + textwrap.fill(f"{word}: {meaning}", _WIDTH), highlight=False)
    console.print()


def _comment(text: str) -> str:
    return textwrap.fill(
        printable(text),
        _WIDTH,
        initial_indent="  # ",
        subsequent_indent="  #   ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _on_lines(command: Command) -> str:
    parts = [printable(part) for part in command]
    line = "  " + " ".join(parts)
    return line if len(line) <= _WIDTH else "  " + " \\\n    ".join(parts)


def print_adoption(verification: Verification, console: Console) -> None:
    """Print how to bring a setup without a stack into one."""
    adoptable = [facts for facts in verification.facts if facts.secret.described.known]
    if verification.setup.stack or not adoptable:
        return
    console.print(
        "[bold]To bring it into a stack[/], unless it is in one, add to Pulumi.STACK.yaml:\n"
    )
    console.print(Text("\n".join(_stack_file(adoptable))), soft_wrap=True)
    console.print("\nThen set each token, and deploy:\n")
    for facts in adoptable:
        path = f"mediatailor-access-token:accessTokens[{json.dumps(_name(facts.expected))}]"
        console.print(Text(f"  pulumi config set --secret --path '{path}'"), soft_wrap=True)
    console.print("  pulumi up")
    notes = ["Without baseUrl, the stack does not change the source locations in MediaTailor."]
    for facts in adoptable:
        members = (facts.secret.value.known and facts.secret.members) or {}
        if others := sorted({*members} - {facts.expected.secret_string_key.known}):
            notes.append(
                f"{_name(facts.expected)}: the stack keeps the other members of the value:"
                f" {', '.join(others)}."
            )
    console.print("\n" + "\n".join(textwrap.fill(note, _WIDTH) for note in notes) + "\n")


def _stack_file(adoptable: list[Facts]) -> Iterator[str]:
    region = adoptable[0].secret.region
    yield "  config:"
    yield f"    aws:region: {region}"
    keys = {(facts.secret.key.metadata.known or {}).get("Arn") for facts in adoptable}
    (key,) = keys if len(keys) == 1 else (None,)
    if key and all(facts.secret.key_name for facts in adoptable):
        yield "    mediatailor-access-token:encryptionKey:"
        yield f"      arn: {key}"
    yield "    mediatailor-access-token:sourceLocations:"
    for facts in adoptable:
        access = facts.expected.access_configuration.known or {}
        header = (access.get("SecretsManagerAccessTokenConfiguration") or {}).get("HeaderName")
        string_key = facts.expected.secret_string_key.known or "AccessToken"
        yield f"      {_yaml(_name(facts.expected))}:"
        yield f"        adoptSecretArn: {facts.secret.arn}"
        if origin := _MEDIAPACKAGE.get((header or "", string_key)):
            yield f"        origin: {origin}"
        else:
            yield f"        headerName: {_yaml(header or 'HEADER_NAME')}"
            yield f"        secretStringKey: {_yaml(string_key)}"


def _name(expected: Expected) -> str:
    """Return a name for the stack file, which allows fewer characters than MediaTailor."""
    if not expected.access_configuration.known:
        return "SOURCE_LOCATION"
    return re.sub(r"[^A-Za-z0-9_-]", "-", expected.name)


def _yaml(text: str) -> str:
    return text if re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", text) else json.dumps(text)
