"""A protected stack keeps every token readable: it reports forbidden changes by config key, before it changes AWS."""

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.support.changing_stack import REGION, ChangingStack, Config, changing_stack
from tests.support.snippets import shell_snippets

BASE_URL = "https://origin.example.com"
AWAY = "us-west-2"
SOURCE_LOCATIONS: Config = {
    "sports": {"headerName": "X-Token", "baseUrl": BASE_URL},
    "news": {"headerName": "X-Token"},
    "kids": {"headerName": "X-Token"},
    "films": {"origin": "mediapackage-v1", "baseUrl": BASE_URL},
    "music": {"origin": "mediapackage-v1"},
}


@pytest.fixture(scope="module")
def protected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChangingStack]:
    """Return a deployed stack with every resource that can be protected; no test changes it."""
    with ExitStack() as stacks:
        folder = tmp_path_factory.mktemp("stack")
        stack = stacks.enter_context(
            changing_stack(
                folder, sourceLocations=SOURCE_LOCATIONS, replicaRegions=[AWAY], protect=True
            )
        )
        stack.up()
        yield stack


@pytest.fixture
def stack(protected: ChangingStack) -> Iterator[ChangingStack]:
    """Yield the deployed stack, and restore its stack file at the end."""
    text = protected.file.read_text()
    before = _in_aws(protected)
    protected.calls()
    yield protected
    protected.file.write_text(text)
    assert _in_aws(protected) == before, "something changed in AWS"


def refusal(stack: ChangingStack, *command: str) -> str:
    """Run a command that the program refuses, and return its output. Only calls to STS may reach AWS."""
    printed = stack.pulumi(*command, fails=True)
    calls = stack.calls()
    assert set(calls) <= {"sts.GetCallerIdentity"}, calls
    assert "nothing was created or changed" in printed
    assert "undo the change, then: pulumi config set --path protect false" in printed
    assert "Traceback" not in printed
    return printed


def refused(printed: str) -> set[str]:
    """Return the config keys of the forbidden changes in the output."""
    return set(re.findall(r"\n +(\S+)\n +[^\n]+; protect forbids it\n", printed))


UP = ("up", "--yes", "--skip-preview")


@pytest.mark.parametrize("command", [("preview",), UP], ids=["preview", "up"])
def test_every_change_that_makes_a_token_unreadable_is_refused_by_config_key_before_any_call(
    stack: ChangingStack, command: tuple[str, ...]
) -> None:
    def change(config: Config) -> None:
        located = config["sourceLocations"]
        del located["kids"], config["accessTokens"]["kids"]
        del located["sports"]["baseUrl"]
        located["news"] |= {"secretStringKey": "New", "secretName": "new"}
        located["films"]["origin"] = "mediapackage-v2"
        located["music"] = {"headerName": "X-Token"}
        config["encryptionKey"] = {"alias": "alias/new"}
        config["servicePrincipal"] = f"mediatailor.{REGION}.amazonaws.com"
        config["restrictToSourceAccount"] = True
        config["replicaRegions"] = []

    stack.change(change)
    assert refused(refusal(stack, *command)) == {
        "encryptionKey.alias",
        "replicaRegions",
        "restrictToSourceAccount",
        "servicePrincipal",
        "sourceLocations.films.origin",
        "sourceLocations.kids",
        "sourceLocations.music.origin",
        "sourceLocations.music.secretStringKey",
        "sourceLocations.news.secretName",
        "sourceLocations.news.secretStringKey",
        "sourceLocations.sports.baseUrl",
    }


def test_another_key_region_or_secret_is_refused_too(stack: ChangingStack) -> None:
    key = f"arn:aws:kms:{AWAY}:123456789012:key/mrk-{'0' * 32}"
    arn = f"arn:aws:secretsmanager:{AWAY}:123456789012:secret:theirs-AbCdEf"

    def change(config: Config) -> None:
        config["encryptionKey"] = {"arn": key}
        config["sourceLocations"]["news"]["adoptSecretArn"] = arn
        config["aws:region"] = AWAY
        config["replicaRegions"] = []

    stack.change(change)
    assert refused(refusal(stack, *UP)) == {
        "aws:region",
        "encryptionKey.arn",
        "replicaRegions",
        "sourceLocations.news.adoptSecretArn",
    }


def test_turning_protection_off_together_with_a_removal_is_refused(stack: ChangingStack) -> None:
    def change(config: Config) -> None:
        del config["sourceLocations"]["kids"], config["accessTokens"]["kids"]
        config["protect"] = False

    stack.change(change)
    assert refused(refusal(stack, *UP)) == {"sourceLocations.kids"}


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--skip-preview",),
        ("--skip-preview", "--refresh"),
        ("--skip-preview", "--continue-on-error"),
    ],
    ids=lambda options: " ".join(options) or "with a preview",
)
def test_destroy_deletes_nothing(stack: ChangingStack, options: tuple[str, ...]) -> None:
    printed = stack.pulumi("destroy", "--yes", *options, fails=True)
    assert "cannot be deleted" in printed
    assert stack.writes() == []


def test_protected_existing_keys_and_their_replicas_cannot_be_changed(tmp_path: Path) -> None:
    with changing_stack(tmp_path, sourceLocations={"news": {"headerName": "X-Token"}}) as stack:
        keys = [
            stack.client("kms", region).create_key()["KeyMetadata"]["Arn"]
            for region in (REGION, REGION, AWAY, AWAY)
        ]

        def uses(key: str, replica: str, *regions: str) -> None:
            def change(config: Config) -> None:
                replicas = dict.fromkeys(regions, replica)
                config["encryptionKey"] = {"arn": key, "replicaArns": replicas}
                config["replicaRegions"] = list(regions)
                config["protect"] = True

            stack.change(change)

        uses(keys[0], keys[2], AWAY)
        stack.up()
        stack.calls()
        uses(keys[1], keys[3], AWAY)
        replica = f"encryptionKey.replicaArns.{AWAY}"
        assert refused(refusal(stack, *UP)) == {"encryptionKey.arn", replica}
        uses(keys[0], keys[2])
        assert refused(refusal(stack, *UP)) == {"replicaRegions"}


@pytest.mark.documents("docs/operations.md", "Remove a source location from a protected stack")
def test_one_source_location_is_removed_from_a_protected_stack_as_documented(
    tmp_path: Path,
) -> None:
    (recipe,) = shell_snippets(
        "docs/operations.md", "Remove a source location from a protected stack"
    )
    located = dict.fromkeys(("sports-hd", "films"), SOURCE_LOCATIONS["sports"])
    with changing_stack(tmp_path, sourceLocations=located, protect=True) as stack:
        stack.up()
        before = _in_aws(stack)
        # The user confirms each update; the CLI has no terminal to prompt on.
        stack.shell(f"set -e\n{recipe}", PULUMI_SKIP_CONFIRMATIONS="true")
        after = _in_aws(stack)
        assert after.keys() == before.keys()
        assert [name for name in before["tokens"] if name not in after["tokens"]] == ["sports-hd"]
        assert after["tokens"]["films"] == before["tokens"]["films"]
        assert after["source locations"] == [
            each for each in before["source locations"] if each["SourceLocationName"] == "films"
        ]
        assert after["aliases"] == before["aliases"]
        assert "cannot be deleted" in stack.pulumi("destroy", "--yes", "--skip-preview", fails=True)


def _in_aws(stack: ChangingStack) -> dict[str, Any]:
    """Return the content of AWS that MediaTailor and MediaPackage need."""
    outputs = stack.outputs()
    found: dict[str, Any] = {"tokens": {}, "policies": {}}
    for name, arn in outputs["secretArns"].items():
        arns = {REGION: arn, **outputs["replicaSecretArns"].get(name, {})}
        secrets = {region: stack.client("secretsmanager", region) for region in arns}
        found["tokens"][name] = {
            region: json.loads(secrets[region].get_secret_value(SecretId=each)["SecretString"])
            for region, each in arns.items()
        }
        found["policies"][name] = secrets[REGION].get_resource_policy(SecretId=arn)[
            "ResourcePolicy"
        ]
    kms = stack.client("kms")
    found["aliases"] = [each["AliasName"] for each in kms.list_aliases()["Aliases"]]
    found["key"] = kms.describe_key(KeyId=outputs["encryptionKeyArn"])["KeyMetadata"]["KeyState"]
    found["roles"] = [each["Arn"] for each in stack.client("iam").list_roles()["Roles"]]
    found["source locations"] = stack.client("mediatailor").list_source_locations()["Items"]
    return found
