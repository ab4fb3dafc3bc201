"""The settings of pulumi-aws (`aws:…` in a stack file), grouped by how a rehearsal treats them.

The names are read from the installed pulumi-aws, so that none is missing here after an update.
"""

import difflib
import importlib.util
import re
from pathlib import Path
from typing import Final


def _installed_settings() -> frozenset[str]:
    """Read the names without importing pulumi-aws, which takes almost a second."""
    package = importlib.util.find_spec("pulumi_aws")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("pulumi_aws is not installed. Run `make` to install it.")
    source = Path(package.origin).with_name("config").joinpath("vars.py")
    names = re.findall(r"__config__\.get\w*\('(\w+)'\)", source.read_text(encoding="utf-8"))
    return frozenset(names)


SETTINGS: Final = _installed_settings()
"""All settings of pulumi-aws, without the `aws:`."""

USED: Final = frozenset({"region", "defaultTags", "ignoreTags"})
"""Settings that a rehearsal applies as pulumi-aws does."""

NOT_REHEARSED: Final = frozenset({"tagPolicyCompliance"})
"""Settings that can make a deployment fail in AWS but have no effect in a rehearsal.

`tagPolicyCompliance` compares tags with the policies of an AWS organization, which the local AWS
does not have.
"""

CONNECTION: Final = SETTINGS - USED - NOT_REHEARSED
"""Connection settings: credentials, roles, accounts, endpoints, retries, proxies.

A rehearsal ignores them, because it connects to the local AWS.
"""

_RENAMED: Final = {"assumeRole": "Since pulumi-aws 7 it is `aws:assumeRoles`, a list of roles."}


def unknown_setting(name: str) -> str:
    """Return the error for a setting that pulumi-aws does not have, with a suggestion if possible.

    Args:
        name: the setting without the `aws:`; not in `SETTINGS`.

    """
    names = {each.lower(): each for each in SETTINGS}
    nearest = [names[each] for each in difflib.get_close_matches(name.lower(), names, n=1)]
    hint = _RENAMED.get(name) or " ".join(f"Did you mean `aws:{each}`?" for each in nearest)
    error = f"`aws:{name}` is not a valid configuration key for the aws provider."
    return f"{error} {hint}".rstrip()
