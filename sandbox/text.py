"""Text for a terminal."""

import re


def printable(text: str) -> str:
    """Escape control characters, which a terminal would obey, except line breaks."""
    return re.sub(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", lambda found: ascii(found[0])[1:-1], text)
