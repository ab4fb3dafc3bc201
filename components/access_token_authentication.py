"""Everything that MediaTailor needs to authenticate to origins with access tokens, in one component."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NotRequired, TypedDict

import pulumi

from components.access_token_secret import AccessTokenSecret
from components.deployment_target import DeploymentTarget
from components.encryption_key import EncryptionKey, EncryptionKeySettings
from components.media_package import CDN_AUTHORIZATIONS, MediaPackageOrigin, MediaPackageRole
from components.policies import MEDIATAILOR_PRINCIPAL
from components.source_location import SourceLocation, access_configuration

DEFAULT_SECRET_STRING_KEY = "AccessToken"  # noqa: S105 the name of a JSON member, no secret


class SourceLocationSettings(TypedDict):
    """One source location of MediaTailor and how it authenticates to its origin."""

    origin: NotRequired[Literal["custom"] | MediaPackageOrigin]
    """What the origin is. MediaPackage presets the header and the SecretString key, and gets a role that
    reads the secret. The default is `custom`."""
    header_name: NotRequired[str]
    """HTTP header in which MediaTailor sends the token; required for a custom origin, absent for MediaPackage."""
    secret_string_key: NotRequired[str]
    """The SecretString key, under which the JSON object holds the token. The default is `AccessToken`."""
    secret_name: NotRequired[str]
    """Name of the secret. Autonamed if absent."""
    adopt_secret_arn: NotRequired[str]
    """ARN of a secret that exists already and is taken into the stack; `secret_name` is then absent."""
    description: NotRequired[str]
    """Description of the secret. By default it names the source location; an adopted secret keeps its own."""
    tags: NotRequired[Mapping[str, str]]
    """Tags of the secret."""
    base_url: NotRequired[str]
    """The origin's URL, https. If given, the source location is made as well."""
    segment_delivery_base_url: NotRequired[str]
    """URL from which players fetch segments, https; only with `base_url`."""


class ExistingKeySettings(TypedDict):
    """A customer managed key that others own."""

    arn: pulumi.Input[str]
    """Its key ARN."""
    replica_arns: NotRequired[Mapping[str, pulumi.Input[str]]]
    """For each Region to which the secrets are replicated, the key ARN of the key there."""


class AccessTokenAuthenticationArgs(TypedDict):
    """What an `AccessTokenAuthentication` is made of. What is required and missing is a KeyError."""

    target: DeploymentTarget
    """Where it is deployed: the answer of `deployment_target()`."""
    source_locations: Mapping[str, SourceLocationSettings]
    """The source locations by name."""
    access_tokens: Mapping[str, pulumi.Input[str]]
    """Each source location's token by the source location's name."""
    encryption_key: NotRequired[EncryptionKeySettings]
    """How the key is made."""
    existing_key: NotRequired[ExistingKeySettings | None]
    """The key to use instead of making one; `encryption_key` is then of no effect."""
    recovery_window_in_days: NotRequired[int]
    """Days in which a deleted secret can be restored, 7 to 30, or 0 for none. The default is 30."""
    replica_regions: NotRequired[Sequence[str]]
    """Regions to which the secrets are replicated, each under its own key."""
    service_principal: NotRequired[str]
    """As which MediaTailor reads the secrets. The default is `mediatailor.amazonaws.com`."""
    restrict_to_source_account: NotRequired[bool]
    """MediaTailor must say that it reads for this account. AWS does not document that it does."""
    protect: NotRequired[bool]
    """Protects from deletion the key, the secrets, and what makes them of use: policies, roles, source locations."""


class AccessTokenAuthentication(pulumi.ComponentResource):
    """One customer managed key, and for each source location the secret that MediaTailor reads.

    Type `mediatailor-access-token:index:AccessTokenAuthentication`, with the child `<name>` (EncryptionKey)
    and for each source location `<name>-<source location>` (AccessTokenSecret; with a MediaPackage origin
    MediaPackageRole, with a base URL SourceLocation).
    https://docs.aws.amazon.com/mediatailor/latest/ug/channel-assembly-access-configuration-access-configuring.html
    """

    encryption_key_arn: pulumi.Output[str]
    """The key ARN of the customer managed key."""
    secret_arns: dict[str, pulumi.Output[str]]
    """Each secret's ARN by source location, known once MediaTailor can read it."""
    replica_secret_arns: dict[str, pulumi.Output[Mapping[str, str]]]
    """Each secret's replicas by source location: their ARNs by Region."""
    secret_string_keys: dict[str, str]
    """Each SecretString key by source location."""
    access_configurations: dict[str, pulumi.Output[Mapping[str, Any]]]
    """By source location what `aws mediatailor create-source-location --access-configuration` takes.
    https://docs.aws.amazon.com/mediatailor/latest/apireference/API_AccessConfiguration.html"""
    media_package_role_arns: dict[str, pulumi.Output[str]]
    """The role that MediaPackage assumes, by source location with a MediaPackage origin."""
    source_location_arns: dict[str, pulumi.Output[str]]
    """The MediaTailor source location's ARN, by source location with a base URL."""

    def __init__(
        self,
        name: str,
        args: AccessTokenAuthenticationArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("mediatailor-access-token:index:AccessTokenAuthentication", name, {}, opts)
        existing_key = args.get("existing_key")
        replica_key_arns: Mapping[str, pulumi.Input[str]]
        if existing_key:
            self.encryption_key_arn = pulumi.Output.from_input(existing_key["arn"])
            replica_key_arns = {
                region: existing_key.get("replica_arns", {})[region]
                for region in args.get("replica_regions", ())
            }
        else:
            key = EncryptionKey(
                name,
                {
                    "target": args["target"],
                    "replica_regions": args.get("replica_regions", ()),
                    "protect": args.get("protect", False),
                    **args.get("encryption_key", {}),
                },
                pulumi.ResourceOptions(parent=self),
            )
            self.encryption_key_arn = key.arn
            replica_key_arns = key.replica_arns

        self.secret_arns = {}
        self.replica_secret_arns = {}
        self.secret_string_keys = {}
        self.access_configurations = {}
        self.media_package_role_arns = {}
        self.source_location_arns = {}
        for location, settings in args["source_locations"].items():
            self._add(name, location, settings, args, replica_key_arns)
        self.register_outputs(
            {"encryptionKeyArn": self.encryption_key_arn, "secretArns": self.secret_arns}
        )

    def _add(
        self,
        name: str,
        location: str,
        settings: SourceLocationSettings,
        args: AccessTokenAuthenticationArgs,
        replica_key_arns: Mapping[str, pulumi.Input[str]],
    ) -> None:
        """Make the resources of one source location."""
        target = args["target"]
        origin = settings.get("origin", "custom")
        if origin == "custom":
            header_name = settings["header_name"]
            secret_string_key = settings.get("secret_string_key", DEFAULT_SECRET_STRING_KEY)
        else:
            header_name = CDN_AUTHORIZATIONS[origin].header_name
            secret_string_key = CDN_AUTHORIZATIONS[origin].secret_string_key
        adopted = settings.get("adopt_secret_arn")
        secret = AccessTokenSecret(
            f"{name}-{location}",
            {
                "encryption_key_arn": self.encryption_key_arn,
                "replica_key_arns": replica_key_arns,
                "secret_string_key": secret_string_key,
                "access_token": args["access_tokens"][location],
                "secret_name": settings.get("secret_name"),
                "adopt_secret_arn": adopted,
                "description": settings.get(
                    "description",
                    None if adopted else f"Access token of MediaTailor source location {location}",
                ),
                "recovery_window_in_days": args.get("recovery_window_in_days"),
                "tags": settings.get("tags"),
                "service_principal": args.get("service_principal", MEDIATAILOR_PRINCIPAL),
                "source_account": (
                    target.account if args.get("restrict_to_source_account") else None
                ),
                "protect": args.get("protect", False),
            },
            pulumi.ResourceOptions(parent=self),
        )
        self.secret_arns[location] = secret.arn
        self.replica_secret_arns[location] = secret.replica_arns
        self.secret_string_keys[location] = secret_string_key
        self.access_configurations[location] = secret.arn.apply(
            lambda arn: access_configuration(
                header_name=header_name, secret_arn=arn, secret_string_key=secret_string_key
            )
        )
        if origin != "custom":
            self.media_package_role_arns[location] = MediaPackageRole(
                f"{name}-{location}",
                {
                    "target": target,
                    "origin": origin,
                    "secret_arn": secret.arn,
                    "encryption_key_arn": self.encryption_key_arn,
                },
                pulumi.ResourceOptions(parent=self, protect=args.get("protect")),
            ).arn
        if base_url := settings.get("base_url"):
            self.source_location_arns[location] = SourceLocation(
                f"{name}-{location}",
                {
                    "source_location_name": location,
                    "base_url": base_url,
                    "segment_delivery_base_url": settings.get("segment_delivery_base_url"),
                    "access_configuration": self.access_configurations[location],
                    "encryption_key_arn": self.encryption_key_arn,
                },
                pulumi.ResourceOptions(parent=self, protect=args.get("protect")),
            ).arn
