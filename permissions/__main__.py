"""`python -m permissions`: print the least IAM policies for a stack file."""

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from permissions.policies import Policy, Purpose, policies
from permissions.stack import ACCOUNT, FORMER_KEY, MOST_LISTED, REGION, stack_resources
from permissions.stack_file import StackFile, StackFileError, path_of, read

MOST_ATTACHED = 10
"""Managed policies that a role can have, by AWS's default quota.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""


def main(argv: Sequence[str]) -> None:
    """Print the policies as JSON to standard output, and what to know about them to standard error."""
    parser = argparse.ArgumentParser(
        prog="python -m permissions",
        description="Print the least IAM policies for a stack file as JSON: for each purpose a list of"
        " policy documents. Needs neither AWS nor a Pulumi login.",
    )
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--stack", metavar="NAME", default="dev", help="the stack Pulumi.NAME.yaml (default: dev)"
    )
    source.add_argument("--config-file", metavar="FILE", type=Path, help="a stack file anywhere")
    parser.add_argument(
        "--key-arn",
        metavar="ARN",
        help="the stack's own key, once it exists (output encryptionKeyArn), instead of key/*",
    )
    arguments = parser.parse_args(argv)
    try:
        if arguments.config_file:
            named = re.fullmatch(r"Pulumi\.(.+)\.yaml", arguments.config_file.name)
            file = read(arguments.config_file, named[1] if named else "dev")
        else:
            name = arguments.stack.rpartition("/")[2]  # of organization/project/stack
            file = read(path_of(name), name)
        stack = stack_resources(file, key_arn=arguments.key_arn)
    except StackFileError as error:
        sys.exit(f"error: {error}")
    printed = {purpose: policies(purpose, stack) for purpose in Purpose}
    for note in notes(file, printed):
        sys.stderr.write(f"note: {note}\n")
    sys.stdout.write(json.dumps(printed, indent=2) + "\n")


_NOTES = {
    f":{ACCOUNT}:": f"{ACCOUNT} is the stack's account id; aws:allowedAccountIds in the stack file fills it in.",
    f":{REGION}:": f"{REGION} is the stack's Region; aws:region in the stack file fills it in.",
    f":key/{FORMER_KEY}": f"{FORMER_KEY} is the id of the customer managed key that encrypts the adopted secrets now."
    " Remove its statement if they are under aws/secretsmanager.",
    ":key/*": "key/* is every key of the account, since a key has no ARN before it exists. After the first"
    ' `pulumi up`, repeat this with --key-arn "$(pulumi stack output encryptionKeyArn)".',
    "mediatailor-*": f"mediatailor-* replaces more than {MOST_LISTED} names that Pulumi completes.",
}
"""What to say of policies that contain a text."""

_NONE_NEEDED = {
    Purpose.PREVIEW: "`pulumi preview` without --refresh needs no permission.",
    Purpose.CREATE_SOURCE_LOCATIONS: "the stack creates all of them itself.",
}


def notes(file: StackFile, printed: Mapping[Purpose, Sequence[Policy]]) -> Iterator[str]:
    """Yield what the policies do not say by themselves."""
    text = json.dumps(printed)
    yield from (note for part, note in _NOTES.items() if part in text)
    for purpose, documents in printed.items():
        if not documents and purpose in _NONE_NEEDED:
            yield f"{purpose}: {_NONE_NEEDED[purpose]}"
        elif len(documents) > MOST_ATTACHED:
            yield (
                f"{purpose}: a role can have {MOST_ATTACHED} managed policies by default,"
                f" and these are {len(documents)}."
            )
    if "environment" in file.left_out:
        yield "values from `environment` are not read, since Pulumi ESC needs a login."
    if "secretsprovider" in file.left_out:
        yield f"the stack's secrets provider, {file.left_out['secretsprovider']}, needs permissions of its own."


if __name__ == "__main__":
    main(sys.argv[1:])
