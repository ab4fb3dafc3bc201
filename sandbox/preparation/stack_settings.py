"""A stack's config as the Pulumi CLI reports it."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sandbox import provider_settings
from sandbox.errors import SandboxError
from sandbox.preparation.stack_file import ENCRYPTED

DEFAULT_REGION: Final = "us-east-1"
"""The Region if the config names none."""

CONNECTION: Final = frozenset(f"aws:{name}" for name in provider_settings.CONNECTION)
"""The config keys of the connection to AWS."""

Path = tuple[str | int, ...]
"""The path of a value: the config key as `namespace:name`, then the steps into its value."""

_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]+")


@dataclass(frozen=True)
class StackSettings:
    """A stack's config with the values from `Pulumi.yaml`, as `pulumi config --json` reports it.

    An encrypted value is an object with the single key `ENCRYPTED`.
    """

    values: Mapping[str, Any]
    """The value of each config key, by `namespace:name`."""

    project: str
    """The project's name."""

    @classmethod
    def reported(
        cls, report: str, *, project: str, decrypted: Mapping[str, str] | None = None
    ) -> "StackSettings":
        """Read the output of `pulumi config --json`.

        Args:
            report: the output.
            project: the project's name.
            decrypted: placeholders for encrypted values, by the text under `ENCRYPTED`.

        Raises:
            SandboxError: the config is nested too deeply.

        """

        def with_value(entry: dict[str, Any]) -> Any:  # noqa: ANN401  the value of a JSON object
            return decrypted[entry[ENCRYPTED]] if decrypted and is_encrypted(entry) else entry

        try:
            entries: Mapping[str, Any] = json.loads(report, object_hook=with_value)
        except RecursionError:
            raise SandboxError("the stack's config is nested too deeply.") from None
        return cls(
            {key: entry.get("objectValue", entry["value"]) for key, entry in entries.items()},
            project,
        )

    @property
    def region(self) -> str | None:
        """The stack's Region, or None if the config names no valid one."""
        region = self.values.get("aws:region")
        return region if isinstance(region, str) and _REGION.fullmatch(region) else None

    @property
    def has_region(self) -> bool:
        """Whether the config has `aws:region`, whatever its value."""
        return self.values.get("aws:region") not in (None, "")

    @property
    def source_locations(self) -> Mapping[str, Any]:
        """The settings of each source location, by name; empty if they are not an object."""
        return _object(self.get("sourceLocations"))

    @property
    def tokens(self) -> Mapping[str, Any]:
        """The access tokens, by source location; empty if they are not an object."""
        return _object(self.get("accessTokens"))

    @property
    def tokens_managed_elsewhere(self) -> list[str]:
        """The source locations whose token is managed outside the stack."""
        return [
            name
            for name, location in self.source_locations.items()
            if _object(location).get("tokenManagedElsewhere") is True
        ]

    @property
    def connection(self) -> list[str]:
        """The stack's config keys of the connection to AWS."""
        return sorted(CONNECTION & set(self.values))

    def get(self, *path: str) -> Any:  # noqa: ANN401  a config holds anything
        """Return one of the project's own values, such as `get("encryptionKey", "arn")`, or None."""
        value = self.values.get(f"{self.project}:{path[0]}")
        for step in path[1:]:
            value = _object(value).get(step)
        return value

    def missing_tokens(self) -> list[str]:
        """Return the source locations that need a token and have none.

        Raises:
            SandboxError: the tokens are encrypted as one value, which the Pulumi CLI rejects.

        """
        tokens = self.get("accessTokens")
        if is_encrypted(tokens):
            raise SandboxError(
                "accessTokens is encrypted as one value; Pulumi needs an object with one encrypted"
                " value for each source location. Remove it and set each token:\n"
                "  pulumi config rm accessTokens\n"
                f"{commands_to_set_tokens(list(self.source_locations) or ['NAME'])}"
            )
        if tokens and not isinstance(tokens, Mapping):
            return []  # the Pulumi CLI rejects it
        present = {*self.tokens, *self.tokens_managed_elsewhere}
        return [name for name in self.source_locations if name not in present]

    def plain_text_tokens(self) -> list[str]:
        """Return the source locations whose token is not encrypted."""
        return [
            name
            for name, token in self.tokens.items()
            if token not in (None, "") and not is_encrypted(token)
        ]

    def leaves(self) -> Iterator[tuple[Path, Any]]:
        """Yield each value that is neither an object nor a list, and each encrypted one."""
        left: list[tuple[Path, Any]] = [((key,), value) for key, value in self.values.items()]
        left.reverse()
        while left:
            path, value = left.pop()
            inside: list[tuple[Path, Any]] = []
            if isinstance(value, Mapping) and not is_encrypted(value):
                inside = [((*path, name), entry) for name, entry in value.items()]
            elif isinstance(value, list):
                inside = [((*path, index), entry) for index, entry in enumerate(value)]
            else:
                yield path, value
            left += reversed(inside)


def is_encrypted(value: object) -> bool:
    """Return whether a reported value is encrypted."""
    return isinstance(value, Mapping) and list(value) == [ENCRYPTED]


def path_text(path: Path) -> str:
    """Format a path for `pulumi config --path`, with control characters escaped."""
    text = ""
    for part in path:
        if isinstance(part, str) and re.fullmatch(r"[\w:-]+", part):
            text += f".{part}" if text else part
        else:
            text += f"[{part}]" if isinstance(part, int) else f'["{_escaped(part)}"]'
    return text


def listed(names: Sequence[str], *, at_most: int = 10) -> str:
    """Join the first names and mention how many more there are."""
    more = len(names) - at_most
    return ", ".join(names[:at_most]) + (f" and {more} more" if more > 0 else "")


def commands_to_set_tokens(names: Sequence[str], *, options: str = "", at_most: int = 10) -> str:
    """Return commands that prompt for a token and encrypt it, one for each of the first names.

    Args:
        names: the source locations.
        options: more options for `pulumi config set`.
        at_most: how many commands to return.

    """
    lines = [_command_to_set_token(name, options) for name in names[:at_most]]
    if len(names) > at_most:
        lines.append(f"  and the same for {len(names) - at_most} more")
    return "\n".join(lines)


def _command_to_set_token(name: str, options: str) -> str:
    path = path_text(("accessTokens", name))
    if re.search(r"[\\\x00-\x1f\x7f-\x9f]|<\{%", name):  # special to the CLI or to shells
        return f"  no command can name it; rename it in the file: {path}"
    return f"  pulumi config set{options} --secret --path {shlex.quote(path)}"


def _escaped(part: str) -> str:
    quoted = part.replace('"', '\\"')
    return re.sub(r"[\x00-\x1f\x7f-\x9f]", lambda found: ascii(found[0])[1:-1], quoted)


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) and not is_encrypted(value) else {}
