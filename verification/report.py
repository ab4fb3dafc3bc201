"""What a rehearsal found, for the person who ran it. Never a token, only its length."""

from collections.abc import Iterator, Mapping

from rich.console import Console
from rich.text import Text

from verification.requirements import REQUIREMENTS, ReadBack, Requirement

_LISTED_IN_FULL = 20
"""Up to so many source locations are shown one by one; of more, those with a problem."""

_LABEL_WIDTH = 18


def print_report(found: Mapping[str, ReadBack], console: Console) -> None:
    """Print what was found for each source location, each requirement, and the verdict."""
    problems = {
        requirement.title: dict(_problems(requirement, found)) for requirement in REQUIREMENTS
    }
    faulty = {name for named in problems.values() for name in named}
    shown = list(found) if len(found) <= _LISTED_IN_FULL else sorted(faulty)[:_LISTED_IN_FULL]

    for name in shown:
        console.print()
        _print_source_location(name, found[name], console)
    if len(shown) < len(found):
        console.print(
            f"\n{len(found)} source locations"
            + (
                f", of which {len(shown)} with a problem are shown above."
                if shown
                else ", none with a problem."
            )
        )

    console.print("\n[bold]AWS's requirements[/]")
    for requirement in REQUIREMENTS:
        if total := sum(map(requirement.applies, found.values())):
            _print_requirement(
                requirement,
                problems[requirement.title],
                total=total,
                width=len(_share(len(found), len(found))),
                console=console,
            )

    console.print()
    if any(read_back.key_is_existing for read_back in found.values()):
        console.print(
            "[bold]Not rehearsed:[/] the key is an existing one, and not on this machine. In AWS see that it is"
            " customer managed, symmetric and enabled, and that its key policy has the statements of"
            " `pulumi stack output requiredKeyPolicyStatements`.\n"
        )
    if faulty:
        console.print(
            f"[bold red]Not ready:[/] {len(faulty)} of {len(found)} source locations "
            "do not meet AWS's requirements."
        )
    else:
        console.print(
            "[bold green]Ready:[/] MediaTailor would find what it needs for "
            f"{_count(len(found), 'source location')}."
        )


def _problems(requirement: Requirement, found: Mapping[str, ReadBack]) -> Iterator[tuple[str, str]]:
    for name, read_back in found.items():
        problem = requirement.problem(read_back)
        if problem:
            yield name, problem


def _print_source_location(name: str, found: ReadBack, console: Console) -> None:
    console.print(Text(name, "bold cyan"), soft_wrap=True)
    facts = [
        ("secret", found.secret_arn),
        ("key", _key(found)),
        ("SecretString key", found.secret_string_key),
        ("token", "none" if found.token is None else _count(len(found.token), "character")),
        ("may be read by", ", ".join(found.readers) or "nobody"),
    ]
    for replica in found.replicas.values():
        facts += [("replica", replica.secret_arn), ("  its key", _key(replica))]
    if found.media_package_role:
        facts.append(("MediaPackage role", found.media_package_role.arn))
    if found.source_location:
        facts += [
            ("source location", found.source_location.arn),
            ("base URL", found.source_location.base_url or "none"),
        ]
    for label, value in facts:
        # Left to the terminal to wrap, so that an ARN can be copied in one piece.
        line = Text.assemble((f"  {label:<{_LABEL_WIDTH}}", "dim"), value)
        console.print(line, soft_wrap=True)


def _key(found: ReadBack) -> str:
    return str(found.secret.get("KmsKeyId") or "none of its own")


def _print_requirement(
    requirement: Requirement,
    problems: Mapping[str, str],
    *,
    total: int,
    width: int,
    console: Console,
) -> None:
    mark = Text("✘", "bold red") if problems else Text("✔", "bold green")
    count = _share(total - len(problems), total)
    console.print(Text.assemble("  ", mark, f" {count:>{width}}  {requirement.title}"))
    for name, problem in list(problems.items())[:_LISTED_IN_FULL]:
        console.print(Text.assemble("      ", (name, "bold cyan"), f": {problem}"), soft_wrap=True)
    if len(problems) > _LISTED_IN_FULL:
        console.print(f"      and {len(problems) - _LISTED_IN_FULL} more")
    if problems:
        console.print(Text(f"      {requirement.page}", "dim"), soft_wrap=True)


def _share(part: int, total: int) -> str:
    return f"{part} of {total}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
