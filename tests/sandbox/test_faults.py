"""After an interrupted update, the commands in docs/operations.md lead to the same result as an undisturbed update.

This is the part of the matrix that `make faults` runs for the first `pulumi up`: each call that changes AWS, with each fault.
"""

from collections.abc import Iterator

import pytest

from tests.support.faults.injection import Fault
from tests.support.faults.matrix import (
    Undisturbed,
    Verdict,
    differences,
    run_case,
    run_phases,
)
from tests.support.faults.operations import leftovers
from tests.support.faults.world import World, world

READS = ("Describe", "Get", "List")

FirstUp = tuple[World, Undisturbed]


@pytest.fixture(scope="module")
def first_up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FirstUp]:
    with world(tmp_path_factory.mktemp("world")) as here:
        yield here, next(run_phases(here, "first-up"))


@pytest.mark.parametrize("fault", Fault)
def test_after_a_failed_call_the_documented_commands_restore_the_undisturbed_state(
    first_up: FirstUp, fault: Fault
) -> None:
    here, expected = first_up
    writes = [call for call in expected.calls if not call.split()[1].startswith(READS)]
    assert len(writes) >= 12
    for call in writes:
        case = run_case(here, expected, call, fault)
        assert case.verdict in (Verdict.CONVERGED, Verdict.LEFT), f"{call}\n{case.report}"


def test_a_key_whose_creation_pulumi_did_not_record_is_left_behind(first_up: FirstUp) -> None:
    here, expected = first_up
    case = run_case(here, expected, "kms CreateKey", Fault.PROVIDER_KILLED)
    assert case.verdict is Verdict.LEFT, case.report
    assert case.left == {"key"}


@pytest.mark.documents("docs/operations.md", "What may be left behind")
def test_the_commands_for_leftovers_find_no_resource_in_use(
    first_up: FirstUp,
) -> None:
    here, _ = first_up
    here.restore("after-first-up")
    for path, value in (
        ("replicaRegions[0]", "eu-central-1"),
        ("sourceLocations.music.headerName", "X-Access-Token"),
        ("sourceLocations.music.tokenManagedElsewhere", "true"),
    ):
        here.succeed(f"pulumi config set --path 'mediatailor-access-token:{path}' {value}")
    here.succeed("pulumi up")
    assert {each.kind for each in leftovers()} == {"key", "secret", "role", "alias"}
    for leftover in leftovers():
        assert here.succeed(leftover.find).output == ""
        if leftover.kind == "key":
            assert here.succeed(f"export AWS_REGION=eu-central-1\n{leftover.find}").output == ""


@pytest.mark.parametrize(
    "command",
    [
        "aws secretsmanager delete-resource-policy --secret-id channels/sports",
        "aws secretsmanager put-secret-value --secret-id channels/sports --secret-string {}",
        "aws secretsmanager create-secret --name second",
    ],
    ids=["policy", "token", "number_of_secrets"],
)
def test_the_comparison_detects_a_change(first_up: FirstUp, command: str) -> None:
    here, expected = first_up
    here.restore("after-first-up")
    outputs = here.outputs()
    assert list(differences(here.content(outputs), expected.content)) == []
    here.succeed(command)
    assert list(differences(here.content(outputs), expected.content)) != []
