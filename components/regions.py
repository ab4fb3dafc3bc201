"""The Regions that have MediaTailor and MediaPackage.

From https://docs.aws.amazon.com/general/latest/gr/mediatailor.html, .../mediapackage.html and the endpoints in botocore
1.43.106, on 2026-11-24. Stacks in a Region that AWS adds later are refused until it is added here.
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
"""The MediaTailor Regions that lack a generation of MediaPackage."""

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


def mediatailor_regions_near(region: str) -> list[str]:
    """Return up to three MediaTailor Regions with the most similar names, on the same continent if possible."""
    continent = region.partition("-")[0]
    near = [each for each in MEDIATAILOR_REGIONS if each.partition("-")[0] == continent]
    return difflib.get_close_matches(region, near or MEDIATAILOR_REGIONS, n=3, cutoff=0)
