"""What the commands do when they are told to end."""

import signal
import sys


def leave_on_signals() -> None:
    """Let SIGTERM and SIGHUP unwind the process, as Ctrl-C does: what it started ends with it."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _frame: sys.exit(128 + number))
