"""Each of AWS's requirements, met once and broken in every way that its check knows."""

import json
from dataclasses import replace
from typing import Any

import pytest

from verification.requirements import REQUIREMENTS, MediaPackageRole, ReadBack, SourceLocation

ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:news-AbCdEf"
KEY_ARN = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ROOT = {"AWS": "arn:aws:iam::123456789012:root"}
MEDIATAILOR = {"Service": "mediatailor.amazonaws.com"}

DOCUMENTED = {
    "Effect": "Allow",
    "Principal": MEDIATAILOR,
    "Action": "secretsmanager:GetSecretValue",
    "Resource": ARN,
}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def access_configuration(secret_arn: str, secret_string_key: str) -> dict[str, Any]:
    return {
        "AccessType": "SECRETS_MANAGER_ACCESS_TOKEN",
        "SecretsManagerAccessTokenConfiguration": {
            "HeaderName": "X-Access-Token",
            "SecretArn": secret_arn,
            "SecretStringKey": secret_string_key,
        },
    }


GOOD = ReadBack(
    access_configuration=access_configuration(ARN, "AccessToken"),
    secret={"KmsKeyId": KEY_ARN},
    secret_string='{"AccessToken": "0123-token"}',
    resource_policy=policy(DOCUMENTED),
    key={
        "KeyManager": "CUSTOMER",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": "Enabled",
    },
    rotation={"KeyRotationEnabled": True},
    key_policy=policy(
        {"Effect": "Allow", "Principal": ROOT, "Action": "kms:*", "Resource": "*"},
    ),
)

KEY_KIND = "the key is customer managed, symmetric and enabled"
KEY_ARN_NAMED = "the secret names the key by its key ARN"
KEY_ROTATES = "the key rotates"
KEY_IS_PRIVATE = "the key policy names accounts, roles and users, nobody else"
GRANTS_ARE_MEDIATAILORS = "those named for grants make them through MediaTailor only"
IS_JSON = "SecretString is a JSON object with the SecretString key"
TOKEN_LENGTH = "the token has 8 to 128 characters"
MEDIATAILOR_READS = "the secret's policy lets MediaTailor read it, as documented"
IS_PRIVATE = "the secret's policy is not public"
REPLICA_EXISTS = "each replica is in its Region under the exported ARN"
REPLICA_KEY_ARN_NAMED = "each replica names a key of its Region by its key ARN"
REPLICA_KEY_KIND = "each replica's key is customer managed, symmetric and enabled"
REPLICA_IS_READ = "each replica's policy lets MediaTailor read it, and is not public"
REPLICA_HOLDS_TOKEN = "each replica holds the same token"
ROLE_TRUSTS = "only MediaPackage assumes its role, for this account"
ROLE_READS = "MediaPackage's role reads and decrypts this secret only"
LOCATION_AUTHENTICATES = "the source location authenticates as the stack exports"
BASE_URL_IS_HTTPS = "the source location's base URL is https"


def problems(found: ReadBack) -> dict[str, str]:
    said = {requirement.title: requirement.problem(found) for requirement in REQUIREMENTS}
    return {title: problem for title, problem in said.items() if problem}


def test_what_aws_asks_for_meets_every_requirement() -> None:
    assert problems(GOOD) == {}


@pytest.mark.parametrize(
    ("change", "title", "problem"),
    [
        ({"KeyManager": "AWS"}, KEY_KIND, "KeyManager is AWS"),
        ({"KeySpec": "RSA_2048"}, KEY_KIND, "KeySpec is RSA_2048"),
        ({"KeyUsage": "SIGN_VERIFY"}, KEY_KIND, "KeyUsage is SIGN_VERIFY"),
        ({"KeyState": "PendingDeletion"}, KEY_KIND, "KeyState is PendingDeletion"),
    ],
)
def test_another_kind_of_key_is_a_problem(change: dict[str, str], title: str, problem: str) -> None:
    assert problems(replace(GOOD, key={**GOOD.key, **change})) == {title: problem}


def test_a_key_that_kms_does_not_know_is_a_problem() -> None:
    found = replace(GOOD, key={}, rotation={}, key_policy="")
    assert problems(found) == {
        KEY_KIND: "KMS knows no such key",
        KEY_ROTATES: "rotation is off",
        KEY_IS_PRIVATE: "the key policy cannot be read",
    }


@pytest.mark.parametrize(
    ("named", "problem"),
    [
        (None, "the secret names no key, so AWS's own key encrypts it"),
        ("alias/news", "the secret names its key as alias/news"),
        (KEY_ARN.split("/")[1], f"the secret names its key as {KEY_ARN.split('/')[1]}"),
        (
            "arn:aws:kms:eu-west-1:123456789012:alias/news",
            "the secret names its key as arn:aws:kms:eu-west-1:123456789012:alias/news",
        ),
        (
            KEY_ARN.replace("eu-west-1", "us-west-2"),
            f"the secret names its key as {KEY_ARN.replace('eu-west-1', 'us-west-2')}",
        ),
    ],
)
def test_a_key_named_by_anything_but_its_key_arn_is_a_problem(
    named: str | None, problem: str
) -> None:
    assert problems(replace(GOOD, secret={"KmsKeyId": named})) == {KEY_ARN_NAMED: problem}


def test_a_multi_region_key_is_named_by_its_key_arn() -> None:
    arn = "arn:aws:kms:eu-west-1:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab"
    assert problems(replace(GOOD, secret={"KmsKeyId": arn})) == {}


def test_a_key_without_rotation_is_a_problem() -> None:
    found = replace(GOOD, rotation={"KeyRotationEnabled": False})
    assert problems(found) == {KEY_ROTATES: "rotation is off"}


@pytest.mark.parametrize(
    "principal", [{"Principal": "*"}, {"Principal": {"AWS": "*"}}, {"NotPrincipal": ROOT}]
)
def test_a_key_policy_for_everybody_is_a_problem(principal: dict[str, Any]) -> None:
    statement = {"Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": "*"} | principal
    assert problems(replace(GOOD, key_policy=policy(statement))) == {
        KEY_IS_PRIVATE: "everybody is allowed kms:Decrypt"
    }


@pytest.mark.parametrize(
    ("principal", "named"),
    [
        ({"Service": "mediatailor.amazonaws.com"}, "mediatailor.amazonaws.com"),
        ({**ROOT, "Service": "s3.amazonaws.com"}, "s3.amazonaws.com"),
        ({"AWS": "AROA1234567890EXAMPLE"}, "AROA1234567890EXAMPLE"),  # of a role that is gone
    ],
)
def test_a_key_policy_for_anybody_but_iam_principals_is_a_problem(
    principal: dict[str, str], named: str
) -> None:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "kms:Decrypt"}
    assert problems(replace(GOOD, key_policy=policy(statement))) == {
        KEY_IS_PRIVATE: f"it also allows {named}"
    }


OPERATOR = "arn:aws:iam::123456789012:role/operator"
THROUGH = "mediatailor.eu-west-1.amazonaws.com"
GRANT = {
    "Effect": "Allow",
    "Principal": {"AWS": [OPERATOR]},
    "Action": "kms:CreateGrant",
    "Resource": "*",
    "Condition": {"StringEquals": {"kms:ViaService": THROUGH}},
}


@pytest.mark.parametrize("through", [THROUGH, [THROUGH]])
def test_a_grant_through_mediatailor_is_none(through: object) -> None:
    grant = GRANT | {"Condition": {"StringEquals": {"kms:ViaService": through}}}
    assert problems(replace(GOOD, key_policy=policy(grant))) == {}


@pytest.mark.parametrize(
    "change",
    [
        {"Condition": {}},
        {"Condition": {"StringEquals": {"kms:ViaService": "mediatailor.us-west-2.amazonaws.com"}}},
        {"Condition": {"StringLike": {"kms:ViaService": "mediatailor.*.amazonaws.com"}}},
        {"Action": ["kms:Create*"], "Condition": {}},
        {"Action": "kms:*", "Condition": {}},
        {"Principal": {"AWS": [OPERATOR, ROOT["AWS"]]}, "Condition": {}},
    ],
)
def test_a_grant_that_goes_past_mediatailor_is_a_problem(change: dict[str, Any]) -> None:
    assert problems(replace(GOOD, key_policy=policy(GRANT | change))) == {
        GRANTS_ARE_MEDIATAILORS: f"{OPERATOR} may make grants without {THROUGH} asking for them"
    }


def test_a_grant_by_not_naming_it_is_a_problem() -> None:
    statement = {"Effect": "Allow", "Principal": {"AWS": OPERATOR}, "NotAction": "kms:Decrypt"}
    assert set(problems(replace(GOOD, key_policy=policy(statement)))) == {GRANTS_ARE_MEDIATAILORS}


def test_an_existing_key_which_the_local_aws_cannot_have_is_not_judged() -> None:
    found = replace(GOOD, key={}, rotation={}, key_policy="", key_is_existing=True)
    found = replace(found, replicas={"us-west-2": replica(found)})
    assert problems(found) == {}
    assert not any(
        requirement.applies(found)
        for requirement in REQUIREMENTS
        if requirement.title
        in {KEY_KIND, KEY_ROTATES, KEY_IS_PRIVATE, GRANTS_ARE_MEDIATAILORS, REPLICA_KEY_KIND}
    )


@pytest.mark.parametrize(
    ("secret_string", "problem"),
    [
        ("0123-token", "SecretString is not JSON"),
        ("", "SecretString is not JSON"),
        ('["0123-token"]', "SecretString is not a JSON object"),
        (
            '{"accessToken": "0123-token"}',
            "SecretString has no text under the key 'AccessToken'",
        ),
        ('{"AccessToken": 12345678}', "SecretString has no text under the key 'AccessToken'"),
    ],
)
def test_a_secret_string_that_mediatailor_cannot_look_up_is_a_problem(
    secret_string: str, problem: str
) -> None:
    found = replace(GOOD, secret_string=secret_string)
    assert problems(found) == {IS_JSON: problem, TOKEN_LENGTH: "there is no token"}


@pytest.mark.parametrize("length", [0, 7, 129])
def test_a_token_of_another_length_is_a_problem(length: int) -> None:
    found = replace(GOOD, secret_string=json.dumps({"AccessToken": length * "x"}))
    assert problems(found) == {TOKEN_LENGTH: f"the token has {length} characters"}


@pytest.mark.parametrize("length", [8, 128])
def test_a_token_of_the_lengths_that_aws_states_is_none(length: int) -> None:
    found = replace(GOOD, secret_string=json.dumps({"AccessToken": length * "x"}))
    assert problems(found) == {}


@pytest.mark.parametrize(
    "change",
    [
        {"Principal": {"Service": "mediapackage.amazonaws.com"}},
        {"Principal": {"Service": "mediatailor.us-east-1.amazonaws.com"}},
        {"Principal": {"AWS": "arn:aws:iam::123456789012:root"}},
        {"Principal": {**MEDIATAILOR, **ROOT}},
        {"Action": "secretsmanager:DescribeSecret"},
        {"Action": "secretsmanager:*"},
        {"Action": ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]},
        {"Resource": ARN.replace("news", "sports")},
        {"Resource": "*"},
        {"Condition": {"StringEquals": {"aws:SourceAccount": "210987654321"}}},
        {"Condition": {"StringEquals": {"aws:SourceArn": "arn:aws:mediatailor:::*"}}},
        {"Condition": {"Bool": {"aws:SecureTransport": "false"}}},
    ],
)
def test_a_policy_with_another_statement_than_the_documented_one_is_a_problem(
    change: dict[str, Any],
) -> None:
    found = replace(GOOD, resource_policy=policy(DOCUMENTED | change))
    assert problems(found) == {MEDIATAILOR_READS: "no statement is the documented one"}


@pytest.mark.parametrize("missing", ["", "not JSON", "{}", '{"Statement": []}'])
def test_a_secret_without_a_policy_is_a_problem(missing: str) -> None:
    found = replace(GOOD, resource_policy=missing)
    assert problems(found) == {MEDIATAILOR_READS: "the secret has no resource policy"}


def test_a_policy_that_denies_is_a_problem() -> None:
    denying = DOCUMENTED | {"Effect": "Deny", "Principal": ROOT}
    found = replace(GOOD, resource_policy=policy(DOCUMENTED, denying))
    assert problems(found) == {
        MEDIATAILOR_READS: "a statement denies; AWS documents none that does"
    }


@pytest.mark.parametrize(
    "change",
    [
        {"Sid": "MediaTailor"},
        {"Principal": {"Service": ["mediatailor.amazonaws.com"]}},
        {"Principal": {"Service": "mediatailor.eu-west-1.amazonaws.com"}},
        {"Action": ["secretsmanager:GetSecretValue"]},
        {"Resource": [ARN, ARN.replace("eu-west-1", "us-east-1")]},
        {"Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}}},
    ],
)
def test_the_documented_statement_in_another_spelling_is_none(change: dict[str, Any]) -> None:
    assert problems(replace(GOOD, resource_policy=policy(DOCUMENTED | change))) == {}


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"AWS": [*ROOT.values(), "*"]}])
def test_a_public_policy_is_a_problem(principal: object) -> None:
    public = DOCUMENTED | {"Principal": principal}
    found = replace(GOOD, resource_policy=policy(DOCUMENTED, public))
    assert problems(found) == {IS_PRIVATE: "everybody is allowed secretsmanager:GetSecretValue"}


def test_the_readers_are_those_whom_any_statement_lets_read() -> None:
    found = replace(
        GOOD,
        resource_policy=policy(
            DOCUMENTED,
            {"Effect": "Allow", "Principal": ROOT, "Action": "secretsmanager:Get*"},
            {"Effect": "Allow", "Principal": "*", "Action": "secretsmanager:DescribeSecret"},
            {"Effect": "Deny", "Principal": {"AWS": "210987654321"}, "Action": "*"},
        ),
    )
    assert found.readers == ["arn:aws:iam::123456789012:root", "mediatailor.amazonaws.com"]


def test_the_readers_are_shown_with_the_condition_that_they_are_under() -> None:
    conditions = [
        {"StringEquals": {"aws:SourceAccount": "123456789012"}},
        {"ArnLike": {"aws:SourceArn": ["arn:1", "arn:2"]}},
    ]
    found = replace(
        GOOD, resource_policy=policy(*(DOCUMENTED | {"Condition": c} for c in conditions))
    )
    assert found.readers == [
        "mediatailor.amazonaws.com if aws:SourceAccount is 123456789012",
        "mediatailor.amazonaws.com if aws:SourceArn ArnLike arn:1 or arn:2",
    ]


# --- Replicas


def there(text: str) -> str:
    return text.replace("eu-west-1", "us-west-2")


def replica(of: ReadBack) -> ReadBack:
    """Return what the AWS API answers about the replica in us-west-2."""
    return replace(
        of,
        access_configuration=access_configuration(there(ARN), "AccessToken"),
        secret={"ARN": there(ARN), "PrimaryRegion": "eu-west-1", "KmsKeyId": there(KEY_ARN)},
        resource_policy=policy(DOCUMENTED | {"Resource": [ARN, there(ARN)]}),
    )


def replicated(**change: Any) -> ReadBack:
    return replace(GOOD, replicas={"us-west-2": replace(replica(GOOD), **change)})


def test_a_good_replica_meets_every_requirement() -> None:
    assert problems(replicated()) == {}


@pytest.mark.parametrize(
    "change", [{"ARN": ARN}, {"PrimaryRegion": "us-west-2"}, {"PrimaryRegion": None}]
)
def test_a_replica_that_is_none_of_this_secret_is_a_problem(change: dict[str, Any]) -> None:
    secret = {**replica(GOOD).secret, **change}
    assert problems(replicated(secret=secret)) == {
        REPLICA_EXISTS: "in us-west-2, Secrets Manager has no such replica there"
    }


def test_a_replica_that_does_not_exist_is_a_problem() -> None:
    missing = replicated(
        secret={}, secret_string="", resource_policy="", key={}, rotation={}, key_policy=""
    )
    assert set(problems(missing)) == {
        REPLICA_EXISTS,
        REPLICA_KEY_ARN_NAMED,
        REPLICA_KEY_KIND,
        REPLICA_IS_READ,
        REPLICA_HOLDS_TOKEN,
        KEY_IS_PRIVATE,
    }


def test_a_replica_in_another_region_than_exported_is_a_problem() -> None:
    found = replace(GOOD, replicas={"eu-central-1": replica(GOOD)})
    assert problems(found) == {
        REPLICA_EXISTS: "in eu-central-1, Secrets Manager has no such replica there"
    }


@pytest.mark.parametrize("named", [KEY_ARN, "alias/news", None])
def test_a_replica_without_a_key_of_its_region_is_a_problem(named: str | None) -> None:
    secret = {**replica(GOOD).secret, "KmsKeyId": named}
    assert set(problems(replicated(secret=secret))) == {REPLICA_KEY_ARN_NAMED}


@pytest.mark.parametrize(
    "change", [{"KeyManager": "AWS"}, {"KeySpec": "RSA_2048"}, {"KeyState": "Disabled"}]
)
def test_a_replica_under_another_kind_of_key_is_a_problem(change: dict[str, str]) -> None:
    ((name, value),) = change.items()
    assert problems(replicated(key={**GOOD.key, **change})) == {
        REPLICA_KEY_KIND: f"in us-west-2, {name} is {value}"
    }


def test_a_replica_whose_policy_names_only_the_primary_is_a_problem() -> None:
    assert problems(replicated(resource_policy=GOOD.resource_policy)) == {
        REPLICA_IS_READ: "in us-west-2, no statement is the documented one"
    }


def test_a_replica_with_a_public_policy_is_a_problem() -> None:
    statements = DOCUMENTED | {"Resource": there(ARN)}, DOCUMENTED | {"Principal": "*"}
    assert problems(replicated(resource_policy=policy(*statements))) == {
        REPLICA_IS_READ: "in us-west-2, everybody is allowed secretsmanager:GetSecretValue"
    }


def test_a_replica_with_another_token_is_a_problem_and_no_token_is_told() -> None:
    assert problems(replicated(secret_string='{"AccessToken": "9876-token"}')) == {
        REPLICA_HOLDS_TOKEN: "in us-west-2, the token is another one"
    }
    assert problems(replicated(secret_string="")) == {
        REPLICA_HOLDS_TOKEN: "in us-west-2, there is no token"
    }


@pytest.mark.parametrize(
    ("statement", "title"),
    [
        ({"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt"}, KEY_IS_PRIVATE),
        (GRANT, GRANTS_ARE_MEDIATAILORS),  # through the MediaTailor of the primary's Region
    ],
)
def test_a_problem_of_a_replicas_key_policy_is_one_of_the_key_policy(
    statement: dict[str, Any], title: str
) -> None:
    found = problems(replicated(key_policy=policy(statement)))
    assert set(found) == {title}
    assert found[title].startswith("in us-west-2, ")


# --- MediaPackage

TRUST = {
    "Sid": "AssumeRole",
    "Effect": "Allow",
    "Principal": {"Service": "mediapackage.amazonaws.com"},
    "Action": "sts:AssumeRole",
    "Condition": {"StringEquals": {"aws:SourceAccount": "123456789012"}},
}
READS = {
    "Effect": "Allow",
    "Action": [
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetSecretValue",
        "secretsmanager:ListSecretVersionIds",
    ],
    "Resource": ARN,
}
FINDS = {"Effect": "Allow", "Action": "secretsmanager:ListSecrets", "Resource": "*"}
DECRYPTS = {
    "Effect": "Allow",
    "Action": ["kms:Decrypt", "kms:DescribeKey"],
    "Resource": KEY_ARN,
    "Condition": {"StringEquals": {"kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com"}},
}


def packaged(
    *statements: dict[str, Any],
    trust: dict[str, Any] = TRUST,
    looked_up: str = "MediaPackageCDNIdentifier",
    attached_policies: tuple[str, ...] = (),
) -> ReadBack:
    return replace(
        GOOD,
        access_configuration=access_configuration(ARN, looked_up),
        secret_string=json.dumps({looked_up: "0123-token"}),
        media_package_role=MediaPackageRole(
            arn="arn:aws:iam::123456789012:role/mediatailor-news",
            trust_policy={"Version": "2012-10-17", "Statement": [trust]},
            policies=[
                {
                    "Version": "2012-10-17",
                    "Statement": list(statements or (READS, FINDS, DECRYPTS)),
                }
            ],
            attached_policies=attached_policies,
        ),
    )


def test_the_role_of_either_mediapackage_meets_every_requirement() -> None:
    assert problems(packaged()) == {}
    second = packaged(
        READS | {"Action": ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"]},
        FINDS | {"Action": "secretsmanager:BatchGetSecretValue"},
        DECRYPTS,
        trust=TRUST | {"Principal": {"Service": "mediapackagev2.amazonaws.com"}},
        looked_up="MediaPackageV2CDNIdentifier",
    )
    assert problems(second) == {}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"Principal": {"AWS": "*"}}, "it is assumed by * if aws:SourceAccount is 123456789012"),
        (
            {"Principal": {"Service": "mediapackagev2.amazonaws.com"}},
            "it is assumed by mediapackagev2.amazonaws.com if aws:SourceAccount is 123456789012",
        ),
        (
            {"Principal": {"Service": "mediapackage.amazonaws.com", "AWS": "123456789012"}},
            "it is assumed by mediapackage.amazonaws.com, 123456789012 if aws:SourceAccount is 123456789012",
        ),
        ({"Condition": {}}, "it is assumed by mediapackage.amazonaws.com"),
        (
            {"Condition": {"StringEquals": {"aws:SourceAccount": "210987654321"}}},
            "it is assumed by mediapackage.amazonaws.com if aws:SourceAccount is 210987654321",
        ),
    ],
)
def test_a_role_that_is_not_mediapackages_alone_is_a_problem(
    change: dict[str, Any], problem: str
) -> None:
    assert problems(packaged(trust=TRUST | change)) == {ROLE_TRUSTS: problem}


def test_a_role_that_iam_does_not_know_is_a_problem() -> None:
    role = MediaPackageRole(arn="arn", trust_policy={}, policies=[], attached_policies=[])
    assert problems(replace(packaged(), media_package_role=role)) == {
        ROLE_TRUSTS: "IAM knows no such role",
        ROLE_READS: "the role has no policy",
    }


VIA = " if kms:ViaService is secretsmanager.eu-west-1.amazonaws.com"


@pytest.mark.parametrize(
    ("statements", "problem"),
    [
        ((FINDS, DECRYPTS), f"it may not secretsmanager:GetSecretValue on {ARN}"),
        ((READS, FINDS), f"it may not kms:Decrypt on {KEY_ARN}{VIA}"),
        (
            (READS, FINDS, DECRYPTS | {"Action": "kms:Decrypt", "Condition": {}}),
            f"it may not kms:Decrypt on {KEY_ARN}{VIA}, it may kms:Decrypt on {KEY_ARN}",
        ),
        (
            (READS, FINDS, DECRYPTS | {"Action": "kms:Decrypt", "Resource": "*"}),
            f"it may not kms:Decrypt on {KEY_ARN}{VIA}, it may kms:Decrypt on *{VIA}",
        ),
        (
            (READS, READS | {"Action": "secretsmanager:GetSecretValue", "Resource": "*"}, DECRYPTS),
            "it may secretsmanager:GetSecretValue on *",
        ),
        (
            (READS, FINDS | {"Action": "secretsmanager:BatchGetSecretValue"}, DECRYPTS),
            "it may secretsmanager:BatchGetSecretValue on *",
        ),
        (
            (READS, DECRYPTS, {"Effect": "Allow", "NotAction": "iam:*", "NotResource": ARN}),
            "it may all but some actions on all but some resources",
        ),
        (
            (READS, DECRYPTS, FINDS | {"Effect": "Deny"}),
            "a statement denies; AWS documents none that does",
        ),
    ],
)
def test_a_role_that_may_do_less_or_more_is_a_problem(
    statements: tuple[dict[str, Any], ...], problem: str
) -> None:
    assert problems(packaged(*statements)) == {ROLE_READS: problem}


def test_a_role_with_an_attached_policy_is_a_problem() -> None:
    attached = "arn:aws:iam::aws:policy/AdministratorAccess"
    assert problems(packaged(attached_policies=(attached,))) == {
        ROLE_READS: f"the role has also {attached}"
    }


# --- Source locations

LOCATION_ARN = "arn:aws:mediatailor:eu-west-1:123456789012:sourceLocation/news"


def located(**change: Any) -> ReadBack:
    properties = {
        "Arn": LOCATION_ARN,
        "HttpConfiguration": {"BaseUrl": "https://origin.example.com"},
        "AccessConfiguration": GOOD.access_configuration,
    }
    return replace(
        GOOD, source_location=SourceLocation(arn=LOCATION_ARN, properties=properties | change)
    )


def test_the_exported_source_location_meets_every_requirement() -> None:
    assert problems(located()) == {}


@pytest.mark.parametrize(
    ("change", "title", "problem"),
    [
        (
            {"Arn": f"{LOCATION_ARN}-2"},
            LOCATION_AUTHENTICATES,
            "MediaTailor knows no such source location",
        ),
        (
            {"AccessConfiguration": access_configuration(ARN, "OtherKey")},
            LOCATION_AUTHENTICATES,
            "its access configuration is another one",
        ),
        (
            {"HttpConfiguration": {"BaseUrl": "http://origin.example.com"}},
            BASE_URL_IS_HTTPS,
            "the base URL is http://origin.example.com",
        ),
        ({"HttpConfiguration": {}}, BASE_URL_IS_HTTPS, "the base URL is missing"),
    ],
)
def test_another_source_location_than_the_exported_is_a_problem(
    change: dict[str, Any], title: str, problem: str
) -> None:
    assert problems(located(**change)) == {title: problem}


def test_a_source_location_that_mediatailor_does_not_know_is_a_problem() -> None:
    found = replace(GOOD, source_location=SourceLocation(arn=LOCATION_ARN, properties={}))
    assert set(problems(found)) == {LOCATION_AUTHENTICATES, BASE_URL_IS_HTTPS}


def test_what_a_stack_does_not_have_is_not_asked_for() -> None:
    asked = {requirement.title for requirement in REQUIREMENTS if requirement.applies(GOOD)}
    assert not asked & {
        REPLICA_EXISTS,
        REPLICA_KEY_ARN_NAMED,
        REPLICA_KEY_KIND,
        REPLICA_IS_READ,
        REPLICA_HOLDS_TOKEN,
        ROLE_TRUSTS,
        ROLE_READS,
        LOCATION_AUTHENTICATES,
        BASE_URL_IS_HTTPS,
    }
