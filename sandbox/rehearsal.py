"""The rehearsal itself: `pulumi up`, then what MediaTailor would find, read through the AWS API."""

import json

import boto3
from rich.console import Console

from sandbox.errors import SandboxError
from sandbox.workspace import Sandbox
from verification import expectations, print_report, verify
from verification.requirement import Answer


def rehearse(place: Sandbox, console: Console) -> int:
    """Deploy the stack, read it back, print what was found, and return the exit status.

    Our own environment must be the sandbox's.

    Raises:
        SandboxError: the stack has no source location to look at.

    """
    console.print("[bold]pulumi up[/]")
    status = place.run(["pulumi", "up", "--yes"])
    if status != 0:
        console.print(
            "[bold]Not rehearsed[/]: `pulumi up` failed. What is to be mended is in your stack file."
        )
        return status
    console.print("[bold]Reading back[/] through the AWS API what MediaTailor would find")
    outputs = json.loads(place.output(["pulumi", "stack", "output", "--json"]))
    if not outputs.get("accessConfigurations"):
        raise SandboxError("the stack has no output `accessConfigurations`: nothing to read back.")
    expected = expectations(outputs)
    verification = verify(
        expected, boto3.Session(region_name=place.region), endpoint_url=place.aws_url
    )
    print_report(verification, console)
    if any(e.key_is_existing for e in expected):
        console.print(
            "[bold]Not rehearsed:[/] the key is an existing one, and not on this machine. In AWS see that it is"
            " customer managed, symmetric and enabled, and that its key policy has the statements of"
            " `pulumi stack output requiredKeyPolicyStatements`.\n"
        )
    total = len(expected)
    locations = f"{total} source location{'' if total == 1 else 's'}"
    if verification.status == 0:
        console.print(
            f"[bold green]Ready:[/] MediaTailor would find what it needs for {locations}."
        )
    else:
        unmet = verification.names(Answer.NOT_MET)
        console.print(
            f"[bold red]Not ready:[/] {len(unmet)} of {locations} do not meet AWS's requirements."
        )
    return verification.status
