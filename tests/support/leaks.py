"""Searches everything that a command writes or prints for canaries: tokens that may only be in AWS and in the program.

A surface is anything that others could read: output, files, arguments and environments of processes.
"""

import base64
import contextlib
import json
import os
import secrets
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import InitVar, dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_plus

HEADER = "X-Access-Token"
PROGRAM = "pulumi-language-python-exec"
"""The script that runs the program. Pulumi passes it the decrypted config in PULUMI_CONFIG, by design."""
PROGRAMS_CONFIG = "PULUMI_CONFIG of the program"
"""The surface that contains the tokens."""


@dataclass(frozen=True, kw_only=True)
class Canary:
    """A token, and the texts that reveal it."""

    source_location: str
    token: str
    secret_string_key: str = "AccessToken"
    header: str = HEADER
    traces: tuple[str, ...]
    """Texts that must not be anywhere, in any encoding."""


def canaries() -> list[Canary]:
    """Return a new token of each kind that a program might misinterpret."""

    def core() -> str:
        return f"canary{secrets.token_hex(8)}"

    digits = str(secrets.randbelow(9 * 10**15) + 10**15)
    number = f"1e{secrets.randbelow(9 * 10**7) + 10**7}"
    odd, json_object, missing, plain = core(), core(), core(), core()
    key, header = f"Key{core()}", f"X-{core()}"
    kinds = {
        "plain": (plain, plain),
        "odd": (f'{odd}"\\%d%s$HOME{{}}<{{%fg 1%}}>', odd),
        "digits": (digits, digits),
        "json": (json.dumps({"a": json_object}), json_object),
        "number": (number, number),
        "missing": (f"%!s(MISSING){missing}", missing),
    }
    return [
        *(
            Canary(source_location=kind, token=token, traces=tuple({token, trace}))
            for kind, (token, trace) in kinds.items()
        ),
        # The outputs contain the SecretString keys and headers, so only the whole SecretString reveals these two.
        Canary(
            source_location="key", token=key, secret_string_key=key, traces=_secret_string(key, key)
        ),
        Canary(
            source_location="header",
            token=header,
            header=header,
            traces=_secret_string("AccessToken", header),
        ),
    ]


def _secret_string(key: str, token: str) -> tuple[str, ...]:
    spaced = json.dumps({key: token})
    return spaced[1:-1], spaced[1:-1].replace(" ", "")


def spellings(text: str) -> Mapping[str, bytes]:
    """Return a text in common encodings, independent of the text around it."""
    raw = text.encode()
    once = json.dumps(text)[1:-1]
    twice = json.dumps(once)[1:-1]
    go = json.dumps(text, ensure_ascii=False)[1:-1]
    for character in "<>&":
        go = go.replace(character, f"\\u{ord(character):04x}")
    base64s = [_base64(raw, offset) for offset in range(3)]
    return {
        "raw": raw,
        **{f"base64, {offset} bytes in": each for offset, each in enumerate(base64s)},
        **{
            f"base64url, {offset} bytes in": each.translate(bytes.maketrans(b"+/", b"-_"))
            for offset, each in enumerate(base64s)
        },
        "hex": raw.hex().encode(),
        "HEX": raw.hex().upper().encode(),
        "URL": quote(text, safe="").encode(),
        "form": quote_plus(text).encode(),
        "JSON": once.encode(),
        "JSON in JSON": twice.encode(),
        "JSON in JSON in JSON": json.dumps(twice)[1:-1].encode(),
        "Go's JSON": go.encode(),
        "Go's JSON in JSON": json.dumps(go)[1:-1].encode(),
        "Python": repr(text)[1:-1].encode(),
        "reversed": raw[::-1],
    }


def _base64(raw: bytes, offset: int) -> bytes:
    """Return the characters of a text's base64 at an offset that do not depend on the text around it."""
    encoded = base64.b64encode(bytes(offset) + raw)
    return encoded[-(-offset * 8 // 6) : (offset + len(raw)) * 8 // 6]


@dataclass
class Search:
    """A search for canaries: what was searched and what was found."""

    canaries: InitVar[Iterable[Canary]]
    sizes: Counter[str] = field(default_factory=Counter)
    """Bytes read of each surface."""
    found: set[tuple[str, str, str]] = field(default_factory=set)
    """The surface, kind of canary and encoding of each match."""
    processes_seen: set[bytes] = field(default_factory=set)
    """The arguments of each process."""

    def __post_init__(self, canaries: Iterable[Canary]) -> None:
        self._needles: dict[bytes, tuple[str, str]] = {}
        self._seen: set[tuple[object, ...]] = set()
        self.add(canaries)

    def add(self, canaries: Iterable[Canary]) -> None:
        """Search for these as well."""
        self._needles |= {
            needle: (canary.source_location, spelling)
            for canary in canaries
            for trace in canary.traces
            for spelling, needle in spellings(trace).items()
        }

    def look_at(self, surface: str, content: bytes) -> None:
        """Search a part of a surface."""
        self.sizes[surface] += len(content)
        for needle, (kind, spelling) in self._needles.items():
            if needle in content:
                self.found.add((surface, kind, spelling))

    def look_at_files(self, surface: str, *folders: Path, but: Iterable[Path] = ()) -> None:
        """Search the names and contents of files that are new or changed since the last search."""
        left_out = {folder.resolve() for folder in but}
        for folder in folders:
            for parent, names, files in os.walk(folder):
                names[:] = [name for name in names if Path(parent, name).resolve() not in left_out]
                for file in (Path(parent, name) for name in files):
                    with contextlib.suppress(FileNotFoundError):  # removed in the meantime
                        status = file.lstat()
                        version = (file, status.st_mtime_ns, status.st_size)
                        if file.is_file() and version not in self._seen:
                            self._seen.add(version)
                            self.look_at(surface, os.fsencode(file) + b"\n" + file.read_bytes())

    @contextlib.contextmanager
    def processes(self) -> Iterator[None]:
        """Search the arguments and environment of every process repeatedly."""
        ended = threading.Event()

        def look() -> None:
            while not ended.wait(0.005):
                self._look_at_processes()

        thread = threading.Thread(target=look)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _look_at_processes(self) -> None:
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):  # another user's, or ended in the meantime
                arguments = process.joinpath("cmdline").read_bytes()
                if not arguments or (process, arguments) in self._seen:
                    continue
                environment = process.joinpath("environ").read_bytes()
                if process.joinpath("cmdline").read_bytes() != arguments:
                    continue  # it executed another program in the meantime
                self._seen.add((process, arguments))
                self.processes_seen.add(arguments)
                if PROGRAM.encode() in arguments:
                    variables = environment.split(b"\0")
                    config = [each for each in variables if each.startswith(b"PULUMI_CONFIG=")]
                    self.look_at(PROGRAMS_CONFIG, b"\0".join(config))
                    environment = b"\0".join(each for each in variables if each not in config)
                self.look_at("process arguments", arguments)
                self.look_at("process environments", environment)
