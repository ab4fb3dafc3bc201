"""The AWS account that a rehearsal deploys to: the one that the stack's config names."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sandbox.preparation.stack_settings import StackSettings, listed, path_text

DEFAULT_ACCOUNT: Final = "123456789012"
"""The account if the config names none."""

_ALLOWED = "aws:allowedAccountIds"
_ACCOUNT = re.compile(r"[0-9]{12}")
_ARN = re.compile(r"arn:[a-z-]+:([a-z0-9-]+):[a-z0-9-]*:([0-9]{12}):.+")


@dataclass(frozen=True)
class Account:
    """An account, with notes for the user on how it was chosen."""

    id: str
    notes: tuple[str, ...] = ()


def account_of(settings: StackSettings) -> Account:
    """Return the account that a stack's config names, or `DEFAULT_ACCOUNT`.

    The provider deploys to the account of the last role that it assumes. A stack's keys and secrets
    are in its account; roles and users in policies may belong to other accounts.
    """
    allowed, notes = _allowed(settings.values.get(_ALLOWED))
    mentions = [
        *_assumed_roles(settings.values),
        *sorted(_arns(settings), key=lambda mention: mention[2] == "iam"),
    ]
    candidates = [m for m in mentions if not allowed or m[1] in allowed]
    candidates += [(_ALLOWED, account, "") for account in allowed]
    if not candidates:
        return Account(DEFAULT_ACCOUNT, notes)
    where, account, _ = candidates[0]
    others = {m[1]: m[0] for m in reversed([*candidates, *mentions]) if m[1] != account}
    if others:
        also = listed([f"{other} ({there})" for other, there in others.items()])
        notes += (
            f"the config names several accounts: {account} ({where}) is used here, not {also}.",
        )
    return Account(account, notes)


def _allowed(value: object) -> tuple[list[str], tuple[str, ...]]:
    ids = _list(value)
    notes = tuple(
        f"{_ALLOWED} has {each}, which is not an account ID. Put account IDs in quotes: YAML reads"
        " them as numbers otherwise and drops leading zeros."
        for each in ids
        if isinstance(each, int | float) and not _ACCOUNT.fullmatch(str(each))
    )
    return [str(each) for each in ids if _ACCOUNT.fullmatch(str(each))], notes


def _assumed_roles(values: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield config key, account and service of the role that each way to assume roles ends with."""
    for key in ("aws:assumeRoles", "aws:assumeRoleWithWebIdentity"):
        for role in reversed(_list(values.get(key))):
            arn = _ARN.fullmatch(str(role.get("roleArn"))) if isinstance(role, Mapping) else None
            if arn:
                yield key, arn[2], arn[1]
                break  # earlier roles only serve to assume this one


def _arns(settings: StackSettings) -> Iterator[tuple[str, str, str]]:
    """Yield path, account and service of each ARN in the project's own config."""
    for (key, *steps), value in settings.leaves():
        namespace, _, name = str(key).partition(":")
        if namespace == settings.project and (arn := _ARN.fullmatch(str(value))):
            yield path_text((name, *steps)), arn[2], arn[1]


def _list(value: object) -> list[Any]:
    """Return a provider setting as a list; Pulumi also accepts JSON text."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            return [value]
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
