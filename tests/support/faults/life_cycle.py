"""The life of a stack, in phases."""

from typing import Final

STACK_FILE: Final = """\
config:
  aws:region: eu-west-1
  mediatailor-access-token:sourceLocations:
    news:
      origin: mediapackage-v2
    sports:
      headerName: X-Access-Token
      secretName: channels/sports
      baseUrl: https://origin.example.com
  mediatailor-access-token:encryptionKey:
    deletionWindowInDays: 9
  mediatailor-access-token:recoveryWindowInDays: 11
"""
"""One secret with a generated name and a MediaPackage role, one with a fixed name and a source location."""

PHASES: Final = {
    "first-up": ("pulumi up",),
    "token": (
        "pulumi config set --secret --path accessTokens.news a-new-token-of-news",
        "pulumi config set --secret --path accessTokens.sports a-new-token-of-sports",
        "pulumi up",
    ),
    "key-settings": (
        "pulumi config set --path encryptionKey.alias alias/channels",
        "pulumi config set --path encryptionKey.rotationPeriodInDays 180",
        "pulumi config set --path encryptionKey.administrators[0] arn:aws:iam::123456789012:role/admin",
        "pulumi up",
    ),
    "source-location": (
        "pulumi config set --path sourceLocations.sports.headerName X-New-Token",
        "pulumi config set --path sourceLocations.sports.segmentDeliveryBaseUrl https://cdn.example.com",
        "pulumi up",
    ),
    "replicas-on": ("pulumi config set --path replicaRegions[0] eu-central-1", "pulumi up"),
    "replicas-off": ("pulumi config rm --path replicaRegions", "pulumi up"),
    "destroy": ("pulumi destroy",),
}
"""The shell commands of each phase, in order. Calls of the last command are made to fail."""
