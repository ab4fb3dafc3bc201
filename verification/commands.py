"""AWS CLI commands that fix findings.

Each command fixes everything about a resource at once, so that findings can share it and no command undoes another.
"""

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from verification.facts import Facts, SecretFacts, SourceLocationFacts
from verification.iam_policy import (
    Statement,
    is_public,
    policy_of,
    statements,
    without_deleted_principals,
)

Command = tuple[str, ...]
"""A shell command, split where its line may be broken."""


def aws_cli(service: str, operation: str, *, region: str, **options: object) -> Command:
    """Return an AWS CLI command.

    Args:
        service: such as `kms`.
        operation: such as `enable-key`.
        region: the Region to run it in.
        options: values by option name, with underscores; True for a flag; other than str becomes JSON.

    """
    parts = [f"aws {service} {operation}", f"--region {region}"]
    for name, value in options.items():
        option = f"--{name.replace('_', '-')}"
        text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
        parts.append(option if value is True else f"{option} {shlex.quote(text)}")
    return tuple(parts)


def set_source_location(facts: Facts, location: SourceLocationFacts) -> Command:
    """Return the command that corrects a source location and makes MediaTailor renew its grant.

    The API replaces all settings, so the command includes all of them:
    https://docs.aws.amazon.com/mediatailor/latest/apireference/API_UpdateSourceLocation.html
    """
    described = location.described.value
    settings: dict[str, Any] = {
        name: described.get(name)
        for name in (
            "HttpConfiguration",
            "AccessConfiguration",
            "DefaultSegmentDeliveryConfiguration",
            "SegmentDeliveryConfigurations",
        )
    }
    stack = facts.expected.stack
    if stack and stack.desired_state.known:
        settings = {name: stack.desired_state.known.get(name) for name in settings}
    elif not str((settings["HttpConfiguration"] or {}).get("BaseUrl")).startswith("https://"):
        settings["HttpConfiguration"] = {"BaseUrl": "HTTPS_URL"}
    if stack and facts.expected.access_configuration.known:
        settings["AccessConfiguration"] = facts.expected.access_configuration.known
    return aws_cli(
        "mediatailor",
        "update-source-location",
        region=described["Arn"].split(":")[3],
        source_location_name=described["SourceLocationName"],
        **{
            re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower(): value
            for name, value in settings.items()
            if value
        },
    )


def use_key(facts: Facts, secret: SecretFacts, key_arn: str) -> tuple[Command, ...]:
    """Return the commands that encrypt a secret with a key and make MediaTailor create its grant on it."""
    change = aws_cli(
        "secretsmanager",
        "update-secret",
        region=secret.region,
        secret_id=secret.arn,
        kms_key_id=key_arn,
    )
    grants = [
        set_source_location(facts, location)
        for location in facts.source_locations
        if location.described.known and secret is facts.secret
    ]
    return (change, *grants)


def set_secret_policy(facts: Facts, keep: Sequence[Statement]) -> Command:
    """Return the command that sets a secret policy of MediaTailor's statement and those to keep.

    AWS replicates the policy.
    """
    return aws_cli(
        "secretsmanager",
        "put-resource-policy",
        region=facts.secret.region,
        secret_id=facts.secret.arn,
        resource_policy=policy_of([*keep, mediatailor_statement(facts)]),
        block_public_policy=True,
    )


def mediatailor_statement(facts: Facts) -> Statement:
    """Return the statement in MediaTailor's guide.

    https://docs.aws.amazon.com/mediatailor/latest/ug/channel-assembly-access-configuration-access-token-how-to-create-secret.html
    """
    arns = [facts.secret.arn, *(replica.arn for replica in facts.replicas.values())]
    return {
        "Effect": "Allow",
        "Principal": {"Service": "mediatailor.amazonaws.com"},
        "Action": "secretsmanager:GetSecretValue",
        "Resource": arns if len(arns) > 1 else arns[0],
    }


def set_key_policy(secret: SecretFacts, add: Sequence[Mapping[str, Any]]) -> tuple[Command, ...]:
    """Return the command that removes public statements and deleted principals from a key policy and adds statements.

    Return no command if it would remove every statement and so lock everyone out.
    """
    found = without_deleted_principals(statements(secret.key.policy.value))
    kept = [statement for statement in found if not is_public(statement)]
    if not kept:
        return ()
    return (
        aws_cli(
            "kms",
            "put-key-policy",
            region=secret.region,
            key_id=secret.key.metadata.value["Arn"],
            policy_name="default",
            policy=policy_of([*kept, *add]),
        ),
    )


def put_value(secret: SecretFacts) -> Command:
    """Return the command that writes a new value, read from a file to keep it off the command line."""
    return aws_cli(
        "secretsmanager",
        "put-secret-value",
        region=secret.region,
        secret_id=secret.arn,
        secret_string="file://SECRET_STRING.json",  # noqa: S106  a file name
    )
