"""Signal handling: commands clean up on the first signal, and later ones do not interrupt them."""

import contextlib
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def leave_on_signals() -> None:
    """Exit on the first Ctrl-C, SIGTERM or SIGHUP by an exception, so that clean-up runs.

    Later signals are ignored: they would interrupt the clean-up. A signal that was ignored when the
    process started, for example by `nohup`, stays ignored.
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
    """Ignore termination signals, because the process is already exiting."""
    for number in _ENDING:
        signal.signal(number, _do_nothing)


@contextlib.contextmanager
def signals_held_back() -> Iterator[None]:
    """Hold back termination signals until the block ends.

    Also a decorator. Does nothing outside the main thread, the only one that signals interrupt.
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
    """Do nothing. Unlike SIG_IGN, child processes do not inherit it."""
