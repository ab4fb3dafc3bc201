"""The secret that contains a source location's access token (AWS's step 2).

https://docs.aws.amazon.com/mediatailor/latest/ug/channel-assembly-access-configuration-access-configuring.html
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from . import policies

DEFAULT_RECOVERY_WINDOW_IN_DAYS = 30


def secret_string(key: str, token: str, other_members: Mapping[str, Any]) -> str:
    """Return the SecretString: a JSON object with the token under the SecretString key, and the other members."""
    return json.dumps({**other_members, key: token})


def replica_arn(secret_arn: str, region: str) -> str:
    """Return the ARN of a secret's replica, which differs from the secret's ARN only in the Region.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/replicate-secrets.html
    """
    arn, partition, service, _, rest = secret_arn.split(":", maxsplit=4)
    return f"{arn}:{partition}:{service}:{region}:{rest}"


def secret_name_of(secret_arn: str) -> str:
    """Return the secret's name: its ARN ends in the name, a hyphen and six random characters."""
    return secret_arn.rpartition(":")[2][: -len("-AbCdEf")]


@dataclass(frozen=True, kw_only=True)
class AccessTokenSecret:
    """ARNs of a secret, known only once its version and policy exist, so that MediaTailor can read it."""

    arn: pulumi.Output[str]
    """The secret's ARN."""
    replica_arns: pulumi.Output[Mapping[str, str]]
    """The replicas' ARNs by Region."""


def create_secret(  # noqa: PLR0913 one argument per input
    name: str,
    *,
    access_token: pulumi.Input[str] | None,
    secret_string_key: str,
    encryption_key_arn: pulumi.Input[str],
    replica_key_arns: Mapping[str, pulumi.Input[str]],
    secret_name: str | None,
    adopt_secret_arn: str | None,
    other_members: Mapping[str, Any],
    description: str | None,
    tags: Mapping[str, str] | None,
    recovery_window_in_days: int,
    service_principal: str,
    source_account: str | None,
    protect: bool,
    parent: pulumi.Resource,
) -> AccessTokenSecret:
    """Declare the secret, its version with the token, and the resource policy that lets MediaTailor read it.

    The resources are `<name>-secret`, `<name>-version` and `<name>-policy`.

    Args:
        name: prefix of the resource names.
        access_token: the token; kept secret even if not marked as secret. None if another system writes the value.
        secret_string_key: the SecretString key.
        encryption_key_arn: key ARN (no alias, no key ID) of the customer managed key that encrypts the secret.
        replica_key_arns: by replica Region, the key ARN of the key that encrypts the replica.
        secret_name: name of the secret; autonamed if None.
        adopt_secret_arn: ARN of an existing secret to adopt. It keeps its ARN, its versions and every setting that is
            None here. It is protected and never deleted, only removed from the state.
        other_members: the other members of the secret's JSON object, to keep.
        description: description of the secret; AWS does not encrypt it.
        tags: tags of the secret; AWS does not encrypt them.
        recovery_window_in_days: days during which a deleted secret can be restored.
        service_principal: the service principal that MediaTailor uses to read the secret.
        source_account: if given, the policy requires `aws:SourceAccount` to be this 12-digit account ID.
        protect: protects the secret and its policy, but not the version, which every new token replaces.
        parent: parent of the resources.

    """
    is_adopted = adopt_secret_arn is not None
    if adopt_secret_arn:
        secret_name = secret_name_of(adopt_secret_arn)
    # Unset settings keep their values in AWS: all those of an adopted secret, and the name of any secret, because removing
    # a name from the config must not replace the secret with an autonamed one.
    keeps = {
        "name": secret_name is None,
        "description": adopt_secret_arn and description is None,
        "replicas": adopt_secret_arn and not replica_key_arns,
        "tags": adopt_secret_arn and not tags,
        "tagsAll": adopt_secret_arn and not tags,
    }
    secret = aws.secretsmanager.Secret(
        f"{name}-secret",
        name=secret_name,
        description=description,
        kms_key_id=encryption_key_arn,
        recovery_window_in_days=recovery_window_in_days,
        replicas=[
            {"region": region, "kms_key_id": key_arn}
            for region, key_arn in replica_key_arns.items()
        ]
        or None,
        tags=tags,
        opts=pulumi.ResourceOptions(
            parent=parent,
            # retain_on_delete keeps the secret, but destroying the stack would delete the key that encrypts it.
            protect=protect or is_adopted,
            retain_on_delete=is_adopted,
            import_=adopt_secret_arn,
            # The provider deletes a secret with an explicit name before creating the new one. If the new name is taken, the
            # source location would be left without a secret.
            delete_before_replace=False,
            ignore_changes=[setting for setting, is_kept in keeps.items() if is_kept],
        ),
    )
    prerequisites: list[pulumi.CustomResource] = []
    if access_token is not None:
        version = aws.secretsmanager.SecretVersion(
            f"{name}-version",
            secret_id=secret.id,
            secret_string=pulumi.Output.secret(access_token).apply(
                lambda token: secret_string(secret_string_key, token, other_members)
            ),
            opts=pulumi.ResourceOptions(parent=parent),
        )
        prerequisites.append(version)
    policy = aws.secretsmanager.SecretPolicy(
        f"{name}-policy",
        secret_arn=secret.arn,
        policy=secret.arn.apply(
            lambda arn: policies.to_json(
                policies.secret_policy(
                    arn,
                    *(replica_arn(arn, region) for region in replica_key_arns),
                    service_principal=service_principal,
                    source_account=source_account,
                )
            )
        ),
        block_public_policy=True,
        opts=pulumi.ResourceOptions(parent=parent, protect=protect, retain_on_delete=is_adopted),
    )
    prerequisites.append(policy)
    # URNs are known in previews, so waiting for them keeps a known ARN known.
    arn = pulumi.Output.all(secret.arn, *(each.urn for each in prerequisites)).apply(
        lambda known: str(known[0])
    )
    return AccessTokenSecret(
        arn=arn,
        replica_arns=arn.apply(
            lambda arn: {region: replica_arn(arn, region) for region in replica_key_arns}
        ),
    )
