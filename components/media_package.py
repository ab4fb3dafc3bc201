"""MediaPackage origins: their CDN authorization, and the role that reads its secret."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

import pulumi
import pulumi_aws as aws

from components import policies
from components.deployment_target import DeploymentTarget

MediaPackageOrigin = Literal["mediapackage-v1", "mediapackage-v2"]


@dataclass(frozen=True, kw_only=True)
class CdnAuthorization:
    """What a generation of MediaPackage expects of the secret and the header, and how it reads the secret."""

    secret_string_key: str
    header_name: str
    service_principal: str
    secret_actions: Sequence[str]
    """On the secret."""
    list_action: str
    """On `*`, since AWS knows no resource for it."""


CDN_AUTHORIZATIONS: dict[MediaPackageOrigin, CdnAuthorization] = {
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
        secret_string_key="MediaPackageV2CDNIdentifier",  # noqa: S106 likewise
        header_name="X-MediaPackageV2-CDNIdentifier",
        service_principal="mediapackagev2.amazonaws.com",
        secret_actions=("secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"),
        list_action="secretsmanager:BatchGetSecretValue",
    ),
}


class MediaPackageRoleArgs(TypedDict):
    """What a `MediaPackageRole` is made of."""

    target: DeploymentTarget
    """Where the secret is."""
    origin: MediaPackageOrigin
    """The generation of MediaPackage."""
    secret_arn: pulumi.Input[str]
    """The secret that CDN authorization reads."""
    encryption_key_arn: pulumi.Input[str]
    """Key ARN of the key that encrypts the secret."""


class MediaPackageRole(pulumi.ComponentResource):
    """The IAM role that MediaPackage assumes to read the secret of its CDN authorization.

    Type `mediatailor-access-token:index:MediaPackageRole`, with the children `<name>-role` (aws.iam.Role)
    and `<name>-policy` (aws.iam.RolePolicy).
    https://docs.aws.amazon.com/mediapackage/latest/ug/setting-up-create-trust-rel.html
    """

    arn: pulumi.Output[str]
    """The role's ARN, known once the role may read the secret."""

    def __init__(
        self, name: str, args: MediaPackageRoleArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("mediatailor-access-token:index:MediaPackageRole", name, {}, opts)
        target = args["target"]
        authorization = CDN_AUTHORIZATIONS[args["origin"]]
        role = aws.iam.Role(
            f"{name}-role",
            # An autoname of a long name would be longer than the 64 characters that a role's name has.
            name_prefix=f"{name[:37]}-",
            description="Lets MediaPackage read the secret of its CDN authorization",
            assume_role_policy=policies.to_json(
                policies.media_package_trust_policy(
                    service_principal=authorization.service_principal, account=target.account
                )
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        policy = aws.iam.RolePolicy(
            f"{name}-policy",
            role=role.id,
            policy=pulumi.Output.all(args["secret_arn"], args["encryption_key_arn"]).apply(
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
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.arn = pulumi.Output.all(role.arn, policy.urn).apply(lambda all_: all_[0])
        self.register_outputs({"arn": self.arn})
