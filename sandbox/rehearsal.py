"""The rehearsal itself: `pulumi up`, then what MediaTailor would find, read through the AWS API."""

import json
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import boto3
from rich.console import Console
from rich.text import Text

from sandbox.errors import SandboxError
from sandbox.preparation.plausible_values import throw_away_token
from sandbox.preparation.stack import Preparation
from sandbox.preparation.stack_settings import commands_to_set_tokens, listed, path_text
from sandbox.provider_plugin import provider_name
from sandbox.workspace import Sandbox
from verification import (
    Verification,
    VerificationError,
    print_report,
    setup_of,
    verify,
)
from verification.requirement import Answer

_REFUSED_CONFIG = "The config of stack "
"""How the program's message on a config that it refuses starts."""


def rehearse(workspace: Sandbox, console: Console) -> int:
    """Deploy the stack, read it back, print what was found, and return the exit status.

    Our own environment must be the workspace's.

    Raises:
        SandboxError: a token is not encrypted, or the stack has no source location.

    """
    preparation = workspace.preparation
    _refuse_tokens_in_plain_text(preparation.plain_text_tokens)
    console.print(f"[bold]pulumi up[/] with {provider_name(workspace.provider)}")
    events = workspace.folder.parent / "events.json"
    # Pulumi's own Automation API reads events in this way.
    up = ["env", "PULUMI_DEBUG_COMMANDS=true", "pulumi", "up", "--yes", "--event-log", str(events)]
    status = workspace.run_step(up)
    if status != 0:
        console.print(f"[bold red]Not rehearsed:[/] {_reason(events)}", soft_wrap=True)
        return status

    console.print("[bold]Reading back[/] through the AWS API what MediaTailor would find")
    state = json.loads(workspace.output(["pulumi", "stack", "export"]))
    try:
        setup = setup_of(state)
    except VerificationError as error:
        raise SandboxError(str(error)) from None
    (stack,) = (r for r in state["deployment"]["resources"] if r["type"] == "pulumi:pulumi:Stack")
    outputs = stack["outputs"]
    session = boto3.Session(region_name=workspace.region)
    _add_statements_to_existing_keys(outputs, preparation, session)
    _set_tokens_that_are_managed_elsewhere(outputs, session)
    verification = verify(setup, session, endpoint_url=workspace.aws_url)
    print_report(verification, console)
    _print_list("Assumed", preparation.assumptions(), console)
    _print_list("Not rehearsed", preparation.not_rehearsed(), console)
    _print_verdict(verification, console)
    return verification.status


def _refuse_tokens_in_plain_text(names: Sequence[str]) -> None:
    """Refuse tokens that are not encrypted, which the program sees only if none is encrypted."""
    if names:
        raise SandboxError(
            f"stored in plain text: {listed([path_text(('accessTokens', n)) for n in names])}."
            f" Set new tokens, and revoke these at the origin:\n{commands_to_set_tokens(names)}"
        )


def _reason(events: Path) -> str:
    """Return why `pulumi up` failed, and so what to do."""
    if any(message.startswith(_REFUSED_CONFIG) for message in _errors(events)):
        return "the program refuses the stack's config. Fix it as described above and try again."
    return "`pulumi up` failed, so nothing was checked. The error is above."


def _errors(events: Path) -> Iterable[str]:
    """Yield the errors in the engine's event log.

    https://github.com/pulumi/pulumi/blob/v3.274.1/sdk/go/common/apitype/events.go
    """
    if not events.exists():  # the engine did not start
        return
    for line in events.read_text(encoding="utf-8").splitlines():
        diagnostic = json.loads(line).get("diagnosticEvent", {})
        if diagnostic.get("severity") == "error":
            yield str(diagnostic.get("message"))


def _add_statements_to_existing_keys(
    outputs: Mapping[str, Any], preparation: Preparation, session: boto3.Session
) -> None:
    """Let existing keys have what the stack requires of their policies, as their owner would."""
    for key in preparation.existing:
        if key.service == "kms":
            kms = session.client("kms", key.region)
            policy = json.loads(kms.get_key_policy(KeyId=key.arn)["Policy"])
            policy["Statement"] += outputs["requiredKeyPolicyStatements"]
            kms.put_key_policy(KeyId=key.arn, Policy=json.dumps(policy))


def _set_tokens_that_are_managed_elsewhere(
    outputs: Mapping[str, Any], session: boto3.Session
) -> None:
    """Set throw-away tokens in the secrets whose value the stack leaves to someone else."""
    for name in outputs["deployedSettings"]["tokensManagedElsewhere"]:
        session.client("secretsmanager").put_secret_value(
            SecretId=outputs["secretArns"][name],
            SecretString=json.dumps({outputs["secretStringKeys"][name]: throw_away_token()}),
        )


def _print_list(title: str, entries: Iterable[str], console: Console) -> None:
    lines = [f"- {entry}" for entry in entries]
    if lines:
        text = textwrap.indent("\n".join(lines), "  ")
        console.print(Text.assemble((f"{title}\n", "bold"), text, "\n"), soft_wrap=True)


def _print_verdict(verification: Verification, console: Console) -> None:
    total = len(verification.facts)
    locations = f"{total} source location{'' if total == 1 else 's'}"
    if unmet := verification.names(Answer.NOT_MET):
        console.print(
            f"[bold red]Not ready:[/] {len(unmet)} of {locations} do not meet AWS's requirements."
        )
    elif unread := verification.names(Answer.NOT_CHECKED):
        console.print(
            f"[bold red]Not ready:[/] {len(unread)} of {locations} could not be checked in full."
        )
    else:
        console.print(
            f"[bold green]Ready:[/] MediaTailor would find what it needs for {locations}."
        )
