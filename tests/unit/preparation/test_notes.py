"""Notes about the limits of a rehearsal."""

import pytest

from tests.support.prepared import (
    KEY,
    PROJECT,
    encrypted,
    prepared,
    prepared_as_reported,
)


def test_one_note_lists_the_ignored_settings() -> None:
    preparation = prepared_as_reported(
        {
            "aws:region": "eu-west-1",
            "aws:profile": "x",
            "aws:maxRetries": "3",
            "aws:defaultTags": {},
        },
        replaced=("environment",),
    )
    assert list(preparation.notes()) == [
        "ignored, because the local AWS replaces them: aws:maxRetries, aws:profile, environment."
    ]


def test_a_note_lists_unchecked_values() -> None:
    preparation = prepared_as_reported(
        {
            "aws:profile": "x",
            "aws:tagPolicyCompliance": "error",
            f"{PROJECT}:sourceLocations": {"sports": {}, "news": {}},
            f"{PROJECT}:accessTokens": {"news": encrypted(0)},
            f"{PROJECT}:encryptionKey": {
                "arn": f"arn:aws:kms:eu-west-1:123456789012:key/{KEY}",
                "sourceLocationManagers": ["arn:aws:iam::123456789012:role/a", encrypted(1)],
            },
        },
        replaced=("environment", "secretsprovider"),
    )
    text = "\n".join(preparation.not_rehearsed())
    for part in (
        "Your access tokens: throw-away tokens",
        "accessTokens.sports",
        f"The key policy of arn:aws:kms:eu-west-1:123456789012:key/{KEY}",
        "principals exist, without which AWS rejects the key policy: arn:aws:iam::123456789012:role/a.",
        "Your connection to AWS and the encryption of your config: aws:profile, secretsprovider.",
        "Pulumi ESC",
        "aws:tagPolicyCompliance",
    ):
        assert part in text


def test_a_plain_stack_gets_no_note() -> None:
    preparation = prepared_as_reported(
        {"aws:region": "eu-west-1", f"{PROJECT}:sourceLocations": {}}
    )
    assert not [*preparation.notes(), *preparation.assumptions(), *preparation.not_rehearsed()]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("news", "pulumi config set --secret --path accessTokens.news"),
        ("a.b", """pulumi config set --secret --path 'accessTokens["a.b"]'"""),
        ("spört", "pulumi config set --secret --path 'accessTokens.spört'"),
        ('a"b', r"""pulumi config set --secret --path 'accessTokens["a\"b"]'"""),
        ("a\x1b\n", r'no command can name it; rename it in the file: accessTokens["a\x1b\n"]'),
        ("a\\", r'no command can name it; rename it in the file: accessTokens["a\"]'),
    ],
)
def test_commands_work_for_every_name_or_are_replaced_by_instructions(name: str, line: str) -> None:
    (text,) = prepared(sourceLocations={name: {}}).not_rehearsed()
    assert text.partition("\n")[2] == f"  {line}"


def test_long_lists_are_cut() -> None:
    (line,) = prepared(sourceLocations={f"l{number}": {} for number in range(40)}).not_rehearsed()
    assert line.count("\n") == 11
    assert line.endswith("and the same for 30 more")
