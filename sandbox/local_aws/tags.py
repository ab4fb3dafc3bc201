"""The rules for tags that all services share; lengths are in their API models."""

import re
from collections.abc import Collection

LIMIT = 50
"""How many tags a resource can have."""


def problem_with_tags(new: Collection[tuple[str, str]], *, existing: Collection[str] = ()) -> str:
    """Say what is wrong with tags that are added to a resource, or nothing.

    https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html

    Args:
        new: key and value of each tag.
        existing: the keys that the resource already has.

    """
    for key, value in new:
        if key.lower().startswith("aws:"):
            return f"The tag key {key} starts with aws:, which is reserved for AWS."
        for text in (key, value):
            if not re.fullmatch(r"[\w\s+\-=.:/@]*", text):
                return (
                    f"The tag {key} has a character that is not allowed; tags can have letters,"
                    " digits, spaces and + - = . _ : / @."
                )
    keys = [key for key, _ in new]
    if len(set(keys)) < len(keys):
        return "A resource cannot have two tags with the same key."
    if (count := len({*keys, *existing})) > LIMIT:
        return f"A resource can have {LIMIT} tags, and this would make {count}."
    return ""
