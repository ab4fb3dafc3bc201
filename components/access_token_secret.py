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


def replica_arn(secret_arn: str, region: str) -> str:
    """Return the ARN of a secret's replica: the secret's own, but for the Region.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/replicate-secrets.html
    """
    arn, partition, service, _, rest = secret_arn.split(":", maxsplit=4)
    return f"{arn}:{partition}:{service}:{region}:{rest}"


def secret_name_of(secret_arn: str) -> str:
    """Return the name in a secret's ARN: what stands before the hyphen and six characters that AWS appends."""
    return secret_arn.rpartition(":")[2][: -len("-AbCdEf")]


class AccessTokenSecretArgs(TypedDict):
    """What an `AccessTokenSecret` is made of."""

    encryption_key_arn: pulumi.Input[str]
    """Key ARN of a symmetric customer managed key in the secret's Region: no alias, no key id."""
    secret_string_key: str
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
    replica_key_arns: NotRequired[Mapping[str, pulumi.Input[str]]]
    """Regions to which the secret is replicated, each with the key ARN of the key that encrypts the replica there."""
    adopt_secret_arn: NotRequired[str | None]
    """ARN of a secret that exists already and is taken into the stack; `secret_name` is then absent.
    It keeps its ARN, versions and whatever else is not set here, and is protected from deletion and replacement."""
    service_principal: NotRequired[str]
    """As which MediaTailor reads the secret. The default is `mediatailor.amazonaws.com`."""
    source_account: NotRequired[str | None]
    """12-digit id; if given, MediaTailor must say that it reads for this account."""
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
    replica_arns: pulumi.Output[Mapping[str, str]]
    """Each replica's ARN by Region, known at the same time."""

    def __init__(
        self, name: str, args: AccessTokenSecretArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("mediatailor-access-token:index:AccessTokenSecret", name, {}, opts)
        adopted = args.get("adopt_secret_arn")
        secret_name = secret_name_of(adopted) if adopted else args.get("secret_name")
        replica_key_arns = args.get("replica_key_arns", {})
        # What is not set here stays as it is: an adopted secret's settings, and the name of any secret.
        # Otherwise a name that is no longer in the config would replace the secret by an autonamed one.
        not_set = {
            "name": not secret_name,
            "description": adopted and not args.get("description"),
            "replicas": adopted and not replica_key_arns,
            "tags": adopted and not args.get("tags"),
        }
        # Without its policy a secret that is there is of no use to MediaTailor.
        protect = args.get("protect") or bool(adopted)
        secret = aws.secretsmanager.Secret(
            f"{name}-secret",
            name=secret_name,
            description=args.get("description"),
            kms_key_id=args["encryption_key_arn"],
            recovery_window_in_days=args.get("recovery_window_in_days"),
            replicas=[
                {"region": region, "kms_key_id": key_arn}
                for region, key_arn in replica_key_arns.items()
            ]
            or None,
            tags=args.get("tags"),
            opts=pulumi.ResourceOptions(
                parent=self,
                protect=protect,
                import_=adopted,
                ignore_changes=[
                    property_ for property_, is_not_set in not_set.items() if is_not_set
                ],
            ),
        )
        version = aws.secretsmanager.SecretVersion(
            f"{name}-version",
            secret_id=secret.id,
            secret_string=pulumi.Output.secret(args["access_token"]).apply(
                lambda token: secret_string(args["secret_string_key"], token)
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        policy = aws.secretsmanager.SecretPolicy(
            f"{name}-policy",
            secret_arn=secret.arn,
            policy=secret.arn.apply(
                lambda arn: policies.to_json(
                    policies.secret_policy(
                        arn,
                        *(replica_arn(arn, region) for region in replica_key_arns),
                        service_principal=args.get(
                            "service_principal", policies.MEDIATAILOR_PRINCIPAL
                        ),
                        source_account=args.get("source_account"),
                    )
                )
            ),
            block_public_policy=True,
            opts=pulumi.ResourceOptions(parent=self, protect=protect),
        )
        # A URN is known in a preview too, so waiting for it keeps a known ARN known.
        self.arn = pulumi.Output.all(secret.arn, version.urn, policy.urn).apply(
            lambda all_: all_[0]
        )
        self.replica_arns = self.arn.apply(
            lambda arn: {region: replica_arn(arn, region) for region in replica_key_arns}
        )
        # Outputs here would be one more write of the stack's whole state; the parent's outputs have the ARN.
        self.register_outputs({})
