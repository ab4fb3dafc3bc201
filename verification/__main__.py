"""`python -m verification`: checks a setup in AWS and reports what is wrong with it."""

import argparse
import difflib
import os
import re
import signal
import sys
import textwrap
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace

import boto3
from botocore.exceptions import BotoCoreError
from rich.console import Console
from rich.markup import escape
from rich.text import Text

from verification import live
from verification.aws import Aws, with_member
from verification.expected import Setup, VerificationError
from verification.fixes import print_adoption, print_fixes
from verification.json_report import error_to_json, to_json
from verification.origin import origin_path, with_origins
from verification.reading import read
from verification.report import count, print_report
from verification.requirement import Answer
from verification.requirements import Verification, judge
from verification.stack_outputs import read_stack


def main(argv: Sequence[str]) -> int:
    """Run the verification, print the result and return the exit status."""
    arguments = _parse(argv)
    console = Console(highlight=False)
    try:
        verification = _verify(arguments)
    except VerificationError as error:
        if arguments.json:
            sys.stdout.write(error_to_json(str(error)))
        sys.stderr.write(f"error: {error}\n")
        return 2
    except KeyboardInterrupt:
        os._exit(128 + signal.SIGINT)  # do not wait for pending requests, which may take a minute
    if arguments.json:
        sys.stdout.write(to_json(verification))
    else:
        _print(verification, console)
    return verification.status


def _verify(arguments: argparse.Namespace) -> Verification:
    path = origin_path(arguments.origin_path) if arguments.origin_path else None
    with ExitStack() as stack:
        progress = Console(stderr=True)
        status = progress.status("Reading")
        if progress.is_terminal:
            stack.enter_context(status)
        aws = Aws(_session(), progress=lambda n: status.update(f"Reading AWS: {n} responses"))
        setup = _setup(arguments, aws)
        verification = judge(setup, read(setup.source_locations, aws))
        if path:
            status.update("Requesting manifests from the origins")
            verification = with_origins(verification, path)
    return verification


def _session() -> boto3.Session:
    try:
        # The AWS CLI and Pulumi prefer this variable; boto3 ignores it.
        return boto3.Session(region_name=os.environ.get("AWS_REGION") or None)
    except BotoCoreError as error:
        raise VerificationError(f"invalid AWS settings: {error}") from None


def _setup(arguments: argparse.Namespace, aws: Aws) -> Setup:
    """Return what to check. Raises VerificationError if the credentials are of another account."""
    setup = _live(arguments.live, aws) if arguments.live is not None else _named(arguments, aws)
    if arguments.source_location is None:
        return setup
    chosen = [one for one in setup.source_locations if one.name == arguments.source_location]
    if not chosen:
        names = [one.name for one in setup.source_locations]
        near = difflib.get_close_matches(arguments.source_location, names) or sorted(names)[:10]
        raise VerificationError(
            f"{setup.title} has no source location {arguments.source_location!r};"
            f" it has {', '.join(near)}"
        )
    return replace(setup, source_locations=chosen)


def _live(name: str, aws: Aws) -> Setup:
    region = aws.session.region_name
    if not region:
        raise VerificationError("no Region is set: export AWS_REGION=REGION")
    account = _account(aws, region)
    if name:
        return live.source_location(name, region, account, aws)
    return live.all_source_locations(region, account, aws)


def _named(arguments: argparse.Namespace, aws: Aws) -> Setup:
    """Return the setup of a stack or secret, whose Region and account are known in advance."""
    if arguments.secret_arn:
        setup = live.secret(arguments.secret_arn, arguments.secret_string_key)
    else:
        setup = read_stack(arguments.stack)
    account = _account(aws, setup.region)
    if account and account != setup.account:
        raise VerificationError(
            f"these AWS credentials belong to account {account}, but {setup.title} is in account"
            f" {setup.account}. Switch to that account, for example: export AWS_PROFILE=PROFILE"
        )
    region = aws.session.region_name
    if region and region != setup.region:
        note = (
            f"Your AWS settings specify {region}, but {setup.title} is in {setup.region},"
            " so that Region was checked."
        )
        setup = replace(setup, notes=[note, *setup.notes])
    return setup


def _account(aws: Aws, region: str) -> str | None:
    """Return the account of the credentials, or None if they may not request it.

    Raises:
        VerificationError: AWS accepts no credentials, or cannot be reached.

    """
    identity = aws.ask("sts:GetCallerIdentity", "these credentials", region, with_member("Account"))
    if not identity.obstacle:
        return str(identity.value["Account"])
    if identity.obstacle.error.startswith("AccessDenied"):
        return None
    hint = "Check the network, the proxy settings and AWS_ENDPOINT_URL."
    if re.search("credential|token|signature|sso|log.?in", identity.obstacle.error, re.IGNORECASE):
        hint = "Log in to AWS, for example with `aws sso login`, and choose the profile: export AWS_PROFILE=PROFILE"
    raise VerificationError(f"cannot access AWS: {identity.obstacle.error}\n{hint}")


def _print(verification: Verification, console: Console) -> None:
    setup = verification.setup
    for note in setup.notes:
        console.print(Text(textwrap.fill(f"Note: {note}", 80)))
    console.print(
        f"[bold]{escape(setup.title)}[/] in {setup.region}, account {setup.account or 'unknown'}"
    )
    print_report(verification, console)
    print_fixes(verification, console)
    print_adoption(verification, console)
    total = count(len(verification.facts), "source location")
    unmet, unknown = (verification.names(a) for a in (Answer.NOT_MET, Answer.NOT_CHECKED))
    some = f"some requirements could not be checked for {len(unknown)} of {total}."
    if unmet:
        findings = sum(len(result.findings) for result in verification.results)
        console.print(
            f"[bold red]Not met:[/] {count(findings, 'finding')} for {len(unmet)} of {total}{f'; {some}' if unknown else '.'}"
        )
    elif unknown:
        console.print(f"[bold yellow]Not checked:[/] there are no findings, but {some}")
    else:
        console.print(f"[bold green]Met:[/] every requirement, for {total}.")


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m verification",
        description="Check a setup in AWS, read-only. Exit status: 0 if every requirement for"
        " access token authentication is met, 1 if one is not, 2 if one could not be checked.",
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--stack", metavar="NAME", help="a Pulumi stack (default: the selected one)")
    what.add_argument(
        "--live",
        metavar="SOURCE_LOCATION",
        nargs="?",
        const="",
        help="a source location in MediaTailor, without a stack; without a name, all source"
        " locations of the account and Region",
    )
    what.add_argument(
        "--secret-arn", metavar="ARN", help="a secret that no source location uses yet"
    )
    parser.add_argument(
        "--secret-string-key",
        metavar="KEY",
        help="with --secret-arn: the key of the SecretString that contains the token",
    )
    parser.add_argument("--source-location", metavar="NAME", help="check only this source location")
    parser.add_argument(
        "--origin-path",
        metavar="PATH",
        help="also request this manifest from each origin, with and without the token",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args(argv)
    if bool(arguments.secret_arn) != bool(arguments.secret_string_key):
        parser.error("--secret-arn and --secret-string-key require each other")
    if arguments.secret_arn and (arguments.origin_path or arguments.source_location):
        parser.error(
            "--secret-arn cannot be combined with --origin-path or --source-location:"
            " no source location uses the secret yet"
        )
    return arguments


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
