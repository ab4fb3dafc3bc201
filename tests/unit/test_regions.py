"""The table of Regions, compared with botocore's endpoints."""

import pytest
from boto3.session import Session

from components.regions import (
    MEDIATAILOR_REGIONS,
    REGIONS_WITHOUT_MEDIAPACKAGE,
    mediatailor_regions_near,
    partition_of,
)

SESSION = Session()


def regions(service: str) -> set[str]:
    return set(SESSION.get_available_regions(service))


def test_mediatailors_regions_are_those_with_an_endpoint() -> None:
    assert regions("mediatailor") == MEDIATAILOR_REGIONS


@pytest.mark.parametrize(
    ("origin", "service"),
    [("mediapackage-v1", "mediapackage"), ("mediapackage-v2", "mediapackagev2")],
)
def test_mediapackage_is_missing_in_regions_without_an_endpoint(origin: str, service: str) -> None:
    assert MEDIATAILOR_REGIONS - regions(service) == REGIONS_WITHOUT_MEDIAPACKAGE[origin]


def test_regions_with_mediatailor_are_suggested_for_each_region_without() -> None:
    for region in regions("sts") - MEDIATAILOR_REGIONS:
        near = mediatailor_regions_near(region)
        assert near, region
        assert set(near) <= MEDIATAILOR_REGIONS, region


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_the_partition_of_each_region_matches_botocore(partition: str) -> None:
    for region in SESSION.get_available_regions("sts", partition_name=partition):
        assert partition_of(region) == partition, region
