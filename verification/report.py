"""Prints a verification for people. It never prints a token, only its length."""

import textwrap
from collections.abc import Collection, Iterator, Sequence

from rich.console import Console
from rich.text import Text

from verification.fact import Fact, NothingToCheckError, NotReadableError, Obstacle
from verification.facts import Facts, SecretFacts, SourceLocationFacts
from verification.iam_policy import allowing, condition_text, principals
from verification.requirement import Answer, Requirement, Result
from verification.requirements import BY_SUBJECT, Verification

_LISTED_IN_FULL = 20
"""Show all source locations up to this number, beyond it only those with findings."""

_WIDTH = 80
_LABEL_WIDTH = 18
_INDENT = 6 * " "

_MARKS = {
    Answer.NOT_MET: ("✘", "bold red"),
    Answer.NOT_CHECKED: ("?", "bold yellow"),
    Answer.MET: ("✔", "bold green"),
    Answer.NOT_APPLICABLE: ("–", "dim"),  # noqa: RUF001  an en dash
}
"""The mark of each answer, from worst to best."""
_PLAIN_MARKS = str.maketrans("✔✘–", "+x-")  # noqa: RUF001  an en dash


def print_report(verification: Verification, console: Console) -> None:
    """Print the resources of each source location, then the answer to each requirement."""
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
    not_applicable = set[str]()
    for identifier, results in by_requirement.items():
        if all(result.answer is Answer.NOT_APPLICABLE for result in results):
            not_applicable.add(identifier)
        else:
            _print_requirement(results[0].requirement, results, width=width, console=console)
    if not_applicable:
        _print_not_applicable(not_applicable, console)
    console.print()


def _print_source_location(facts: Facts, console: Console) -> None:
    console.print(Text(printable(facts.expected.name), "bold cyan"), soft_wrap=True)
    lines: list[tuple[str, object]] = []
    if facts.secret.arn:
        lines += _about_secret(facts)
    for replica in facts.replicas.values():
        lines += [("replica", replica.arn), ("  its key", _key(replica))]
    if facts.role:
        lines.append(("MediaPackage role", facts.role.arn))
    for location in facts.source_locations:
        lines += _about_source_location(location)
    for label, value in lines:
        # Leave wrapping to the terminal so that an ARN can be copied in one piece.
        line = Text.assemble((f"  {label:<{_LABEL_WIDTH}}", "dim"), printable(value))
        console.print(line, soft_wrap=True)


def _about_secret(facts: Facts) -> list[tuple[str, object]]:
    secret, string_key = facts.secret, facts.expected.secret_string_key
    described = secret.described.known or {}
    lines: list[tuple[str, object]] = [
        ("secret", secret.arn),
        ("key", _key(secret)),
        ("SecretString key", _shown(string_key, string_key.known)),
        ("token", _token(facts)),
        ("may be read by", _shown(secret.policy, ", ".join(_readers(secret)) or "no one")),
    ]
    others = sorted(set((secret.value.known and secret.members) or {}) - {string_key.known})
    if others:
        lines.append(("other members", ", ".join(others)))
    if written := (secret.value.known or {}).get("CreatedDate"):
        lines.append(("written", f"{written:%Y-%m-%d}"))
    if "LastAccessedDate" in described or secret.described.known:
        last = described.get("LastAccessedDate")
        lines.append(("last read", f"{last:%Y-%m-%d}" if last else "never"))
    return lines


def _about_source_location(location: SourceLocationFacts) -> list[tuple[str, object]]:
    described = location.described.known or {}
    url = (described.get("HttpConfiguration") or {}).get("BaseUrl")
    return [
        ("source location", _shown(location.described, described.get("Arn", "none"))),
        ("base URL", _shown(location.described, url or "none")),
    ]


def _key(secret: SecretFacts) -> object:
    name = (secret.described.known or {}).get("KmsKeyId")
    return _shown(secret.described, name or "AWS managed key")


def _token(facts: Facts) -> str:
    try:
        token = facts.secret.token(facts.expected.secret_string_key.value)
    except NotReadableError:
        return "could not be read"
    except NothingToCheckError:
        token = None
    return "none" if token is None else count(len(token), "character")


def _shown(fact: Fact[object], value: object) -> object:
    return "could not be read" if fact.obstacle else value


def _readers(secret: SecretFacts) -> list[str]:
    """Return the principals that may read the secret, each with its condition."""
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
    gravest = next(answer for answer in _MARKS if answer in answers)
    share = _share(len(met), len(checked))
    console.print(
        Text.assemble("  ", _mark(gravest, console), f" {share:>{width}}  {requirement.title}")
    )
    if gravest is Answer.MET:
        return
    lines = list(_lines(checked))
    for name, text in lines[:_LISTED_IN_FULL]:
        console.print(_wrapped(f"{name}: {text}", name), soft_wrap=True)
    if len(lines) > _LISTED_IN_FULL:
        console.print(f"{_INDENT}and {len(lines) - _LISTED_IN_FULL} more")
    console.print(Text(f"{_INDENT}{requirement.page}", "dim"), soft_wrap=True)


def _print_not_applicable(identifiers: Collection[str], console: Console) -> None:
    """Print how many requirements apply to no source location, by subject."""
    counts = {
        subject: sum(requirement.id in identifiers for requirement in requirements)
        for subject, requirements in BY_SUBJECT.items()
    }
    subjects = ", ".join(f"{number} on {subject}" for subject, number in counts.items() if number)
    verb = "requirement does" if len(identifiers) == 1 else "requirements do"
    text = f"{len(identifiers)} {verb} not apply: {subjects}"
    lines = textwrap.fill(text, _WIDTH - 4).replace("\n", "\n    ")
    console.print(Text.assemble("  ", _mark(Answer.NOT_APPLICABLE, console), f" {lines}"))


def _mark(answer: Answer, console: Console) -> tuple[str, str]:
    """Return an answer's mark, in ASCII unless the terminal uses Unicode, and its style."""
    mark, style = _MARKS[answer]
    return (mark if console.encoding.startswith("utf") else mark.translate(_PLAIN_MARKS)), style


def printable(text: object) -> str:
    """Escape control characters, which a terminal would interpret."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in str(text))


def _wrapped(text: str, name: str) -> Text:
    """Wrap a text without breaking ARNs, so that each can be copied in one piece."""
    lines = textwrap.wrap(
        printable(text),
        _WIDTH,
        initial_indent=_INDENT,
        subsequent_indent=f"{_INDENT}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    wrapped = Text("\n".join(lines))
    wrapped.stylize("bold cyan", len(_INDENT), len(_INDENT) + len(printable(name)))
    return wrapped


def _lines(results: Sequence[Result]) -> Iterator[tuple[str, str]]:
    """Yield source location names and messages, findings first."""
    for result in results:
        for finding in result.findings:
            yield result.source_location, finding.text
    by_obstacle: dict[Obstacle, list[str]] = {}
    for result in results:
        for obstacle in result.obstacles:
            by_obstacle.setdefault(obstacle, []).append(result.source_location)
    for obstacle, names in by_obstacle.items():
        yield ", ".join(names), not_checked(obstacle)


def not_checked(obstacle: Obstacle) -> str:
    """Return the message for something that could not be read."""
    return f"not checked: {obstacle.action} on {obstacle.resource} failed: {obstacle.error}"


def _share(part: int, total: int) -> str:
    return f"{part} of {total}"


def count(number: int, noun: str) -> str:
    """Return a number with its noun, such as `2 characters`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
