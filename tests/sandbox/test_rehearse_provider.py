"""The provider of a rehearsal: the stand-in, or the real plugin up to its Configure call."""

import contextlib
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from sandbox.workspace import PROJECT

Start = Callable[..., "subprocess.Popen[str]"]


def test_the_report_names_the_stand_in(start: Start) -> None:
    output, _ = start("rehearse").communicate()
    assert f"\npulumi up with a stand-in for pulumi-aws {version('pulumi-aws')}\n" in output


RECORDING_PLUGIN = f"""\
#!/bin/sh
export PYTHONPATH={PROJECT}
exec {sys.executable} -P -m tests.support.recording_plugin "$@"
"""


def test_the_user_s_own_plugin_is_used_with_the_settings_it_needs(
    start: Start, stack_file: Path, tmp_path: Path
) -> None:
    plugin = tmp_path / "users" / "plugins" / f"resource-aws-v{version('pulumi-aws')}"
    plugin.mkdir(parents=True)
    executable = plugin / "pulumi-resource-aws"
    executable.write_text(RECORDING_PLUGIN)
    executable.chmod(0o755)
    with stack_file.open("a") as file:
        file.write("  aws:profile: users\n  aws:defaultTags: {tags: {team: media}}\n")
    before = {path: path.stat().st_mtime_ns for path in tmp_path.joinpath("users").rglob("*")}

    process = start(
        "rehearse",
        "--provider=pulumi-aws",
        "--config-file",
        str(stack_file),
        PULUMI_HOME=str(tmp_path / "users"),
        RECORDING=str(tmp_path / "recording"),
    )
    output, errors = process.communicate()

    assert process.returncode == 0, output + errors
    assert f"\npulumi up with pulumi-aws {version('pulumi-aws')}\n" in output
    after = {path: path.stat().st_mtime_ns for path in tmp_path.joinpath("users").rglob("*")}
    assert after == before
    variables, environment = json.loads(tmp_path.joinpath("recording").read_text())
    (endpoints,) = json.loads(variables.pop("aws:config:endpoints"))
    assert set(endpoints) >= {"cloudcontrol", "iam", "kms", "secretsmanager", "sts"}
    assert set(endpoints.values()) == {environment["AWS_ENDPOINT_URL"]}
    assert environment["AWS_ACCESS_KEY_ID"] == "123456789012"
    assert environment["AWS_SESSION_TOKEN"]
    assert json.loads(variables.pop("aws:config:defaultTags")) == {"tags": {"team": "media"}}
    assert variables == {
        "aws:config:region": "eu-west-1",
        "aws:config:skipCredentialsValidation": "true",
        "aws:config:skipMetadataApiCheck": "true",
        "aws:config:skipRequestingAccountId": "true",
    }


def test_the_engine_downloads_the_plugin_if_the_user_does_not_have_it(
    start: Start, tmp_path: Path
) -> None:
    # The proxy refuses connections, so the download is only attempted.
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        refuse_all(proxy)
        process = start(
            "rehearse",
            "--provider=pulumi-aws",
            PULUMI_HOME=str(tmp_path / "none"),
            HTTPS_PROXY=f"http://127.0.0.1:{proxy.getsockname()[1]}",
        )
        output, errors = process.communicate()
    assert process.returncode not in {0, 130}
    assert "https://get.pulumi.com/releases/plugins/pulumi-resource-aws-v" in output + errors
    assert "`pulumi up` failed, so nothing was checked. The error is above.\n" in output


def refuse_all(proxy: socket.socket) -> None:
    def refuse() -> None:
        with contextlib.suppress(OSError):  # the test has closed it
            while True:
                connection, _ = proxy.accept()
                connection.close()

    threading.Thread(target=refuse, daemon=True).start()
