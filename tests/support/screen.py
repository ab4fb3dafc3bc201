"""A terminal of 80 columns and 24 lines, and what a command shows in it."""

import fcntl
import os
import pty
import struct
import termios
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyte

_COLUMNS, _LINES = 80, 24


@dataclass(frozen=True)
class Screen:
    status: int
    """The exit status as a shell shows it."""

    lines: Sequence[str]
    """The final text, including lines that have scrolled off the screen."""

    raw: str
    """Everything that was sent to the terminal."""


def run_in_terminal(
    command: Sequence[str],
    *,
    folder: str | os.PathLike[str],
    environment: Mapping[str, str],
    typed: Sequence[tuple[str, str]] = (),
) -> Screen:
    """Run a command in the terminal.

    Args:
        command: the command.
        folder: its working directory.
        environment: its environment.
        typed: pairs of an output to wait for and the text to type after it.

    """
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execvpe(command[0], list(command), {**environment, "TERM": "xterm-256color"})  # noqa: S606  no shell
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", _LINES, _COLUMNS, 0, 0))
    screen = pyte.HistoryScreen(_COLUMNS, _LINES, history=10_000)
    stream = pyte.ByteStream(screen)
    raw, seen, to_type = b"", 0, list(typed)
    while data := _read(terminal):
        raw += data
        stream.feed(data)
        while to_type and (at := raw.find(to_type[0][0].encode(), seen)) >= 0:
            seen = at + 1
            os.write(terminal, to_type.pop(0)[1].encode())
    os.close(terminal)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status < 0:  # CPython may end with the signal after an interrupt inside `exec`
        status = 128 - status
    scrolled = [
        "".join(row[column].data for column in range(_COLUMNS)) for row in screen.history.top
    ]
    lines = [line.rstrip() for line in [*scrolled, *screen.display]]
    return Screen(status, lines, raw.decode(errors="replace"))


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # on Linux: the other end is closed
        return b""
