"""Rehearsals of realistic stack files, from the command line."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Start = Callable[..., "subprocess.Popen[str]"]


def test_existing_keys_and_secrets_are_rehearsed_with_their_arns(
    start: Start, stack_file: Path
) -> None:
    key = "mrk-11111111222233334444555555555555"
    secret = "arn:aws:secretsmanager:eu-west-1:210987654321:secret:media/sports-AbCdEf"
    stack_file.write_text(
        f"""\
config:
  aws:region: eu-west-1
  aws:allowedAccountIds: ["210987654321"]
  mediatailor-access-token:sourceLocations:
    news: {{headerName: X-Access-Token}}
    sports: {{headerName: X-Access-Token, adoptSecretArn: "{secret}"}}
  mediatailor-access-token:replicaRegions: [us-west-2]
  mediatailor-access-token:encryptionKey:
    arn: arn:aws:kms:eu-west-1:210987654321:key/{key}
    replicaArns: {{us-west-2: "arn:aws:kms:us-west-2:210987654321:key/{key}"}}
    sourceLocationManagers: [arn:aws:iam::210987654321:role/operator]
"""
    )
    process = start("rehearse", "--config-file", str(stack_file), COLUMNS="80")
    output, errors = process.communicate()
    assert process.returncode == 0, output + errors
    report = output[output.index("Reading back") :]
    assert f"\n  secret            {secret}\n" in report
    assert f"\n  key               arn:aws:kms:eu-west-1:210987654321:key/{key}\n" in report
    assert "\n  ✔ 2 of 2  the secret's key is set by its key ARN\n" in report
    assert "\n  ✔ 2 of 2  each replica's key is in its Region and set by its key ARN\n" in report
    assumed = unwrapped(report[report.index("\nAssumed\n") : report.index("\nNot rehearsed\n")])
    assert (
        f"encryptionKey.arn: arn:aws:kms:eu-west-1:210987654321:key/{key} exists and is" in assumed
    )
    assert f"sourceLocations.sports.adoptSecretArn: {secret} exists, contains" in assumed
    left = unwrapped(report[report.index("\nNot rehearsed\n") :])
    assert f"The key policy of arn:aws:kms:eu-west-1:210987654321:key/{key}" in left
    assert "arn:aws:iam::210987654321:role/operator" in left
    assert "aws:allowedAccountIds" in left
    assert "\nReady: MediaTailor would find what it needs for 2 source locations.\n" in report


def unwrapped(report: str) -> str:
    """Return a report with the lines of each list entry joined."""
    return re.sub(r" *\n {4}|  +", " ", report)


def test_tokens_that_are_managed_elsewhere_are_rehearsed_with_throw_away_tokens(
    start: Start, stack_file: Path
) -> None:
    secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:MediaPackage/films-AbCdEf"
    stack_file.write_text(
        f"""\
config:
  aws:region: eu-west-1
  sourceLocations:
    sports: {{headerName: X-Access-Token, tokenManagedElsewhere: true}}
    films: {{origin: mediapackage-v1, tokenManagedElsewhere: true, adoptSecretArn: "{secret}"}}
  replicaRegions: [us-west-2]
"""
    )
    process = start("rehearse", "--config-file", str(stack_file), COLUMNS="80")
    output, errors = process.communicate()
    assert process.returncode == 0, output + errors
    assert "✔ 2 of 2  SecretString is a JSON object with the SecretString key" in output
    assert "✔ 2 of 2  each replica contains the same token" in output
    assert (
        "\n - The tokens that are managed elsewhere (films, sports): throw-away tokens replaced them.\n"
        in unwrapped(output)
    )


def test_a_stack_file_of_a_team_is_rehearsed(start: Start, stack_file: Path) -> None:
    stack_file.write_text(TEAM)
    process = start("rehearse", "--config-file", str(stack_file), COLUMNS="80")
    output, errors = process.communicate()
    assert process.returncode == 0, output + errors
    assert errors == (
        "note: ignored, because the local AWS replaces them: aws:assumeRoles, aws:maxRetries,"
        " aws:profile, environment, secretsprovider.\n"
    )
    report = output[output.index("Reading back") :]
    assert "arn:aws:kms:eu-west-1:210987654321:key/" in report
    left = unwrapped(report[report.index("\nNot rehearsed\n") :])
    for part in ("Your access tokens", "not set yet (sports)", "aws:profile", "Pulumi ESC"):
        assert part in left
    assert "\nReady: MediaTailor would find" in left


TEAM = """\
environment:
  - media/prod
secretsprovider: awskms://alias/pulumi?region=eu-west-1
encryptedkey: AQICAHhyZWhlYXJzYWw=
x-location: &location
  headerName: X-Access-Token
config:
  aws:region: eu-west-1
  aws:profile: media-prod
  aws:maxRetries: 10
  aws:assumeRoles:
    - roleArn: arn:aws:iam::210987654321:role/deploy
  aws:defaultTags: {tags: {team: media}}
  sourceLocations:
    <<: {news: *location}
    sports: *location
  mediatailor-access-token:config:accessTokens:
    news: {secure: AAABAPb5XyzU6Sb3CTL8JVmNK5w==}
  encryptionKey:
    sourceLocationManagers:
      - arn:aws:iam::210987654321:role/operator
"""


@pytest.mark.parametrize(
    "tokens",
    [
        "{news: canary-token, sports: {secure: AAAB}}",
        "{news: canary-token}",
        "{news: canary-token, sports: canary-token}",
    ],
)
def test_a_token_in_plain_text_is_refused_by_name(
    start: Start, stack_file: Path, tokens: str
) -> None:
    with stack_file.open("a") as file:
        file.write(f"  accessTokens: {tokens}\n")
    process = start("rehearse", "--config-file", str(stack_file))
    output, errors = process.communicate()
    assert process.returncode == 1
    assert errors.startswith("error: stored in plain text: accessTokens.news")
    assert "\n  pulumi config set --secret --path accessTokens.news\n" in errors
    assert "canary-token" not in output + errors


def test_tokens_that_are_encrypted_as_one_value_are_refused(start: Start, stack_file: Path) -> None:
    with stack_file.open("a") as file:
        file.write("  accessTokens: {secure: AAAB}\n")
    process = start("rehearse", "--config-file", str(stack_file))
    _, errors = process.communicate()
    assert process.returncode == 1
    assert errors.startswith("error: accessTokens is encrypted as one value")
    assert errors.endswith("\n  pulumi config set --secret --path accessTokens.sports\n")


def test_an_encrypted_setting_is_refused_because_it_is_encrypted_not_for_a_throw_away_value(
    start: Start, stack_file: Path
) -> None:
    encrypted = "{secure: AAABAPb5XyzU6Sb3CTL8JVmNK5w==}"
    stack_file.write_text(
        f"""\
config:
  aws:region: eu-west-1
  sourceLocations:
    sports:
      headerName: {encrypted}
      adoptSecretArn: {encrypted}
    news:
      headerName: X-Access-Token
      baseUrl: {encrypted}
      secretName: {encrypted}
  encryptionKey:
    sourceLocationManagers: [{encrypted}]
"""
    )
    process = start("rehearse", "--config-file", str(stack_file), COLUMNS="200")
    output, errors = process.communicate()
    assert process.returncode not in {0, 130}, errors
    message = output[output.index("has 2 errors; nothing was created or changed.") :]
    for key in ("encryptionKey", "sourceLocations"):
        assert f"\n  {key}\n    contains an encrypted value" in message
    assert "must be" not in message
    assert "Fix it as described above, then try again.\n" in output


def test_a_note_names_the_region_that_is_used_if_the_config_has_none(
    start: Start, stack_file: Path
) -> None:
    stack_file.write_text(stack_file.read_text().replace("  aws:region: eu-west-1\n", ""))
    process = start("rehearse", "--config-file", str(stack_file))
    output, errors = process.communicate()
    assert process.returncode == 0, output + errors
    assert errors.startswith("note: the config has no aws:region; us-east-1 is used here.")
    assert "arn:aws:secretsmanager:us-east-1:" in output
