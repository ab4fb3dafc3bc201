"""Access-token authentication for MediaTailor source locations, as one Pulumi component."""

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi

from . import policies
from .access_token_secret import DEFAULT_RECOVERY_WINDOW_IN_DAYS, create_secret
from .adopted_value import adopted_values
from .deployment_target import DeploymentTarget, deployment_target
from .encryption_key import EncryptionKeyArns, create_key, existing_key
from .inputs import DEFAULT_SECRET_STRING_KEY, AccessTokenAuthenticationArgs, in_camel_case
from .media_package_role import CDN_AUTHORIZATIONS, create_media_package_role
from .rules import input_errors, raise_if_any, target_errors, token_errors
from .source_location import SourceLocation, access_configuration, create_source_location


class AccessTokenAuthentication(pulumi.ComponentResource):
    """A customer managed key and, for each source location, the secret that MediaTailor reads the access token from.

    Type `mediatailor-access-token:index:AccessTokenAuthentication`. Children: `<name>-key`, `<name>-alias` and
    `<name>-replica-<region>`; for each source location `<name>-<source location>-secret`, `-version`, `-policy`, with a
    MediaPackage origin `-role` and `-role-policy`, and with a base URL `-source-location`.
    https://docs.aws.amazon.com/mediatailor/latest/ug/channel-assembly-access-configuration-access-configuring.html

    Raises:
        pulumi.InputPropertiesError: inputs are missing or invalid; the message lists each with its rule.
        pulumi.RunError: the AWS provider has no Region or no valid credentials, or a secret to adopt cannot be read.

    """

    encryption_key_arn: pulumi.Output[str]
    """Key ARN of the customer managed key."""
    secret_arns: dict[str, pulumi.Output[str]]
    """ARN of each secret by source location, known only after MediaTailor can read the secret."""
    secret_string_keys: dict[str, str]
    """SecretString key by source location."""
    access_configurations: dict[str, pulumi.Output[Mapping[str, Any]]]
    """By source location, the value of `--access-configuration` for `aws mediatailor create-source-location`.
    https://docs.aws.amazon.com/mediatailor/latest/apireference/API_AccessConfiguration.html"""
    replica_secret_arns: dict[str, pulumi.Output[Mapping[str, str]]]
    """ARNs of each secret's replicas by source location, then by Region; empty without replicas."""
    media_package_role_arns: dict[str, pulumi.Output[str]]
    """ARN of the role that MediaPackage assumes, by source location with a MediaPackage origin."""
    source_location_arns: dict[str, pulumi.Output[str]]
    """ARN of the MediaTailor source location, by source location with a base URL."""
    required_key_policy_statements: Sequence[Mapping[str, Any]]
    """Statements to add to the key policy of an existing key; empty if the component creates the key."""

    def __init__(
        self,
        name: str,
        args: AccessTokenAuthenticationArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = in_camel_case(args)
        raise_if_any(input_errors(inputs))
        target = deployment_target(opts)
        raise_if_any(target_errors(inputs, target))
        self.target = target
        self._adopted_values = adopted_values(args, opts)
        # The component, and so its children, depend on the check of tokens that are not known yet.
        later = pulumi.ResourceOptions(depends_on=_checked_later(args.get("access_tokens", {})))
        super().__init__(
            "mediatailor-access-token:index:AccessTokenAuthentication",
            name,
            {},
            pulumi.ResourceOptions.merge(opts, later),
        )
        key = self._key(name, args, target)
        self.encryption_key_arn = key.arn
        self.secret_arns = {}
        self.secret_string_keys = {}
        self.access_configurations = {}
        self.replica_secret_arns = {}
        self.media_package_role_arns = {}
        self.source_location_arns = {}
        self.source_locations: dict[str, SourceLocation] = {}
        for source_location in args["source_locations"]:
            self._add(f"{name}-{source_location}", source_location, args, key, target)
        self.register_outputs(
            {
                "encryptionKeyArn": self.encryption_key_arn,
                "secretArns": self.secret_arns,
                "secretStringKeys": self.secret_string_keys,
                "accessConfigurations": self.access_configurations,
                "replicaSecretArns": self.replica_secret_arns,
                "mediaPackageRoleArns": self.media_package_role_arns,
                "sourceLocationArns": self.source_location_arns,
                "requiredKeyPolicyStatements": self.required_key_policy_statements,
            }
        )

    def _key(
        self, name: str, args: AccessTokenAuthenticationArgs, target: DeploymentTarget
    ) -> EncryptionKeyArns:
        """Return the ARNs of the existing key or of a new one."""
        settings = args.get("encryption_key", {})
        replica_regions = args.get("replica_regions", ())
        if "arn" in settings:
            self.required_key_policy_statements = policies.required_key_policy_statements(
                partition=target.partition,
                account=target.account,
                regions=[target.region, *replica_regions],
                source_location_managers=settings.get("source_location_managers", ()),
            )
            return existing_key(settings, replica_regions=replica_regions)
        self.required_key_policy_statements = []
        return create_key(
            name,
            settings,
            target=target,
            replica_regions=replica_regions,
            protect=args.get("protect", False),
            parent=self,
        )

    def _add(
        self,
        name: str,
        source_location: str,
        args: AccessTokenAuthenticationArgs,
        key: EncryptionKeyArns,
        target: DeploymentTarget,
    ) -> None:
        """Declare the resources of one source location."""
        settings = args["source_locations"][source_location]
        cdn_authorization = CDN_AUTHORIZATIONS.get(settings.get("origin", "custom"))
        if cdn_authorization:
            header_name = cdn_authorization.header_name
            secret_string_key = cdn_authorization.secret_string_key
        else:
            header_name = settings["header_name"]
            secret_string_key = settings.get("secret_string_key", DEFAULT_SECRET_STRING_KEY)
        protect = args.get("protect", False)
        adopt_secret_arn = settings.get("adopt_secret_arn")
        default_description = f"Access token of MediaTailor source location {source_location}"
        secret = create_secret(
            name,
            access_token=args.get("access_tokens", {}).get(source_location),
            secret_string_key=secret_string_key,
            encryption_key_arn=key.arn,
            replica_key_arns=key.replica_arns,
            secret_name=settings.get("secret_name"),
            adopt_secret_arn=adopt_secret_arn,
            other_members=self._adopted_values.get(source_location, {}),
            description=settings.get(
                "description", None if adopt_secret_arn else default_description
            ),
            tags=settings.get("tags"),
            recovery_window_in_days=args.get(
                "recovery_window_in_days", DEFAULT_RECOVERY_WINDOW_IN_DAYS
            ),
            service_principal=args.get("service_principal", policies.MEDIATAILOR_PRINCIPAL),
            source_account=target.account if args.get("restrict_to_source_account") else None,
            protect=protect,
            parent=self,
        )
        configuration = secret.arn.apply(
            lambda arn: access_configuration(
                header_name=header_name, secret_arn=arn, secret_string_key=secret_string_key
            )
        )
        self.secret_arns[source_location] = secret.arn
        self.secret_string_keys[source_location] = secret_string_key
        self.access_configurations[source_location] = configuration
        if args.get("replica_regions"):
            self.replica_secret_arns[source_location] = secret.replica_arns
        if cdn_authorization:
            self.media_package_role_arns[source_location] = create_media_package_role(
                name,
                cdn_authorization,
                secret_arn=secret.arn,
                encryption_key_arn=key.arn,
                target=target,
                protect=protect,
                parent=self,
            )
        if "base_url" in settings:
            declared = create_source_location(
                name,
                source_location_name=source_location,
                base_url=settings["base_url"],
                segment_delivery_base_url=settings.get("segment_delivery_base_url"),
                segment_delivery_configurations=settings.get("segment_delivery_configurations", {}),
                access_configuration=configuration,
                protect=protect,
                parent=self,
            )
            self.source_locations[source_location] = declared
            self.source_location_arns[source_location] = declared.arn


def _checked_later(
    access_tokens: Mapping[str, pulumi.Input[str]],
) -> pulumi.Input[Sequence[pulumi.Resource]]:
    """Check tokens that are Outputs, as programs in other languages pass them, before anything is created."""
    later = {
        name: token for name, token in access_tokens.items() if isinstance(token, pulumi.Output)
    }

    def check(tokens: Mapping[str, str]) -> Sequence[pulumi.Resource]:
        raise_if_any(error for name, token in tokens.items() for error in token_errors(name, token))
        return []

    return pulumi.Output.all(**later).apply(check) if later else []
