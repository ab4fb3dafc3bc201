"""A user of a local AWS that evaluates IAM policies, and the proof that a policy grants only what the requests need."""

import contextlib
import http.client
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
import yaml
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from permissions.document import unproven
from permissions.policies import Purpose, StackResources, policies
from permissions.stack import stack_resources
from permissions.stack_file import read
from sandbox.local_aws import ACCOUNT_ID
from tests.support.aws_proxy import AwsProxy, Request
from tests.support.stack_driver import Stack

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

REGION = "eu-west-1"
DEPLOYER = "deployer"
ROOT_SECRET = "rehearsal"
Config = Mapping[str, Any]


@dataclass(frozen=True)
class Permission:
    """An action on the resources of a statement: the smallest part of a policy."""

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
        """Return the permission without the parts that the local AWS cannot evaluate, which would deny every call."""
        condition = {
            operator: kept
            for operator, values in json.loads(self.condition).items()
            if (kept := {k: v for k, v in values.items() if k not in unproven("condition")})
        }
        arns = frozenset({"*"}) if self.action in unproven("resource") else self.arns
        return Permission(self.action, arns, json.dumps(condition))

    def on(self, arns: frozenset[str]) -> "Permission":
        """Return the evaluated permission, for these resources instead."""
        return replace(self.as_evaluated(), arns=arns)

    def elsewhere(self) -> "Permission":
        """Return the evaluated permission, for another account instead."""
        return self.on(frozenset(arn.replace(ACCOUNT_ID, "999999999999") for arn in self.arns))

    def only_if(self, operator: str, key: str, value: object) -> "Permission":
        """Return the evaluated permission, with this condition instead."""
        return replace(self.as_evaluated(), condition=json.dumps({operator: {key: value}}))

    def conditions(self) -> Iterator[tuple[str, str, object]]:
        """Yield each operator, condition key and value."""
        for operator, values in json.loads(self.condition).items():
            for key, value in values.items():
                yield operator, key, value


def printed(purpose: Purpose, stacks: Sequence[StackResources]) -> set[Permission]:
    """Return the combined permissions of the policies for several configs of a stack."""
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
    """Return the IAM action of a request."""
    prefix = {"cloudcontrolapi": "cloudformation"}.get(request.service, request.service)
    return f"{prefix}:{request.operation}"


def is_refusal(answer: bytes) -> bool:
    return b"AccessDenied" in answer


class Deployer:
    """A user of a local AWS that evaluates IAM policies, with only the permissions that a test grants."""

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
        # A permanent key has no session token; the proxy adds the sandbox's.
        environment = {**root.workspace.environment, **as_deployer}
        self._session_token = environment.pop("AWS_SESSION_TOKEN")
        self.stack = Stack(workspace=replace(root.workspace, environment=environment))
        self._file = root.workspace.folder / "Pulumi.test.yaml"
        self._stack_file = yaml.safe_load(self._file.read_text())
        self._tokens = self._stack_file["config"]["mediatailor-access-token:accessTokens"]

    def root_client(self, service: str) -> Any:
        """Return a client of the account's root user, who has all permissions."""
        return boto3.client(
            service,  # type: ignore[call-overload]  # the stubs want a literal
            endpoint_url=self.root.workspace.aws_url,
            region_name=REGION,
            aws_access_key_id=ACCOUNT_ID,
            aws_secret_access_key=ROOT_SECRET,
            aws_session_token=self.root.workspace.environment["AWS_SESSION_TOKEN"],
        )

    def configure(self, config: Config, *, news: str) -> None:
        """Write the stack file. `news` is the name of the token of source location news."""
        tokens = {
            name: self._tokens[news if name == "news" else name]
            for name, settings in config["sourceLocations"].items()
            if "tokenManagedElsewhere" not in settings
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
        """Return the properties that the policies of a config depend on."""
        self.configure(config, news="news")
        file = read(self._file, "test")
        account = {"aws:allowedAccountIds": [ACCOUNT_ID]}
        return stack_resources(replace(file, others={**file.others, **account}))

    def allow(self, permissions: Collection[Permission]) -> None:
        """Allow only these permissions."""
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
        signed = AWSRequest(
            "POST", f"{self.root.workspace.aws_url}/", request.headers, request.body
        )
        SigV4Auth(self._credentials, request.service, request.region).add_auth(signed)
        connection = http.client.HTTPConnection(urlsplit(self.root.workspace.aws_url).netloc)
        with contextlib.closing(connection):
            headers = {**signed.headers, "X-Amz-Security-Token": self._session_token}
            connection.request("POST", "/", request.body, headers)
            return is_refusal(connection.getresponse().read())


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
