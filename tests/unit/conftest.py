"""Fixtures that run the program against the recording engine."""

import re
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import pytest

from tests.support.recording_engine import REGION, TOKEN, Config, Deployment, run_program
from tests.support.stack_file_schema import flaws, stack_file_of

Deploy = Callable[..., Deployment]

RULE_OF_A_SINGLE_VALUE = re.compile(r"^ +(must be|unknown key)", re.MULTILINE)
"""Config errors that JSON Schema can express as well."""


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Deployment:
    """Return an empty record, in an environment without a Region or a home folder."""
    for variable in ("AWS_REGION", "AWS_DEFAULT_REGION", "PULUMI_CONFIG"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return Deployment()


@pytest.fixture
def deploy(deployment: Deployment) -> Deploy:
    """Return a function that runs the program with a config and returns what the engine recorded."""

    def run(config: Config, **where: Any) -> Deployment:
        run_program(deployment, config, **where)
        assert not _flaws(config, **where), "an editor must accept what the program accepts"
        return deployment

    return run


@pytest.fixture
def refusal(deployment: Deployment) -> Callable[..., str]:
    """Return a function that runs the program with an invalid config and returns its error message."""

    def run(config: Config, **where: Any) -> str:
        with pytest.raises(SystemExit) as left:
            run_program(deployment, config, **where)
        assert left.value.code == 32, "the language host must know that the error was reported"
        assert not deployment.resources, "a resource was registered despite an error"
        (message,) = deployment.errors
        if RULE_OF_A_SINGLE_VALUE.search(message):
            assert _flaws(config, **where), "an editor must report it as well"
        return message

    return run


def _flaws(
    config: Config,
    *,
    secret_keys: Collection[str] = ("accessTokens",),
    region: str | None = REGION,
    partition: str = "",  # noqa: ARG001 not in a stack file
) -> list[str]:
    return flaws(stack_file_of(config, region=region, encrypted=secret_keys))


@pytest.fixture
def config() -> dict[str, Any]:
    """Return the smallest valid config: one source location."""
    return {
        "sourceLocations": {"sports": {"headerName": "X-Origin-Token"}},
        "accessTokens": {"sports": TOKEN},
    }
