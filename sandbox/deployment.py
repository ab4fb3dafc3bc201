"""`pulumi up` with one line for each resource.

In a terminal of 80 columns, Pulumi's own table is cut off before the columns that distinguish resources.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from sandbox.text import printable
from sandbox.workspace import Sandbox

_LISTED_IN_FULL: Final = 40
"""List every resource up to this number; beyond it, only the number of each type."""

_UP: Final = (
    *("env", "PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true"),
    *("pulumi", "up", "--yes", "--json", "--color", "never"),
)
"""Prints each event of the engine, including those of the preview, as a line of JSON."""

_STEPS: Final = {
    "create": ("create", "created"),
    "update": ("update", "updated"),
    "delete": ("delete", "deleted"),
    "import": ("import", "imported"),
    "create-replacement": ("replace", "replaced"),
}
"""The plan and status of each of the engine's steps that are shown.

https://github.com/pulumi/pulumi/blob/v3.274.1/sdk/go/common/apitype/updates.go
"""
_STYLES: Final = {"error": "bold red", "warning": "bold yellow", "failed": "bold red"}


@dataclass(frozen=True)
class Change:
    """A step of `pulumi up` that changed something in AWS, or failed to."""

    name: str
    """The resource's name."""

    type: str
    """The resource's type, such as `aws:kms:Key`."""

    plan: str
    """The step, such as `create`."""

    status: str
    """The result, such as `created` or `failed`."""


@dataclass
class Deployment:
    """The result of `pulumi up`."""

    status: int = 0
    """The exit status."""

    changes: list[Change] = field(default_factory=list)
    """The changes, in order."""

    errors: list[str] = field(default_factory=list)
    """The errors that the engine reported."""


def deploy(workspace: Sandbox, console: Console) -> Deployment:
    """Run `pulumi up` and print its progress.

    Raises:
        SandboxError: it cannot be started.
        KeyboardInterrupt: it was interrupted.

    """
    with console.status("Planning") as status:
        progress = _Progress(console, status.update)
        progress.deployment.status = workspace.run_step(_UP, read_line=progress.read_line)
    return progress.deployment


class _Progress:
    """Prints the engine's events.

    https://github.com/pulumi/pulumi/blob/v3.274.1/sdk/go/common/apitype/events.go
    """

    def __init__(self, console: Console, update: Callable[[str], None]) -> None:
        self.deployment = Deployment()
        self._console = console
        self._update = update
        self._planned = 0
        self._messages = set[str]()
        self._table_has_begun = False

    def read_line(self, line: str) -> None:
        """Read one event, or a message of the CLI itself."""
        if not line.startswith("{"):
            if line.startswith("error: "):
                self.deployment.errors.append(line.removeprefix("error: "))
            self._print(line)
            return
        event = json.loads(line)
        for name, read in {
            "resourcePreEvent": self._plan,
            "resOutputsEvent": self._finish,
            "resOpFailedEvent": self._fail,
            "summaryEvent": self._summarize,
            "diagnosticEvent": self._report,
        }.items():
            if name in event:
                read(event[name])

    def _plan(self, event: Mapping[str, Any]) -> None:
        if event.get("planning") and _is_change(event["metadata"]):
            self._planned += 1

    def _finish(self, event: Mapping[str, Any]) -> None:
        step = event["metadata"]
        if not event.get("planning") and _is_change(step):
            self._add(step, _STEPS[step["op"]][1])

    def _fail(self, event: Mapping[str, Any]) -> None:
        self._add(event["metadata"], "failed")

    def _add(self, step: Mapping[str, Any], status: str) -> None:
        module, _, name = step["type"].partition("/")
        kind = f"{module}:{name.rpartition(':')[2]}"
        plan, _ = _STEPS.get(step["op"], (step["op"], ""))
        change = Change(name=_name(step["urn"]), type=kind, plan=plan, status=status)
        self.deployment.changes.append(change)
        self._update(f"Updating: {len(self.deployment.changes)} of {self._planned} resources")
        if self._planned <= _LISTED_IN_FULL or status == "failed":
            self._print_row(plan, status, change.name)

    def _summarize(self, event: Mapping[str, Any]) -> None:
        if event["isPreview"] or self._planned <= _LISTED_IN_FULL:
            return
        counts = Counter(
            (change.plan, change.status, change.type)
            for change in self.deployment.changes
            if change.status != "failed"
        )
        for (plan, status, kind), number in counts.items():
            self._print_row(plan, status, f"{number} {kind}")

    def _print_row(self, plan: str, status: str, resource: str) -> None:
        if not self._table_has_begun:
            self._table_has_begun = True
            self._print(Text(f"  {'Plan':<8}{'Status':<10}Resource", "dim"))
        styled = (f"{status:<10}", _STYLES.get(status, ""))
        self._print(Text.assemble(f"  {plan:<8}", styled, printable(resource)))

    def _report(self, event: Mapping[str, Any]) -> None:
        """Print each message once; preview and update often report the same ones."""
        severity, message = event["severity"], event["message"].strip()
        if severity == "debug" or event.get("ephemeral") or message in self._messages:
            return
        self._messages.add(message)
        if severity == "error":
            self.deployment.errors.append(message)
        label = (f"{severity}: " if severity in _STYLES else "", _STYLES.get(severity, ""))
        urn = event.get("urn") or ""
        resource = f"{_name(urn)}: " if urn and "::pulumi:pulumi:Stack::" not in urn else ""
        self._print(Text.assemble(label, printable(f"{resource}{message}")))

    def _print(self, text: str | Text) -> None:
        if isinstance(text, str):
            text = Text(printable(text))
        self._console.print(text, soft_wrap=True)


def _is_change(step: Mapping[str, Any]) -> bool:
    """Return whether a step changes something in AWS, unlike steps of components and the stack."""
    return step["op"] in _STEPS and bool((step["new"] or step["old"]).get("custom"))


def _name(urn: str) -> str:
    return str(urn).rpartition("::")[2]
