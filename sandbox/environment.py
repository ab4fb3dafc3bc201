"""The environment of commands in a sandbox: the user's, without their Pulumi and AWS settings."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from sandbox.local_aws import LocalAws

_NO_PROXY: Final = ("no_proxy", "NO_PROXY", "no_grpc_proxy")
"""gRPC prefers `no_grpc_proxy` to `no_proxy` and ignores `NO_PROXY`; Python prefers `no_proxy`.

https://grpc.github.io/grpc/cpp/md_doc_environment_variables.html
"""

_DROPPED: Final = frozenset(
    {
        "PYTHONDONTWRITEBYTECODE",  # each command would compile pulumi-aws again
        "VIRTUAL_ENV",
    }
)


def environment(
    *, root: Path, folder: Path, pulumi: Path, aws: LocalAws, passphrase: str
) -> dict[str, str]:
    """Return the environment of commands, without a Region or an account.

    Args:
        root: the sandbox's folder.
        folder: the project folder in it.
        pulumi: the Pulumi CLI.
        aws: the local AWS.
        passphrase: the passphrase for the stack's secrets.

    """
    users = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "PULUMI_")) and name not in _DROPPED
    }
    path = [
        pulumi.parent,
        folder / ".venv" / "bin",
        Path(sys.executable).parent,
        os.environ.get("PATH", ""),
    ]
    return users | {
        "PATH": os.pathsep.join(map(str, path)),
        **_without_proxy_for_local_aws(users),
        "AWS_ENDPOINT_URL": aws.url,
        "AWS_SESSION_TOKEN": aws.session_token,
        "AWS_CONFIG_FILE": str(root / "no-aws-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(root / "no-aws-credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "PULUMI_HOME": str(root / "pulumi-home"),
        "PULUMI_BACKEND_URL": Path(root, "state").as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": passphrase,
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        # With 40 source locations, each `pulumi up` would print 400 lines of outputs.
        "PULUMI_OPTION_SUPPRESS_OUTPUTS": "true",
        # Save the state only at the end of an operation, even a failed one, and not after each step:
        # minutes faster with many source locations. A killed engine then leaves no state, which a
        # real stack cannot afford; here the state is discarded anyway.
        "PULUMI_SKIP_CHECKPOINTS": "true",
    }


def in_account(account: str, region: str) -> dict[str, str]:
    """Return the variables that select an account and a Region of the local AWS."""
    return {
        "AWS_ACCESS_KEY_ID": account,  # MiniStack uses a 12-digit access key as the account ID
        "AWS_SECRET_ACCESS_KEY": "rehearsal",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
    }


def _without_proxy_for_local_aws(users: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that make the local AWS, the engine and its plugins bypass proxies."""
    hosts = [host.strip() for name in _NO_PROXY for host in users.get(name, "").split(",")]
    listed = ",".join(dict.fromkeys([*filter(None, hosts), "127.0.0.1", "localhost"]))
    no_proxy = "*" if "*" in hosts else listed  # valid only alone, and not for gRPC
    return {"no_proxy": no_proxy, "NO_PROXY": no_proxy, "no_grpc_proxy": listed}
