"""The phases of a stack's life cycle."""

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
"""A source location with a generated secret name and a MediaPackage role, and one with a fixed name and a base URL."""

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
"""The shell commands of each phase, in order. Faults are injected into the calls of the last one."""
