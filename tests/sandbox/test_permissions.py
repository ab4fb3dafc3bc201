"""The printed policies suffice, and nothing in them is superfluous, as far as the local AWS evaluates IAM policies."""

import contextlib
import http.client
import json
import os
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
import pytest
import yaml
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from permissions.document import unproven
from permissions.policies import Purpose, StackResources, policies
from permissions.stack import stack_resources
from permissions.stack_file import PROJECT, path_of, read
from sandbox import local_aws
from sandbox.local_aws import ACCOUNT_ID
from sandbox.workspace import sandbox
from tests.support.aws_proxy import AwsProxy, Request, aws_proxy
from tests.support.stack_driver import Stack

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

REGION, AWAY = "eu-west-1", "us-east-1"
DEPLOYER = "deployer"
ROOT_SECRET = "rehearsal"
Config = Mapping[str, Any]

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
            "sourceLocations": {"news": _CHANGED, "late": {**_CUSTOM, "secretName": "late/token"}},
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
"""The configs of a stack, one after the other. KEY and SECRET are the ARNs of what exists before the stack."""


@dataclass(frozen=True)
class Permission:
    """One action on the resources of one statement, the smallest part of a policy."""

    action: str
    arns: frozenset[str]
    condition: str
    """As JSON."""

    @property
    def statement(self) -> dict[str, Any]:
        statement = {"Effect": "Allow", "Action": self.action, "Resource": sorted(self.arns)}
        condition = json.loads(self.condition)
        return {**statement, "Condition": condition} if condition else statement

    def as_evaluated(self) -> "Permission":
        """Leave out what the local AWS does not evaluate, for which it would refuse every call."""
        condition = {
            operator: kept
            for operator, values in json.loads(self.condition).items()
            if (kept := {k: v for k, v in values.items() if k not in unproven("condition")})
        }
        arns = frozenset({"*"}) if self.action in unproven("resource") else self.arns
        return Permission(self.action, arns, json.dumps(condition))

    def on(self, arns: frozenset[str]) -> "Permission":
        """Return what is evaluated, but on these resources."""
        return replace(self.as_evaluated(), arns=arns)

    def elsewhere(self) -> "Permission":
        """Return what is evaluated, but in another account."""
        return self.on(frozenset(arn.replace(ACCOUNT_ID, "999999999999") for arn in self.arns))

    def only_if(self, operator: str, key: str, value: object) -> "Permission":
        """Return what is evaluated, but under this condition alone."""
        return replace(self.as_evaluated(), condition=json.dumps({operator: {key: value}}))

    def conditions(self) -> Iterator[tuple[str, str, object]]:
        """Yield each operator, condition key and value."""
        for operator, values in json.loads(self.condition).items():
            for key, value in values.items():
                yield operator, key, value


def printed(purpose: Purpose, stacks: Sequence[StackResources]) -> set[Permission]:
    """Return what the policies of several configs of a stack allow together."""
    arns: dict[tuple[str, str, str], set[str]] = {}
    for stack in stacks:
        for document in policies(purpose, stack):
            for each in document["Statement"]:
                condition = json.dumps(each.get("Condition", {}))
                for name in each["Action"]:
                    arns.setdefault((name, each["Sid"], condition), set()).update(each["Resource"])
    return {
        Permission(name, frozenset(found), condition)
        for (name, _, condition), found in arns.items()
    }


def action(request: Request) -> str:
    """Return IAM's name of the action that a request takes."""
    prefix = {"cloudcontrolapi": "cloudformation"}.get(request.service, request.service)
    return f"{prefix}:{request.operation}"


def is_refusal(answer: bytes) -> bool:
    return b"AccessDenied" in answer


class Deployer:
    """A user of a local AWS that evaluates IAM policies, who is allowed nothing but what a test says."""

    def __init__(self, root: Stack, proxy: AwsProxy) -> None:
        self.root = root
        self.proxy = proxy
        iam = self.root_client("iam")
        iam.create_user(UserName=DEPLOYER)
        key = iam.create_access_key(UserName=DEPLOYER)["AccessKey"]
        self._iam: IAMClient = iam
        self._credentials = Credentials(key["AccessKeyId"], key["SecretAccessKey"])
        as_deployer = {
            "AWS_ENDPOINT_URL": proxy.url,
            "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        }
        # A permanent key has no session token; the proxy adds the sandbox's to what passes.
        environment = {**root.place.environment, **as_deployer}
        self._session_token = environment.pop("AWS_SESSION_TOKEN")
        self.stack = Stack(place=replace(root.place, environment=environment))
        self._file = root.place.folder / "Pulumi.test.yaml"
        self._stack_file = yaml.safe_load(self._file.read_text())
        self._tokens = self._stack_file["config"]["mediatailor-access-token:accessTokens"]

    def root_client(self, service: str) -> Any:
        """A client of the account's root user, who may do everything."""
        return boto3.client(
            service,  # type: ignore[call-overload]  # the stubs want a literal
            endpoint_url=self.root.place.aws_url,
            region_name=REGION,
            aws_access_key_id=ACCOUNT_ID,
            aws_secret_access_key=ROOT_SECRET,
            aws_session_token=self.root.place.environment["AWS_SESSION_TOKEN"],
        )

    def configure(self, config: Config, *, news: str) -> None:
        """Write the stack file. `news` is the name of the token of source location news."""
        tokens = {
            name: self._tokens[news if name == "news" else name]
            for name in config["sourceLocations"]
        }
        self._stack_file["config"] = {
            "aws:region": REGION,
            "mediatailor-access-token:accessTokens": tokens,
            **{
                key if key.startswith("aws:") else f"mediatailor-access-token:{key}": value
                for key, value in config.items()
            },
        }
        self._file.write_text(yaml.safe_dump(self._stack_file))

    def resources(self, config: Config) -> StackResources:
        """Return what the policies of a config depend on."""
        self.configure(config, news="news")
        file = read(self._file, "test")
        account = {"aws:allowedAccountIds": [ACCOUNT_ID]}
        return stack_resources(replace(file, others={**file.others, **account}))

    def allow(self, permissions: Collection[Permission]) -> None:
        """Allow this and nothing else."""
        if not permissions:  # a policy needs a statement
            with contextlib.suppress(self._iam.exceptions.NoSuchEntityException):
                self._iam.delete_user_policy(UserName=DEPLOYER, PolicyName=DEPLOYER)
            return
        statements = [permission.statement for permission in permissions]
        self._iam.put_user_policy(
            UserName=DEPLOYER,
            PolicyName=DEPLOYER,
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements}),
        )

    def is_refused(self, request: Request) -> bool:
        """Whether AWS refuses a request if it is sent again. It checks the policy before anything else."""
        signed = AWSRequest("POST", f"{self.root.place.aws_url}/", request.headers, request.body)
        SigV4Auth(self._credentials, request.service, request.region).add_auth(signed)
        connection = http.client.HTTPConnection(urlsplit(self.root.place.aws_url).netloc)
        with contextlib.closing(connection):
            headers = {**signed.headers, "X-Amz-Security-Token": self._session_token}
            connection.request("POST", "/", request.body, headers)
            return is_refusal(connection.getresponse().read())


@pytest.fixture
def deployer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Deployer]:
    environment = local_aws._environment  # noqa: SLF001  only here the local AWS evaluates policies
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
        yield Deployer(Stack(place=sandbox_), proxy)


def configs_of(life: str, deployer: Deployer) -> list[Config]:
    """Create what exists before the stack, and return the stack's configs."""
    key = deployer.root_client("kms").create_key()["KeyMetadata"]["Arn"]
    secrets = deployer.root_client("secretsmanager")
    secret = secrets.create_secret(Name="CDN", SecretString="{}")["ARN"]
    text = json.dumps(LIVES[life]).replace('"KEY"', f'"{key}"').replace('"SECRET"', f'"{secret}"')
    configs: list[Config] = json.loads(text)
    return configs


def prove(deployer: Deployer, policy: set[Permission], requests: Sequence[Request]) -> None:
    """Show that a purpose's requests need each permission, on its resources and under its conditions."""
    evaluated = {permission.as_evaluated() for permission in policy}
    asked = {(action(request), request.region): request for request in requests}
    deployer.allow(evaluated)
    assert [action(each) for each in asked.values() if deployer.is_refused(each)] == []

    def refused(permission: Permission, *instead: Permission) -> bool:
        """Whether AWS refuses something without this permission, or with another one instead."""
        deployer.allow({*(evaluated - {permission.as_evaluated()}), *instead})
        return any(
            deployer.is_refused(each)
            for each in asked.values()
            if action(each) == permission.action
        )

    superfluous = {each.action for each in policy if not refused(each)}
    assert superfluous == {each.action for each in policy} & set(unproven("action"))

    proven = [each for each in policy if each.action not in unproven("action")]
    anywhere = {
        each.action
        for each in proven
        if each.arns != {"*"}
        and (refused(each, each.on(each.arns)) or not refused(each, each.elsewhere()))
    }
    assert anywhere == {each.action for each in proven} & set(unproven("resource"))

    conditions = [(each, *condition) for each in proven for condition in each.conditions()]
    unknown = {
        key
        for each, operator, key, value in conditions
        if refused(each, each.only_if(operator, key, value))
        or not refused(each, each.only_if(operator, key, "another"))
    }
    assert unknown == {key for _, _, key, _ in conditions} & set(unproven("condition"))


def live(
    deployer: Deployer, configs: Sequence[Config], policy: Mapping[Purpose, set[Permission]]
) -> Mapping[Purpose, Sequence[Request]]:
    """Preview, refresh, deploy, change and destroy a stack, and return the requests of each purpose.

    Changes and the end are allowed nothing that is listed as unproven. An Allow never hinders, so that what suffices
    without the list suffices with it; and if the local AWS asked for one of the list, it would refuse.
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
    adopted = [each for each in deployer.stack.resources() if each.get("protect")]
    if adopted:
        # Pulumi does not delete an adopted secret: it destroys the rest, and then forgets it. Its policy is deleted.
        urns = {each["type"].rpartition(":")[2]: each["urn"] for each in adopted}
        deployer.stack.pulumi("state", "unprotect", "--yes", urns["SecretPolicy"])
        pulumi(Purpose.DEPLOY, "destroy", "--yes", "--skip-preview", "--exclude-protected")
        forget = ["state", "delete", "--yes", "--force", "--target-dependents"]
        deployer.stack.pulumi(*forget, urns["Secret"])
    pulumi(Purpose.DEPLOY, "destroy", "--yes", "--skip-preview")
    assert deployer.stack.resources() == []
    return requests


@pytest.mark.parametrize("life", LIVES)
def test_a_stack_lives_on_its_policies_and_on_no_less(life: str, deployer: Deployer) -> None:
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


def test_a_step_that_aws_refuses_fails_and_names_the_action(deployer: Deployer) -> None:
    config = LIVES["own key"][0]
    missing = "secretsmanager:PutResourcePolicy"
    policy = printed(Purpose.DEPLOY, [deployer.resources(config)])
    deployer.allow([each.as_evaluated() for each in policy if each.action != missing])
    assert missing in deployer.stack.pulumi("up", "--yes", "--skip-preview", fails=True)


# --- Stack files, as Pulumi reads them.

PLAIN_TOKEN = "canary-4b1d-token"
ENCRYPTED_VALUE = {"secure": "v1:AAAAAAAAAAA=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the command without credentials, a login, a home folder or the stack's passphrase."""
    return subprocess.run(  # noqa: S603  our own command
        [sys.executable, "-m", "permissions", *arguments],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_policies_of_a_stack_file_are_printed_without_aws_and_without_a_login(
    tmp_path: Path,
) -> None:
    file = tmp_path / "Pulumi.prod.yaml"
    file.write_text(
        f"""\
secretsprovider: awskms://alias/pulumi
encryptedkey: c2VjcmV0
environment: [media/prod]
config:
  aws:region: eu-west-1
  aws:allowedAccountIds: [012345678901]
  sourceLocations:
    <<: {{sports: {{headerName: X-Access-Token}}}}
    news: {{headerName: X-Access-Token, baseUrl: https://news.example.com}}
  accessTokens: {{sports: {PLAIN_TOKEN}, news: {json.dumps(ENCRYPTED_VALUE)}}}
"""
    )
    before = file.read_bytes()
    done = run("--config-file", str(file))
    assert done.returncode == 0, done.stderr
    documents = json.loads(done.stdout)
    assert set(documents) == set(Purpose)
    (deploy,) = documents["deploy"]
    secret = "arn:aws:secretsmanager:eu-west-1:012345678901:secret:mediatailor-{}-secret-*"
    secrets = [secret.format("news"), secret.format("sports")]
    assert secrets in [sorted(each["Resource"]) for each in deploy["Statement"]]
    assert "environment" in done.stderr
    assert "awskms://alias/pulumi" in done.stderr
    assert PLAIN_TOKEN not in done.stdout + done.stderr
    assert file.read_bytes() == before


def test_a_key_without_namespace_and_values_of_the_project_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = yaml.safe_load((PROJECT / "Pulumi.yaml").read_text())
    project["stackConfigDir"] = "stacks"
    project["config"]["aws:region"] = "eu-west-3"
    (tmp_path / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    monkeypatch.setattr("permissions.stack_file.PROJECT", tmp_path)
    assert path_of("prod") == tmp_path / "stacks" / "Pulumi.prod.yaml"
    path_of("prod").parent.mkdir()
    path_of("prod").write_text("config: {sourceLocations: {sports: {headerName: X}}}\n")
    assert stack_resources(read(path_of("prod"), "prod")).region == "eu-west-3"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "No such file or directory"),
        (f"config: [{PLAIN_TOKEN}", "is not valid YAML"),
        ("- config\n", "is not a stack file"),
        (f"config: {{accessTokens: {{sports: {PLAIN_TOKEN}}}}}\n", "at least one source location"),
        (f"config: {{accessTokens: {PLAIN_TOKEN}, sourceLocations: 1}}", "must be an object"),
        (
            f"config: {{sourceLocations: {{sports: {{headerName: {ENCRYPTED_VALUE}}}}}}}",
            "encrypted values in mediatailor-access-token:sourceLocations",
        ),
    ],
)
def test_a_bad_stack_file_ends_in_one_error_without_a_token(
    text: str | None, message: str, tmp_path: Path
) -> None:
    file = tmp_path / "Pulumi.prod.yaml"
    if text:
        file.write_text(text)
    done = run("--config-file", str(file))
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert PLAIN_TOKEN not in done.stdout + done.stderr
