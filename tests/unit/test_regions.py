"""The table of Regions, against the endpoints that botocore knows."""

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


def test_mediatailor_is_where_it_has_an_endpoint() -> None:
    assert regions("mediatailor") == MEDIATAILOR_REGIONS


@pytest.mark.parametrize(
    ("origin", "service"),
    [("mediapackage-v1", "mediapackage"), ("mediapackage-v2", "mediapackagev2")],
)
def test_mediapackage_is_missing_where_it_has_no_endpoint(origin: str, service: str) -> None:
    assert MEDIATAILOR_REGIONS - regions(service) == REGIONS_WITHOUT_MEDIAPACKAGE[origin]


def test_regions_that_have_mediatailor_are_suggested_for_each_that_has_not() -> None:
    for region in regions("sts") - MEDIATAILOR_REGIONS:
        near = mediatailor_regions_near(region)
        assert near, region
        assert set(near) <= MEDIATAILOR_REGIONS, region


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_a_regions_partition_is_the_one_that_aws_has_it_in(partition: str) -> None:
    for region in SESSION.get_available_regions("sts", partition_name=partition):
        assert partition_of(region) == partition, region
