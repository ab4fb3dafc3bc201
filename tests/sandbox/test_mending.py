"""The commands in a refusal: with a real CLI they mend the config that was refused."""

import json
import shlex
from pathlib import Path

from sandbox.workspace import sandbox
from tests.support.stack_driver import Stack

STACK_FILE = """\
config:
  aws:region: us-west-1
  mediatailor-access-token:sourceLocation: {}
  mediatailor-access-token:sourceLocations:
    news:
      headerNam: X-Access-Token
      secretStringKey: ""
      secretName: media-tokens
    sports:
      headerName: x-amz-token
      secretName: tokens
    film.4k:
      headerName: X-Access-Token
    movies:
      headerName: X-Access-Token
      secretName: tokens
      segmentDeliveryBaseUrl: http://cdn.example.com
    kids:
      origin: mediapackage-v1
      headerName: X-Access-Token
    music: X-Access-Token
  mediatailor-access-token:accessTokens:
    gone: canary-of-gone
    sports: canary
  mediatailor-access-token:encryptionKey:
    alias: tokens
    rotationPeriodInDays: "365"
    deletionWindowInDays: 31
    administrators: nobody
    sourceLocationManagers:
      - arn:aws-cn:iam::123456789012:role/operator
      - arn:aws:iam::123456789012:role/operator
      - arn:aws-cn:iam::123456789012:role/other
      - arn:aws:iam::123456789012:role/other
  mediatailor-access-token:recoveryWindowInDays: 1
  mediatailor-access-token:replicaRegions: [us-west-1]
  mediatailor-access-token:servicePrincipal: ec2.amazonaws.com
"""


def commands(refusal: str) -> list[list[str]]:
    lines = dict.fromkeys(line.strip() for line in refusal.splitlines())
    return [shlex.split(line) for line in lines if line.startswith("pulumi config ")]


def test_running_the_commands_of_a_refusal_mends_the_config(tmp_path: Path) -> None:
    stack_file = tmp_path / "Pulumi.test.yaml"
    stack_file.write_text(STACK_FILE)
    with sandbox(stack_file=stack_file, stack="test") as place:
        stack = Stack(place=place)
        # A source location that the first refusal removes leaves a token, which the second one tells.
        for _ in ("the first refusal", "the second"):
            refusal = stack.pulumi("preview", fails=True)
            assert "nothing was created or changed" in refusal
            assert "canary" not in refusal
            for _, *arguments in commands(refusal):
                stack.pulumi(*arguments, stdin="a-good-token" if "--secret" in arguments else "")
        assert "to create" in stack.pulumi("preview")
        key = json.loads(stack.pulumi("config", "get", "encryptionKey"))
        assert key["sourceLocationManagers"] == [
            "arn:aws:iam::123456789012:role/operator",
            "arn:aws:iam::123456789012:role/other",
        ]
