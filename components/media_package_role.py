"""MediaPackage origins: their CDN authorization, and the role that MediaPackage uses to read its secret."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from . import policies
from .deployment_target import DeploymentTarget


@dataclass(frozen=True, kw_only=True)
class CdnAuthorization:
    """The header, secret and permissions that a generation of MediaPackage requires."""

    secret_string_key: str
    header_name: str
    service_principal: str
    secret_actions: Sequence[str]
    """Actions on the secret."""
    list_action: str
    """Action on `*`, because IAM has no resource type for it."""


CDN_AUTHORIZATIONS = {
    # https://docs.aws.amazon.com/mediapackage/latest/ug/cdn-auth-setup.html
    "mediapackage-v1": CdnAuthorization(
        secret_string_key="MediaPackageCDNIdentifier",  # noqa: S106 the name of a JSON member
        header_name="X-MediaPackage-CDNIdentifier",
        service_principal="mediapackage.amazonaws.com",
        secret_actions=(
            "secretsmanager:DescribeSecret",
            "secretsmanager:GetSecretValue",
            "secretsmanager:ListSecretVersionIds",
        ),
        list_action="secretsmanager:ListSecrets",
    ),
    # https://docs.aws.amazon.com/mediapackage/latest/userguide/cdn-auth-setup.html
    "mediapackage-v2": CdnAuthorization(
        secret_string_key="MediaPackageV2CDNIdentifier",  # noqa: S106 the name of a JSON member
        header_name="X-MediaPackageV2-CDNIdentifier",
        service_principal="mediapackagev2.amazonaws.com",
        secret_actions=("secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"),
        list_action="secretsmanager:BatchGetSecretValue",
    ),
}
"""CDN authorization by the value of `origin`."""

# A role name has up to 64 characters; the provider appends 26 to a prefix.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_ROLE_NAME_PREFIX_LENGTH = 64 - 26


def create_media_package_role(  # noqa: PLR0913 one argument per input
    name: str,
    authorization: CdnAuthorization,
    *,
    secret_arn: pulumi.Input[str],
    encryption_key_arn: pulumi.Input[str],
    target: DeploymentTarget,
    protect: bool,
    parent: pulumi.Resource,
) -> pulumi.Output[str]:
    """Declare the role that MediaPackage assumes to read the secret of its CDN authorization.

    The resources are `<name>-role` and `<name>-role-policy`.
    https://docs.aws.amazon.com/mediapackage/latest/ug/setting-up-create-trust-rel.html

    Returns:
        The role's ARN, known only once the role can read the secret.

    """
    role = aws.iam.Role(
        f"{name}-role",
        name_prefix=f"{name[: _ROLE_NAME_PREFIX_LENGTH - 1]}-",
        description="Lets MediaPackage read the secret of its CDN authorization",
        assume_role_policy=policies.to_json(
            policies.media_package_trust_policy(
                service_principal=authorization.service_principal, account=target.account
            )
        ),
        opts=pulumi.ResourceOptions(parent=parent, protect=protect),
    )
    policy = aws.iam.RolePolicy(
        f"{name}-role-policy",
        # A fixed name, so that retrying an interrupted update does not add a second policy to the role.
        name="read-secret",
        role=role.id,
        policy=pulumi.Output.all(secret_arn, encryption_key_arn).apply(
            lambda arns: policies.to_json(
                policies.media_package_role_policy(
                    secret_arn=arns[0],
                    secret_actions=authorization.secret_actions,
                    list_action=authorization.list_action,
                    encryption_key_arn=arns[1],
                    region=target.region,
                )
            )
        ),
        opts=pulumi.ResourceOptions(parent=parent, protect=protect),
    )
    return pulumi.Output.all(role.arn, policy.urn).apply(lambda known: str(known[0]))
