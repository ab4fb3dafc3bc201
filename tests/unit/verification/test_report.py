"""The report: text with commands and adoption, and JSON for scripts."""

import io
import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from rich.console import Console

from tests.support.verification_facts import (
    ACCOUNT,
    GOOD,
    SECRET_ARN,
    located,
    verification_of,
    with_secret,
)
from verification.expected import Expected, Setup
from verification.fact import MISSING, Fact, Obstacle
from verification.facts import Facts
from verification.fixes import print_adoption, print_fixes
from verification.json_report import to_json
from verification.report import print_report
from verification.requirements import REQUIREMENTS, Verification, judge


def printed(verification: Verification, encoding: str = "utf-8") -> str:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    console = Console(file=file, width=80, highlight=False)
    for print_part in (print_report, print_fixes, print_adoption):
        print_part(verification, console)
    file.seek(0)
    return file.read()


def named(facts: Facts, name: str) -> Facts:
    return replace(facts, expected=replace(facts.expected, name=name))


def several(facts: list[Facts]) -> Verification:
    setup = Setup(
        title="stack dev",
        stack="dev",
        region="eu-west-1",
        account=ACCOUNT,
        source_locations=[one.expected for one in facts],
    )
    return judge(setup, facts)


def test_beyond_twenty_source_locations_only_those_with_findings_are_shown() -> None:
    broken = with_secret(policy=MISSING)
    facts = [named(GOOD, f"good-{n}") for n in range(20)] + [named(broken, "broken")]
    output = printed(several(facts))
    assert "\nbroken\n  secret " in output
    assert "\ngood-0\n" not in output
    assert "\n21 source locations, 1 with findings are shown above.\n" in output
    assert "✘ 20 of 21  the secret's policy lets MediaTailor read it\n" in output


def test_at_most_twenty_findings_are_shown() -> None:
    broken = with_secret(policy=MISSING)
    output = printed(several([named(broken, f"broken-{n}") for n in range(25)]))
    assert output.count("the secret has no resource policy\n      broken") == 19
    assert "\n      and 5 more\n" in output


def test_an_obstacle_that_several_source_locations_share_is_reported_once() -> None:
    denied = Obstacle(action="kms:GetKeyPolicy", resource="arn", error="AccessDenied: No.")
    unreadable = with_secret(key=replace(GOOD.secret.key, policy=Fact(obstacle=denied)))
    output = printed(several([named(unreadable, "a"), named(unreadable, "b")]))
    line = "      a, b: not checked: kms:GetKeyPolicy on arn failed: AccessDenied: No.\n"
    assert output.count(line) == 3, "once under each of three requirements"
    assert "  ? 0 of 2  the key policy is not public\n" in output


def test_an_unreadable_value_is_not_shown_as_none() -> None:
    denied: Fact[Any] = Fact(
        obstacle=Obstacle(action="secretsmanager:GetSecretValue", resource="arn", error="No.")
    )
    output = printed(verification_of(with_secret(value=denied, policy=denied)))
    assert "\n  token             could not be read\n" in output
    assert "\n  may be read by    could not be read\n" in output


def test_control_characters_are_not_sent_to_the_terminal() -> None:
    url = "https://a.example.com/\x1b[2J"
    output = printed(verification_of(located({"HttpConfiguration": {"BaseUrl": url}})))
    assert "\x1b" not in output
    assert "https://a.example.com/\\x1b[2J" in output


def test_requirements_that_do_not_apply_are_counted_by_subject_without_a_tick() -> None:
    replica = GOOD.secret
    output = printed(verification_of(GOOD))
    assert (
        "\n  – 22 requirements do not apply: 1 on the key, 1 on the secret, 6 on replicas,\n"  # noqa: RUF001
        "    4 on MediaPackage's role, 6 on the source location, 2 on MediaTailor's\n"
        "    grant, 2 on the origin\n" in output
    )
    assert "each replica contains the same token" not in output
    assert output.count("✔") == len(REQUIREMENTS) - 22
    with_replica = printed(verification_of(replace(GOOD, replicas={"us-west-2": replica})))
    assert "each replica contains the same token" in with_replica


def test_an_ascii_terminal_gets_ascii() -> None:
    output = printed(verification_of(with_secret(policy=MISSING)), "ascii")
    assert "  x 0 of 1  the secret's policy lets MediaTailor read it\n" in output
    assert "  + 1 of 1  the key rotates\n" in output


def test_the_source_location_is_updated_after_its_secret() -> None:
    found = located({"HttpConfiguration": {"BaseUrl": "https://b.example.com"}})
    described = Fact({**found.secret.described.value, "DeletedDate": date(2027, 1, 31)})
    output = printed(
        verification_of(replace(found, secret=replace(found.secret, described=described)))
    )
    assert output.index("aws secretsmanager restore-secret") < output.index("aws mediatailor")


def test_json_and_text_have_the_same_findings_and_no_token() -> None:
    found = with_secret(policy=MISSING, value=Fact({"SecretString": '{"AccessToken": "canary-0"}'}))
    verification = verification_of(found)
    document = json.loads(to_json(verification))
    (location,) = document["sourceLocations"]
    (finding,) = (f for r in location["requirements"] for f in r["findings"])
    assert finding["text"] == "the secret has no resource policy"
    assert finding["fixedByUp"] is True
    assert finding["fix"][0].startswith("aws secretsmanager put-resource-policy --region eu-west-1")
    assert document["answer"] == "not met"
    assert "canary" not in to_json(verification) + printed(verification)


# --- Adoption


def adoptable(name: str, header: str | None, string_key: str) -> Verification:
    token = {"HeaderName": header, "SecretArn": SECRET_ARN, "SecretStringKey": string_key}
    access = {"SecretsManagerAccessTokenConfiguration": token} if header else None
    expected = Expected(
        name=name,
        secret_arn=SECRET_ARN,
        secret_string_key=Fact(string_key),
        access_configuration=Fact(access) if access else MISSING,
    )
    facts = replace(GOOD, expected=expected)
    setup = Setup(
        title="live",
        stack=None,
        region="eu-west-1",
        account=ACCOUNT,
        source_locations=[expected],
    )
    return judge(setup, [facts])


@pytest.mark.parametrize(
    ("name", "header", "string_key", "lines"),
    [
        (
            "news",
            "X-T",
            "T",
            ["      news:", "        headerName: X-T", "        secretStringKey: T"],
        ),
        (
            "a.b",
            "X-MediaPackage-CDNIdentifier",
            "MediaPackageCDNIdentifier",
            ["      a-b:", "        origin: mediapackage-v1"],
        ),
        (
            "x",
            "X-MediaPackageV2-CDNIdentifier",
            "MediaPackageV2CDNIdentifier",
            ["        origin: mediapackage-v2"],
        ),
        ("secret", None, "a: b", ["      SOURCE_LOCATION:", '        secretStringKey: "a: b"']),
    ],
)
def test_the_stack_file_for_adoption_is_printed(
    name: str, header: str | None, string_key: str, lines: list[str]
) -> None:
    output = printed(adoptable(name, header, string_key))
    assert f"\n        adoptSecretArn: {SECRET_ARN}\n" in output
    for line in lines:
        assert f"\n{line}\n" in output


def test_a_stack_needs_no_adoption() -> None:
    assert "To bring it into a stack" not in printed(verification_of(GOOD))
