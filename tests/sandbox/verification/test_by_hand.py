"""Setups without a stack on the local AWS: each fault is reported once, and the reported commands fix it.

Longer than other files because it contains the table of faults.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.local_aws import ACCOUNT_ID
from tests.support.aws_cli import run_aws_cli
from tests.support.setup_by_hand import (
    REGION,
    ROOT,
    TOKEN,
    WHOLE_KEY,
    HandMade,
    documented,
    found,
)
from verification.requirement import Answer as Met


def test_a_setup_that_follows_the_guide_meets_every_requirement(setup: HandMade) -> None:
    verification = setup.verify()
    assert found(verification) == []
    assert verification.status == 0


def alias(setup: HandMade) -> str:
    kms = setup.client("kms")
    kms.create_alias(AliasName=f"alias/{setup.name}", TargetKeyId=setup.key_arn)
    return f"arn:aws:kms:{REGION}:{ACCOUNT_ID}:alias/{setup.name}"


def policy_with(setup: HandMade, **change: object) -> None:
    setup.put_policy(documented(setup.secret_arn) | change)


def policy_and(setup: HandMade, **change: object) -> None:
    setup.put_policy(documented(setup.secret_arn), documented(setup.secret_arn) | change)


def key_policy_and(setup: HandMade, **change: object) -> None:
    setup.put_key_policy(WHOLE_KEY, WHOLE_KEY | change)


def another_grant(setup: HandMade, **change: object) -> None:
    setup.revoke_grants()
    setup.grant(**change)


def limited_to(secret_arn: str) -> dict[str, Any]:
    return {"EncryptionContextSubset": {"SecretARN": secret_arn}}


OTHER_SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT_ID}:secret:other-AbCdEf"
Break = Callable[[HandMade], object]

BROKEN: dict[str, tuple[str, str, Break]] = {
    "the key is disabled": (
        "key-usable",
        "the key is disabled",
        lambda s: s.client("kms").disable_key(KeyId=s.key_arn),
    ),
    "the key is scheduled for deletion": (
        "key-usable",
        "the key is scheduled for deletion on 20",
        lambda s: s.client("kms").schedule_key_deletion(KeyId=s.key_arn, PendingWindowInDays=7),
    ),
    "the key policy is public": (
        "key-private",
        "anyone is allowed kms:Decrypt",
        lambda s: key_policy_and(s, Principal="*", Action="kms:Decrypt"),
    ),
    "the key policy lets no one create grants": (
        "key-statements",
        f"the key policy does not allow {ROOT} kms:CreateGrant if kms:ViaService is mediatailor.",
        lambda s: s.put_key_policy(WHOLE_KEY | {"Action": ["kms:Put*", "kms:Decrypt"]}),
    ),
    "the secret is scheduled for deletion": (
        "secret-exists",
        "the secret is scheduled for deletion on 20",
        lambda s: s.client("secretsmanager").delete_secret(SecretId=s.secret_arn),
    ),
    "the secret's key is set by an alias": (
        "secret-key",
        "the secret's key is arn:aws:kms:eu-west-1:123456789012:alias/",
        lambda s: s.use_key(alias(s)),
    ),
    "the secret's key is set by its key ID": (
        "secret-key",
        "the secret's key is ",
        lambda s: s.use_key(s.key_arn.rpartition("/")[2]),
    ),
    "the value is not JSON": (
        "secret-string",
        "SecretString is not a JSON object",
        lambda s: s.put_value(TOKEN),
    ),
    "the value is a list": (
        "secret-string",
        "SecretString is not a JSON object",
        lambda s: s.put_value(json.dumps([TOKEN])),
    ),
    "the value is binary": (
        "secret-string",
        "the secret has a binary value, not a SecretString",
        lambda s: s.put_value(TOKEN.encode()),
    ),
    "the value has another key": (
        "secret-string",
        "SecretString has no key 'AccessToken'; its keys: 'accessToken'",
        lambda s: s.put_value(json.dumps({"accessToken": TOKEN})),
    ),
    "the token is a number": (
        "secret-string",
        "the value of the SecretString key 'AccessToken' is not text",
        lambda s: s.put_value(json.dumps({"AccessToken": 1234567890})),
    ),
    "the token is too short": (
        "token-length",
        "the token has 7 characters",
        lambda s: s.put_value(json.dumps({"AccessToken": "1234567"})),
    ),
    "the token is too long": (
        "token-length",
        "the token has 129 characters",
        lambda s: s.put_value(json.dumps({"AccessToken": 129 * "x"})),
    ),
    "the token ends with a newline": (
        "token-characters",
        "the token starts or ends with whitespace, such as a newline",
        lambda s: s.put_value(json.dumps({"AccessToken": TOKEN + "\n"})),
    ),
    "the token is not ASCII": (
        "token-characters",
        "the token contains a character that is not printable ASCII",
        lambda s: s.put_value(json.dumps({"AccessToken": TOKEN + "é0"})),
    ),
    "the secret has no policy": (
        "secret-policy",
        "the secret has no resource policy",
        lambda s: s.client("secretsmanager").delete_resource_policy(SecretId=s.secret_arn),
    ),
    "the policy denies access": (
        "secret-policy",
        "a statement denies MediaTailor secretsmanager:GetSecretValue",
        lambda s: policy_and(s, Effect="Deny", Principal="*", Action="secretsmanager:Get*"),
    ),
    "the policy is for MediaPackage": (
        "secret-policy",
        "no statement allows mediatailor.amazonaws.com",
        lambda s: policy_with(s, Principal={"Service": "mediapackage.amazonaws.com"}),
    ),
    "the policy allows another action": (
        "secret-policy",
        "MediaTailor is not allowed secretsmanager:GetSecretValue",
        lambda s: policy_with(s, Action="secretsmanager:DescribeSecret"),
    ),
    "the policy is for another secret": (
        "secret-policy",
        f"MediaTailor may read {OTHER_SECRET}, but not this secret",
        lambda s: policy_with(s, Resource=OTHER_SECRET),
    ),
    "the policy is for another account": (
        "secret-policy",
        "MediaTailor may read it only if aws:SourceAccount is 210987654321",
        lambda s: policy_with(s, Condition={"StringEquals": {"aws:SourceAccount": "210987654321"}}),
    ),
    "the policy is public": (
        "secret-private",
        "anyone is allowed secretsmanager:GetSecretValue",
        lambda s: policy_and(s, Principal="*"),
    ),
    "the base URL is http": (
        "source-location-https",
        "the base URL is http://origin.example.com, so the token is sent unencrypted",
        lambda s: s.update_source_location("http://origin.example.com"),
    ),
    "the header name is reserved": (
        "source-location-access",
        "HeaderName is x-amz-token; MediaTailor reserves x-amz- and x-amzn-",
        lambda s: s.update_source_location(HeaderName="x-amz-token"),
    ),
    "the header name is invalid": (
        "source-location-access",
        "HeaderName is 'X Token', which is not a valid HTTP header name",
        lambda s: s.update_source_location(HeaderName="X Token"),
    ),
    "MediaTailor's grant is revoked": (
        "grant",
        "MediaTailor has no grant on the key",
        lambda s: s.revoke_grants(),
    ),
    "MediaTailor's grant does not let it decrypt": (
        "grant",
        "MediaTailor's grant does not allow Decrypt",
        lambda s: another_grant(s, Operations=["RetireGrant"]),
    ),
    "MediaTailor's grant is for another secret": (
        "grant",
        f"MediaTailor's grant is for {OTHER_SECRET}",
        lambda s: another_grant(s, Constraints=limited_to(OTHER_SECRET)),
    ),
    "MediaTailor's grant is for any secret": (
        "grant",
        "MediaTailor's grant is not limited to a secret",
        lambda s: another_grant(s, Constraints={}),
    ),
    "MediaTailor has a second grant": (
        "grant-only",
        "MediaTailor still has a grant on arn:aws:kms:",
        lambda s: s.grant(Constraints=limited_to(OTHER_SECRET)),
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_fault_is_one_finding_and_its_commands_fix_it(setup: HandMade, name: str) -> None:
    requirement, text, break_ = BROKEN[name]
    break_(setup)

    verification = setup.verify()
    ((reported, finding),) = found(verification)
    assert reported == requirement
    assert finding.text.startswith(text)
    assert verification.status == 1
    assert verification.names(Met.NOT_CHECKED) == []

    words = {
        "KEY_ARN": setup.key_arn,
        "HTTPS_URL": "https://origin.example.com",
        "file://SECRET_STRING.json": json.dumps({"AccessToken": TOKEN}),
    }
    if requirement == "source-location-access":
        assert finding.fix == (), "only the user knows the right header"
        setup.update_source_location()
    for command in finding.fix:
        run_aws_cli(" ".join(command), setup.session, setup.aws.url, words)
    assert found(setup.verify()) == []


def test_findings_share_commands_and_no_command_undoes_another(setup: HandMade) -> None:
    """Break all settings at once, then run each command once, in any order."""
    own = documented(setup.secret_arn)
    setup.put_policy(
        own | {"Action": "secretsmanager:DescribeSecret"},
        own | {"Effect": "Deny", "Principal": "*"},
        own | {"Principal": {"AWS": ROOT}},
    )
    setup.put_key_policy(
        WHOLE_KEY | {"Action": ["kms:Put*", "kms:Get*", "kms:Decrypt", "kms:Encrypt"]},
        WHOLE_KEY | {"Principal": "*", "Action": "kms:Decrypt"},
    )
    setup.revoke_grants()
    setup.grant(Constraints=limited_to(OTHER_SECRET))
    reported = found(setup.verify())
    assert {id_ for id_, _ in reported} == {
        "grant",
        "key-private",
        "key-statements",
        "secret-policy",
    }
    commands = {command for _, finding in reported for command in finding.fix}
    assert len(commands) == 3
    for command in sorted(commands):
        run_aws_cli(" ".join(command), setup.session, setup.aws.url)
    assert found(setup.verify()) == []
    policy = setup.client("secretsmanager").get_resource_policy(SecretId=setup.secret_arn)
    kept = json.loads(policy["ResourcePolicy"])["Statement"]
    assert own | {"Principal": {"AWS": ROOT}} in kept, "correct statements are kept"
