"""Source locations that already exist, or that someone changes outside the stack."""

from tests.support.changing_stack import (
    BASE_URL,
    BY_HAND,
    IMPACT,
    OWN,
    MakeStack,
    Plan,
    impact_of,
    set_in,
)


def test_an_existing_source_location_keeps_working_and_its_command_takes_it_over(
    make_stack: MakeStack,
) -> None:
    stack = make_stack({"hand": BY_HAND})
    stack.create_source_location("hand")
    theirs = stack.source_location("hand")
    stack.change(set_in("sourceLocations", "hand", "baseUrl", to=BASE_URL))
    assert "if MediaTailor already has it, stop: the update would fail" in stack.plan().impact
    assert "AlreadyExists" in stack.up(fails=True)
    assert stack.source_location("hand") == theirs
    impact = stack.plan().impact
    assert "its creation or update failed; its command below applies the stack's settings" in impact
    stack.run_commands(impact)
    assert stack.source_location("hand")["HttpConfiguration"] == {"BaseUrl": BASE_URL}
    assert "hand: keeps working: created by the stack" in stack.up()
    assert stack.plan() == Plan(operations={}, order=[], impact="")


def test_a_change_outside_the_stack_is_reported_once_a_refresh_has_detected_it(
    make_stack: MakeStack,
) -> None:
    stack = make_stack({"own": OWN})
    described = stack.source_location("own")
    stack.client("mediatailor").update_source_location(
        SourceLocationName="own",
        HttpConfiguration={"BaseUrl": "https://elsewhere.example.com"},
        AccessConfiguration=described["AccessConfiguration"],
    )
    assert stack.plan().impact == ""
    printed = stack.pulumi("preview", "--refresh")
    assert "own: differs from the stack in HttpConfiguration" in printed
    stack.run_commands(impact_of(printed))
    assert stack.source_location("own") == described
    assert IMPACT not in stack.pulumi("preview", "--refresh")
