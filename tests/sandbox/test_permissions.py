"""The printed policies are sufficient and minimal, as far as the local AWS evaluates IAM policies."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
import yaml

from permissions.document import unproven
from permissions.policies import Purpose
from sandbox import local_aws
from sandbox.local_aws import ACCOUNT_ID
from sandbox.workspace import sandbox
from tests.support.aws_proxy import Request, aws_proxy
from tests.support.least_privilege import (
    REGION,
    ROOT_SECRET,
    Config,
    Deployer,
    Permission,
    action,
    is_refusal,
    printed,
    prove,
)
from tests.support.stack_driver import Stack
from tests.support.verification_command import Command

AWAY = "us-east-1"

_CUSTOM = {"headerName": "X-Access-Token"}
_CHANGED = {**_CUSTOM, "description": "changed"}
_CHANGED_KEY = {
    "rotationPeriodInDays": 180,
    "administrators": [f"arn:aws:iam::{ACCOUNT_ID}:user/administrator"],
}

LIVES: Mapping[str, Sequence[Config]] = {
    "own key": [
        {"sourceLocations": {"news": _CUSTOM}},
        {
            "sourceLocations": {
                "news": _CHANGED,
                "late": {**_CUSTOM, "secretName": "late/token", "tokenManagedElsewhere": True},
            },
            "encryptionKey": _CHANGED_KEY,
        },
    ],
    "existing key": [
        {"sourceLocations": {"news": _CUSTOM}, "encryptionKey": {"arn": "KEY"}},
        {
            "sourceLocations": {"news": _CHANGED, "late": _CUSTOM},
            "encryptionKey": {"arn": "KEY"},
        },
    ],
    "adopted secret": [
        {"sourceLocations": {"news": {**_CUSTOM, "adoptSecretArn": "SECRET"}}},
        {
            "sourceLocations": {"news": {**_CHANGED, "adoptSecretArn": "SECRET"}},
            "encryptionKey": _CHANGED_KEY,
        },
    ],
    "source location": [
        {"sourceLocations": {"news": {**_CUSTOM, "baseUrl": "https://a.example.com"}}},
        {
            "sourceLocations": {
                "news": {**_CHANGED, "baseUrl": "https://b.example.com"},
                "late": {**_CUSTOM, "baseUrl": "https://c.example.com"},
            },
            "encryptionKey": _CHANGED_KEY,
        },
    ],
    "MediaPackage, replicas and tags": [
        {
            "sourceLocations": {"news": {"origin": "mediapackage-v1"}},
            "aws:defaultTags": {"tags": {"stays": "a", "goes": "b"}},
        },
        {
            "sourceLocations": {"news": {"origin": "mediapackage-v1"}},
            "replicaRegions": [AWAY],
            "aws:defaultTags": {"tags": {"stays": "a", "goes": "b"}},
        },
        {
            "sourceLocations": {
                "news": {"origin": "mediapackage-v2", "description": "changed"},
                "late": {"origin": "mediapackage-v1"},
            },
            "replicaRegions": [AWAY],
            "encryptionKey": _CHANGED_KEY,
            "aws:defaultTags": {"tags": {"stays": "c"}},
        },
    ],
}
"""The successive configs of a stack. KEY and SECRET stand for the ARNs of an existing key and secret."""


@pytest.fixture
def deployer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployer]:
    environment = local_aws._environment  # noqa: SLF001  only these tests need policy evaluation
    authorizing = {"AUTH": "true", "AWS_SECRET_ACCESS_KEY": ROOT_SECRET}
    monkeypatch.setattr(
        local_aws, "_environment", lambda **where: environment(**where) | authorizing
    )
    file = tmp_path / "Pulumi.test.yaml"
    names = dict.fromkeys(("news", "late", "new-token"), _CUSTOM)
    config = {"aws:region": REGION, "mediatailor-access-token:sourceLocations": names}
    file.write_text(yaml.safe_dump({"config": config}))
    with (
        sandbox(stack_file=file, stack="test") as sandbox_,
        aws_proxy(
            sandbox_.aws_url, session_token=sandbox_.environment["AWS_SESSION_TOKEN"]
        ) as proxy,
    ):
        yield Deployer(Stack(workspace=sandbox_), proxy)


def configs_of(life: str, deployer: Deployer) -> list[Config]:
    """Create the existing key and secret, and return the stack's configs."""
    key = deployer.root_client("kms").create_key()["KeyMetadata"]["Arn"]
    secrets = deployer.root_client("secretsmanager")
    secret = secrets.create_secret(Name="CDN", SecretString="{}")["ARN"]
    text = json.dumps(LIVES[life]).replace('"KEY"', f'"{key}"').replace('"SECRET"', f'"{secret}"')
    configs: list[Config] = json.loads(text)
    return configs


def live(
    deployer: Deployer, configs: Sequence[Config], policy: Mapping[Purpose, set[Permission]]
) -> Mapping[Purpose, Sequence[Request]]:
    """Preview, refresh, deploy, change and destroy a stack, and return the requests of each purpose.

    Changing and destroying run without the permissions that are listed as unproven: an Allow cannot break anything, so
    policies that suffice without these permissions also suffice with them. The local AWS would deny a request that
    needed one of them.
    """
    requests: dict[Purpose, list[Request]] = {purpose: [] for purpose in policy}
    allowed = {
        purpose: {each.as_evaluated() for each in permissions}
        for purpose, permissions in policy.items()
    }

    def pulumi(purpose: Purpose, *arguments: str) -> None:
        exchanges = deployer.proxy.exchanges
        before = len(exchanges)
        deployer.stack.pulumi(*arguments)
        refusals = [
            action(asked) for asked, answer in exchanges[before:] if is_refusal(answer.body)
        ]
        assert refusals == []
        requests[purpose] += [asked for asked, _ in exchanges[before:]]

    def preview() -> None:
        deployer.allow(allowed[Purpose.PREVIEW])
        pulumi(Purpose.PREVIEW, "preview")
        deployer.allow(allowed[Purpose.REFRESH])
        pulumi(Purpose.REFRESH, "preview", "--refresh")

    deployer.configure(configs[0], news="news")
    preview()
    deployer.allow(allowed[Purpose.DEPLOY])
    pulumi(Purpose.DEPLOY, "up", "--yes", "--skip-preview")
    preview()

    unasked = unproven("action")
    deployer.allow({each for each in allowed[Purpose.DEPLOY] if each.action not in unasked})
    rotated_by_others = deployer.stack.outputs()["secretArns"]["news"]
    secrets = deployer.root_client("secretsmanager")
    secrets.put_secret_value(SecretId=rotated_by_others, SecretString="{}")
    for config in configs[1:]:
        deployer.configure(config, news="new-token")
        pulumi(Purpose.DEPLOY, "up", "--yes", "--refresh", "--skip-preview")
    for adopted in deployer.stack.resources():
        if adopted.get("protect"):
            deployer.stack.pulumi("state", "unprotect", "--yes", adopted["urn"])
    pulumi(Purpose.DEPLOY, "destroy", "--yes", "--skip-preview")
    assert deployer.stack.resources() == []
    return requests


@pytest.mark.parametrize("life", LIVES)
def test_the_policies_of_a_stack_are_sufficient_and_minimal(life: str, deployer: Deployer) -> None:
    configs = configs_of(life, deployer)
    stacks = [deployer.resources(config) for config in configs]
    policy = {
        Purpose.PREVIEW: printed(Purpose.PREVIEW, stacks[:1]),
        Purpose.REFRESH: printed(Purpose.REFRESH, stacks[:1]),
        Purpose.DEPLOY: printed(Purpose.DEPLOY, stacks),
    }
    requests = live(deployer, configs, policy)
    for purpose, permissions in policy.items():
        prove(deployer, permissions, requests[purpose])


@pytest.mark.parametrize(
    "life", ["own key", "existing key", "source location", "MediaPackage, replicas and tags"]
)
def test_the_policies_for_a_verification_are_sufficient_and_minimal(
    life: str, deployer: Deployer
) -> None:
    config = configs_of(life, deployer)[1]
    policy = printed(Purpose.VERIFY, [deployer.resources(config)])
    deployer.root.up()
    outputs = deployer.root.outputs()
    for name in outputs["accessConfigurations"].keys() - outputs["sourceLocationArns"].keys():
        deployer.root_client("mediatailor").create_source_location(
            SourceLocationName=name,
            HttpConfiguration={"BaseUrl": "https://a.example.com"},
            AccessConfiguration=outputs["accessConfigurations"][name],
        )
    deployer.allow([e.as_evaluated() for e in policy if e.action not in unproven("action")])
    before = len(deployer.proxy.exchanges)
    done = Command(deployer.stack).run()
    exchanges = deployer.proxy.exchanges[before:]
    assert [action(asked) for asked, answer in exchanges if is_refusal(answer.body)] == []
    assert "not checked" not in done.output, done.output
    prove(deployer, policy, [asked for asked, _ in exchanges if asked.service != "mediatailor"])


def test_a_step_that_aws_denies_fails_and_names_the_action(deployer: Deployer) -> None:
    config = LIVES["own key"][0]
    missing = "secretsmanager:PutResourcePolicy"
    policy = printed(Purpose.DEPLOY, [deployer.resources(config)])
    deployer.allow([each.as_evaluated() for each in policy if each.action != missing])
    assert missing in deployer.stack.pulumi("up", "--yes", "--skip-preview", fails=True)
