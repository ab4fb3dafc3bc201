"""`python -m permissions.document`: update the tables in docs/permissions.md from the tables in this folder."""

import csv
import itertools
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from permissions.policies import Permission, permissions

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "permissions.md"


@cache
def unproven(subject: str) -> dict[str, str]:
    """Return the reasons why the tests cannot prove permissions, by name.

    Args:
        subject: `action` for actions, `resource` for actions whose resource is unproven, `condition` for condition keys.

    """
    with Path(__file__).with_name("unproven.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, skipinitialspace=True)
        return {row["name"]: row["why"] for row in rows if row["subject"] == subject}


def updated(text: str) -> str:
    """Return the text of the document with updated tables."""
    tables = {"permissions": _permissions(), "unproven": _unproven()}
    for name, lines in tables.items():
        comment = f"<!-- generated: {name} -->\n"
        before, _, rest = text.partition(comment)
        text = (
            before
            + comment
            + "\n".join(lines)
            + "\n<!-- end -->"
            + rest.partition("<!-- end -->")[2]
        )
    return text


def _permissions() -> Iterator[str]:
    def alike(each: Permission) -> tuple[object, ...]:
        return each.part, each.operations, each.resource, each.condition, each.why

    yield "| part | when | actions | on | why |"
    yield "|---|---|---|---|---|"
    for _, group in itertools.groupby(permissions(), alike):
        first, *others = group
        actions = " ".join(f"`{each.action}`" for each in (first, *others))
        on = re.sub(r"\*", "`*`", ", ".join(filter(None, (first.resource, first.condition))))
        why = f"[{first.why}]({first.source})" if first.source else first.why
        yield f"| {first.part} | {', '.join(first.operations)} | {actions} | {on} | {why} |"


def _unproven() -> Iterator[str]:
    yield "| not proven | why |"
    yield "|---|---|"
    for subject in ("action", "resource", "condition"):
        for name, why in unproven(subject).items():
            yield f"| {subject.replace('resource', 'resource of')} `{name}` | {why} |"


if __name__ == "__main__":
    DOCUMENT.write_text(updated(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
