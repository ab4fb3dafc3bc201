"""A setup without a stack on the local AWS: a key, a secret and a source location, as in MediaTailor's guide."""

import itertools
import json
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3

from sandbox.local_aws import ACCOUNT_ID, LocalAws
from verification import Verification, live
from verification.aws import Aws
from verification.reading import read
from verification.requirement import Finding
from verification.requirements import judge

REGION = "eu-west-1"
TOKEN = "canary-0123456789"
ROOT = f"arn:aws:iam::{ACCOUNT_ID}:root"
WHOLE_KEY = {
    "Effect": "Allow",
    "Principal": {"AWS": ROOT},
    "Action": "kms:*",
    "Resource": "*",
}
_numbers = itertools.count()


@cache
def session(aws: LocalAws) -> boto3.Session:
    return boto3.Session(
        aws_access_key_id=ACCOUNT_ID,
        aws_secret_access_key="none",
        aws_session_token=aws.session_token,
        region_name=REGION,
    )


@cache
def client(aws: LocalAws, service: str) -> Any:
    return session(aws).client(service, endpoint_url=aws.url)  # type: ignore[call-overload]


@dataclass(frozen=True)
class HandMade:
    """A key, a secret and a source location, as in MediaTailor's guide."""

    aws: LocalAws
    name: str
    key_arn: str
    secret_arn: str

    @property
    def session(self) -> boto3.Session:
        return session(self.aws)

    def client(self, service: str) -> Any:
        return client(self.aws, service)

    def verify(self, endpoint_url: str | None = None) -> Verification:
        aws = Aws(self.session, endpoint_url=endpoint_url or self.aws.url)
        setup = live.source_location(self.name, REGION, ACCOUNT_ID, aws)
        return judge(setup, read(setup.source_locations, aws))

    def put_value(self, value: str | bytes) -> None:
        kind = "SecretString" if isinstance(value, str) else "SecretBinary"
        self.client("secretsmanager").put_secret_value(SecretId=self.secret_arn, **{kind: value})

    def put_policy(self, *statements: dict[str, Any]) -> None:
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        self.client("secretsmanager").put_resource_policy(
            SecretId=self.secret_arn, ResourcePolicy=document
        )

    def put_key_policy(self, *statements: dict[str, Any]) -> None:
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        self.client("kms").put_key_policy(KeyId=self.key_arn, PolicyName="default", Policy=document)

    def use_key(self, name: str) -> None:
        self.client("secretsmanager").update_secret(SecretId=self.secret_arn, KmsKeyId=name)

    def update_source_location(
        self, base_url: str = "https://origin.example.com", **access: str
    ) -> None:
        self.client("mediatailor").update_source_location(
            SourceLocationName=self.name,
            HttpConfiguration={"BaseUrl": base_url},
            AccessConfiguration=access_configuration(self.secret_arn, **access),
        )

    def grant(self, **change: object) -> None:
        self.client("kms").create_grant(
            **{
                "KeyId": self.key_arn,
                "Name": f"MediaTailor-SourceLocation-{ACCOUNT_ID}-{self.name}",
                "GranteePrincipal": "mediatailor.amazonaws.com",
                "Operations": ["Decrypt", "RetireGrant"],
                "Constraints": {"EncryptionContextSubset": {"SecretARN": self.secret_arn}},
                **change,
            }
        )

    def revoke_grants(self) -> None:
        kms = self.client("kms")
        for grant in kms.list_grants(KeyId=self.key_arn)["Grants"]:
            kms.revoke_grant(KeyId=self.key_arn, GrantId=grant["GrantId"])


def access_configuration(secret_arn: str, **change: str) -> dict[str, Any]:
    token = {"HeaderName": "X-Token", "SecretArn": secret_arn, "SecretStringKey": "AccessToken"}
    return {
        "AccessType": "SECRETS_MANAGER_ACCESS_TOKEN",
        "SecretsManagerAccessTokenConfiguration": token | change,
    }


def documented(secret_arn: str) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Principal": {"Service": "mediatailor.amazonaws.com"},
        "Action": "secretsmanager:GetSecretValue",
        "Resource": secret_arn,
    }


def hand_made(aws: LocalAws) -> HandMade:
    """Create a new setup."""
    name = f"news-{next(_numbers)}"
    key = client(aws, "kms").create_key(Policy=json.dumps({"Statement": [WHOLE_KEY]}))
    key_arn = key["KeyMetadata"]["Arn"]
    secret_arn = client(aws, "secretsmanager").create_secret(
        Name=name, KmsKeyId=key_arn, SecretString=json.dumps({"AccessToken": TOKEN})
    )["ARN"]
    made = HandMade(aws, name, key_arn, secret_arn)
    made.put_policy(documented(secret_arn))
    client(aws, "mediatailor").create_source_location(
        SourceLocationName=name,
        HttpConfiguration={"BaseUrl": "https://origin.example.com"},
        AccessConfiguration=access_configuration(secret_arn),
    )
    return made


def found(verification: Verification) -> list[tuple[str, Finding]]:
    """Return the findings, each with the requirement's ID."""
    return [(r.requirement.id, f) for r in verification.results for f in r.findings]
