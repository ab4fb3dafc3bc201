"""The message that shows the consequences of an update."""

import textwrap
from collections.abc import Sequence

from .commands import refresh_command
from .update import Effect, Impact, Update

_WIDTH = 74
"""The CLI indents a message by up to six columns."""

_COMMANDS = {
    "Run now, before the next `pulumi up`:": {Effect.NOT_SENT},
    "Run right after the update:": {Effect.OFF_AIR, Effect.NEEDS_COMMAND},
    "Run right after the update, for each replica that MediaTailor uses:": {
        Effect.NEEDS_COMMAND_ELSEWHERE
    },
}
"""Title of each list of commands."""


def message(impacts: Sequence[Impact], update: Update) -> str:
    """Return the consequences by source location, then the commands to run."""
    lines = ["What this update means for MediaTailor:"]
    lines += (f"  {impact.source_location}: {impact.meaning}" for impact in impacts)
    affected = {impact.source_location for impact in impacts}
    unaffected = sorted({*update.deployed} & {*update.new["secretArns"]} - affected)
    if unaffected:
        lines += textwrap.wrap(
            f"keep working: {', '.join(unaffected)}",
            _WIDTH,
            initial_indent="  ",
            subsequent_indent="    ",
            break_long_words=False,
            break_on_hyphens=False,
        )
    if update.has_new_key and update.new["requiredKeyPolicyStatements"]:
        lines.append("  First add requiredKeyPolicyStatements to the policy of the new key.")
    for title, effects in _COMMANDS.items():
        commands = [c for each in impacts if each.effect in effects for c in each.commands]
        if commands:
            if Effect.NOT_SENT in effects:
                commands.append(refresh_command(update.stack))
            lines += ["", title, *(f"  {command}" for command in commands)]
    return "\n".join(lines)
