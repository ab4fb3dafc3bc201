"""Reads prepared stacks with the real Pulumi CLI."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sandbox import pulumi_cli
from sandbox.commands import Commands
from sandbox.preparation.stack import Preparation


class Rehearsed:
    """A prepared stack, and its config as `pulumi up` reads it."""

    def __init__(self, preparation: Preparation, config: dict[str, Any]) -> None:
        self.preparation = preparation
        self.config = config

    def get(self, key: str) -> Any:
        key = key if ":" in key else f"{self.preparation.settings.project}:{key}"
        entry = self.config.get(key)
        return entry and entry.get("objectValue", entry["value"])

    @property
    def tokens(self) -> set[str]:
        assert self.config[f"{self.preparation.settings.project}:accessTokens"]["secret"]
        tokens = self.get("accessTokens")
        assert all(len(token) == 32 for token in tokens.values())
        return set(tokens)


class OneStack(Commands):
    """Runs Pulumi for many tests in one folder, with one stack."""

    def output(self, command: Sequence[str]) -> str:
        if command[1:3] == ["stack", "init"] and list(self.folder.parent.glob("state/**/*.json")):
            return ""
        return super().output(command)


def workspace(folder: Path) -> OneStack:
    state = folder / "state"
    for each in (folder / "workspace", state):
        each.mkdir()
    pulumi = pulumi_cli.find()
    variables = {
        "PATH": f"{pulumi.parent}:{os.defpath}",
        "HOME": str(folder),
        "PULUMI_HOME": str(folder / "pulumi-home"),
        "PULUMI_BACKEND_URL": state.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "passphrase",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
    }
    return OneStack(folder / "workspace", variables)
