"""Fixtures that run the whole program against the recording engine."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.support.recording_engine import TOKEN, Config, Deployment, run_program

Deploy = Callable[..., Deployment]


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Deployment:
    """Return an empty record, in a process that knows no Region and no home folder."""
    for variable in ("AWS_REGION", "AWS_DEFAULT_REGION", "PULUMI_CONFIG"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return Deployment()


@pytest.fixture
def deploy(deployment: Deployment) -> Deploy:
    """Return a function that runs the program with a config and tells what reached the engine."""
    return partial(run_program, deployment)


@pytest.fixture
def refusal(deployment: Deployment) -> Callable[..., str]:
    """Return a function that runs the program with a bad config and returns what its user reads."""

    def run(config: Config, **where: Any) -> str:
        with pytest.raises(SystemExit) as left:
            run_program(deployment, config, **where)
        assert left.value.code == 32, "the language host must know that the user has seen the error"
        assert not deployment.resources, "a resource was registered in spite of an error"
        (message,) = deployment.errors
        return message

    return run


@pytest.fixture
def config() -> dict[str, Any]:
    """Return the smallest good config: one source location."""
    return {
        "sourceLocations": {"sports": {"headerName": "X-Origin-Token"}},
        "accessTokens": {"sports": TOKEN},
    }
