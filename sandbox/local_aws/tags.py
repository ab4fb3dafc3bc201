"""The rules for tags that all services share; the limits on lengths are in their API models."""

import re
from collections.abc import Collection

LIMIT = 50
"""The maximum number of tags of a resource."""


def problem_with_tags(new: Collection[tuple[str, str]], *, existing: Collection[str] = ()) -> str:
    """Return what is wrong with tags to add to a resource, or an empty string.

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
        return f"A resource can have at most {LIMIT} tags; this request would bring it to {count}."
    return ""
