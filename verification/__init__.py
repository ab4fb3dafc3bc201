"""AWS's requirements for access token authentication, checked against what AWS returns.

`verify` reads AWS and checks every requirement; `print_report` prints the result. Nothing here depends on the sandbox
or on Pulumi, so that a rehearsal and a real stack are checked by the same code.
"""

from collections.abc import Sequence

import boto3

from verification.facts import Expected
from verification.reading import read
from verification.report import print_report
from verification.requirements import Verification, judge
from verification.stack_outputs import expectations

__all__ = ["Verification", "expectations", "print_report", "verify"]


def verify(
    expected: Sequence[Expected], session: boto3.Session, *, endpoint_url: str | None = None
) -> Verification:
    """Read AWS and check every requirement of these source locations.

    Args:
        expected: what a stack says about each source location.
        session: whose credentials are used. Each resource is looked up in the Region of its ARN.
        endpoint_url: where all AWS services are, if not where the session's own settings say.

    """
    return judge(read(expected, session, endpoint_url=endpoint_url))
