"""The Pulumi component of this project, for its own program and for others'."""

from .access_token_authentication import (
    AccessTokenAuthentication,
    AccessTokenAuthenticationArgs,
    SourceLocationSettings,
)
from .encryption_key import EncryptionKeySettings

__all__ = [
    "AccessTokenAuthentication",
    "AccessTokenAuthenticationArgs",
    "EncryptionKeySettings",
    "SourceLocationSettings",
]
