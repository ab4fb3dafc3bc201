"""`python -m permissions`: print least-privilege IAM policies for a stack file."""

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
"""AWS's default quota of managed policies per role.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""


def main(argv: Sequence[str]) -> None:
    """Print the policies as JSON to standard output, and notes about them to standard error."""
    parser = argparse.ArgumentParser(
        prog="python -m permissions",
        description="Print least-privilege IAM policies for a stack file as JSON: a list of policy"
        " documents for each purpose. Needs neither AWS nor a Pulumi login.",
    )
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--stack",
        metavar="NAME",
        default="dev",
        help="the stack of Pulumi.NAME.yaml (default: dev)",
    )
    source.add_argument("--config-file", metavar="FILE", type=Path, help="path of a stack file")
    parser.add_argument(
        "--key-arn",
        metavar="ARN",
        help="allow this key instead of key/*: the stack's output encryptionKeyArn",
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
    f":{ACCOUNT}:": f"Replace {ACCOUNT} with the stack's account ID, or set aws:allowedAccountIds in the stack file.",
    f":{REGION}:": f"Replace {REGION} with the stack's Region, or set aws:region in the stack file.",
    f":key/{FORMER_KEY}": f"Replace {FORMER_KEY} with the ID of the customer managed key that encrypts the adopted secrets"
    " now. Remove its statement if aws/secretsmanager encrypts them.",
    ":key/*": "key/* allows every key of the account, because the stack's key has no ARN before it exists. After the first"
    ' `pulumi up`, run this again with --key-arn "$(pulumi stack output encryptionKeyArn)".',
    "mediatailor-*": f"mediatailor-* matches more than {MOST_LISTED} autonamed resources.",
}
"""Notes by the text in the policies that they explain."""

_NONE_NEEDED = {
    Purpose.PREVIEW: "`pulumi preview` without --refresh needs no permission.",
    Purpose.CREATE_SOURCE_LOCATIONS: "the stack creates all source locations.",
}


def notes(file: StackFile, printed: Mapping[Purpose, Sequence[Policy]]) -> Iterator[str]:
    """Yield notes about the policies."""
    text = json.dumps(printed)
    yield from (note for part, note in _NOTES.items() if part in text)
    for purpose, documents in printed.items():
        if not documents and purpose in _NONE_NEEDED:
            yield f"{purpose}: {_NONE_NEEDED[purpose]}"
        elif len(documents) > MOST_ATTACHED:
            yield (
                f"{purpose}: these are {len(documents)} policies, but by default a role can have only"
                f" {MOST_ATTACHED} managed policies."
            )
    if "environment" in file.left_out:
        yield "values from `environment` are ignored, because Pulumi ESC needs a login."
    if "secretsprovider" in file.left_out:
        yield f"the stack's secrets provider, {file.left_out['secretsprovider']}, needs additional permissions."


if __name__ == "__main__":
    main(sys.argv[1:])
