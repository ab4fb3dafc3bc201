"""A deployed stack with faults that only AWS causes, or with resources created outside the stack."""

import json
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from sandbox.workspace import sandbox
from tests.support.aws_cli import run_aws_cli
from tests.support.aws_proxy import Answer, Request, aws_proxy
from tests.support.changed_answers import Change, changed_answers
from tests.support.deployed_stack import OPERATOR, REGION, REPLICA_REGION, STACK_FILE, Deployed
from tests.support.setup_by_hand import documented, found
from tests.support.stack_driver import Stack
from verification.requirement import Answer as RequirementAnswer


def with_answers(
    deployed: Deployed, operation: str, region: str, change: Change
) -> AbstractContextManager[str]:
    return changed_answers(deployed.url, deployed.client, operation, change, region)


def test_a_replica_that_is_not_in_sync_is_one_finding(deployed: Deployed) -> None:
    def fail(answer: dict[str, Any]) -> None:
        for status in answer.get("ReplicationStatus", ()):
            status |= {"Status": "Failed", "StatusMessage": "The key is disabled."}

    with with_answers(deployed, "DescribeSecret", REGION, fail) as url:
        reported = found(deployed.verify(url))
    assert [(id_, finding.text) for id_, finding in reported] == 2 * [
        ("replica-in-sync", "in us-west-2, replication is Failed: The key is disabled.")
    ]


def test_a_replica_with_another_token_is_one_finding_that_does_not_contain_it(
    deployed: Deployed,
) -> None:
    def change(answer: dict[str, Any]) -> None:
        if "news" in answer["Name"]:
            answer["SecretString"] = '{"AccessToken": "another-token"}'

    with with_answers(deployed, "GetSecretValue", REPLICA_REGION, change) as url:
        ((id_, finding),) = found(deployed.verify(url))
    assert (id_, finding.text) == (
        "replica-token",
        "in us-west-2, the token differs from the secret's",
    )


def test_a_replica_whose_policy_is_for_another_secret_is_one_finding(deployed: Deployed) -> None:
    def change(answer: dict[str, Any]) -> None:
        if "news" in answer["Name"]:
            answer["ResourcePolicy"] = json.dumps({"Statement": [documented(deployed.secret)]})

    with with_answers(deployed, "GetResourcePolicy", REPLICA_REGION, change) as url:
        ((id_, finding),) = found(deployed.verify(url))
    assert id_ == "replica-policy"
    assert finding.text.startswith("in us-west-2, MediaTailor may read ")


def test_a_replica_under_the_aws_managed_key_is_one_finding(deployed: Deployed) -> None:
    def change(answer: dict[str, Any]) -> None:
        if "news" in answer["Name"]:
            del answer["KmsKeyId"]

    with with_answers(deployed, "DescribeSecret", REPLICA_REGION, change) as url:
        ((id_, finding),) = found(deployed.verify(url))
    assert id_ == "replica-key"
    assert finding.text == "in us-west-2, the secret has no key, so the AWS managed key encrypts it"


def test_a_grant_on_the_secrets_former_key_is_one_finding(
    deployed: Deployed,
) -> None:
    kms = deployed.client("kms")
    former = kms.create_key()["KeyMetadata"]["Arn"]
    kms.create_grant(
        KeyId=former,
        Name="MediaTailor-SourceLocation-123456789012-news",
        GranteePrincipal="mediatailor.amazonaws.com",
        Operations=["Decrypt", "RetireGrant"],
        Constraints={"EncryptionContextSubset": {"SecretARN": deployed.secret}},
    )

    def change(answer: dict[str, Any]) -> None:
        for version in answer["Versions"]:
            version["KmsKeyIds"] = [former, deployed.key]

    with with_answers(deployed, "ListSecretVersionIds", REGION, change) as url:
        ((id_, finding),) = found(deployed.verify(url))
        assert id_ == "grant-only"
        assert finding.text == f"MediaTailor still has a grant on {former} for {deployed.secret}"
        for command in finding.fix:
            run_aws_cli(" ".join(command), deployed.session, deployed.url)
        assert found(deployed.verify(url)) == []


def test_a_value_that_cannot_be_decrypted_under_a_disabled_key_is_one_finding(
    deployed: Deployed,
) -> None:
    def refuse(request: Request) -> Answer | None:
        if (request.operation, request.region) != ("GetSecretValue", REGION):
            return None
        body = {"__type": "DecryptionFailure", "message": "The key is disabled."}
        return Answer(status=400, body=json.dumps(body).encode())

    deployed.client("kms").disable_key(KeyId=deployed.key)
    try:
        with aws_proxy(deployed.url, instead=refuse) as proxy:
            verification = deployed.verify(proxy.url)
    finally:
        deployed.client("kms").enable_key(KeyId=deployed.key)
    assert {id_ for id_, _ in found(verification)} == {"key-usable"}
    assert verification.names(RequirementAnswer.NOT_CHECKED) == []


def test_a_second_change_of_the_token_outside_the_stack_reports_the_effect_of_a_refresh(
    deployed: Deployed,
) -> None:
    for number in range(2):
        deployed.put_value(json.dumps({"AccessToken": f"by-hand-{number}"}))
    ((id_, finding),) = found(deployed.verify())
    assert id_ == "secret-version"
    assert finding.text.endswith(
        "the next `pulumi up --refresh` may overwrite it with the token in the stack file"
    )
    deployed.stack.pulumi("up", "--yes", "--skip-preview", "--refresh")
    deployed.__dict__.pop("export")
    assert found(deployed.verify()) == []


def test_a_source_location_created_by_hand_is_found_by_its_secret(deployed: Deployed) -> None:
    mediatailor = deployed.client("mediatailor")
    settings = {
        "SourceLocationName": "sports-by-hand",
        "HttpConfiguration": {"BaseUrl": "https://sports.example.com"},
        "AccessConfiguration": deployed.output("accessConfigurations", "sports"),
    }
    mediatailor.create_source_location(**settings)
    try:
        verification = deployed.verify()
        assert found(verification) == []
        answers = {
            result.requirement.id: result.answer
            for result in verification.results
            if result.source_location == "sports"
        }
        assert answers["source-location-access"] is RequirementAnswer.MET
        assert answers["grant"] is RequirementAnswer.MET
        assert answers["source-location-url"] is RequirementAnswer.NOT_APPLICABLE

        part = "SecretsManagerAccessTokenConfiguration"
        access = settings["AccessConfiguration"]
        wrong = {**access, part: {**access[part], "HeaderName": "X-Other"}}
        mediatailor.update_source_location(**settings | {"AccessConfiguration": wrong})
        ((id_, finding),) = found(deployed.verify())
        assert id_ == "source-location-access"
        assert finding.text == (
            "sports-by-hand: HeaderName is X-Other, but the stack has X-MediaPackage-CDNIdentifier"
        )
        for command in finding.fix:
            run_aws_cli(" ".join(command), deployed.session, deployed.url)
        assert found(deployed.verify()) == []
    finally:
        mediatailor.delete_source_location(SourceLocationName="sports-by-hand")


def test_an_existing_key_whose_policy_lacks_a_statement_is_one_finding(tmp_path: Path) -> None:
    stack_file = tmp_path / "Pulumi.test.yaml"
    stack_file.write_text(
        STACK_FILE.replace(f"  mediatailor-access-token:replicaRegions: [{REPLICA_REGION}]\n", "")
    )
    with sandbox(stack_file=stack_file, stack="test") as workspace:
        stack = Stack(workspace=workspace)
        deployed = Deployed(stack)
        root = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}}
        kept = root | {"Action": ["kms:Put*", "kms:Get*", "kms:List*"], "Resource": "*"}
        use = root | {
            "Action": ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"]
        }
        kms = deployed.client("kms")
        key_arn = kms.create_key(Policy=json.dumps({"Statement": [kept, use | {"Resource": "*"}]}))[
            "KeyMetadata"
        ]["Arn"]
        stack.pulumi("config", "set", "--path", "encryptionKey.arn", key_arn)
        stack.pulumi("up", "--yes", "--skip-preview")

        ((id_, finding), (_, other)) = found(deployed.verify())
        assert id_ == "key-statements"
        assert finding.text == (
            f"the key policy does not allow {OPERATOR} kms:CreateGrant"
            " if kms:ViaService is mediatailor.eu-west-1.amazonaws.com"
        )
        assert finding == other, "both source locations use the key"
        for command in finding.fix:
            run_aws_cli(" ".join(command), deployed.session, deployed.url)
        assert found(deployed.verify()) == []


def test_a_token_managed_elsewhere_is_checked_like_any_other(tmp_path: Path) -> None:
    stack_file = tmp_path / "Pulumi.test.yaml"
    stack_file.write_text(
        f"""\
config:
  aws:region: {REGION}
  mediatailor-access-token:sourceLocations:
    news:
      headerName: X-Access-Token
"""
    )
    with sandbox(stack_file=stack_file, stack="test") as workspace:
        deployed = Deployed(Stack(workspace=workspace))
        pulumi = deployed.stack.pulumi
        pulumi("config", "set", "--path", "sourceLocations.news.tokenManagedElsewhere", "true")
        pulumi("config", "rm", "--path", "accessTokens.news")
        pulumi("up", "--yes", "--skip-preview")
        ((id_, finding),) = found(deployed.verify())
        assert (id_, finding.text) == ("secret-string", "the secret has no value")
        words = {"file://SECRET_STRING.json": '{"AccessToken": "elsewhere-01"}'}
        for command in finding.fix:
            run_aws_cli(" ".join(command), deployed.session, deployed.url, words)
        verification = deployed.verify()
    assert found(verification) == []
    answers = {result.requirement.id: result.answer for result in verification.results}
    assert answers["token-length"] is RequirementAnswer.MET
    assert answers["secret-version"] is RequirementAnswer.NOT_APPLICABLE
