"""The printed commands work when pasted into a shell."""

import copy
from typing import Any

from tests.support.changing_stack import (
    BASE_URL,
    BY_HAND,
    REGION,
    Config,
    MakeStack,
    commands_of,
    impact_of,
    set_in,
)

AWAY = "us-west-2"
SETTINGS = {
    "DefaultSegmentDeliveryConfiguration",
    "HttpConfiguration",
    "SegmentDeliveryConfigurations",
}
LONG = "Az09_-" * 36
"""A source location's name of the maximum length, 216 characters."""


def test_the_command_changes_the_access_configuration_and_nothing_else(
    make_stack: MakeStack,
) -> None:
    settings: dict[str, dict[str, Any]] = {
        "plain": {},
        "with-segments_1": {
            "DefaultSegmentDeliveryConfiguration": {"BaseUrl": "https://cdn.example.com"},
            "SegmentDeliveryConfigurations": [
                {"Name": name, "BaseUrl": f"https://{name}.example.com/it's"} for name in "ab"
            ],
        },
        "-": {"SegmentDeliveryConfigurations": []},
        LONG: {"Tags": {"team": "video"}},
    }
    stack = make_stack(dict.fromkeys(settings, BY_HAND))
    for name, each in settings.items():
        stack.create_source_location(name, **each)
    before = {name: stack.source_location(name) for name in settings}
    odd = "quote ' \" ` $HOME \\ <{%reset%}> é\n"

    def change(config: Config) -> None:
        for name in settings:
            config["sourceLocations"][name] |= {"secretStringKey": odd, "secretName": f"{name}/new"}
            config["sourceLocations"][name]["headerName"] = "X-`'$|~"

    stack.change(change)
    from_preview = commands_of(stack.plan().impact)
    printed = impact_of(stack.up())
    assert all("pulumi stack output" in command for command in from_preview)
    assert not any("pulumi stack output" in command for command in commands_of(printed))
    for message in ("\n".join(from_preview), printed):
        assert len(stack.run_commands(message)) == len(settings)
        wanted = stack.outputs()["accessConfigurations"]
        for name in settings:
            assert wanted[name]["SecretsManagerAccessTokenConfiguration"]["SecretStringKey"] == odd
            after = stack.source_location(name)
            assert after == before[name] | {"AccessConfiguration": wanted[name]}
            stack.client("mediatailor").update_source_location(
                SourceLocationName=name,
                **{key: value for key, value in before[name].items() if key in SETTINGS},
            )


def test_the_command_for_a_replica_updates_the_source_location_in_its_region(
    make_stack: MakeStack,
) -> None:
    stack = make_stack({"sports": BY_HAND}, replicaRegions=[AWAY])
    outputs = stack.outputs()
    access = copy.deepcopy(outputs["accessConfigurations"]["sports"])
    part = "SecretsManagerAccessTokenConfiguration"
    access[part]["SecretArn"] = outputs["replicaSecretArns"]["sports"][AWAY]
    for region, configuration in (
        (REGION, outputs["accessConfigurations"]["sports"]),
        (AWAY, access),
    ):
        stack.client("mediatailor", region).create_source_location(
            SourceLocationName="sports",
            HttpConfiguration={"BaseUrl": BASE_URL},
            AccessConfiguration=configuration,
        )
    stack.change(set_in("sourceLocations", "sports", "secretName", to="new"))
    from_preview = stack.plan().impact
    from_update = impact_of(stack.up())
    arns = stack.outputs()["replicaSecretArns"]["sports"]
    for message in (from_preview, from_update):
        stack.run_commands(message)
        described = stack.client("mediatailor", AWAY).describe_source_location(
            SourceLocationName="sports"
        )
        assert described["AccessConfiguration"][part]["SecretArn"] == arns[AWAY]
