"""A source location that meets every requirement, for tests to break."""

import json
from dataclasses import replace
from typing import Any

from verification.expected import Expected, Setup, StackExpected
from verification.fact import Fact
from verification.facts import Facts, KeyFacts, SecretFacts, SourceLocationFacts
from verification.requirement import Answer, Result
from verification.requirements import Verification, judge

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
    expected=Expected(
        name="news",
        secret_arn=SECRET_ARN,
        secret_string_key=Fact("AccessToken"),
        access_configuration=Fact(access_configuration()),
        stack=StackExpected(key_arn=KEY_ARN),
    ),
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
    """Return an ARN with us-west-2 as its Region."""
    return text.replace("eu-west-1", "us-west-2")


def with_replica(**change: Any) -> Facts:
    """Return GOOD with a replica in us-west-2 and other facts about the replica."""
    key = replace(GOOD.secret.key, metadata=Fact({**GOOD_KEY, "Arn": there(KEY_ARN)}))
    replica = replace(
        GOOD.secret,
        arn=there(SECRET_ARN),
        key=key,
        described=Fact(
            {
                "ARN": there(SECRET_ARN),
                "PrimaryRegion": "eu-west-1",
                "KmsKeyId": there(KEY_ARN),
            }
        ),
        policy=Fact(policy(DOCUMENTED | {"Resource": [SECRET_ARN, there(SECRET_ARN)]})),
    )
    assert GOOD.expected.stack
    stack = replace(GOOD.expected.stack, replica_key_arns={"us-west-2": there(KEY_ARN)})
    return replace(
        GOOD,
        expected=replace(GOOD.expected, stack=stack),
        replicas={"us-west-2": replace(replica, **change)},
    )


LOCATION_ARN = "arn:aws:mediatailor:eu-west-1:123456789012:sourceLocation/news"
DESCRIBED = {
    "Arn": LOCATION_ARN,
    "SourceLocationName": "news",
    "HttpConfiguration": {"BaseUrl": "https://origin.example.com"},
    "DefaultSegmentDeliveryConfiguration": {"BaseUrl": "https://cdn.example.com"},
    "SegmentDeliveryConfigurations": [
        {"Name": "a", "BaseUrl": "https://a.example.com"},
        {"Name": "b", "BaseUrl": "https://b.example.com"},
    ],
    "AccessConfiguration": access_configuration(),
}
GRANT = {
    "KeyId": KEY_ARN,
    "GrantId": "0123",
    "Name": "MediaTailor-SourceLocation-123456789012-news",
    "Operations": ["Decrypt", "RetireGrant"],
    "Constraints": {"EncryptionContextSubset": {"SecretARN": SECRET_ARN}},
}


def located(
    change: dict[str, Any] | None = None,
    *,
    grants: Fact[Any] = Fact((GRANT,)),  # noqa: B008  immutable
    former_grants: Fact[Any] = Fact(()),  # noqa: B008
) -> Facts:
    assert GOOD.expected.stack
    stack = replace(
        GOOD.expected.stack, source_location_arn=LOCATION_ARN, desired_state=Fact(DESCRIBED)
    )
    return replace(
        GOOD,
        expected=replace(GOOD.expected, stack=stack),
        source_locations=[
            SourceLocationFacts(
                name="news",
                described=Fact({**DESCRIBED, **(change or {})}),
                grants=grants,
                former_grants=former_grants,
            )
        ],
    )


def verification_of(facts: Facts) -> Verification:
    setup = Setup(
        title="stack dev",
        stack="dev",
        region="eu-west-1",
        account=ACCOUNT,
        source_locations=[facts.expected],
    )
    return judge(setup, [facts])


def results(facts: Facts) -> list[Result]:
    return list(verification_of(facts).results)


def answers(facts: Facts) -> dict[str, Answer]:
    """Return the answer to each requirement by ID."""
    return {result.requirement.id: result.answer for result in results(facts)}


def findings(facts: Facts) -> dict[str, str]:
    """Return the text of each finding, by requirement ID."""
    return {
        result.requirement.id: "; ".join(finding.text for finding in result.findings)
        for result in results(facts)
        if result.findings
    }
