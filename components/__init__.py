"""The Pulumi component of this project, for use by this program and others."""

from .access_token_authentication import AccessTokenAuthentication
from .encryption_key import EncryptionKeySettings
from .inputs import AccessTokenAuthenticationArgs, SourceLocationSettings

__all__ = [
    "AccessTokenAuthentication",
    "AccessTokenAuthenticationArgs",
    "EncryptionKeySettings",
    "SourceLocationSettings",
]
