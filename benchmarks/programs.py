"""The programs that are measured, each in a sandbox of its own."""

import contextlib
import dataclasses
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import yaml

from sandbox.workspace import Sandbox, sandbox

STACK = "bench"
PEERS = Path(__file__).resolve().parent


@contextlib.contextmanager
def this_program(source_locations: int) -> Iterator[Sandbox]:
    """Make a sandbox in which this project's stack has so many source locations."""
    config = {
        "aws:region": "us-east-1",
        "mediatailor-access-token:sourceLocations": {
            f"location-{index:04}": {"headerName": "X-Access-Token"}
            for index in range(source_locations)
        },
        "mediatailor-access-token:encryptionKey": {
            "sourceLocationManagers": ["arn:aws:iam::123456789012:role/video-platform"]
        },
    }
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        stack_file = Path(folder, f"Pulumi.{STACK}.yaml")
        stack_file.write_text(yaml.safe_dump({"config": config}), encoding="utf-8")
        with sandbox(stack_file=stack_file, stack=STACK) as place:
            yield place


def peer(place: Sandbox, program: Literal["bare", "flat"]) -> Sandbox:
    """Return the sandbox with another program in this one's place, and the same stack file."""
    folder = place.folder.parent / program
    shutil.copytree(PEERS / program, folder)
    shutil.copy(place.folder / f"Pulumi.{STACK}.yaml", folder)
    there = dataclasses.replace(place, folder=folder)
    there.output(["pulumi", "stack", "init", STACK])
    return there


def with_engine_defaults(place: Sandbox) -> Sandbox:
    """Return the sandbox without the setting that only throw-away state allows: as on real AWS."""
    environment = dict(place.environment)
    del environment["PULUMI_SKIP_CHECKPOINTS"]
    return dataclasses.replace(place, environment=environment)
