"""Notes about the limits of a rehearsal."""

from tests.support.prepared import (
    KEY,
    PROJECT,
    encrypted,
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
        "Access tokens that are not set yet (sports): throw-away tokens",
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
