"""The component's package, installed with pip and, as for other languages, run by Pulumi's provider host."""

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sandbox.project_copy import make_virtual_environment
from sandbox.workspace import PROJECT
from tests.support.stack_driver import Stack

PROGRAMS = PROJECT / "examples" / "programs"
TOKEN = "canary-of-an-example"
REMOTE_PROGRAM = """\
import pulumi
import yaml

program = yaml.safe_load(open("../yaml/Pulumi.yaml"))
properties = program["resources"]["vod"]["properties"]
properties["accessTokens"]["sports"] = pulumi.Config().require_secret("accessToken")
properties["sourceLocations"]["sports"].update(pulumi.Config().get_object("changes", {}))
component = pulumi.ComponentResource(
    "mediatailor-access-token:index:AccessTokenAuthentication",
    "vod",
    dict.fromkeys(["secretArns", "accessConfigurations"]) | properties,
    remote=True,
)
pulumi.export("secretArns", component.secretArns)
"""
"""Equivalent to the program in YAML, whose language host is not installed here."""


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """Return a copy of the programs; the Python program has the package in its virtual environment."""
    folder = shutil.copytree(PROGRAMS, tmp_path / "programs")
    make_virtual_environment(folder / "python" / ".venv")
    components = shutil.copytree(PROJECT / "components", tmp_path / "components")  # builds write
    install = "-m uv pip install --quiet --offline --no-deps --no-build-isolation --python"
    subprocess.run(  # noqa: S603 our own command
        [sys.executable, *install.split(), folder / "python" / ".venv", components], check=True
    )
    return folder


def with_provider_host(stack: Stack, programs: Path) -> Stack:
    """Return the stack with the package on PATH as a plugin, started as Pulumi does for other languages."""
    plugin = programs / "bin" / "pulumi-resource-mediatailor-access-token"
    plugin.parent.mkdir()
    python = programs / "python" / ".venv" / "bin" / "python"
    plugin.write_text(
        f'#!/bin/sh\nexec "{python}" -m pulumi.run.plugin mediatailor-access-token "$@"\n'
    )
    plugin.chmod(0o755)
    environment = dict(stack.workspace.environment)
    environment["PATH"] = f"{plugin.parent}:{environment['PATH']}"
    return Stack(workspace=replace(stack.workspace, environment=environment))


def initialize(stack: Stack, folder: Path) -> Any:
    """Create the stack of a program, and return a function that runs Pulumi commands on it."""

    def pulumi(*arguments: str, **how: Any) -> str:
        return stack.pulumi("-C", str(folder), *arguments, **how)

    pulumi("stack", "init", "test")
    pulumi("config", "set", "aws:region", "eu-west-1")
    pulumi("config", "set", "--secret", "accessToken", stdin=TOKEN)
    return pulumi


def test_the_program_in_python_deploys_with_the_installed_package(
    stack: Stack, programs: Path
) -> None:
    pulumi = initialize(stack, programs / "python")
    assert TOKEN not in pulumi("up", "--yes", "--skip-preview")
    assert "arn:aws:secretsmanager:eu-west-1:" in pulumi("stack", "output", "secretArns")


def test_the_program_in_yaml_deploys_through_the_provider_host(
    stack: Stack, programs: Path
) -> None:
    folder = programs / "python"
    folder.joinpath("__main__.py").write_text(REMOTE_PROGRAM)
    pulumi = initialize(with_provider_host(stack, programs), folder)
    pulumi("config", "set", "--path", "changes.headerName", "x-amz-a")
    refused = pulumi("up", "--yes", "--skip-preview", fails=True)
    assert "sourceLocations.sports.headerName" in refused
    assert "must be an HTTP header name" in refused
    assert "Key" not in pulumi("stack"), "something was created"
    pulumi("config", "rm", "changes")
    assert TOKEN not in pulumi("up", "--yes", "--skip-preview")
    assert "arn:aws:secretsmanager:eu-west-1:" in pulumi("stack", "output", "secretArns")
