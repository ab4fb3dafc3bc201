"""A deployed stack on the local AWS: each fault is reported once, and the reported fix works.

Longer than other files because it contains the table of faults.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.aws_cli import run_aws_cli
from tests.support.deployed_stack import OPERATOR, REPLICA_REGION, Deployed
from tests.support.setup_by_hand import found
from verification.requirement import Answer as RequirementAnswer


def test_a_deployed_stack_meets_every_requirement(deployed: Deployed) -> None:
    verification = deployed.verify()
    assert found(verification) == []
    assert verification.status == 0
    unchecked = {
        result.requirement.id
        for result in verification.results
        if result.answer is RequirementAnswer.NOT_APPLICABLE and result.source_location == "news"
    }
    assert unchecked == {
        "key-statements",
        "origin-accepts",
        "origin-refuses",
        "role-attachments",
        "role-exists",
        "role-permissions",
        "role-trust",
    }


def delete_role(deployed: Deployed) -> None:
    iam = deployed.client("iam")
    for policy in iam.list_role_policies(RoleName=deployed.role)["PolicyNames"]:
        iam.delete_role_policy(RoleName=deployed.role, PolicyName=policy)
    iam.delete_role(RoleName=deployed.role)


Break = Callable[[Deployed], object]

BROKEN: dict[str, tuple[str, str, str, Break]] = {
    "rotation is off": (
        "news sports",
        "key-rotation",
        "automatic rotation is off",
        lambda d: d.client("kms").disable_key_rotation(KeyId=d.key),
    ),
    "the key is disabled": (
        "news sports",
        "key-usable",
        "the key is disabled",
        lambda d: d.client("kms").disable_key(KeyId=d.key),
    ),
    "the key policy allows a service": (
        "news sports",
        "key-principals",
        "it also allows s3.amazonaws.com",
        lambda d: d.key_policy_with(Principal={"Service": "s3.amazonaws.com"}),
    ),
    "the key policy lets a role create any grant": (
        "news sports",
        "key-grants",
        f"{OPERATOR} can create grants without mediatailor.eu-west-1.amazonaws.com",
        lambda d: d.key_policy_with(Principal={"AWS": OPERATOR}, Action="kms:Create*"),
    ),
    "the secret uses another key": (
        "news",
        "secret-key",
        "the secret is encrypted under arn:aws:kms:eu-west-1:123456789012:key/",
        lambda d: d.client("secretsmanager").update_secret(
            SecretId=d.secret, KmsKeyId=d.client("kms").create_key()["KeyMetadata"]["Arn"]
        ),
    ),
    "the token was changed in the console": (
        "news",
        "secret-version",
        "the current value was written outside the stack on 20",
        lambda d: d.put_value('{"AccessToken": "by-hand-01"}'),
    ),
    "the secret's policy allows someone else": (
        "news",
        "secret-policy-only",
        "it also allows arn:aws:iam::123456789012:root secretsmanager:GetSecretValue",
        lambda d: d.secret_policy_with(Principal={"AWS": "arn:aws:iam::123456789012:root"}),
    ),
    "the role trusts an account": (
        "sports",
        "role-trust",
        "it can be assumed by 210987654321",
        lambda d: d.client("iam").update_assume_role_policy(
            RoleName=d.role,
            PolicyDocument=json.dumps(
                {
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"AWS": "210987654321"},
                            "Action": "sts:AssumeRole",
                        }
                    ]
                }
            ),
        ),
    ),
    "the role has a second policy": (
        "sports",
        "role-attachments",
        "it has the inline policy more as well",
        lambda d: d.client("iam").put_role_policy(
            RoleName=d.role,
            PolicyName="more",
            PolicyDocument=json.dumps(
                {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
            ),
        ),
    ),
    "the role's policy allows more": (
        "sports",
        "role-permissions",
        "it lacks kms:Decrypt on arn:aws:kms:eu-west-1:123456789012:key/",
        lambda d: d.client("iam").put_role_policy(
            RoleName=d.role,
            PolicyName=d.client("iam").list_role_policies(RoleName=d.role)["PolicyNames"][0],
            PolicyDocument=json.dumps(
                {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
            ),
        ),
    ),
    "the role has a managed policy": (
        "sports",
        "role-attachments",
        "it has the managed policy arn:aws:iam::123456789012:policy/more as well",
        lambda d: d.client("iam").attach_role_policy(
            RoleName=d.role, PolicyArn=managed_policy(d, "more")
        ),
    ),
    "the role has a permissions boundary": (
        "sports",
        "role-attachments",
        "the permissions boundary arn:aws:iam::123456789012:policy/limit limits the role",
        lambda d: d.client("iam").put_role_permissions_boundary(
            RoleName=d.role, PermissionsBoundary=managed_policy(d, "limit")
        ),
    ),
    "the base URL was changed by hand": (
        "news",
        "source-location-url",
        "the base URL is https://elsewhere.example.com, but the stack has https://origin.example.com",
        lambda d: d.update_source_location(
            HttpConfiguration={"BaseUrl": "https://elsewhere.example.com"}
        ),
    ),
    "the segment delivery URL was changed by hand": (
        "news",
        "source-location-segments",
        "the default segment delivery URL is https://x.example.com, but the stack has https://cdn",
        lambda d: d.update_source_location(
            DefaultSegmentDeliveryConfiguration={"BaseUrl": "https://x.example.com"}
        ),
    ),
    "the segment delivery configurations were changed by hand": (
        "news",
        "source-location-segments",
        "the segment delivery configurations are a: https://a.example.com, but the stack has mobile: ",
        lambda d: d.update_source_location(
            SegmentDeliveryConfigurations=[{"Name": "a", "BaseUrl": "https://a.example.com"}]
        ),
    ),
    "the header was changed by hand": (
        "news",
        "source-location-access",
        "HeaderName is X-Other, but the stack has X-Access-Token",
        lambda d: d.update_source_location(AccessConfiguration=access(d, HeaderName="X-Other")),
    ),
    "the SecretString key was changed by hand": (
        "news",
        "source-location-access",
        "SecretStringKey is Other, but the stack has AccessToken",
        lambda d: d.update_source_location(AccessConfiguration=access(d, SecretStringKey="Other")),
    ),
    "the access type was changed by hand": (
        "news",
        "source-location-access",
        "AccessType is S3_SIGV4, but the stack has SECRETS_MANAGER_ACCESS_TOKEN",
        lambda d: d.update_source_location(
            AccessConfiguration=access(d) | {"AccessType": "S3_SIGV4"}
        ),
    ),
    "a replica's key is disabled": (
        "news sports",
        "replica-key-usable",
        "in us-west-2, the key is disabled",
        lambda d: d.client("kms", REPLICA_REGION).disable_key(KeyId=d.key.rpartition("/")[2]),
    ),
    "a replica is gone": (
        "news",
        "replica-exists",
        "in us-west-2, Secrets Manager has no replica of the secret",
        lambda d: d.client("secretsmanager").remove_regions_from_replication(
            SecretId=d.secret, RemoveReplicaRegions=[REPLICA_REGION]
        ),
    ),
    "MediaPackage's role was deleted": (
        "sports",
        "role-exists",
        "IAM has no role arn:aws:iam::123456789012:role/",
        delete_role,
    ),
    "the source location was deleted": (
        "news",
        "source-location-exists",
        "MediaTailor has no source location news",
        lambda d: d.client("mediatailor").delete_source_location(SourceLocationName="news"),
    ),
}


def access(deployed: Deployed, **change: str) -> dict[str, Any]:
    configuration = deployed.output("accessConfigurations", "news")
    part = "SecretsManagerAccessTokenConfiguration"
    return {**configuration, part: configuration[part] | change}


def managed_policy(deployed: Deployed, name: str) -> str:
    document = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    policy = deployed.client("iam").create_policy(
        PolicyName=name, PolicyDocument=json.dumps(document)
    )
    return str(policy["Policy"]["Arn"])


@pytest.mark.parametrize("name", BROKEN)
def test_a_fault_is_one_finding_and_the_reported_fix_works(deployed: Deployed, name: str) -> None:
    names, requirement, text, break_ = BROKEN[name]
    break_(deployed)

    verification = deployed.verify()
    reported = found(verification)
    assert [id_ for id_, _ in reported] == [requirement] * len(names.split())
    assert verification.names(RequirementAnswer.NOT_MET) == names.split()
    assert verification.names(RequirementAnswer.NOT_CHECKED) == []
    finding = reported[0][1]
    assert finding.text.startswith(text)
    assert verification.status == 1

    for command in finding.fix:
        run_aws_cli(" ".join(command), deployed.session, deployed.url)
    if not finding.fix:
        assert finding.up_fixes
    if finding.up_fixes and name not in {"rotation is off", "the key is disabled"}:
        deployed.stack.pulumi("up", "--yes", "--skip-preview", "--refresh")
        deployed.__dict__.pop("export")  # the state has changed
    assert found(deployed.verify()) == []
