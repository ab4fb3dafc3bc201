"""Where MediaTailor and MediaPackage are: the one table of Regions in this project.

Source: https://docs.aws.amazon.com/general/latest/gr/mediatailor.html, .../mediapackage.html, and the endpoint list of botocore 1.43.106, read on
2026-11-24. A Region that AWS adds later belongs into the table; until then a stack there is refused.
"""

import difflib

MEDIATAILOR_REGIONS = frozenset(
    {
        "af-south-1",
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-northeast-3",
        "ap-south-1",
        "ap-south-2",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-southeast-4",
        "ap-southeast-5",
        "ca-central-1",
        "eu-central-1",
        "eu-north-1",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "me-central-1",
        "sa-east-1",
        "us-east-1",
        "us-east-2",
        "us-west-2",
    }
)

REGIONS_WITHOUT_MEDIAPACKAGE = {
    "mediapackage-v1": {"af-south-1", "ap-south-2", "ap-southeast-5", "me-central-1"},
    "mediapackage-v2": {"af-south-1"},
}
"""Of the Regions that have MediaTailor."""

# By distance on the map, for the Regions that have no MediaTailor.
_NEAREST = {
    "ap-east-1": ("ap-southeast-1", "ap-northeast-2"),
    "ap-east-2": ("ap-northeast-1", "ap-northeast-2"),
    "ap-southeast-3": ("ap-southeast-1", "ap-southeast-5"),
    "ap-southeast-6": ("ap-southeast-2", "ap-southeast-4"),
    "ap-southeast-7": ("ap-southeast-5", "ap-southeast-1"),
    "ca-west-1": ("us-west-2", "ca-central-1"),
    "eu-central-2": ("eu-central-1", "eu-west-3"),
    "eu-south-1": ("eu-central-1", "eu-west-3"),
    "eu-south-2": ("eu-west-3", "eu-west-1"),
    "il-central-1": ("me-central-1", "eu-central-1"),
    "me-south-1": ("me-central-1", "ap-south-1"),
    "mx-central-1": ("us-east-2", "us-west-2"),
    "us-west-1": ("us-west-2", "us-east-2"),
}

_PARTITION_PREFIXES = {
    "cn-": "aws-cn",
    "us-gov-": "aws-us-gov",
    "eusc-": "aws-eusc",
    "us-iso": "aws-iso",
}


def partition_of(region: str) -> str:
    """Return the AWS partition of a Region, such as `aws`."""
    return next(
        (
            partition
            for prefix, partition in _PARTITION_PREFIXES.items()
            if region.startswith(prefix)
        ),
        "aws",
    )


def nearest_mediatailor_regions(region: str) -> tuple[str, ...]:
    """Return the Regions with MediaTailor that are nearest to one without, or nearest in spelling to an unknown one."""
    return _NEAREST.get(region) or tuple(
        difflib.get_close_matches(region, MEDIATAILOR_REGIONS, n=2, cutoff=0)
    )
