"""A deployed stack with everything that verification checks, and ways to break it."""

import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3

from sandbox.workspace import sandbox
from tests.support.setup_by_hand import documented
from tests.support.stack_driver import Stack
from verification import Verification, setup_of, verify

REGION, REPLICA_REGION = "eu-west-1", "us-west-2"
OPERATOR = "arn:aws:iam::123456789012:role/operator"
STACK_FILE = f"""\
config:
  aws:region: {REGION}
  mediatailor-access-token:sourceLocations:
    news:
      headerName: X-Access-Token
      baseUrl: https://origin.example.com
      segmentDeliveryBaseUrl: https://cdn.example.com
      segmentDeliveryConfigurations:
        mobile: https://mobile.example.com
    sports:
      origin: mediapackage-v1
  mediatailor-access-token:replicaRegions: [{REPLICA_REGION}]
  mediatailor-access-token:encryptionKey:
    sourceLocationManagers: [{OPERATOR}]
"""


@dataclass(frozen=True)
class Deployed:
    """A stack, its AWS and its export."""

    stack: Stack

    @cached_property
    def export(self) -> dict[str, Any]:
        export: dict[str, Any] = json.loads(self.stack.pulumi("stack", "export"))
        return export

    @cached_property
    def session(self) -> boto3.Session:
        environment = self.stack.workspace.environment
        return boto3.Session(
            aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=environment["AWS_SESSION_TOKEN"],
            region_name=REGION,
        )

    @property
    def url(self) -> str:
        return self.stack.workspace.aws_url

    def client(self, service: str, region: str = REGION) -> Any:
        return self.session.client(service, region, endpoint_url=self.url)  # type: ignore[call-overload]

    def verify(self, endpoint_url: str | None = None) -> Verification:
        setup = setup_of(self.export, "test")
        return verify(setup, self.session, endpoint_url=endpoint_url or self.url)

    def output(self, name: str, source_location: str | None = None) -> Any:
        resources = self.export["deployment"]["resources"]
        (stack,) = (r for r in resources if r["type"] == "pulumi:pulumi:Stack")
        value = stack["outputs"][name]
        return value[source_location] if source_location else value

    @property
    def key(self) -> str:
        return str(self.output("encryptionKeyArn"))

    @property
    def secret(self) -> str:
        return str(self.output("secretArns", "news"))

    @property
    def role(self) -> str:
        return str(self.output("mediaPackageRoleArns", "sports")).rpartition("/")[2]

    def key_policy_with(self, **change: object) -> None:
        kms = self.client("kms")
        policy = json.loads(kms.get_key_policy(KeyId=self.key, PolicyName="default")["Policy"])
        statement = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", **change}
        policy["Statement"].append(statement)
        kms.put_key_policy(KeyId=self.key, PolicyName="default", Policy=json.dumps(policy))

    def secret_policy_with(self, **change: object) -> None:
        replica = self.output("replicaSecretArns", "news")[REPLICA_REGION]
        own = documented(self.secret) | {"Resource": [self.secret, replica]}
        self.client("secretsmanager").put_resource_policy(
            SecretId=self.secret, ResourcePolicy=json.dumps({"Statement": [own, own | change]})
        )

    def put_value(self, value: str) -> None:
        self.client("secretsmanager").put_secret_value(SecretId=self.secret, SecretString=value)

    def update_source_location(self, **change: object) -> None:
        described = self.client("mediatailor").describe_source_location(SourceLocationName="news")
        settings = {
            name: described[name]
            for name in (
                "HttpConfiguration",
                "AccessConfiguration",
                "DefaultSegmentDeliveryConfiguration",
                "SegmentDeliveryConfigurations",
            )
        }
        self.client("mediatailor").update_source_location(
            SourceLocationName="news", **(settings | change)
        )


class Deployments:
    """The stack that all tests share; deployed again after a test that leaves it broken."""

    def __init__(self, folder: Callable[[str], Path], sandboxes: ExitStack) -> None:
        self._folder = folder
        self._sandboxes = sandboxes
        self.shared: Deployed | None = None

    def get(self) -> Deployed:
        if self.shared is None:
            stack_file = self._folder("stack") / "Pulumi.test.yaml"
            stack_file.write_text(STACK_FILE)
            workspace = self._sandboxes.enter_context(sandbox(stack_file=stack_file, stack="test"))
            stack = Stack(workspace=workspace)
            stack.pulumi("up", "--yes", "--skip-preview")
            self.shared = Deployed(stack)
        return self.shared
