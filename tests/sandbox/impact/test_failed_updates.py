"""An update that AWS refuses is reported until MediaTailor has the stack's settings."""

import shlex

from tests.support.changing_stack import (
    BY_HAND,
    IMPACT,
    OWN,
    REGION,
    Config,
    MakeStack,
    drop,
    impact_of,
    lines_of,
    set_in,
)

BOTH = {"hand": BY_HAND, "own": OWN}
DENIED = ("AccessDeniedException", "not you")


def add_another(config: Config) -> None:
    config["sourceLocations"]["more"] = OWN
    config["accessTokens"]["more"] = config["accessTokens"]["own"]


def test_a_refused_header_is_reported_until_the_printed_commands_have_run(
    make_stack: MakeStack,
) -> None:
    stack = make_stack(
        {**BOTH, "own": {**OWN, "segmentDeliveryBaseUrl": "https://cdn.example.com"}}
    )
    stack.change(set_in("sourceLocations", "own", "headerName", to="X-New"))
    stack.gateway.refusals["UpdateResource"] = DENIED
    assert "Traceback" not in stack.up(fails=True)
    stack.gateway.refusals.clear()
    failed = "own: its last update failed; `pulumi up` does not retry it"
    assert lines_of(stack.plan().impact) == [failed, "keep working: hand"]
    impact = impact_of(stack.up())
    differs = "own: differs from the stack in AccessConfiguration; `pulumi up` does not fix that"
    assert lines_of(impact) == [differs, "keep working: hand"]
    assert stack.plan().impact == impact, "reported until it is fixed"
    before = stack.source_location("own")
    aws, refresh = stack.run_commands(impact)
    assert aws.startswith(f"aws mediatailor update-source-location --region {REGION} ")
    assert shlex.split(refresh)[:3] == ["pulumi", "refresh", "--yes"]
    access = stack.outputs()["accessConfigurations"]["own"]
    assert stack.source_location("own") == before | {"AccessConfiguration": access}
    assert stack.plan().impact == ""
    assert IMPACT not in stack.up("--expect-no-changes")


def test_the_old_secret_is_not_deleted_before_mediatailor_uses_the_new_one(
    make_stack: MakeStack,
) -> None:
    stack = make_stack({"own": OWN})
    old = stack.outputs()["secretArns"]["own"]
    stack.change(set_in("sourceLocations", "own", "secretName", to="new"))
    stack.gateway.refusals["UpdateResource"] = DENIED
    stack.up(fails=True)
    stack.gateway.refusals.clear()
    secrets = stack.client("secretsmanager")
    for _ in range(2):
        printed = stack.up(fails=True)
        assert "own: does not use the stack's secret; `pulumi up` fails until you run" in printed
        assert "Traceback" not in printed
        assert "AWSCURRENT" in secrets.get_secret_value(SecretId=old)["VersionStages"]
    stack.run_commands(impact_of(printed))
    stack.up()
    assert "DeletedDate" in secrets.describe_secret(SecretId=old)
    assert stack.plan().impact == ""
    new = stack.outputs()["secretArns"]["own"]
    access = stack.source_location("own")["AccessConfiguration"]
    assert access["SecretsManagerAccessTokenConfiguration"]["SecretArn"] == new


def test_a_failed_source_location_is_not_reported_as_working_if_the_update_continues(
    make_stack: MakeStack,
) -> None:
    stack = make_stack(BOTH)
    stack.change(set_in("sourceLocations", "own", "headerName", to="X-New"), add_another)
    stack.gateway.refusals |= {"UpdateResource": DENIED, "CreateSecret": DENIED}
    printed = stack.up("--continue-on-error", fails=True)
    assert lines_of(impact_of(printed)) == [
        "more: not created or updated because its secret failed",
        "own: its last update failed; `pulumi up` does not retry it",
        "keep working: hand",
    ]
    stack.gateway.refusals.clear()
    assert "own: its creation or update failed" in stack.plan().impact, "the update has left no ARN"
    assert "own: differs from the stack in AccessConfiguration" in impact_of(stack.up())


def test_a_refused_update_shows_the_response_from_aws_and_no_traceback(
    make_stack: MakeStack,
) -> None:
    stack = make_stack({"own": OWN})
    stack.change(add_another)
    for operation in ("CreateSecret", "PutResourcePolicy", "CreateResource"):
        stack.gateway.refusals[operation] = DENIED
        printed = stack.up(fails=True)
        assert "AccessDeniedException: not you" in printed
        assert "Traceback" not in printed
        stack.gateway.refusals.clear()
    assert IMPACT not in stack.up()


def test_a_source_location_that_aws_refuses_to_delete_keeps_its_secret(
    make_stack: MakeStack,
) -> None:
    stack = make_stack(BOTH)
    arn = stack.outputs()["secretArns"]["own"]
    stack.change(drop("sourceLocations", "own"), drop("accessTokens", "own"))
    stack.gateway.refusals["DeleteResource"] = ("GeneralServiceException", "it has VOD sources")
    stack.calls()
    printed = stack.up(fails=True)
    assert "removed with its secret; AWS refuses while it has VOD or live sources" in printed
    assert stack.writes() == ["cloudcontrolapi.DeleteResource"]
    assert stack.client("secretsmanager").get_secret_value(SecretId=arn)
