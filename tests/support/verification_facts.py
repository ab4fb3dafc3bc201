"""A source location that meets every requirement, for tests to break."""

import json
from dataclasses import replace
from typing import Any

from verification.facts import Expected, Fact, Facts, KeyFacts, SecretFacts
from verification.requirement import Answer
from verification.requirements import judge

ACCOUNT = "123456789012"
SECRET_ARN = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:news-AbCdEf"
KEY_ARN = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
DOCUMENTED = {
    "Effect": "Allow",
    "Principal": {"Service": "mediatailor.amazonaws.com"},
    "Action": "secretsmanager:GetSecretValue",
    "Resource": SECRET_ARN,
}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def access_configuration(key: str = "AccessToken") -> dict[str, Any]:
    return {
        "AccessType": "SECRETS_MANAGER_ACCESS_TOKEN",
        "SecretsManagerAccessTokenConfiguration": {
            "HeaderName": "X-Access-Token",
            "SecretArn": SECRET_ARN,
            "SecretStringKey": key,
        },
    }


GOOD_KEY = {
    "Arn": KEY_ARN,
    "KeyManager": "CUSTOMER",
    "KeySpec": "SYMMETRIC_DEFAULT",
    "KeyUsage": "ENCRYPT_DECRYPT",
    "KeyState": "Enabled",
}

GOOD = Facts(
    expected=Expected(name="news", access_configuration=access_configuration()),
    secret=SecretFacts(
        arn=SECRET_ARN,
        described=Fact({"ARN": SECRET_ARN, "KmsKeyId": KEY_ARN}),
        value=Fact({"SecretString": '{"AccessToken": "0123-token"}'}),
        policy=Fact(policy(DOCUMENTED)),
        key=KeyFacts(
            metadata=Fact(GOOD_KEY),
            rotation=Fact({"KeyRotationEnabled": True}),
            policy=Fact(
                policy({"Effect": "Allow", "Principal": ROOT, "Action": "kms:*", "Resource": "*"})
            ),
        ),
    ),
)


def with_secret(**change: Any) -> Facts:
    """Return GOOD with other facts about the secret."""
    return replace(GOOD, secret=replace(GOOD.secret, **change))


def with_key(**change: Any) -> Facts:
    """Return GOOD with other facts about the key."""
    return with_secret(key=replace(GOOD.secret.key, **change))


def there(text: str) -> str:
    """Return an ARN as it is in us-west-2."""
    return text.replace("eu-west-1", "us-west-2")


def with_replica(**change: Any) -> Facts:
    """Return GOOD with a replica in us-west-2 and other facts about that."""
    replica = replace(
        GOOD.secret,
        arn=there(SECRET_ARN),
        described=Fact(
            {
                "ARN": there(SECRET_ARN),
                "PrimaryRegion": "eu-west-1",
                "KmsKeyId": there(KEY_ARN),
            }
        ),
        policy=Fact(policy(DOCUMENTED | {"Resource": [SECRET_ARN, there(SECRET_ARN)]})),
    )
    return replace(GOOD, replicas={"us-west-2": replace(replica, **change)})


def answers(facts: Facts) -> dict[str, Answer]:
    """Return the answer to each requirement by id."""
    return {result.requirement.id: result.answer for result in judge([facts]).results}


def findings(facts: Facts) -> dict[str, str]:
    """Return what is wrong, by the requirement's id."""
    return {
        result.requirement.id: "; ".join(finding.text for finding in result.findings)
        for result in judge([facts]).results
        if result.findings
    }
