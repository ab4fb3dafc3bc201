"""AWS CDK's `cdk synth` of the same resources."""

import shutil
import subprocess

from benchmarks.programs import PEERS
from sandbox.workspace import Sandbox

_FOLDER = PEERS / "cdk"
_CDK = _FOLDER / "node_modules" / ".bin" / "cdk"


def install() -> str | None:
    """Install the CDK in the benchmark's folder, if it is not there; return why that cannot be."""
    if _CDK.exists():
        return None
    for needed in ("node", "npm"):
        if not shutil.which(needed):
            return f"there is no {needed} here"
    done = subprocess.run(
        ["npm", "ci", "--no-audit", "--no-fund"],  # noqa: S607  npm is looked up on PATH on purpose
        cwd=_FOLDER,
        check=False,
        capture_output=True,
        text=True,
    )
    return None if done.returncode == 0 else f"npm cannot install it:\n{done.stderr.strip()}"


def command(place: Sandbox, source_locations: int) -> list[str]:
    """Return the command that writes the templates."""
    return [
        str(_CDK),
        "synth",
        "--quiet",
        "--no-notices",
        "--no-version-reporting",
        "--app",
        f"node {_FOLDER / 'app.js'}",
        "--output",
        str(place.folder.parent / "cdk.out"),
        "--context",
        f"sourceLocations={source_locations}",
    ]
