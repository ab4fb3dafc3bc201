"""IAM policies with the statements that a stack needs for a purpose, from the table of permissions."""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

TABLE = Path(__file__).with_name("permissions.csv")
"""One permission per line, in the order of the documentation."""

POLICY_MAX_CHARACTERS = 6_144
"""Maximum size of a managed policy, not counting whitespace.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""

Policy = Mapping[str, Any]


class Purpose(StrEnum):
    """What the policies allow a principal to do with a stack."""

    DEPLOY = "deploy"
    PREVIEW = "preview"
    REFRESH = "refresh"
    CREATE_SOURCE_LOCATIONS = "create-source-locations"
    VERIFY = "verify"


_OPERATIONS: Mapping[Purpose, frozenset[str]] = {
    Purpose.PREVIEW: frozenset({"preview", "import"}),
    Purpose.REFRESH: frozenset({"preview", "import", "read"}),
}
"""The operations of pulumi-aws, for purposes that need only some."""

_APART: Mapping[str, Purpose] = {
    "step 3": Purpose.CREATE_SOURCE_LOCATIONS,
    "verification": Purpose.VERIFY,
    "step 3 verification": Purpose.VERIFY,
}
"""The purpose of parts of the table that are not resources of the stack."""


@dataclass(frozen=True, kw_only=True)
class Permission:
    """A line of the table: an IAM action, and why pulumi-aws or a person needs it."""

    part: str
    """The kind of resource of the stack, such as `replica key`."""
    operations: tuple[str, ...]
    """The operations that need the action: preview, import, read, create, update or delete."""
    action: str
    resource: str
    """A key of `StackResources.arns`."""
    condition: str
    """A key of the conditions in `_condition`; empty for none."""
    why: str
    source: str
    """The AWS page that documents it; empty if the tests prove it."""


@dataclass(frozen=True, kw_only=True)
class StackResources:
    """The properties of a stack that its policies depend on."""

    parts: frozenset[str]
    """The parts of the table that apply to the stack."""
    arns: Mapping[str, Sequence[str]]
    """ARNs or ARN patterns, by resource name in the table."""
    region: str
    replica_regions: Sequence[str]


@cache
def permissions() -> tuple[Permission, ...]:
    """Return the table."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Permission(
                part=row["part"],
                operations=tuple(row["operation"].split("/")),
                action=row["action"],
                resource=row["resource"],
                condition=row["condition"],
                why=row["why"],
                source=row["source"] or "",
            )
            for row in csv.DictReader(file, skipinitialspace=True)
        )


def permissions_for(purpose: Purpose, stack: StackResources) -> Iterator[Permission]:
    """Yield the permissions that a purpose needs."""
    operations = _OPERATIONS.get(purpose)
    for each in permissions():
        parts_purpose = _APART.get(each.part)
        if parts_purpose != (purpose if purpose in _APART.values() else None):
            continue
        if operations and not operations.intersection(each.operations):
            continue
        if each.part in stack.parts:
            yield each


def policies(purpose: Purpose, stack: StackResources) -> list[Policy]:
    """Return the least-privilege policies for a purpose: usually one, none if no permission is needed.

    A policy that would exceed IAM's size limit is split; attach all parts to the same principal.
    """
    needed = [each for each in permissions_for(purpose, stack) if stack.arns[each.resource]]
    statements: dict[tuple[tuple[str, ...], str], dict[str, Any]] = {}
    for each in needed:
        if any(_covers(other, each, stack) for other in needed):
            continue
        arns = tuple(stack.arns[each.resource])
        statement = statements.setdefault(
            (arns, each.condition),
            {"Sid": _sid(each), "Effect": "Allow", "Action": set(), "Resource": arns},
        )
        statement["Action"].add(each.action)
        if each.condition:
            statement["Condition"] = _condition(each.condition, stack)
    for statement in statements.values():
        statement["Action"] = sorted(statement["Action"])
    return _packed(statements.values())


def _covers(one: Permission, other: Permission, stack: StackResources) -> bool:
    """Whether a permission includes another one without being equal to it."""
    wide, narrow = set(stack.arns[one.resource]), set(stack.arns[other.resource])
    return (
        one.action == other.action
        and one.condition in {"", other.condition}
        and wide >= narrow
        and (wide, one.condition) != (narrow, other.condition)
    )


def _sid(permission: Permission) -> str:
    words = re.findall(r"\w+", f"{permission.resource} {permission.condition}")
    return "".join(word[0].upper() + word[1:] for word in words) or "Any"


def size(policy: Policy) -> int:
    """Return the size of a policy in characters, as IAM counts them."""
    return len(json.dumps(policy, separators=(",", ":")))


def _packed(statements: Iterable[Mapping[str, Any]]) -> list[Policy]:
    """Distribute statements over policies, splitting the resources of a statement that is too large for one policy."""
    documents: list[list[dict[str, Any]]] = []
    for statement in statements:
        for arn in statement["Resource"]:
            documents[-1:] = _with(
                documents[-1] if documents else [], {**statement, "Resource": [arn]}
            )
    return [_policy(document) for document in documents]


def _with(document: list[dict[str, Any]], statement: dict[str, Any]) -> list[list[dict[str, Any]]]:
    """Return the document with the statement added or, if that is too large, the document and a second one."""
    *others, last = document or [{}]
    if last.get("Sid") == statement["Sid"]:
        longer = [*others, {**last, "Resource": last["Resource"] + statement["Resource"]}]
    else:
        longer = [*document, statement]
    if size(_policy(longer)) <= POLICY_MAX_CHARACTERS:
        return [longer]
    return [document, [statement]]


def _policy(statements: list[dict[str, Any]]) -> Policy:
    return {"Version": "2012-10-17", "Statement": statements}


def _condition(name: str, stack: StackResources) -> Mapping[str, Mapping[str, Any]]:
    """Return the condition of a statement.

    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html
    """
    there = [f"secretsmanager.{region}.amazonaws.com" for region in stack.replica_regions]
    conditions: dict[str, tuple[str, Mapping[str, Any]]] = {
        "symmetric key": (
            "StringEquals",
            {"kms:KeySpec": "SYMMETRIC_DEFAULT", "kms:KeyUsage": "ENCRYPT_DECRYPT"},
        ),
        "to replica Regions": ("StringEquals", {"kms:ReplicaRegion": stack.replica_regions}),
        "add replica Regions": (
            "ForAllValues:StringEquals",
            {"secretsmanager:AddReplicaRegions": stack.replica_regions},
        ),
        "via Secrets Manager": (
            "StringEquals",
            {"kms:ViaService": f"secretsmanager.{stack.region}.amazonaws.com"},
        ),
        "via Secrets Manager there": ("StringEquals", {"kms:ViaService": there}),
        "via MediaTailor": (
            "StringEquals",
            {"kms:ViaService": f"mediatailor.{stack.region}.amazonaws.com"},
        ),
        "not public": ("Bool", {"secretsmanager:BlockPublicPolicy": "true"}),
        "multi-Region keys": ("StringEquals", {"iam:AWSServiceName": "mrk.kms.amazonaws.com"}),
    }
    operator, values = conditions[name]
    return {operator: values}
