"""The secret that holds one source location's access token (AWS's step 2)."""

import json
from collections.abc import Mapping
from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from components import policies


def secret_string(key: str, token: str) -> str:
    """Return the SecretString: a JSON object with exactly this key, which holds the token."""
    return json.dumps({key: token})


class AccessTokenSecretArgs(TypedDict):
    """What an `AccessTokenSecret` is made of."""

    encryption_key_arn: pulumi.Input[str]
    """Key ARN of a symmetric customer managed key in the secret's Region: no alias, no key id."""
    secret_string_key: pulumi.Input[str]
    """The SecretString key, under which the JSON object holds the token."""
    access_token: pulumi.Input[str]
    """The token, 8 to 128 visible ASCII characters; treated as a secret whether or not it is marked as one."""
    secret_name: NotRequired[pulumi.Input[str] | None]
    """Name of the secret. Autonamed if absent."""
    description: NotRequired[pulumi.Input[str] | None]
    """What people read beside the secret, at most 2,048 characters; AWS does not encrypt it."""
    recovery_window_in_days: NotRequired[pulumi.Input[int] | None]
    """Days in which a deleted secret can be restored, 7 to 30, or 0 for none. The default is 30."""
    tags: NotRequired[pulumi.Input[Mapping[str, pulumi.Input[str]]] | None]
    """Tags of the secret; AWS does not encrypt them."""
    protect: NotRequired[bool]
    """Protects the secret from deletion. Its version is not protected: a new token replaces it."""


class AccessTokenSecret(pulumi.ComponentResource):
    """A Secrets Manager secret with the token in a JSON object, and the policy by which MediaTailor reads it.

    Type `mediatailor-access-token:index:AccessTokenSecret`, with the children `<name>-secret`
    (aws.secretsmanager.Secret), `<name>-version` (.SecretVersion) and `<name>-policy` (.SecretPolicy).
    https://docs.aws.amazon.com/mediatailor/latest/ug/channel-assembly-access-configuration-access-configuring.html
    """

    arn: pulumi.Output[str]
    """The secret's ARN, known once MediaTailor can read the token: after the version and the policy exist."""

    def __init__(
        self, name: str, args: AccessTokenSecretArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("mediatailor-access-token:index:AccessTokenSecret", name, {}, opts)
        secret = aws.secretsmanager.Secret(
            f"{name}-secret",
            name=args.get("secret_name"),
            description=args.get("description"),
            kms_key_id=args["encryption_key_arn"],
            recovery_window_in_days=args.get("recovery_window_in_days"),
            tags=args.get("tags"),
            opts=pulumi.ResourceOptions(parent=self, protect=args.get("protect")),
        )
        version = aws.secretsmanager.SecretVersion(
            f"{name}-version",
            secret_id=secret.id,
            secret_string=pulumi.Output.all(
                args["secret_string_key"], pulumi.Output.secret(args["access_token"])
            ).apply(lambda key_and_token: secret_string(*key_and_token)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        policy = aws.secretsmanager.SecretPolicy(
            f"{name}-policy",
            secret_arn=secret.arn,
            policy=secret.arn.apply(lambda arn: policies.to_json(policies.secret_policy(arn))),
            block_public_policy=True,
            opts=pulumi.ResourceOptions(parent=self),
        )
        # A URN is known in a preview too, so waiting for it keeps a known ARN known.
        self.arn = pulumi.Output.all(secret.arn, version.urn, policy.urn).apply(
            lambda all_: all_[0]
        )
        self.register_outputs({"arn": self.arn})
