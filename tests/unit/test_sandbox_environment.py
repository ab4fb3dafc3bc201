"""The environment of commands: without the user's Pulumi and AWS settings, and without a proxy for the local AWS."""

import urllib.request
from pathlib import Path

import pytest

from sandbox.environment import environment, in_account
from sandbox.local_aws import LocalAws

NO_PROXY = ("no_proxy", "NO_PROXY", "no_grpc_proxy")


@pytest.fixture
def made(tmp_path: Path) -> dict[str, str]:
    return make(tmp_path)


def make(root: Path) -> dict[str, str]:
    return environment(
        root=root,
        folder=root / "project",
        pulumi=Path("/engine/pulumi"),
        aws=LocalAws(session_token="token", _port=1, _log=root / "log"),
        passphrase="passphrase",
    )


@pytest.fixture(autouse=True)
def _no_proxies_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NO_PROXY:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("name", NO_PROXY)
@pytest.mark.parametrize("users", ["", "corp.example", "corp.example, 10.0.0.0/8", "127.0.0.1"])
def test_the_local_aws_is_never_reached_through_a_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, users: str
) -> None:
    monkeypatch.setenv(name, users)
    made = make(tmp_path)
    for each in NO_PROXY:
        hosts = made[each].split(",")
        assert {"127.0.0.1", "localhost"} <= set(hosts)
        assert {host.strip() for host in users.split(",")} - {""} <= set(hosts)
        assert len(hosts) == len(set(hosts))


def test_without_a_proxy_none_is_configured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "*")
    made = make(tmp_path)
    assert (made["no_proxy"], made["NO_PROXY"]) == ("*", "*")
    assert made["no_grpc_proxy"] == "*,127.0.0.1,localhost"  # gRPC does not support the asterisk


def test_python_understands_the_exceptions(made: dict[str, str]) -> None:
    exceptions = {"no": made["no_proxy"]}
    assert urllib.request.proxy_bypass_environment("127.0.0.1:1", exceptions)  # type: ignore[attr-defined]
    assert not urllib.request.proxy_bypass_environment("example.com", exceptions)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "name",
    ["AWS_PROFILE", "AWS_ENDPOINT_URL_KMS", "PULUMI_ACCESS_TOKEN", "PULUMI_STACK", "VIRTUAL_ENV"],
)
def test_the_users_settings_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "users")
    assert name not in make(tmp_path)


def test_the_projects_copy_comes_first_on_the_path(made: dict[str, str], tmp_path: Path) -> None:
    assert made["PATH"].startswith(f"/engine:{tmp_path}/project/.venv/bin:")


def test_the_access_key_is_the_account_id() -> None:
    assert in_account("210987654321", "eu-west-1")["AWS_ACCESS_KEY_ID"] == "210987654321"
