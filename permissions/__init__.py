"""The least IAM policies that deploy a stack: `python -m permissions` writes them to `docs/permissions.md`.

One table, PERMISSIONS, says for each resource of the program which actions each operation of pulumi-aws takes. The
policy of a kind of stack and the document's reasons are both read off it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "permissions.md"

POLICY_MAX_CHARACTERS = 6_144
"""What IAM takes as one managed policy, white space not counted.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""


# --- What an action is allowed on: names of ARNs, which `Where` knows.


class On(StrEnum):
    """What a permission is for."""

    ANY = "`*`"
    ALIAS = "alias"
    KEY = "key"
    REPLICA_KEY = "replica key"
    FORMER_KEY = "former key"
    SECRET = "secret"  # noqa: S105 a word
    ROLE = "role"
    SOURCE_LOCATION = "source location"
    KMS_ROLE = "KMS's own role"


@dataclass(frozen=True, kw_only=True)
class Where:
    """Where a stack is deployed and what its resources are called; what is not given is a placeholder."""

    region: str = "REGION"
    account: str = "ACCOUNT"
    replica_regions: Sequence[str] = ("REPLICA_REGION",)
    alias: str = "alias/mediatailor-*"
    key: str = "key/*"
    former_key: str = "key/FORMER_KEY"
    secret: str = "secret:mediatailor-*"  # noqa: S105 a part of an ARN
    role: str = "role/mediatailor-*"
    source_location: str = "sourceLocation/SOURCE_LOCATION"

    def arns(self, on: On) -> list[str]:
        """Return the ARNs, or their patterns, of what a permission is for."""
        service_role = "AWSServiceRoleForKeyManagementServiceMultiRegionKeys"
        return {
            On.ANY: ["*"],
            On.ALIAS: [self._arn("kms", self.region, self.alias)],
            On.KEY: [self._arn("kms", self.region, self.key)],
            On.REPLICA_KEY: [self._arn("kms", region, self.key) for region in self.replica_regions],
            On.FORMER_KEY: [self._arn("kms", self.region, self.former_key)],
            On.SECRET: [self._arn("secretsmanager", self.region, self.secret)],
            On.ROLE: [self._arn("iam", "", self.role)],
            On.SOURCE_LOCATION: [self._arn("mediatailor", self.region, self.source_location)],
            On.KMS_ROLE: [
                self._arn("iam", "", f"role/aws-service-role/mrk.kms.amazonaws.com/{service_role}")
            ],
        }[on]

    def condition(self, only: "Only") -> "Condition":
        """Return the condition of a statement."""
        regions = list(self.replica_regions)
        there = [f"secretsmanager.{region}.amazonaws.com" for region in regions]
        return {
            # https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
            Only.SYMMETRIC_KEY: _equals(
                {"kms:KeySpec": "SYMMETRIC_DEFAULT", "kms:KeyUsage": "ENCRYPT_DECRYPT"}
            ),
            Only.TO_REPLICA_REGIONS: _equals({"kms:ReplicaRegion": regions}),
            Only.THROUGH_SECRETS_MANAGER: _equals(
                {"kms:ViaService": f"secretsmanager.{self.region}.amazonaws.com"}
            ),
            Only.THROUGH_SECRETS_MANAGER_THERE: _equals({"kms:ViaService": there}),
            Only.THROUGH_MEDIATAILOR: _equals(
                {"kms:ViaService": f"mediatailor.{self.region}.amazonaws.com"}
            ),
            Only.SECRETS_TO_REPLICA_REGIONS: {
                "ForAllValues:StringEquals": {"secretsmanager:AddReplicaRegions": regions}
            },
            Only.NOT_PUBLIC: {"Bool": {"secretsmanager:BlockPublicPolicy": "true"}},
            Only.MULTI_REGION_KEYS: _equals({"iam:AWSServiceName": "mrk.kms.amazonaws.com"}),
        }[only]

    def _arn(self, service: str, region: str, resource: str) -> str:
        return f"arn:aws:{service}:{region}:{self.account}:{resource}"


Condition = Mapping[str, Mapping[str, str | list[str]]]


def _equals(values: Mapping[str, str | list[str]]) -> Condition:
    return {"StringEquals": values}


class Only(StrEnum):
    """Under which condition a permission holds."""

    SYMMETRIC_KEY = "for symmetric encryption keys"
    TO_REPLICA_REGIONS = "to the replica Regions"
    SECRETS_TO_REPLICA_REGIONS = "of secrets to the replica Regions"
    THROUGH_SECRETS_MANAGER = "through Secrets Manager"
    THROUGH_SECRETS_MANAGER_THERE = "through Secrets Manager in the replica Regions"
    THROUGH_MEDIATAILOR = "through MediaTailor"
    NOT_PUBLIC = "if public policies are blocked"
    MULTI_REGION_KEYS = "for multi-Region keys"


# --- What each resource of the program takes.


class Operation(StrEnum):
    """What Pulumi does with a resource."""

    PREVIEW = "preview"
    CREATE = "create"
    IMPORT = "import"
    READ = "read"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, kw_only=True)
class Permission:
    """An action, what it is allowed on, and why it is needed."""

    action: str
    on: On
    only: Only | None = None
    why: str


def _of(on: On, *actions: str, why: str, only: Only | None = None) -> list[Permission]:
    return [Permission(action=action, on=on, only=only, why=why) for action in actions]


def _read_key(on: On) -> list[Permission]:
    return _of(
        on,
        "kms:DescribeKey",
        "kms:GetKeyPolicy",
        "kms:GetKeyRotationStatus",
        "kms:ListResourceTags",
        why="to compare it with the state, after each change too",
    )


def _use_key(*actions: str, why: str) -> list[Permission]:
    return _of(On.KEY, *actions, why=why, only=Only.THROUGH_SECRETS_MANAGER)


KEY = "aws:kms/key:Key"
MULTI_REGION_KEY = "aws:kms/key:Key, multi-Region"
REPLICA_KEY = "aws:kms/replicaKey:ReplicaKey"
ALIAS = "aws:kms/alias:Alias"
SECRET = "aws:secretsmanager/secret:Secret"  # noqa: S105 a type token
REPLICATED_SECRET = "aws:secretsmanager/secret:Secret, replicated"  # noqa: S105 likewise
ADOPTED_SECRET = "aws:secretsmanager/secret:Secret, adopted"  # noqa: S105 likewise
VERSION = "aws:secretsmanager/secretVersion:SecretVersion"
SECRET_POLICY = "aws:secretsmanager/secretPolicy:SecretPolicy"  # noqa: S105 likewise
ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
SOURCE_LOCATION = "aws:cloudcontrol/resource:Resource"


def tagged(part: str) -> str:
    """Return the name of a resource type's part that is there only if it has tags."""
    return f"{part}, tagged"


_HANDLER = "[MediaTailor's handler] calls it as the caller"
_USES_KEY = "[Secrets Manager uses the key as the caller]"
_LINKS = """
[MediaTailor's handler]: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-mediatailor-sourcelocation.html
[Secrets Manager uses the key as the caller]: https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
"""


def _source_location_handler(*actions: str) -> list[Permission]:
    """Return what MediaTailor's handler needs to make or change a source location."""
    return [
        *_of(On.SOURCE_LOCATION, *actions, why=_HANDLER),
        *_of(
            On.SECRET,
            "secretsmanager:DescribeSecret",
            "secretsmanager:GetSecretValue",
            why=_HANDLER,
        ),
        *_use_key("kms:Decrypt", why=f"to get the secret's value, {_USES_KEY}"),
        *_of(
            On.KEY,
            "kms:CreateGrant",
            only=Only.THROUGH_MEDIATAILOR,
            why="[MediaTailor's own access to the key](https://docs.aws.amazon.com/mediatailor/latest/ug/"
            "channel-assembly-access-configuration-overview.html) is a grant that the caller makes",
        ),
    ]


def _tags(on: On, *actions: str) -> Mapping[Operation, Sequence[Permission]]:
    return {
        Operation.CREATE: _of(on, actions[0], why="to make it with tags"),
        Operation.UPDATE: [
            *_of(on, actions[0], why="a tag is added or changed"),
            *_of(on, actions[1], why="a tag is removed"),
        ],
    }


PERMISSIONS: Mapping[str, Mapping[Operation, Sequence[Permission]]] = {
    KEY: {
        Operation.CREATE: [
            *_of(
                On.ANY,
                "kms:CreateKey",
                only=Only.SYMMETRIC_KEY,
                why="a key has no ARN before it is",
            ),
            *_of(On.KEY, "kms:PutKeyPolicy", why="CreateKey depends on it for a key with a policy"),
            *_of(On.KEY, "kms:EnableKeyRotation", why="rotation is on"),
        ],
        Operation.READ: _read_key(On.KEY),
        Operation.UPDATE: [
            *_of(
                On.KEY,
                "kms:PutKeyPolicy",
                why="`administrators` or `sourceLocationManagers` change",
            ),
            *_of(On.KEY, "kms:EnableKeyRotation", why="`rotationPeriodInDays` changes"),
        ],
        Operation.DELETE: _of(On.KEY, "kms:ScheduleKeyDeletion", why="a key is deleted in days"),
    },
    MULTI_REGION_KEY: {
        Operation.CREATE: [
            *_of(
                On.KMS_ROLE,
                "iam:CreateServiceLinkedRole",
                only=Only.MULTI_REGION_KEYS,
                why="the account's first multi-Region key [makes it](https://docs.aws.amazon.com/kms/latest/"
                "developerguide/multi-region-auth-slr.html)",
            ),
            *_of(
                On.ALIAS, "kms:UpdateAlias", why="the alias moves from the key that it takes over"
            ),
            *_of(On.KEY, "kms:UpdateAlias", why="both keys must allow it"),
        ],
    },
    ALIAS: {
        Operation.CREATE: [
            *_of(On.ALIAS, "kms:CreateAlias", why="to make it"),
            *_of(On.KEY, "kms:CreateAlias", why="the key must allow it as well"),
        ],
        Operation.READ: _of(On.ANY, "kms:ListAliases", why="AWS has no call that reads one alias"),
        Operation.DELETE: [
            *_of(On.ALIAS, "kms:DeleteAlias", why="to delete it"),
            *_of(On.KEY, "kms:DeleteAlias", why="the key must allow it as well"),
        ],
    },
    REPLICA_KEY: {
        Operation.CREATE: [
            *_of(
                On.KEY,
                "kms:ReplicateKey",
                only=Only.TO_REPLICA_REGIONS,
                why="asked of the primary key",
            ),
            *_of(
                On.ANY,
                "kms:CreateKey",
                why="[asked in the replica's Region]"
                "(https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html)",
            ),
            *_of(
                On.REPLICA_KEY,
                "kms:PutKeyPolicy",
                why="ReplicateKey depends on it for a key with a policy",
            ),
        ],
        Operation.READ: _read_key(On.REPLICA_KEY),
        Operation.UPDATE: _of(
            On.REPLICA_KEY,
            "kms:PutKeyPolicy",
            why="`administrators` or `sourceLocationManagers` change",
        ),
        Operation.DELETE: _of(
            On.REPLICA_KEY, "kms:ScheduleKeyDeletion", why="a key is deleted in days"
        ),
    },
    SECRET: {
        Operation.CREATE: [
            *_of(On.SECRET, "secretsmanager:CreateSecret", why="to make it, without a value"),
            *_use_key("kms:Decrypt", "kms:GenerateDataKey", why=f"{_USES_KEY} to try it"),
        ],
        Operation.READ: _of(
            On.SECRET,
            "secretsmanager:DescribeSecret",
            "secretsmanager:GetResourcePolicy",
            why="to compare it with the state, after each change too",
        ),
        Operation.UPDATE: [
            *_of(On.SECRET, "secretsmanager:UpdateSecret", why="`description` or the key changes"),
            *_use_key(
                "kms:Decrypt",
                "kms:Encrypt",
                "kms:GenerateDataKey",
                why=f"{_USES_KEY}; pulumi-aws names the key in each UpdateSecret",
            ),
        ],
        Operation.DELETE: _of(
            On.SECRET,
            "secretsmanager:DeleteSecret",
            why="a secret is deleted in days, or at once if `recoveryWindowInDays` is 0",
        ),
    },
    REPLICATED_SECRET: {
        Operation.CREATE: [
            *_of(
                On.SECRET,
                "secretsmanager:ReplicateSecretToRegions",
                only=Only.SECRETS_TO_REPLICA_REGIONS,
                why="CreateSecret needs it as well",
            ),
            *_of(
                On.REPLICA_KEY,
                "kms:Encrypt",
                "kms:GenerateDataKey",
                only=Only.THROUGH_SECRETS_MANAGER_THERE,
                why=f"{_USES_KEY} there",
            ),
        ],
        Operation.UPDATE: [
            *_of(
                On.SECRET,
                "secretsmanager:ReplicateSecretToRegions",
                only=Only.SECRETS_TO_REPLICA_REGIONS,
                why="a Region is added",
            ),
            *_of(
                On.SECRET,
                "secretsmanager:RemoveRegionsFromReplication",
                why="a Region is removed, or has another key",
            ),
        ],
        Operation.DELETE: _of(
            On.SECRET,
            "secretsmanager:RemoveRegionsFromReplication",
            why="AWS refuses to delete a secret that has replicas",
        ),
    },
    ADOPTED_SECRET: {
        Operation.IMPORT: _of(
            On.SECRET,
            "secretsmanager:DescribeSecret",
            "secretsmanager:GetResourcePolicy",
            why="to take it into the state, and to compare it with that later",
        ),
        Operation.UPDATE: [
            *_of(On.SECRET, "secretsmanager:UpdateSecret", why="it moves to the stack's key"),
            *_use_key(
                "kms:Decrypt",
                "kms:Encrypt",
                "kms:GenerateDataKey",
                why=f"{_USES_KEY} to encrypt the values that it has",
            ),
            *_of(
                On.FORMER_KEY,
                "kms:Decrypt",
                only=Only.THROUGH_SECRETS_MANAGER,
                why=f"{_USES_KEY} to read the values that it has; leave it out if the key was `aws/secretsmanager`",
            ),
        ],
    },
    VERSION: {
        Operation.CREATE: [
            *_of(On.SECRET, "secretsmanager:PutSecretValue", why="the token"),
            *_use_key("kms:Decrypt", "kms:GenerateDataKey", why=f"{_USES_KEY} to encrypt it"),
        ],
        Operation.READ: [
            *_of(
                On.SECRET,
                "secretsmanager:GetSecretValue",
                why="to compare it with the state, at each refresh too",
            ),
            *_use_key("kms:Decrypt", why=_USES_KEY),
        ],
        Operation.DELETE: _of(
            On.SECRET,
            "secretsmanager:UpdateSecretVersionStage",
            why="it takes AWSPREVIOUS off a version that others made the previous one",
        ),
    },
    SECRET_POLICY: {
        Operation.CREATE: _of(
            On.SECRET,
            "secretsmanager:PutResourcePolicy",
            only=Only.NOT_PUBLIC,
            why="MediaTailor reads the secret by it",
        ),
        Operation.READ: _of(
            On.SECRET, "secretsmanager:GetResourcePolicy", why="to compare it with the state"
        ),
        Operation.UPDATE: _of(
            On.SECRET,
            "secretsmanager:PutResourcePolicy",
            only=Only.NOT_PUBLIC,
            why="`replicaRegions`, `restrictToSourceAccount` or `servicePrincipal` change",
        ),
        Operation.DELETE: _of(
            On.SECRET, "secretsmanager:DeleteResourcePolicy", why="to delete it before the secret"
        ),
    },
    ROLE: {
        Operation.CREATE: _of(On.ROLE, "iam:CreateRole", why="MediaPackage assumes it"),
        Operation.READ: _of(
            On.ROLE,
            "iam:GetRole",
            "iam:ListRolePolicies",
            "iam:GetRolePolicy",
            "iam:ListAttachedRolePolicies",
            why="to compare it with the state, with all its policies",
        ),
        Operation.UPDATE: _of(
            On.ROLE,
            "iam:UpdateAssumeRolePolicy",
            why="`origin` changes to the other MediaPackage",
        ),
        Operation.DELETE: _of(
            On.ROLE,
            "iam:ListInstanceProfilesForRole",
            "iam:DeleteRole",
            why="pulumi-aws takes it out of instance profiles first",
        ),
    },
    ROLE_POLICY: {
        Operation.CREATE: _of(On.ROLE, "iam:PutRolePolicy", why="what MediaPackage may read"),
        Operation.READ: _of(On.ROLE, "iam:GetRolePolicy", why="to compare it with the state"),
        Operation.UPDATE: _of(On.ROLE, "iam:PutRolePolicy", why="`origin` or the key change"),
        Operation.DELETE: _of(
            On.ROLE, "iam:DeleteRolePolicy", why="AWS refuses to delete a role that has one"
        ),
    },
    SOURCE_LOCATION: {
        Operation.PREVIEW: _of(
            On.ANY, "cloudformation:DescribeType", why="the type's schema, which the plan obeys"
        ),
        Operation.CREATE: [
            *_of(
                On.ANY,
                "cloudformation:CreateResource",
                "cloudformation:GetResourceRequestStatus",
                why="MediaTailor's resources are made by Cloud Control, which knows no ARNs",
            ),
            *_of(On.ANY, "mediatailor:CreateSourceLocation", why=_HANDLER),
            *_source_location_handler(
                "mediatailor:DescribeSourceLocation", "mediatailor:TagResource"
            ),
        ],
        Operation.READ: [
            *_of(On.ANY, "cloudformation:GetResource", why="to compare it with the state"),
            *_of(On.SOURCE_LOCATION, "mediatailor:DescribeSourceLocation", why=_HANDLER),
        ],
        Operation.UPDATE: [
            *_of(
                On.ANY,
                "cloudformation:UpdateResource",
                "cloudformation:GetResourceRequestStatus",
                why="a URL, the header or the key changes",
            ),
            *_source_location_handler(
                "mediatailor:DescribeSourceLocation",
                "mediatailor:UpdateSourceLocation",
                "mediatailor:TagResource",
                "mediatailor:UntagResource",
            ),
        ],
        Operation.DELETE: [
            *_of(
                On.ANY,
                "cloudformation:DeleteResource",
                "cloudformation:GetResourceRequestStatus",
                why="to delete it before the secret",
            ),
            *_of(
                On.SOURCE_LOCATION,
                "mediatailor:DescribeSourceLocation",
                "mediatailor:DeleteSourceLocation",
                why=_HANDLER,
            ),
        ],
    },
    tagged(KEY): _tags(On.KEY, "kms:TagResource", "kms:UntagResource"),
    tagged(REPLICA_KEY): _tags(On.REPLICA_KEY, "kms:TagResource", "kms:UntagResource"),
    tagged(SECRET): _tags(On.SECRET, "secretsmanager:TagResource", "secretsmanager:UntagResource"),
    tagged(ROLE): _tags(On.ROLE, "iam:TagRole", "iam:UntagRole"),
}


# --- The kinds of stack.


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of stack and the parts that it is made of."""

    title: str
    """In the plural, or what it is about."""
    config: str
    """What in the stack's config makes a stack one of this kind."""
    parts: tuple[str, ...]
    where: Where = Where()

    @property
    def permissions(self) -> Iterator[tuple[str, Operation, Permission]]:
        """Yield what the parts take, with the part and the operation that takes it."""
        for part in self.parts:
            for operation, permissions in PERMISSIONS[part].items():
                for permission in permissions:
                    yield part, operation, permission


_OWN_KEY = (KEY, ALIAS)
_SECRETS = (SECRET, VERSION, SECRET_POLICY)

KINDS: Mapping[str, Kind] = {
    "own-key": Kind(
        title="A key of its own",
        config="no `encryptionKey.arn`",
        parts=(*_OWN_KEY, *_SECRETS),
    ),
    "existing-key": Kind(
        title="An existing key",
        config="`encryptionKey.arn`",
        parts=_SECRETS,
        where=Where(key="key/KEY"),
    ),
    "replicas": Kind(
        title="Replicas",
        config="`replicaRegions`, with a key of its own",
        parts=(*_OWN_KEY, MULTI_REGION_KEY, REPLICA_KEY, *_SECRETS, REPLICATED_SECRET),
    ),
    "mediapackage": Kind(
        title="A MediaPackage origin",
        config="`origin: mediapackage-v1` or `mediapackage-v2`",
        parts=(*_OWN_KEY, *_SECRETS, ROLE, ROLE_POLICY),
    ),
    "adopted-secret": Kind(
        title="An adopted secret",
        config="`adoptSecretArn` on each source location",
        parts=(*_OWN_KEY, ADOPTED_SECRET, VERSION, SECRET_POLICY),
        where=Where(secret="secret:ADOPTED_SECRET"),  # noqa: S106 a part of an ARN
    ),
    "source-location": Kind(
        title="A source location that the stack makes",
        config="`baseUrl`",
        parts=(*_OWN_KEY, *_SECRETS, SOURCE_LOCATION),
    ),
    "tags": Kind(
        title="Tags, in addition",
        config="`tags` (secrets) or `aws:defaultTags` (secrets, keys and roles)",
        parts=(tagged(KEY), tagged(REPLICA_KEY), tagged(SECRET), tagged(ROLE)),
    ),
}


def policy(kind: Kind, where: Where | None = None) -> dict[str, Any]:
    """Return the least policy of a kind of stack.

    Args:
        kind: one of KINDS.
        where: what stands in place of the kind's placeholders.

    """
    permissions = {permission for _, _, permission in kind.permissions}
    unconditional = {(each.action, each.on) for each in permissions if each.only is None}
    actions: dict[tuple[On, Only | None], set[str]] = {}
    for each in permissions:
        if each.only is None or (each.action, each.on) not in unconditional:
            actions.setdefault((each.on, each.only), set()).add(each.action)
    where = where or kind.where
    # Statements that allow the same under the same condition are one, on all that they allow it on.
    resources: dict[tuple[tuple[str, ...], Only | None], list[str]] = {}
    for (on, only), allowed in sorted(actions.items(), key=str):
        resources.setdefault((tuple(sorted(allowed)), only), []).extend(where.arns(on))
    statements = []
    for (allowed_actions, only), arns in resources.items():
        statement: dict[str, Any] = {
            "Effect": "Allow",
            "Action": list(allowed_actions),
            "Resource": arns[0] if len(arns) == 1 else arns,
        }
        if only:
            statement["Condition"] = where.condition(only)
        statements.append(statement)
    return {"Version": "2012-10-17", "Statement": statements}


# --- What the local AWS of the rehearsal does not tell.

_AS_THE_CALLER = "is asked by {} on the caller's behalf, which MiniStack does not play"
UNPROVEN: Mapping[str, str] = {
    "iam:CreateServiceLinkedRole": _AS_THE_CALLER.format("KMS"),
    "kms:CreateGrant": _AS_THE_CALLER.format("MediaTailor"),
    **dict.fromkeys(
        ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"),
        _AS_THE_CALLER.format("Secrets Manager"),
    ),
    **dict.fromkeys(
        sorted(
            {
                each.action
                for permissions in PERMISSIONS[SOURCE_LOCATION].values()
                for each in permissions
                if each.action.startswith("mediatailor:")
            }
        ),
        _AS_THE_CALLER.format("Cloud Control"),
    ),
}
"""Actions that no call to MiniStack needs, whatever AWS says, and why."""

RESOURCES_UNPROVEN: Mapping[str, str] = dict.fromkeys(
    ("kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"),
    "MiniStack asks for `*` instead of the alias and the key",
)
"""Actions for which MiniStack does not look at the resource."""

CONDITIONS_UNPROVEN: Mapping[str, str] = dict.fromkeys(
    (
        "kms:KeySpec",
        "kms:KeyUsage",
        "kms:ReplicaRegion",
        "secretsmanager:AddReplicaRegions",
        "secretsmanager:BlockPublicPolicy",
    ),
    "MiniStack does not know the key",
)
"""Condition keys that MiniStack does not know. Those of unproven actions are not in it."""


# --- The document.

_HEAD = """\
<!-- Written by `python -m permissions`: change permissions/ instead. -->
# What the deployer must be allowed to do

The least IAM policies with which a principal can `pulumi preview`, `up`, `refresh`, change the config of and `destroy`
a stack, for each kind of stack. A stack of several kinds takes the policies of all of them; with an existing key, leave
out of the others kms:CreateKey, the statements on the alias, and kms:ScheduleKeyDeletion with all that stands beside it.
Each policy fits one [managed policy](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html).

Put in place of the placeholders:

| placeholder | what |
|---|---|
| `REGION`, `ACCOUNT` | the stack's Region and the 12-digit id of its account |
| `REPLICA_REGION` | each Region in `replicaRegions`: repeat the ARN, list the condition's values |
| `SOURCE_LOCATION` | the name of the source location: repeat the ARN for each |
| `KEY` | the key's id in `encryptionKey.arn`. With `replicaArns`, add what "Replicas" has on replication (`secretsmanager:Re…`) and through `secretsmanager.REPLICA_REGION` |
| `ADOPTED_SECRET` | what follows `secret:` in `adoptSecretArn`: repeat the ARN for each |
| `FORMER_KEY` | the key id of the customer managed key that the adopted secret was encrypted under |
| `alias/mediatailor-*` | `encryptionKey.alias`, if set |
| `secret:mediatailor-*` | with `secretName`: `secret:NAME` and `secret:NAME-??????`, since a secret that is being made has no suffix yet |
| `key/*` | once the key exists: `key/` and its id, from output `encryptionKeyArn`. Until then AWS has no ARN to name |

Not in the policies:

- `sts:GetCallerIdentity`, by which the program learns its account: [AWS allows it to everybody]\
(https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html).
- What nothing in the config changes: to undo somebody's change of a key's or role's description, or of a key that was \
disabled, takes kms:UpdateKeyDescription, kms:EnableKey or iam:UpdateRoleDescription once.
- `secretsmanager:DeleteSecret` for an adopted secret, which Pulumi refuses to delete as well. [The \
README](../README.md#adopt-the-secret-that-mediapackage-uses) tells how to hand it back.
- `iam:PassRole`: whoever gives MediaPackage the role needs it, the stack does not.
- Pulumi's own backend and secrets provider, if they are in AWS.

An own key's policy leaves it to IAM policies who may use and manage the key, so the policies here suffice for it. The \
owner of an existing key adds the stack's output `requiredKeyPolicyStatements` to its key policy.
"""

_WHY = """
## Why

For each resource what each operation takes. "read" is part of every other operation but the preview, and all there is \
to a refresh.
"""

_PROOF = """
## What is proven

A test deploys a stack of each kind with the real engine on the local AWS of the rehearsal, which then evaluates IAM \
policies (MiniStack with `AUTH=true`), as a user that has the policy above and nothing else, but for the resources and \
conditions listed below; it changes and destroys it without the actions listed below. For each action it shows that AWS is asked for it and refuses without it, and \
for each resource that it refuses another one. The names of all actions, resource types and condition keys are checked \
against AWS's [Service Authorization Reference]\
(https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html).

What MiniStack does not evaluate stands here on AWS's documents alone. The test fails when a line of this list is \
missing or no longer true. Resources and conditions of an action in it are as unproven as the action. MiniStack asks for \
one action a call: that AWS asks for more in some (tags, a key policy or replicas at creation; the replica's own \
CreateKey) is AWS's word too, though each of these actions is proven by another call. Nor does it ask for both resources \
of one call.

| action or condition key | why it is not proven |
|---|---|
"""


def document() -> str:
    """Return the text of `docs/permissions.md`."""
    sections = [_HEAD]
    for kind in KINDS.values():
        text = json.dumps(policy(kind), indent=2)
        sections.append(f"\n## {kind.title}\n\nConfig: {kind.config}.\n\n```json\n{text}\n```\n")
    sections.append(_WHY)
    for part, operations in PERMISSIONS.items():
        rows = "".join(
            f"| {operation} | `{each.action}` | {each.on}{f', {each.only}' if each.only else ''} | {each.why} |\n"
            for operation, permissions in operations.items()
            for each in permissions
        )
        sections.append(f"\n### {part}\n\n| when | action | on | why |\n|---|---|---|---|\n{rows}")
    sections.append(_PROOF)
    sections += [
        f"| {subject} | {reason} |\n"
        for subject, reason in (
            *((f"`{action}`", reason) for action, reason in UNPROVEN.items()),
            *((f"resource of `{action}`", reason) for action, reason in RESOURCES_UNPROVEN.items()),
            *((f"condition `{key}`", reason) for key, reason in CONDITIONS_UNPROVEN.items()),
        )
    ]
    sections.append(_LINKS)
    return "".join(sections)
