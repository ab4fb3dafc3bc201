"""Names, account and Region of the policies come from the stack file."""

import pytest

from permissions.stack import stack_resources
from tests.support.permission_stacks import (
    CUSTOM,
    STACKS,
    Config,
    allowed_arns,
    stack_file,
)
from tests.support.recording_engine import ACCOUNT, KEY_ARN, PROJECT, REGION


@pytest.mark.parametrize(
    ("autonaming", "secret"),
    [
        ({"pattern": "${stack}-${name}"}, "prod-mediatailor-sports-secret-??????"),
        ({"pattern": "${project}-${name}-${hex(4)}"}, f"{PROJECT}-mediatailor-sports-secret-*"),
        ({"mode": "verbatim"}, "mediatailor-sports-secret-??????"),
        ({"providers": {"aws": {"pattern": "a-${name}"}}}, "a-mediatailor-sports-secret-??????"),
        (
            {
                "mode": "verbatim",
                "providers": {
                    "aws": {
                        "resources": {"aws:secretsmanager/secret:Secret": {"pattern": "b-${name}"}}
                    }
                },
            },
            "b-mediatailor-sports-secret-??????",
        ),
        ({"mode": "default"}, "mediatailor-sports-secret-*"),
    ],
)
def test_names_follow_the_stacks_autonaming(autonaming: Config, secret: str) -> None:
    config = STACKS["own key"] | {"pulumi:autonaming": autonaming}
    arns = allowed_arns(config, "secretsmanager:CreateSecret")
    assert arns[-1] == f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{secret}"


@pytest.mark.parametrize(
    ("config", "account"),
    [
        ({"encryptionKey": {"arn": KEY_ARN}}, ACCOUNT),
        ({"aws:allowedAccountIds": ["210987654321"]}, "210987654321"),
        ({"aws:allowedAccountIds": [12345678901]}, "012345678901"),
        ({"aws:allowedAccountIds": ["1" * 12, "2" * 12]}, "ACCOUNT"),
        ({"aws:assumeRoles": [{"roleArn": "arn:aws:iam::210987654321:role/a"}]}, "210987654321"),
        ({}, "ACCOUNT"),
    ],
)
def test_the_account_comes_from_the_stack_file(config: Config, account: str) -> None:
    arns = stack_resources(stack_file({"sourceLocations": {"sports": CUSTOM}} | config)).arns
    assert {arn.split(":")[4] for arn in arns["secret"]} == {account}


@pytest.mark.parametrize(
    ("config", "region"),
    [
        ({"aws:region": "eu-west-2"}, "eu-west-2"),
        ({"aws:region": "", "encryptionKey": {"arn": KEY_ARN}}, REGION),
        ({"aws:region": ""}, "REGION"),
    ],
)
def test_the_region_comes_from_the_stack_file(config: Config, region: str) -> None:
    arns = stack_resources(stack_file({"sourceLocations": {"sports": CUSTOM}} | config)).arns
    assert {arn.split(":")[3] for arn in arns["secret"]} == {region}
