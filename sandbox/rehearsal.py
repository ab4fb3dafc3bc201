"""The rehearsal itself: `pulumi up`, then what MediaTailor would find, read through the AWS API."""

import json

import boto3
from rich.console import Console

from sandbox.errors import SandboxError
from sandbox.workspace import Sandbox
from verification import VerificationError, print_report, setup_of, verify
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
    try:
        setup = setup_of(json.loads(place.output(["pulumi", "stack", "export"])))
    except VerificationError as error:
        raise SandboxError(str(error)) from None
    session = boto3.Session(region_name=place.region)
    verification = verify(setup, session, endpoint_url=place.aws_url)
    print_report(verification, console)
    if not all(e.owns_key for e in setup.source_locations):
        console.print(
            "[bold]Not rehearsed:[/] the key is an existing one, and not on this machine. In AWS see that it is"
            " customer managed, symmetric and enabled, and that its key policy has the statements of"
            " `pulumi stack output requiredKeyPolicyStatements`.\n"
        )
    total = len(setup.source_locations)
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
