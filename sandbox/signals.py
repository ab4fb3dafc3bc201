"""How the commands end on a signal: they undo what they did, and nothing interrupts that."""

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def leave_on_signals() -> None:
    """Unwind the process on the first Ctrl-C, SIGTERM or SIGHUP, so that what it started ends too.

    Later ones are ignored: they would interrupt the clean-up. A signal that was ignored when the
    process started, as `nohup` and a shell's background jobs do, stays ignored.
    """

    def leave(number: int, _frame: FrameType | None) -> None:
        ignore_further_signals()
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        sys.exit(128 + number)

    for number in _ENDING:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, leave)


def ignore_further_signals() -> None:
    """Ignore the signals that would end the process, because it is ending already."""
    for number in _ENDING:
        signal.signal(number, _do_nothing)


@contextlib.contextmanager
def signals_held_back() -> Iterator[None]:
    """Hold back the signals that would end the process until the block is done.

    Also a decorator. Signals only interrupt the main thread; in other threads this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    received: list[int] = []

    def hold_back(number: int, _frame: FrameType | None) -> None:
        received.append(number)

    handlers = {number: signal.signal(number, hold_back) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    if received:
        signal.raise_signal(received[0])


def _do_nothing(_number: int, _frame: FrameType | None) -> None:
    """Unlike SIG_IGN, not inherited by the commands that we start."""
