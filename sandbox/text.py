"""Text for a terminal."""

import re


def printable(text: str) -> str:
    """Escape all control characters except line breaks, so that a terminal does not interpret them."""
    return re.sub(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", lambda found: ascii(found[0])[1:-1], text)
