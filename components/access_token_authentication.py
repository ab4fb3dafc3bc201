"""Access-token authentication for MediaTailor source locations, as one Pulumi component."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NotRequired, TypedDict

import pulumi

from . import policies
from .access_token_secret import DEFAULT_RECOVERY_WINDOW_IN_DAYS, create_secret
from .deployment_target import DeploymentTarget, deployment_target
from .encryption_key import EncryptionKeyArns, EncryptionKeySettings, create_key, existing_key
from .input_errors import raise_if_any
from .input_rules import input_errors, token_errors
from .media_package_role import CDN_AUTHORIZATIONS, create_media_package_role
from .source_location import access_configuration, create_source_location
from .target_rules import target_errors

DEFAULT_SECRET_STRING_KEY = "AccessToken"  # noqa: S105 the name of a JSON member, no secret


class SourceLocationSettings(TypedDict):
    """How MediaTailor authenticates to the origin of one source location, and the secret for it."""

    origin: NotRequired[str]
    """Kind of origin. MediaPackage prescribes `header_name` and `secret_string_key`, and the stack creates the role that
    MediaPackage reads the secret with. One of `custom` (the default), `mediapackage-v1` and `mediapackage-v2`."""
    header_name: NotRequired[str]
    """HTTP header that carries the token; required for a custom origin."""
    secret_string_key: NotRequired[str]
    """SecretString key: the member of the secret's JSON object that holds the token. The default is `AccessToken`."""
    secret_name: NotRequired[str]
    """Name of the secret, autonamed by default. 1 to 512 characters."""
    adopt_secret_arn: NotRequired[str]
    """ARN of an existing secret to take over instead of creating one."""
    description: NotRequired[str]
    """Description of the secret; AWS does not encrypt it. By default it names the source location. At most 2,048
    characters; an adopted secret keeps its own."""
    tags: NotRequired[Mapping[str, str]]
    """Tags of the secret; AWS does not encrypt them."""
    base_url: NotRequired[str]
    """URL of the origin. If set, the stack creates the MediaTailor source location too. It must be https."""
    segment_delivery_base_url: NotRequired[str]
    """URL that players fetch segments from, if not from the origin; only with `base_url`. It must be https."""


class AccessTokenAuthenticationArgs(TypedDict):
    """Inputs of `AccessTokenAuthentication`. Values that are not `pulumi.Input` are checked before anything is created."""

    source_locations: Mapping[str, SourceLocationSettings]
    """Settings of each source location by its name. A name has 1 to 216 characters A-Z a-z 0-9 _ -."""
    access_tokens: Mapping[str, pulumi.Input[str]]
    """Access token of each source location by its name, encrypted. A token has 8 to 128 visible ASCII characters, with
    spaces only between them. It is kept secret even if it is not marked as one."""
    encryption_key: NotRequired[EncryptionKeySettings]
    """Settings of the customer managed key that encrypts the secrets."""
    recovery_window_in_days: NotRequired[int]
    """Days in which a deleted secret can be restored. 7 to 30, or 0 for none; the default is 30."""
    replica_regions: NotRequired[Sequence[str]]
    """Regions that the secrets are replicated to, each with its own replica of the key."""
    restrict_to_source_account: NotRequired[bool]
    """Require `aws:SourceAccount` to be this account when MediaTailor reads a secret. AWS does not document that
    MediaTailor sends it: if it does not, the channel goes off the air. Try it on a test channel first. The default is
    false."""
    service_principal: NotRequired[str]
    """Service principal that MediaTailor uses to read the secrets. AWS does not document whether opt-in Regions use
    `mediatailor.REGION.amazonaws.com`. The default is `mediatailor.amazonaws.com`."""
    protect: NotRequired[bool]
    """Refuse to delete or replace the key, the secrets, their policies, MediaPackage's roles and the source locations.
    The default is false."""


class AccessTokenAuthentication(pulumi.ComponentResource):
    """A customer managed key and, for each source location, the secret that MediaTailor reads the access token from.

    Type `mediatailor-access-token:index:AccessTokenAuthentication`. Children: `<name>-key`, `<name>-alias` and
    `<name>-replica-<region>`; for each source location `<name>-<source location>-secret`, `-version`, `-policy`, with a
    MediaPackage origin `-role` and `-role-policy`, and with a base URL `-source-location`.
    https://docs.aws.amazon.com/mediatailor/latest/ug/channel-assembly-access-configuration-access-configuring.html

    Raises:
        pulumi.InputPropertiesError: inputs are missing or wrong; names each of them and its rule.
        pulumi.RunError: the AWS provider has no Region or no valid credentials.

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
    """Statements that the owner of an existing key adds to its key policy; empty for a key of the component."""

    def __init__(
        self,
        name: str,
        args: AccessTokenAuthenticationArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = _in_camel_case(args)
        raise_if_any(input_errors(inputs))
        target = deployment_target(opts)
        raise_if_any(target_errors(inputs, target))
        self.target = target
        # The children wait for the component, and the component for the check of tokens that are known only later.
        later = pulumi.ResourceOptions(depends_on=_checked_later(args["access_tokens"]))
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
        """Return the existing key, or declare one."""
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
            access_token=args["access_tokens"][source_location],
            secret_string_key=secret_string_key,
            encryption_key_arn=key.arn,
            replica_key_arns=key.replica_arns,
            secret_name=settings.get("secret_name"),
            adopt_secret_arn=adopt_secret_arn,
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
            self.source_location_arns[source_location] = create_source_location(
                name,
                source_location_name=source_location,
                base_url=settings["base_url"],
                segment_delivery_base_url=settings.get("segment_delivery_base_url"),
                access_configuration=configuration,
                protect=protect,
                parent=self,
            )


def _checked_later(
    access_tokens: Mapping[str, pulumi.Input[str]],
) -> pulumi.Input[Sequence[pulumi.Resource]]:
    """Check the tokens that are Outputs, as other languages pass them; fail before anything is created."""
    later = {
        name: token for name, token in access_tokens.items() if isinstance(token, pulumi.Output)
    }

    def check(tokens: Mapping[str, str]) -> Sequence[pulumi.Resource]:
        raise_if_any(error for name, token in tokens.items() for error in token_errors(name, token))
        return []

    return pulumi.Output.all(**later).apply(check) if later else []


def _in_camel_case(args: AccessTokenAuthenticationArgs) -> dict[str, Any]:
    """Return the inputs with the keys that stack files and other languages use."""
    inputs = _camel(args)
    inputs["encryptionKey"] = _camel(inputs.get("encryptionKey", {}))
    inputs["sourceLocations"] = {
        name: _camel(settings) for name, settings in inputs.get("sourceLocations", {}).items()
    }
    return inputs


def _camel(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {
        re.sub("_(.)", lambda match: match[1].upper(), key): value
        for key, value in settings.items()
    }
