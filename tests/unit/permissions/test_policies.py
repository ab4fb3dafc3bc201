"""The policies for each purpose, IAM's size limit, and the notes about the policies."""

import json
import re

import pytest

from permissions import __main__ as command
from permissions import document
from permissions.policies import POLICY_MAX_CHARACTERS, Purpose, permissions, policies, size
from permissions.stack import stack_resources
from permissions.stack_file import StackFileError
from tests.support.permission_stacks import (
    CUSTOM,
    SECRET_ARN,
    STACKS,
    Config,
    allowed_arns,
    stack,
    stack_file,
    statements,
)
from tests.support.recording_engine import ACCOUNT, REGION


def test_a_preview_that_reads_nothing_from_aws_needs_no_permission() -> None:
    assert policies(Purpose.PREVIEW, stack(STACKS["replicas"])) == []


def test_only_deploying_changes_the_stacks_resources() -> None:
    changes = re.compile(
        r":(Create|Put|Update|Delete|Tag|Untag|Schedule|Enable|Replicate|Remove|Encrypt|Generate)"
    )
    for purpose in (Purpose.PREVIEW, Purpose.REFRESH, Purpose.VERIFY):
        documents = policies(purpose, stack(STACKS["everything"]))
        actions = {action for each in statements(*documents) for action in each["Action"]}
        assert not [action for action in actions if changes.search(action)], purpose


def test_a_preview_reads_only_the_tokens_of_adopted_secrets() -> None:
    purpose = Purpose.PREVIEW
    documents = policies(purpose, stack(STACKS["everything"]))
    actions = {action for each in statements(*documents) for action in each["Action"]}
    assert actions == {
        "cloudformation:DescribeType",
        "kms:Decrypt",
        "secretsmanager:DescribeSecret",
        "secretsmanager:GetResourcePolicy",
        "secretsmanager:GetSecretValue",
    }
    read = allowed_arns(STACKS["everything"], "secretsmanager:GetSecretValue", purpose)
    assert read == [SECRET_ARN]


def test_the_value_of_an_adopted_secret_that_is_managed_elsewhere_is_not_read() -> None:
    settings = CUSTOM | {"adoptSecretArn": SECRET_ARN, "tokenManagedElsewhere": True}
    config = {"sourceLocations": {"sports": settings}}
    for purpose in (Purpose.DEPLOY, Purpose.PREVIEW, Purpose.REFRESH):
        assert allowed_arns(config, "secretsmanager:GetSecretValue", purpose) == []


def test_only_source_locations_outside_the_stack_are_created_by_hand() -> None:
    purpose = Purpose.CREATE_SOURCE_LOCATIONS
    assert policies(purpose, stack(STACKS["source location"])) == []
    arns = allowed_arns(STACKS["everything"], "mediatailor:UpdateSourceLocation", purpose)
    prefix = f"arn:aws:mediatailor:{REGION}:{ACCOUNT}:sourceLocation"
    assert arns == [f"{prefix}/news", f"{prefix}/films", f"{prefix}/series"]
    created = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:mediatailor-sports-secret-*"
    read = allowed_arns(STACKS["everything"], "secretsmanager:GetSecretValue", purpose)
    assert SECRET_ARN in read
    assert created not in read


# --- IAM's limit.


MANY = {
    "autonamed": {"origin": "mediapackage-v1", "baseUrl": "https://origin.example.com/{}"},
    "named": {"headerName": "X-Token", "secretName": "some/rather/long/name/of/a/secret/{}"},
    "adopted": {"headerName": "X-Token", "adoptSecretArn": SECRET_ARN.replace("/a-", "/a{}-")},
}


def many(count: int, kind: str) -> Config:
    """Return a config that uses every feature, with this number of source locations."""
    return STACKS["everything"] | {
        "sourceLocations": {
            f"location-{index}": {key: each.format(index) for key, each in MANY[kind].items()}
            for index in range(count)
        }
    }


@pytest.mark.parametrize("count", [1, 10, 11, 50, 100])
@pytest.mark.parametrize("kind", MANY)
def test_each_policy_fits_a_managed_policy(kind: str, count: int) -> None:
    for purpose in Purpose:
        for policy in policies(purpose, stack(many(count, kind))):
            assert size(policy) <= POLICY_MAX_CHARACTERS


@pytest.mark.parametrize("kind", MANY)
def test_the_policies_for_fifty_source_locations_fit_one_role(
    kind: str,
) -> None:
    assert len(policies(Purpose.DEPLOY, stack(many(50, kind)))) <= command.MOST_ATTACHED


def test_fifty_autonamed_source_locations_need_two_policies() -> None:
    assert len(policies(Purpose.DEPLOY, stack(many(50, "autonamed")))) <= 2


@pytest.mark.parametrize("kind", MANY)
def test_split_policies_allow_the_same_as_a_single_one(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def allowed() -> set[tuple[str, str, str]]:
        return {
            (action, arn, json.dumps(each.get("Condition")))
            for each in statements(*policies(Purpose.DEPLOY, stack(many(50, kind))))
            for action in each["Action"]
            for arn in each["Resource"]
        }

    split = allowed()
    monkeypatch.setattr("permissions.policies.POLICY_MAX_CHARACTERS", 10**6)
    assert split == allowed()


# --- Errors and notes.


def test_a_config_error_has_the_programs_message() -> None:
    with pytest.raises(StackFileError, match=r"sourceLocations\.sports\.headername\n +unknown key"):
        stack({"sourceLocations": {"sports": {"headername": "X"}}})


def test_notes_explain_placeholders_and_ignored_keys() -> None:
    file = stack_file(
        {
            "aws:region": "",
            "sourceLocations": {"sports": CUSTOM | {"baseUrl": "https://a.example"}},
        },
        environment="prod",
        secretsprovider="awskms://alias/pulumi",
    )
    printed = {purpose: policies(purpose, stack_resources(file)) for purpose in Purpose}
    notes = "\n".join(command.notes(file, printed))
    for part in (
        "Replace ACCOUNT",
        "Replace REGION",
        "key/* allows",
        "the stack creates all",
        "environment",
    ):
        assert part in notes
    assert "awskms://alias/pulumi" in notes


def test_the_document_is_up_to_date() -> None:
    written = document.DOCUMENT.read_text(encoding="utf-8")
    assert written == document.updated(written), "run `python -m permissions.document`"


def test_each_source_of_a_permission_is_a_page_of_aws() -> None:
    sources = [each.source for each in permissions() if each.source]
    assert sources
    assert [each for each in sources if not each.startswith("https://docs.aws.amazon.com/")] == []
