"""Prints a verification for people. It never prints a token, only its length."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from verification.facts import Fact, Facts, SecretFacts
from verification.iam_policy import allowing, condition_text, principals
from verification.requirement import Answer, Requirement, Result
from verification.requirements import Verification

_LISTED_IN_FULL = 20
"""Show every source location up to this number; beyond it only those with findings."""

_LABEL_WIDTH = 18

_MARKS = {
    Answer.MET: ("✔", "bold green"),
    Answer.NOT_MET: ("✘", "bold red"),
    Answer.NOT_CHECKED: ("?", "bold yellow"),
    Answer.NOT_APPLICABLE: ("–", "dim"),  # noqa: RUF001  an en dash is meant
}
_PLAIN_MARKS = str.maketrans("✔✘–", "+x-")  # noqa: RUF001  an en dash is meant


def print_report(verification: Verification, console: Console) -> None:
    """Print what AWS has for each source location, then the answer to each requirement."""
    facts = verification.facts
    faulty = verification.names(Answer.NOT_MET)
    shown = [
        one
        for one in facts
        if len(facts) <= _LISTED_IN_FULL or one.expected.name in faulty[:_LISTED_IN_FULL]
    ]
    for one in shown:
        console.print()
        _print_source_location(one, console)
    if len(shown) < len(facts):
        findings = f", {len(shown)} with findings are shown above" if shown else ", no findings"
        console.print(f"\n{len(facts)} source locations{findings}.")

    console.print("\n[bold]AWS's requirements[/]")
    by_requirement: dict[str, list[Result]] = {}
    for result in verification.results:
        by_requirement.setdefault(result.requirement.id, []).append(result)
    width = len(_share(len(facts), len(facts)))
    for results in by_requirement.values():
        _print_requirement(results[0].requirement, results, width=width, console=console)
    console.print()


def _print_source_location(facts: Facts, console: Console) -> None:
    console.print(Text(facts.expected.name, "bold cyan"), soft_wrap=True)
    secret, expected = facts.secret, facts.expected
    token = None if secret.value.known is None else secret.token(expected.secret_string_key)
    lines = [
        ("secret", secret.arn),
        ("key", _key(secret)),
        ("SecretString key", expected.secret_string_key),
        (
            "token",
            _unless_unknown(secret.value, count(len(token), "character") if token else "none"),
        ),
        ("may be read by", _unless_unknown(secret.policy, ", ".join(_readers(secret)) or "no one")),
    ]
    for replica in facts.replicas.values():
        lines += [("replica", replica.arn), ("  its key", _key(replica))]
    if facts.role:
        lines.append(("MediaPackage role", facts.role.arn))
    if expected.source_location_arn:
        base_url = (facts.source_location.known or {}).get("HttpConfiguration", {}).get("BaseUrl")
        lines += [
            ("source location", expected.source_location_arn),
            ("base URL", _unless_unknown(facts.source_location, base_url or "none")),
        ]
    for label, value in lines:
        # The terminal wraps the line, so that an ARN can be copied in one piece.
        line = Text.assemble((f"  {label:<{_LABEL_WIDTH}}", "dim"), value)
        console.print(line, soft_wrap=True)


def _key(secret: SecretFacts) -> str:
    name = (secret.described.known or {}).get("KmsKeyId")
    return _unless_unknown(secret.described, name or "none of its own")


def _unless_unknown(fact: Fact[object], text: str) -> str:
    return "could not be read" if fact.obstacle else text


def _readers(secret: SecretFacts) -> list[str]:
    """Return who the secret's policy lets read it, each with its condition."""
    return sorted(
        {
            f"{principal}{condition_text(statement)}"
            for statement in allowing(secret.policy.known or "", "secretsmanager:GetSecretValue")
            for principal in principals(statement)
        }
    )


def _print_requirement(
    requirement: Requirement, results: Sequence[Result], *, width: int, console: Console
) -> None:
    checked = [result for result in results if result.answer is not Answer.NOT_APPLICABLE]
    met = [result for result in checked if result.answer is Answer.MET]
    answers = {result.answer for result in results}
    worst = next(answer for answer in _SEVERITY if answer in answers)
    mark, style = _MARKS[worst]
    if not console.encoding.startswith("utf"):
        mark = mark.translate(_PLAIN_MARKS)
    share = _share(len(met), len(checked)) if checked else ""
    console.print(Text.assemble("  ", (mark, style), f" {share:>{width}}  {requirement.title}"))
    if worst in {Answer.MET, Answer.NOT_APPLICABLE}:
        return
    lines = list(_lines(checked))
    for name, text in lines[:_LISTED_IN_FULL]:
        console.print(Text.assemble("      ", (name, "bold cyan"), f": {text}"), soft_wrap=True)
    if len(lines) > _LISTED_IN_FULL:
        console.print(f"      and {len(lines) - _LISTED_IN_FULL} more")
    console.print(Text(f"      {requirement.page}", "dim"), soft_wrap=True)


_SEVERITY = (Answer.NOT_MET, Answer.NOT_CHECKED, Answer.MET, Answer.NOT_APPLICABLE)


def _lines(results: Sequence[Result]) -> Iterable[tuple[str, str]]:
    """Yield the name of a source location and what to say about it, findings first."""
    for result in results:
        for finding in result.findings:
            yield result.source_location, finding.text
    for result in results:
        for obstacle in result.obstacles:
            yield (
                result.source_location,
                f"not checked: {obstacle.action} on {obstacle.resource} failed: {obstacle.error}",
            )


def _share(part: int, total: int) -> str:
    return f"{part} of {total}"


def count(number: int, noun: str) -> str:
    """Return a number with its noun, such as `2 characters`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
