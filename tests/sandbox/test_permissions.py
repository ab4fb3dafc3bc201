"""The deployer's policies suffice, and nothing in them is superfluous, as far as the local AWS evaluates IAM policies."""

import contextlib
import http.client
import json
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

from permissions import (
    CONDITIONS_UNPROVEN,
    KINDS,
    RESOURCES_UNPROVEN,
    UNPROVEN,
    Where,
    policy,
)
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


@dataclass(frozen=True, kw_only=True)
class Life:
    """The configs that a stack has one after the other; KEY and SECRET stand for ARNs of what others made before."""

    configs: Sequence[Config]
    held: Collection[str] = ()
    """Kinds whose policies the deployer has beside that of the kind itself."""


LIVES = {
    "own-key": Life(
        configs=[
            {"sourceLocations": {"news": _CUSTOM}},
            {
                "sourceLocations": {"news": _CHANGED, "late": _CUSTOM},
                "encryptionKey": _CHANGED_KEY,
            },
        ]
    ),
    "existing-key": Life(
        configs=[
            {"sourceLocations": {"news": _CUSTOM}, "encryptionKey": {"arn": "KEY"}},
            {
                "sourceLocations": {"news": _CHANGED, "late": _CUSTOM},
                "encryptionKey": {"arn": "KEY"},
            },
        ]
    ),
    "replicas": Life(
        configs=[
            {"sourceLocations": {"news": _CUSTOM}},
            {"sourceLocations": {"news": _CUSTOM}, "replicaRegions": [AWAY]},
            {
                "sourceLocations": {"news": _CHANGED, "late": _CUSTOM},
                "replicaRegions": [AWAY],
                "encryptionKey": _CHANGED_KEY,
            },
        ]
    ),
    "mediapackage": Life(
        configs=[
            {"sourceLocations": {"news": {"origin": "mediapackage-v1"}}},
            {
                "sourceLocations": {
                    "news": {"origin": "mediapackage-v2", "description": "changed"},
                    "late": {"origin": "mediapackage-v1"},
                },
                "encryptionKey": _CHANGED_KEY,
            },
        ]
    ),
    "adopted-secret": Life(
        configs=[
            {"sourceLocations": {"news": {**_CUSTOM, "adoptSecretArn": "SECRET"}}},
            {
                "sourceLocations": {"news": {**_CHANGED, "adoptSecretArn": "SECRET"}},
                "encryptionKey": _CHANGED_KEY,
            },
        ]
    ),
    "source-location": Life(
        configs=[
            {"sourceLocations": {"news": {**_CUSTOM, "baseUrl": "https://a.example.com"}}},
            {
                "sourceLocations": {
                    "news": {**_CHANGED, "baseUrl": "https://b.example.com"},
                    "late": {**_CUSTOM, "baseUrl": "https://c.example.com"},
                },
                "encryptionKey": _CHANGED_KEY,
            },
        ]
    ),
    "tags": Life(
        configs=[
            {
                "sourceLocations": {"news": {"origin": "mediapackage-v1"}},
                "replicaRegions": [AWAY],
                "aws:defaultTags": {"tags": {"stays": "a", "goes": "b"}},
            },
            {
                "sourceLocations": {"news": {"origin": "mediapackage-v1"}},
                "replicaRegions": [AWAY],
                "aws:defaultTags": {"tags": {"stays": "c"}},
            },
        ],
        held=("replicas", "mediapackage"),
    ),
}


@dataclass(frozen=True)
class Permission:
    """One action on one resource, the smallest part of a policy."""

    action: str
    arn: str
    condition: str
    """As JSON."""

    @property
    def statement(self) -> dict[str, Any]:
        condition = json.loads(self.condition)
        statement = {"Effect": "Allow", "Action": self.action, "Resource": self.arn}
        return {**statement, "Condition": condition} if condition else statement

    def as_evaluated(self) -> "Permission":
        """Leave out what the local AWS does not evaluate, and so would refuse for ever."""
        condition = {
            operator: kept
            for operator, values in json.loads(self.condition).items()
            if (kept := {k: v for k, v in values.items() if k not in CONDITIONS_UNPROVEN})
        }
        arn = "*" if self.action in RESOURCES_UNPROVEN else self.arn
        return Permission(self.action, arn, json.dumps(condition))

    def narrowed(self, arn: str) -> "Permission":
        """Return what is evaluated, but on this resource."""
        return replace(self.as_evaluated(), arn=arn)

    def elsewhere(self) -> "Permission":
        """Return what is evaluated, but in another account."""
        return self.narrowed(self.arn.replace(ACCOUNT_ID, "999999999999"))

    def only_if(self, operator: str, key: str, value: object) -> "Permission":
        """Return what is evaluated, but under this condition alone."""
        return replace(self.as_evaluated(), condition=json.dumps({operator: {key: value}}))

    def conditions(self) -> Iterator[tuple[str, str, object]]:
        """Yield each operator, condition key and value."""
        for operator, values in json.loads(self.condition).items():
            for key, value in values.items():
                yield operator, key, value


def permissions_of(document: Mapping[str, Any]) -> list[Permission]:
    permissions = []
    for statement in document["Statement"]:
        resource = statement["Resource"]
        for action in statement["Action"]:
            for arn in [resource] if isinstance(resource, str) else resource:
                condition = json.dumps(statement.get("Condition", {}))
                permissions.append(Permission(action, arn, condition))
    return permissions


def action(request: Request) -> str:
    """Return what IAM calls what was asked."""
    prefix = {"cloudcontrolapi": "cloudformation"}.get(request.service, request.service)
    return f"{prefix}:{request.operation}"


def is_refusal(answer: bytes) -> bool:
    return b"AccessDenied" in answer


class Place:
    """A sandbox whose local AWS evaluates IAM policies, and a deployer who has nothing but what it is given."""

    def __init__(self, root: Stack, proxy: AwsProxy) -> None:
        self.root = root
        self.proxy = proxy
        iam = self.client("iam")
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
        file = root.place.folder / "Pulumi.test.yaml"
        self._file = file
        self._stack_file = yaml.safe_load(file.read_text())
        self._tokens = self._stack_file["config"]["mediatailor-access-token:accessTokens"]

    def client(self, service: str) -> Any:
        """A client of the account's root, which may do everything."""
        return boto3.client(
            service,  # type: ignore[call-overload]  # the stubs want a literal
            endpoint_url=self.root.place.aws_url,
            region_name=REGION,
            aws_access_key_id=ACCOUNT_ID,
            aws_secret_access_key=ROOT_SECRET,
            aws_session_token=self.root.place.environment["AWS_SESSION_TOKEN"],
        )

    def configure(self, config: Config, *, news: str) -> None:
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

    def allow(self, permissions: Collection[Permission]) -> None:
        """Let the deployer do this and nothing else."""
        statements = [permission.statement for permission in permissions]
        self._iam.put_user_policy(
            UserName=DEPLOYER,
            PolicyName=DEPLOYER,
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements}),
        )

    def refuses(self, request: Request) -> bool:
        """Whether AWS refuses it, asked once more. It looks at the policy before it looks at anything else."""
        signed = AWSRequest("POST", f"{self.root.place.aws_url}/", request.headers, request.body)
        SigV4Auth(self._credentials, request.service, request.region).add_auth(signed)
        connection = http.client.HTTPConnection(urlsplit(self.root.place.aws_url).netloc)
        with contextlib.closing(connection):
            headers = {**signed.headers, "X-Amz-Security-Token": self._session_token}
            connection.request("POST", "/", request.body, headers)
            return is_refusal(connection.getresponse().read())


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    environment = local_aws._environment  # noqa: SLF001  (only here the local AWS asks who it is)
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
        yield Place(Stack(place=sandbox_), proxy)


def made_by_others(place: Place) -> dict[str, str]:
    key = place.client("kms").create_key()["KeyMetadata"]["Arn"]
    secret = place.client("secretsmanager").create_secret(Name="CDN", SecretString="{}")["ARN"]
    return {"KEY": key, "SECRET": secret}


def where_of(kind: str, arns: Mapping[str, str]) -> Where:
    where = replace(KINDS[kind].where, region=REGION, account=ACCOUNT_ID, replica_regions=[AWAY])
    if kind == "existing-key":
        return replace(where, key=arns["KEY"].split(":", maxsplit=5)[5])
    if kind == "adopted-secret":
        return replace(where, secret=arns["SECRET"].split(":", maxsplit=5)[5])
    return where


def live(place: Place, kind: str, arns: Mapping[str, str], allowed: Collection[Permission]) -> None:
    """Preview, deploy, change, refresh and destroy a stack of a kind as the deployer.

    Its changes and its end are allowed no more than what is not listed as unproven. An Allow never hinders, so what
    suffices without the list suffices with it; and were the local AWS to ask for one of the list, it would fail.
    """
    configs = json.dumps(LIVES[kind].configs)
    for name, arn in arns.items():
        configs = configs.replace(f'"{name}"', f'"{arn}"')
    first, *changes = json.loads(configs)
    place.allow(allowed)
    place.configure(first, news="news")
    place.stack.pulumi("up", "--yes")
    place.allow([each for each in allowed if each.action not in UNPROVEN])
    rotated_by_others = place.stack.outputs()["secretArns"]["news"]
    place.client("secretsmanager").put_secret_value(SecretId=rotated_by_others, SecretString="{}")
    for change in changes:
        place.configure(change, news="new-token")
        place.stack.pulumi("up", "--yes", "--refresh", "--skip-preview")
    if kind == "adopted-secret":
        # Pulumi does not delete it: the stack ends around it, and then forgets it. Its policy goes if that is asked for.
        secret, policy_ = (
            next(each["urn"] for each in place.stack.resources() if each["type"].endswith(kind))
            for kind in (":Secret", ":SecretPolicy")
        )
        place.stack.pulumi("state", "unprotect", "--yes", policy_)
        place.stack.pulumi("destroy", "--yes", "--skip-preview", "--exclude-protected")
        place.stack.pulumi("state", "delete", "--yes", "--force", "--target-dependents", secret)
    place.stack.pulumi("destroy", "--yes", "--skip-preview")
    assert place.stack.resources() == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_stack_lives_on_its_kinds_policy_and_on_no_less(kind: str, place: Place) -> None:
    arns = made_by_others(place)
    exact = permissions_of(policy(KINDS[kind], where_of(kind, arns)))
    held = {
        permission.as_evaluated()
        for other in LIVES[kind].held
        for permission in permissions_of(policy(KINDS[other], where_of(other, arns)))
    }
    evaluated = {permission.as_evaluated() for permission in exact}

    live(place, kind, arns, held | evaluated)

    exchanges = place.proxy.exchanges
    assert [action(request) for request, answer in exchanges if is_refusal(answer.body)] == []
    asked = {(action(request), request.region): request for request, _ in exchanges}
    place.allow(held | evaluated)
    assert [action(each) for each in asked.values() if place.refuses(each)] == []

    def refused(permission: Permission, instead: Collection[Permission] = ()) -> bool:
        """Whether AWS refuses something when it is not allowed this, or something else instead of it."""
        place.allow({*held, *(evaluated - {permission.as_evaluated()}), *instead})
        return any(
            place.refuses(each) for each in asked.values() if action(each) == permission.action
        )

    superfluous = {each.action for each in exact if not refused(each)}
    assert superfluous == {each.action for each in exact} & set(UNPROVEN)

    proven = [each for each in exact if each.action not in UNPROVEN]
    anywhere = {
        each.action
        for each in proven
        if each.arn != "*"
        and (refused(each, [each.narrowed(each.arn)]) or not refused(each, [each.elsewhere()]))
    }
    assert anywhere == {each.action for each in proven} & set(RESOURCES_UNPROVEN)

    conditions = [(each, *condition) for each in proven for condition in each.conditions()]
    unknown = {
        key
        for each, operator, key, value in conditions
        if refused(each, [each.only_if(operator, key, value)])
        or not refused(each, [each.only_if(operator, key, "another")])
    }
    assert unknown == {key for _, _, key, _ in conditions} & set(CONDITIONS_UNPROVEN)


def test_a_step_that_aws_refuses_fails_and_names_the_action(place: Place) -> None:
    allowed = permissions_of(policy(KINDS["own-key"], where_of("own-key", {})))
    missing = "secretsmanager:PutResourcePolicy"
    place.allow([each.as_evaluated() for each in allowed if each.action != missing])
    place.configure(LIVES["own-key"].configs[0], news="news")
    assert missing in place.stack.pulumi("up", "--yes", "--skip-preview", fails=True)
