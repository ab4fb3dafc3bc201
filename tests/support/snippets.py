"""The documents' shell snippets by heading, and whether they are tested."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[2]
DOCUMENTS = ["README.md", *(f"docs/{path.name}" for path in sorted(PROJECT.glob("docs/*.md")))]

_BLOCK = re.compile(r"^( *)```(\S*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_UNTESTED = "Not tested:"


@dataclass(frozen=True, kw_only=True)
class Snippet:
    """A fenced block of a document."""

    document: str
    heading: str
    """The heading above it."""
    language: str
    text: str
    untested: bool
    """Whether the paragraph above it explains why it is not tested."""


def headings(path: Path) -> list[str]:
    """Return the headings of a document."""
    return _HEADING.findall(_prose(path.read_text(encoding="utf-8")))


def snippets(document: str) -> Iterator[Snippet]:
    """Yield the fenced blocks of a document."""
    text = (PROJECT / document).read_text(encoding="utf-8")
    prose = _prose(text)
    for block in _BLOCK.finditer(text):
        above = _HEADING.findall(prose, 0, block.start())
        before = text[: block.start()].rstrip().rpartition("\n\n")[2]
        indent, language, content = block.groups()
        yield Snippet(
            document=document,
            heading=above[-1] if above else "",
            language=language,
            text=re.sub(f"^{indent}", "", content, flags=re.MULTILINE),
            untested=_UNTESTED in before,
        )


def shell_snippets(document: str, heading: str) -> list[str]:
    """Return the shell snippets below a heading, except untested ones."""
    found = [
        snippet.text
        for snippet in snippets(document)
        if (snippet.heading, snippet.language) == (heading, "sh") and not snippet.untested
    ]
    assert found, f"{document} has no shell snippets below {heading!r}"
    return found


def _prose(text: str) -> str:
    """Blank out the fenced blocks, because their comments look like headings."""
    return _BLOCK.sub(lambda block: " " * len(block[0]), text)
