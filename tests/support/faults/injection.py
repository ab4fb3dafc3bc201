"""Makes calls to AWS fail, through hooks of the proxy."""

import contextlib
import re
import subprocess
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

import psutil

from tests.support.aws_proxy import Answer, Request, refusal

_NAMES: Final = re.compile(rb"news|sports")
"""The source locations of the stack."""


class Fault(Enum):
    """What happens to a call to AWS."""

    REFUSED = "refused"
    """AWS does nothing and denies access."""
    THROTTLED = "throttled"
    """AWS does nothing and reports too many requests, until pulumi-aws gives up. The stand-in tries once."""
    LOST = "answer lost"
    """AWS processes the request, but the connection is lost before the response arrives, and no later attempt succeeds."""
    PROVIDER_KILLED = "provider killed"
    """AWS processes the request, and the provider is killed before the response arrives."""
    CLI_KILLED = "CLI killed"
    """The same, for the CLI and every process that it started, as when a CI runner is lost."""


@dataclass
class Injector:
    """Makes one call of a command fail."""

    fault: Fault | None = None
    at: str = ""
    """The call that fails."""
    cli: "subprocess.Popen[str] | None" = None
    calls: list[str] = field(default_factory=list)
    """The calls so far, such as `kms CreateKey` and, for a second call with that name, `kms CreateKey (2)`."""

    def instead(self, request: Request) -> Answer | None:
        """Return the response to a call that must not reach AWS, or None."""
        name = _name(request)
        number = 1 + sum(call.partition(" (")[0] == name for call in self.calls)
        self.calls.append(f"{name} ({number})" if number > 1 else name)
        if self.calls[-1] == self.at and self.fault is Fault.REFUSED:
            return refusal(request, "AccessDeniedException", "injected")
        if self.calls[-1] == self.at and self.fault is Fault.THROTTLED:
            return refusal(request, "ThrottlingException", "injected")
        return None

    def delivers(self, _: Request) -> bool:
        """Kill the processes that the fault kills, and return whether the response to the last call arrives."""
        if self.calls[-1] != self.at or self.fault in (None, Fault.REFUSED, Fault.THROTTLED):
            return True
        if self.cli and self.fault is not Fault.LOST:
            processes = psutil.Process(self.cli.pid).children(recursive=True)
            if self.fault is Fault.PROVIDER_KILLED:
                processes = [each for each in processes if "sandbox.provider" in each.cmdline()]
            else:
                self.cli.kill()
            for each in processes:
                with contextlib.suppress(psutil.NoSuchProcess):
                    each.kill()
            psutil.wait_procs(processes)
        return False


def _name(request: Request) -> str:
    """Return a name that is the same in every run, independent of the IDs that AWS and Pulumi generate."""
    source_location = _NAMES.search(request.body)
    parts = [request.service, request.operation]
    if request.region == "eu-central-1":
        parts.append(request.region)
    if source_location:
        parts.append(source_location[0].decode())
    return " ".join(parts)
