"""AWS's requirements for access token authentication, checked against what AWS returns.

`verify` reads AWS and checks every requirement; `print_report` prints the result, and
`document_of` returns it for JSON. Nothing here depends on the sandbox
or on Pulumi, so that a rehearsal and a real stack are checked by the same code.
"""

import boto3

from verification.aws import Aws
from verification.expected import Setup, VerificationError
from verification.json_report import document_of
from verification.reading import read
from verification.report import print_report
from verification.requirements import Verification, judge
from verification.stack_outputs import setup_of

__all__ = [
    "Setup",
    "Verification",
    "VerificationError",
    "document_of",
    "print_report",
    "setup_of",
    "verify",
]


def verify(
    setup: Setup, session: boto3.Session, *, endpoint_url: str | None = None
) -> Verification:
    """Read AWS and check every requirement of a setup's source locations.

    Args:
        setup: what to check; for a stack, use `setup_of`.
        session: provides the credentials. Each resource is looked up in the Region of its ARN.
        endpoint_url: endpoint of all AWS services; None for the session's own settings.

    """
    return judge(setup, read(setup.source_locations, Aws(session, endpoint_url=endpoint_url)))
