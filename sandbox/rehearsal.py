"""The rehearsal itself: `pulumi up`, then what MediaTailor would find, read through the AWS API."""

import json
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import boto3
from rich.console import Console
from rich.text import Text

from sandbox.deployment import Deployment, deploy
from sandbox.errors import SandboxError
from sandbox.next_steps import StackChoice
from sandbox.preparation.plausible_values import throw_away_token
from sandbox.preparation.stack import Preparation
from sandbox.preparation.stack_settings import commands_to_set_tokens, listed, path_text
from sandbox.provider_plugin import provider_name
from sandbox.text import printable
from sandbox.workspace import Sandbox
from verification import Verification, VerificationError, print_report, setup_of, verify
from verification.requirement import Answer

_REFUSED_CONFIG = "The config of stack "
"""The beginning of the program's message about config errors."""

_WIDTH = 80


@dataclass(frozen=True)
class Rehearsal:
    """The result of a rehearsal."""

    deployment: Deployment
    preparation: Preparation

    state: Mapping[str, Any] | None = None
    """What `pulumi stack export` prints; None if `pulumi up` failed."""

    verification: Verification | None = None
    """The result of the checks; None if `pulumi up` failed."""

    @property
    def status(self) -> int:
        """The exit status: 0 if the stack is ready."""
        return self.verification.status if self.verification else self.deployment.status


def rehearse(workspace: Sandbox, choice: StackChoice, console: Console) -> Rehearsal:
    """Deploy the stack, read it back, and print the findings.

    The process must run with the workspace's environment.

    Raises:
        SandboxError: a token is not encrypted, or the stack has no source location.

    """
    preparation = workspace.preparation
    _refuse_tokens_in_plain_text(preparation.plain_text_tokens)
    console.print(f"[bold]pulumi up[/] with {provider_name(workspace.provider)}")
    deployment = deploy(workspace, console)
    if deployment.status != 0:
        _print_failure(deployment, choice, console)
        return Rehearsal(deployment, preparation)

    console.print("[bold]Reading back[/] through the AWS API what MediaTailor would find")
    with console.status("Reading"):
        state = json.loads(workspace.output(["pulumi", "stack", "export"]))
        verification = _verify(workspace, state)
    print_report(verification, console)
    _print_list("Assumed", list(preparation.assumptions()), console)
    _print_list("Not rehearsed", list(preparation.not_rehearsed()), console)
    _print_verdict(verification, console)
    if verification.status == 0:
        _print_next(choice.commands_to_deploy(preparation), console)
    else:
        _print_next([choice.command("rehearse")], console)
    return Rehearsal(deployment, preparation, state, verification)


def _verify(workspace: Sandbox, state: Mapping[str, Any]) -> Verification:
    try:
        setup = setup_of(state)
    except VerificationError as error:
        raise SandboxError(str(error)) from None
    (stack,) = (r for r in state["deployment"]["resources"] if r["type"] == "pulumi:pulumi:Stack")
    outputs = stack["outputs"]
    session = boto3.Session(region_name=workspace.region)
    _add_statements_to_existing_keys(outputs, workspace.preparation, session)
    _set_tokens_that_are_managed_elsewhere(outputs, session)
    return verify(setup, session, endpoint_url=workspace.aws_url)


def _refuse_tokens_in_plain_text(names: Sequence[str]) -> None:
    """Refuse tokens in plain text; the program can detect them only if none is encrypted."""
    if names:
        raise SandboxError(
            f"stored in plain text: {listed([path_text(('accessTokens', n)) for n in names])}."
            f" Set new tokens, and revoke these at the origin:\n{commands_to_set_tokens(names)}"
        )


def _add_statements_to_existing_keys(
    outputs: Mapping[str, Any], preparation: Preparation, session: boto3.Session
) -> None:
    """Add the statements that the stack requires to the policies of existing keys, as their owners would."""
    for key in preparation.existing:
        if key.service == "kms":
            kms = session.client("kms", key.region)
            policy = json.loads(kms.get_key_policy(KeyId=key.arn)["Policy"])
            policy["Statement"] += outputs["requiredKeyPolicyStatements"]
            kms.put_key_policy(KeyId=key.arn, Policy=json.dumps(policy))


def _set_tokens_that_are_managed_elsewhere(
    outputs: Mapping[str, Any], session: boto3.Session
) -> None:
    """Write throw-away tokens to the secrets whose tokens are managed elsewhere."""
    for name in outputs["deployedSettings"]["tokensManagedElsewhere"]:
        session.client("secretsmanager").put_secret_value(
            SecretId=outputs["secretArns"][name],
            SecretString=json.dumps({outputs["secretStringKeys"][name]: throw_away_token()}),
        )


def _print_failure(deployment: Deployment, choice: StackChoice, console: Console) -> None:
    """Print why `pulumi up` failed and the next command."""
    if any(error.startswith(_REFUSED_CONFIG) for error in deployment.errors):
        reason = (
            "the program rejected the stack's config.\nFix it as described above, then try again."
        )
        command = choice.command("rehearse")
    else:
        reason = "`pulumi up` failed, so nothing was checked. The error is above."
        command = choice.command("shell")
    console.print(f"\n[bold red]Not rehearsed:[/] {reason}", soft_wrap=True)
    _print_next([command], console)


def _print_list(title: str, entries: Sequence[str], console: Console) -> None:
    if not entries:
        return
    console.print(f"[bold]{title}[/]")
    for entry in entries:
        lines = textwrap.fill(
            printable(entry),
            _WIDTH,
            initial_indent="  - ",
            subsequent_indent="    ",
            break_long_words=False,  # so that an ARN can be copied in one piece
            break_on_hyphens=False,
        )
        console.print(Text(lines), soft_wrap=True)
    console.print()


def _print_next(commands: Iterable[str], console: Console) -> None:
    lines = "".join(f"\n  {printable(command)}" for command in commands)
    console.print(Text.assemble("\n", ("Next", "bold"), lines), soft_wrap=True)


def _print_verdict(verification: Verification, console: Console) -> None:
    total = len(verification.facts)
    locations = f"{total} source location{'' if total == 1 else 's'}"
    if unmet := verification.names(Answer.NOT_MET):
        verb = "does" if len(unmet) == 1 else "do"
        verdict = f"{len(unmet)} of {locations} {verb} not meet AWS's requirements."
    elif unread := verification.names(Answer.NOT_CHECKED):
        verdict = f"{len(unread)} of {locations} could not be checked in full."
    else:
        verdict = f"MediaTailor would find what it needs for {locations}."
    mark = "[bold red]Not ready:[/]" if verification.status else "[bold green]Ready:[/]"
    console.print(f"{mark} {verdict}")
