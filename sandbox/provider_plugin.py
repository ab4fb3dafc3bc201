"""The AWS provider plugin of a sandbox: the stand-in, or the real pulumi-aws."""

import json
import os
import shlex
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Final, Literal, TypeAlias

Provider: TypeAlias = Literal["stand-in", "pulumi-aws"]
"""The plugin that the engine uses."""

_VERSION: Final = version("pulumi-aws")
_PLUGIN: Final = Path("plugins", f"resource-aws-v{_VERSION}", "pulumi-resource-aws")
"""Where the engine looks in PULUMI_HOME for the plugin that the program's SDK requires."""

_SERVICES: Final = ("cloudcontrol", "cloudformation", "iam", "kms", "secretsmanager", "sts")


def provider_name(provider: Provider) -> str:
    """Return a provider's name for reports."""
    real = f"pulumi-aws {_VERSION}"
    return real if provider == "pulumi-aws" else f"a stand-in for {real}"


def install(provider: Provider, pulumi_home: Path) -> None:
    """Install a plugin where the engine looks for it.

    pulumi-aws is linked from the user's Pulumi home; if it is not there, the engine downloads it.
    """
    plugin = pulumi_home / _PLUGIN
    if provider == "stand-in":
        plugin.parent.mkdir(parents=True)
        plugin.write_text(
            "#!/bin/sh\n"
            f"export PYTHONPATH={shlex.quote(str(Path(__file__).resolve().parent.parent))}\n"
            f'exec {shlex.quote(sys.executable)} -P -m sandbox.provider "$@"\n',
            encoding="utf-8",
        )
        plugin.chmod(0o755)
        return
    cached = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi", _PLUGIN)
    if cached.exists():
        plugin.parent.mkdir(parents=True)
        plugin.symlink_to(cached.resolve())


def variables(provider: Provider) -> Mapping[str, str]:
    """Return the environment variables that an engine needs for a provider."""
    # With the stand-in, the engine must not download pulumi-aws too.
    is_stand_in = provider == "stand-in"
    return {"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": str(is_stand_in).lower()}


def settings(provider: Provider, aws_url: str) -> Mapping[str, str]:
    """Return the config that a provider needs to use the local AWS, as YAML by config key.

    https://www.pulumi.com/registry/packages/aws/api-docs/provider/
    """
    if provider == "stand-in":
        return {}
    return {
        "aws:endpoints": json.dumps([dict.fromkeys(_SERVICES, aws_url)]),
        "aws:skipCredentialsValidation": "true",
        "aws:skipMetadataApiCheck": "true",
        "aws:skipRequestingAccountId": "true",
    }
