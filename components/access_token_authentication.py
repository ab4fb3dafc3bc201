"""Everything that MediaTailor needs to authenticate to origins with access tokens, in one component."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

import pulumi

from components.access_token_secret import AccessTokenSecret
from components.deployment_target import DeploymentTarget
from components.encryption_key import EncryptionKey, EncryptionKeySettings

DEFAULT_SECRET_STRING_KEY = "AccessToken"  # noqa: S105 the name of a JSON member, no secret


class SourceLocationArgs(TypedDict):
    """One source location of MediaTailor and how it authenticates to its origin."""

    header_name: str
    """HTTP header in which MediaTailor sends the token."""
    secret_string_key: NotRequired[str]
    """The SecretString key, under which the JSON object holds the token. The default is `AccessToken`."""
    secret_name: NotRequired[str]
    """Name of the secret. Autonamed if absent."""
    description: NotRequired[str]
    """Description of the secret. By default it names the source location."""
    tags: NotRequired[Mapping[str, str]]
    """Tags of the secret."""


class AccessTokenAuthenticationArgs(TypedDict):
    """What an `AccessTokenAuthentication` is made of."""

    target: DeploymentTarget
    """Where it is deployed: the answer of `deployment_target()`."""
    source_locations: Mapping[str, SourceLocationArgs]
    """The source locations by name."""
    access_tokens: Mapping[str, pulumi.Input[str]]
    """Each source location's token by the source location's name."""
    encryption_key: NotRequired[EncryptionKeySettings]
    """How the key is made."""
    recovery_window_in_days: NotRequired[int]
    """Days in which a deleted secret can be restored, 7 to 30, or 0 for none. The default is 30."""
    protect: NotRequired[bool]
    """Protects the key and the secrets from deletion."""


class AccessTokenAuthentication(pulumi.ComponentResource):
    """One customer managed key, and for each source location the secret that MediaTailor reads.

    Type `mediatailor-access-token:index:AccessTokenAuthentication`, with the children
    `<name>` (EncryptionKey) and one `<name>-<source location>` (AccessTokenSecret) each.
    https://docs.aws.amazon.com/mediatailor/latest/ug/channel-assembly-access-configuration-access-configuring.html
    """

    encryption_key_arn: pulumi.Output[str]
    """The key ARN of the customer managed key."""
    secret_arns: Mapping[str, pulumi.Output[str]]
    """Each secret's ARN by source location, known once MediaTailor can read it."""
    secret_string_keys: Mapping[str, str]
    """Each SecretString key by source location."""
    access_configurations: Mapping[str, pulumi.Output[Mapping[str, Any]]]
    """By source location what `aws mediatailor create-source-location --access-configuration` takes.
    https://docs.aws.amazon.com/mediatailor/latest/apireference/API_AccessConfiguration.html"""

    def __init__(
        self,
        name: str,
        args: AccessTokenAuthenticationArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("mediatailor-access-token:index:AccessTokenAuthentication", name, {}, opts)
        protect = args.get("protect", False)
        key = EncryptionKey(
            name,
            {"target": args["target"], "protect": protect, **args.get("encryption_key", {})},
            pulumi.ResourceOptions(parent=self),
        )
        self.encryption_key_arn = key.arn
        secret_arns: dict[str, pulumi.Output[str]] = {}
        secret_string_keys: dict[str, str] = {}
        access_configurations: dict[str, pulumi.Output[Mapping[str, Any]]] = {}
        for location, settings in args["source_locations"].items():
            secret_string_key = settings.get("secret_string_key", DEFAULT_SECRET_STRING_KEY)
            secret = AccessTokenSecret(
                f"{name}-{location}",
                {
                    "encryption_key_arn": key.arn,
                    "secret_string_key": secret_string_key,
                    "access_token": args["access_tokens"][location],
                    "secret_name": settings.get("secret_name"),
                    "description": settings.get(
                        "description", f"Access token of MediaTailor source location {location}"
                    ),
                    "recovery_window_in_days": args.get("recovery_window_in_days"),
                    "tags": settings.get("tags"),
                    "protect": protect,
                },
                pulumi.ResourceOptions(parent=self),
            )
            secret_arns[location] = secret.arn
            secret_string_keys[location] = secret_string_key
            access_configurations[location] = pulumi.Output.from_input(
                {
                    "AccessType": "SECRETS_MANAGER_ACCESS_TOKEN",
                    "SecretsManagerAccessTokenConfiguration": {
                        "HeaderName": settings["header_name"],
                        "SecretArn": secret.arn,
                        "SecretStringKey": secret_string_key,
                    },
                }
            )
        self.secret_arns = secret_arns
        self.secret_string_keys = secret_string_keys
        self.access_configurations = access_configurations
        self.register_outputs(
            {"encryptionKeyArn": self.encryption_key_arn, "secretArns": self.secret_arns}
        )
