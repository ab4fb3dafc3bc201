"""The rehearsal itself: `pulumi up`, then what MediaTailor would find, read through the AWS API."""

import json

from rich.console import Console

from sandbox.errors import SandboxError
from sandbox.workspace import Sandbox
from verification.reading import read_back
from verification.report import print_report
from verification.requirements import REQUIREMENTS


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
    found = read_back(outputs, region=place.region, endpoint_url=place.aws_url)
    print_report(found, console)
    met = all(not r.problem(f) for r in REQUIREMENTS for f in found.values())
    return 0 if met else 1
