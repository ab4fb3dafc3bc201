"""The customer managed key that encrypts the secrets (AWS's step 1)."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components import policies
from components.deployment_target import DeploymentTarget


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
    protect: NotRequired[bool]
    """Protects the key from deletion."""


class EncryptionKey(pulumi.ComponentResource):
    """A symmetric customer managed key with rotation and an explicit key policy, and its alias.

    Type `mediatailor-access-token:index:EncryptionKey`, with the children
    `<name>-key` (aws.kms.Key) and `<name>-alias` (aws.kms.Alias).
    https://docs.aws.amazon.com/mediatailor/latest/ug/channel-assembly-access-configuration-access-configuring.html
    """

    arn: pulumi.Output[str]
    """The key ARN."""

    def __init__(
        self, name: str, args: EncryptionKeyArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("mediatailor-access-token:index:EncryptionKey", name, {}, opts)
        target = args["target"]
        key = aws.kms.Key(
            f"{name}-key",
            description="Encrypts the access tokens of MediaTailor source locations",
            key_usage="ENCRYPT_DECRYPT",
            customer_master_key_spec="SYMMETRIC_DEFAULT",
            enable_key_rotation=True,
            rotation_period_in_days=args.get("rotation_period_in_days"),
            deletion_window_in_days=args.get("deletion_window_in_days"),
            policy=policies.to_json(
                policies.key_policy(
                    partition=target.partition,
                    account=target.account,
                    region=target.region,
                    administrators=args.get("administrators", ()),
                    source_location_managers=args.get("source_location_managers", ()),
                )
            ),
            opts=pulumi.ResourceOptions(parent=self, protect=args.get("protect")),
        )
        aws.kms.Alias(
            f"{name}-alias",
            name=args.get("alias"),
            target_key_id=key.key_id,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.arn = key.arn
        self.register_outputs({"arn": self.arn})
