"""The components of this project, for its own program and for others'."""

from components.access_token_authentication import (
    AccessTokenAuthentication,
    AccessTokenAuthenticationArgs,
    ExistingKeySettings,
    SourceLocationSettings,
)
from components.access_token_secret import AccessTokenSecret, AccessTokenSecretArgs
from components.deployment_target import DeploymentTarget, deployment_target
from components.encryption_key import EncryptionKey, EncryptionKeyArgs, EncryptionKeySettings
from components.media_package import MediaPackageRole, MediaPackageRoleArgs
from components.source_location import SourceLocation, SourceLocationArgs

__all__ = [
    "AccessTokenAuthentication",
    "AccessTokenAuthenticationArgs",
    "AccessTokenSecret",
    "AccessTokenSecretArgs",
    "DeploymentTarget",
    "EncryptionKey",
    "EncryptionKeyArgs",
    "EncryptionKeySettings",
    "ExistingKeySettings",
    "MediaPackageRole",
    "MediaPackageRoleArgs",
    "SourceLocation",
    "SourceLocationArgs",
    "SourceLocationSettings",
    "deployment_target",
]
