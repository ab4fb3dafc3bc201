"""The MediaTailor source location that authenticates with the token (AWS's step 3).

https://docs.aws.amazon.com/mediatailor/latest/ug/channel-assembly-creating-source-locations.html
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True)
class SourceLocation:
    """A MediaTailor source location of the stack."""

    arn: pulumi.Output[str]
    """The ARN; empty after a failed creation or update, until a refresh."""
    settings: pulumi.Output[Mapping[str, Any]]
    """The desired settings, in CloudFormation's format."""
    properties: pulumi.Output[str | None]
    """The settings in AWS when the engine last read them, as JSON. None after a failed creation or update: the engine keeps
    the desired settings in its state, does not send them again, and does not know those in AWS until a refresh.
    https://github.com/pulumi/pulumi/issues/21458"""


def access_configuration(
    *, header_name: str, secret_arn: str, secret_string_key: str
) -> dict[str, Any]:
    """Return the access configuration in the format of the MediaTailor API and CloudFormation.

    https://docs.aws.amazon.com/mediatailor/latest/apireference/API_AccessConfiguration.html
    """
    return {
        "AccessType": "SECRETS_MANAGER_ACCESS_TOKEN",
        "SecretsManagerAccessTokenConfiguration": {
            "HeaderName": header_name,
            "SecretArn": secret_arn,
            "SecretStringKey": secret_string_key,
        },
    }


def desired_state(
    *,
    name: str,
    base_url: str,
    segment_delivery_base_url: str | None,
    segment_delivery_configurations: Mapping[str, str],
    access_configuration: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the source location in CloudFormation's format.

    It has no tags: Cloud Control's updates address tags by position, so they would change tags that something else set.
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-mediatailor-sourcelocation.html
    """
    state: dict[str, Any] = {
        "SourceLocationName": name,
        "HttpConfiguration": {"BaseUrl": base_url},
        "AccessConfiguration": access_configuration,
    }
    if segment_delivery_base_url:
        state["DefaultSegmentDeliveryConfiguration"] = {"BaseUrl": segment_delivery_base_url}
    if segment_delivery_configurations:
        state["SegmentDeliveryConfigurations"] = [
            {"Name": name, "BaseUrl": url}
            for name, url in sorted(segment_delivery_configurations.items())
        ]
    return state


def create_source_location(  # noqa: PLR0913 one argument per input
    name: str,
    *,
    source_location_name: str,
    base_url: str,
    segment_delivery_base_url: str | None,
    segment_delivery_configurations: Mapping[str, str],
    access_configuration: pulumi.Input[Mapping[str, Any]],
    protect: bool,
    parent: pulumi.Resource,
) -> SourceLocation:
    """Declare the source location `<name>-source-location` through Cloud Control, because pulumi-aws has no resource for it."""
    settings = pulumi.Output.from_input(access_configuration).apply(
        lambda known: desired_state(
            name=source_location_name,
            base_url=base_url,
            segment_delivery_base_url=segment_delivery_base_url,
            segment_delivery_configurations=segment_delivery_configurations,
            access_configuration=known,
        )
    )
    resource = aws.cloudcontrol.Resource(
        f"{name}-source-location",
        type_name="AWS::MediaTailor::SourceLocation",
        desired_state=settings.apply(json.dumps),
        opts=pulumi.ResourceOptions(parent=parent, protect=protect),
    )
    return SourceLocation(
        arn=resource.properties.apply(lambda known: str(json.loads(known)["Arn"]) if known else ""),
        settings=settings,
        properties=resource.properties,
    )
