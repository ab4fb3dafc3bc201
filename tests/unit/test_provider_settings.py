"""Every setting of pulumi-aws is either used by a rehearsal or reported as ignored."""

import pulumi_aws
import pytest
from pulumi._types import input_type_py_to_pulumi_names

from sandbox.provider_settings import CONNECTION, NOT_REHEARSED, SETTINGS, USED, unknown_setting


def test_every_setting_of_the_installed_pulumi_aws_is_classified_once() -> None:
    assert set(input_type_py_to_pulumi_names(pulumi_aws.ProviderArgs).values()) == SETTINGS
    assert USED <= SETTINGS
    assert NOT_REHEARSED <= SETTINGS
    assert USED | NOT_REHEARSED | CONNECTION == SETTINGS
    assert len(USED) + len(NOT_REHEARSED) + len(CONNECTION) == len(SETTINGS)


def test_connection_settings_are_not_used() -> None:
    assert {
        "profile",
        "assumeRoles",
        "allowedAccountIds",
        "maxRetries",
        "endpoints",
        "accessKey",
        "httpsProxy",
    } <= CONNECTION


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("regoin", "Did you mean `aws:region`?"),
        ("defaulttags", "Did you mean `aws:defaultTags`?"),
        ("assumeRole", "Since pulumi-aws 7 it is `aws:assumeRoles`, a list of roles."),
        ("s3ForcePathStyle", "Did you mean `aws:s3UsePathStyle`?"),
    ],
)
def test_an_unknown_setting_is_reported_with_a_suggestion(name: str, hint: str) -> None:
    error = f"`aws:{name}` is not a valid configuration key for the aws provider. {hint}"
    assert unknown_setting(name) == error


def test_an_unknown_setting_without_a_similar_one_gets_no_suggestion() -> None:
    assert unknown_setting("x") == "`aws:x` is not a valid configuration key for the aws provider."
