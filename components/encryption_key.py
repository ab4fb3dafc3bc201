"""The customer managed key that encrypts the secrets (AWS's step 1)."""

from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components import policies
from components.deployment_target import DeploymentTarget

DESCRIPTION = "Encrypts the access tokens of MediaTailor source locations"


class EncryptionKeySettings(TypedDict):
    """How a customer managed key is made. Days are whole days."""

    alias: NotRequired[pulumi.Input[str] | None]
    """Alias of the key, with its prefix `alias/`. Autonamed if absent."""
    rotation_period_in_days: NotRequired[pulumi.Input[int]]
    """Days between rotations of the key material, 90 to 2560. AWS's default is 365."""
    deletion_window_in_days: NotRequired[pulumi.Input[int]]
    """Days from the deletion of the key to its end, 7 to 30. AWS's default is 30."""
    administrators: NotRequired[Sequence[str]]
    """IAM ARNs that may administer the key but not use it."""
    source_location_managers: NotRequired[Sequence[str]]
    """IAM ARNs that create or update MediaTailor source locations with these secrets."""


class EncryptionKeyArgs(EncryptionKeySettings):
    """What an `EncryptionKey` is made of."""

    target: DeploymentTarget
    """Where the key is made."""
    replica_regions: NotRequired[Sequence[str]]
    """Regions that get a replica of the key, which then is a multi-Region primary key."""
    protect: NotRequired[bool]
    """Protects the key and its replicas from deletion."""


class EncryptionKey(pulumi.ComponentResource):
    """A symmetric customer managed key with rotation and an explicit key policy, its alias and its replicas.

    Type `mediatailor-access-token:index:EncryptionKey`, with the children `<name>-key` (aws.kms.Key),
    `<name>-alias` (aws.kms.Alias) and for each Region `<name>-replica-<region>` (aws.kms.ReplicaKey).
    https://docs.aws.amazon.com/mediatailor/latest/ug/channel-assembly-access-configuration-access-configuring.html
    """

    arn: pulumi.Output[str]
    """The key ARN."""
    replica_arns: Mapping[str, pulumi.Output[str]]
    """Each replica's key ARN by Region."""

    def __init__(
        self, name: str, args: EncryptionKeyArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("mediatailor-access-token:index:EncryptionKey", name, {}, opts)
        target = args["target"]
        deletion_window_in_days = args.get("deletion_window_in_days")
        replica_regions = args.get("replica_regions", ())

        def key_policy(region: str) -> str:
            return policies.to_json(
                policies.key_policy(
                    partition=target.partition,
                    account=target.account,
                    region=region,
                    administrators=args.get("administrators", ()),
                    source_location_managers=args.get("source_location_managers", ()),
                )
            )

        key = aws.kms.Key(
            f"{name}-key",
            description=DESCRIPTION,
            key_usage="ENCRYPT_DECRYPT",
            customer_master_key_spec="SYMMETRIC_DEFAULT",
            multi_region=True if replica_regions else None,
            enable_key_rotation=True,
            rotation_period_in_days=args.get("rotation_period_in_days"),
            deletion_window_in_days=deletion_window_in_days,
            policy=key_policy(target.region),
            opts=pulumi.ResourceOptions(parent=self, protect=args.get("protect")),
        )
        aws.kms.Alias(
            f"{name}-alias",
            name=args.get("alias"),
            target_key_id=key.key_id,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.arn = key.arn
        self.replica_arns = {
            region: aws.kms.ReplicaKey(
                f"{name}-replica-{region}",
                primary_key_arn=key.arn,
                region=region,
                description=DESCRIPTION,
                deletion_window_in_days=deletion_window_in_days,
                policy=key_policy(region),
                opts=pulumi.ResourceOptions(parent=self, protect=args.get("protect")),
            ).arn
            for region in replica_regions
        }
        self.register_outputs({"arn": self.arn})
