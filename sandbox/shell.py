"""An interactive shell in a sandbox."""

import shlex
from pathlib import Path

from sandbox.workspace import Sandbox

_BANNER = """\
This is a sandbox for {what}.
When you leave it, everything in it is deleted, including config changes.

  pulumi up                     deploy to the local AWS
  pulumi stack output --json    show what was deployed
  exit                          leave
"""

_PROMPT = r"[throw-away {stack}] \W \$ "


def open_shell(workspace: Sandbox, *, what: str, stack: str) -> None:
    """Open bash in a sandbox, without the user's startup files and history.

    Startup files can set AWS and Pulumi variables, and the history would keep tokens.

    Args:
        workspace: the sandbox.
        what: the stack's description in the banner.
        stack: the stack's name in the prompt, where bash expands `$` and backslashes.

    Raises:
        SandboxError: bash is not installed.

    """
    start_file = Path(workspace.folder).parent / "bashrc"
    lines = [
        f"PS1={shlex.quote(_PROMPT.format(stack=stack))}",
        "unset HISTFILE PROMPT_COMMAND",
        f"printf '%s\\n' {shlex.quote(_BANNER.format(what=what))}",
    ]
    start_file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    workspace.run(["bash", "--noprofile", "--rcfile", str(start_file)])
