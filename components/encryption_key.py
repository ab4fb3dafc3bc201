"""The customer managed key that encrypts the secrets (AWS's step 1).

https://docs.aws.amazon.com/mediatailor/latest/ug/channel-assembly-access-configuration-access-configuring.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from . import policies
from .deployment_target import DeploymentTarget

DEFAULT_ROTATION_PERIOD_IN_DAYS = 365
DEFAULT_DELETION_WINDOW_IN_DAYS = 30
DESCRIPTION = "Encrypts the access tokens of MediaTailor source locations"


class EncryptionKeySettings(TypedDict):
    """Settings of the customer managed key: `arn` uses an existing key, the others configure a new one."""

    alias: NotRequired[str]
    """Alias of the key, autonamed by default. It starts with `alias/`."""
    rotation_period_in_days: NotRequired[int]
    """Days between rotations of the key material. 90 to 2560; the default is 365."""
    deletion_window_in_days: NotRequired[int]
    """Days that KMS waits before it deletes the key. 7 to 30; the default is 30."""
    administrators: NotRequired[Sequence[str]]
    """ARNs of IAM roles, users or account roots that may administer the key but not use it."""
    source_location_managers: NotRequired[Sequence[str]]
    """ARNs of IAM roles, users or account roots that create or update the source locations: the key policy lets them
    grant MediaTailor use of the key, through MediaTailor only."""
    arn: NotRequired[pulumi.Input[str]]
    """Key ARN of an existing symmetric customer managed key to use instead of creating one. Of the other settings, only
    `source_location_managers` and `replica_arns` are allowed with it."""
    replica_arns: NotRequired[Mapping[str, pulumi.Input[str]]]
    """With `arn`: key ARN for each Region in `replica_regions`."""


@dataclass(frozen=True, kw_only=True)
class EncryptionKeyArns:
    """The ARNs of the key and of its replicas, created or existing."""

    arn: pulumi.Output[str]
    """Key ARN in the stack's Region."""
    replica_arns: Mapping[str, pulumi.Input[str]]
    """Key ARN by replica Region."""


def existing_key(
    settings: EncryptionKeySettings, *, replica_regions: Sequence[str]
) -> EncryptionKeyArns:
    """Return the ARNs of the existing keys in `settings`."""
    return EncryptionKeyArns(
        arn=pulumi.Output.from_input(settings["arn"]),
        replica_arns={region: settings["replica_arns"][region] for region in replica_regions},
    )


def create_key(  # noqa: PLR0913 one argument per input
    name: str,
    settings: EncryptionKeySettings,
    *,
    target: DeploymentTarget,
    replica_regions: Sequence[str],
    protect: bool,
    parent: pulumi.Resource,
) -> EncryptionKeyArns:
    """Declare a symmetric customer managed key with rotation and a key policy, its alias, and its replica keys.

    The resources are `<name>-key`, `<name>-alias` and, for each replica Region, `<name>-replica-<region>`. With
    replica Regions the key is a multi-Region primary key.
    """

    def key_policy(region: str) -> str:
        return policies.to_json(
            policies.key_policy(
                partition=target.partition,
                account=target.account,
                region=region,
                administrators=settings.get("administrators", ()),
                source_location_managers=settings.get("source_location_managers", ()),
            )
        )

    deletion_window_in_days = settings.get(
        "deletion_window_in_days", DEFAULT_DELETION_WINDOW_IN_DAYS
    )
    key = aws.kms.Key(
        f"{name}-key",
        description=DESCRIPTION,
        key_usage="ENCRYPT_DECRYPT",
        customer_master_key_spec="SYMMETRIC_DEFAULT",
        multi_region=True if replica_regions else None,
        enable_key_rotation=True,
        rotation_period_in_days=settings.get(
            "rotation_period_in_days", DEFAULT_ROTATION_PERIOD_IN_DAYS
        ),
        deletion_window_in_days=deletion_window_in_days,
        policy=key_policy(target.region),
        opts=pulumi.ResourceOptions(parent=parent, protect=protect),
    )
    aws.kms.Alias(
        f"{name}-alias",
        name=settings.get("alias"),
        target_key_id=key.key_id,
        # The new alias is created before the old one is deleted, as for secrets.
        opts=pulumi.ResourceOptions(parent=parent, protect=protect, delete_before_replace=False),
    )
    return EncryptionKeyArns(
        arn=key.arn,
        replica_arns={
            region: aws.kms.ReplicaKey(
                f"{name}-replica-{region}",
                primary_key_arn=key.arn,
                region=region,
                description=DESCRIPTION,
                deletion_window_in_days=deletion_window_in_days,
                policy=key_policy(region),
                opts=pulumi.ResourceOptions(parent=parent, protect=protect),
            ).arn
            for region in replica_regions
        },
    )
