"""The stand-in provider accepts the inputs that the program sets, and no others."""

from collections.abc import Callable
from typing import Any

from sandbox.provider.provider import RESOURCES
from tests.support.recording_engine import TOKEN, Deployment

# Every resource has these, for default tags and the provider's Region.
EVERYWHERE = {"region", "tags"}


def test_the_stand_in_accepts_exactly_the_inputs_that_the_program_sets(
    deploy: Callable[..., Deployment],
) -> None:
    custom = {
        "headerName": "X-Origin-Token",
        "secretName": "media/sports",
        "description": "Sports origin",
        "tags": {"team": "video"},
        "baseUrl": "https://origin.example.com",
    }
    deployment = deploy(
        {
            "sourceLocations": {"sports": custom, "news": {"origin": "mediapackage-v2"}},
            "accessTokens": {"sports": TOKEN, "news": TOKEN},
            "encryptionKey": {"alias": "alias/ours"},
            "replicaRegions": ["us-east-1"],
        }
    )
    set_by_program: dict[str, set[str]] = {type_: set() for type_ in RESOURCES}
    for type_, name in deployment.resources:
        if type_ in RESOURCES:
            inputs: dict[str, Any] = deployment.inputs(type_, name)
            set_by_program[type_] |= {key for key, value in inputs.items() if value is not None}
    taken = {
        type_: {name for name, rule in resource.properties.items() if rule.settable}
        for type_, resource in RESOURCES.items()
    }
    assert {type_: names - EVERYWHERE for type_, names in taken.items()} == {
        type_: names - EVERYWHERE for type_, names in set_by_program.items()
    }
