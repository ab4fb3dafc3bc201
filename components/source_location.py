"""The MediaTailor source location that authenticates with the token (AWS's step 3)."""

import json
from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

import pulumi
import pulumi_aws as aws


def access_configuration(
    *, header_name: str, secret_arn: str, secret_string_key: str
) -> dict[str, Any]:
    """Return the access configuration, as the MediaTailor API and CloudFormation both write it.

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
    access_configuration: Mapping[str, Any],
    encryption_key_arn: str,
) -> dict[str, Any]:
    """Return the source location as CloudFormation describes it.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-mediatailor-sourcelocation.html
    """
    state = {
        "SourceLocationName": name,
        "HttpConfiguration": {"BaseUrl": base_url},
        "AccessConfiguration": access_configuration,
        # MediaTailor makes its grant only when a source location is created or updated:
        # https://docs.aws.amazon.com/mediatailor/latest/ug/channel-assembly-access-configuration-overview.html
        # A tag that names the key makes another key an update.
        "Tags": [{"Key": "EncryptionKeyArn", "Value": encryption_key_arn}],
    }
    if segment_delivery_base_url:
        state["DefaultSegmentDeliveryConfiguration"] = {"BaseUrl": segment_delivery_base_url}
    return state


class SourceLocationArgs(TypedDict):
    """What a `SourceLocation` is made of."""

    source_location_name: str
    """Its name, 1 to 216 of A-Z a-z 0-9 _ -."""
    base_url: str
    """The origin's URL, https."""
    segment_delivery_base_url: NotRequired[str | None]
    """URL from which players fetch segments, https; by default the origin's."""
    access_configuration: pulumi.Input[Mapping[str, Any]]
    """How it authenticates, known once MediaTailor can read the secret."""
    encryption_key_arn: pulumi.Input[str]
    """Key ARN of the secret's key: another key makes MediaTailor take a new grant."""


class SourceLocation(pulumi.ComponentResource):
    """A MediaTailor source location whose requests for manifests carry the token.

    Type `mediatailor-access-token:index:SourceLocation`, with the child
    `<name>-source-location` (aws.cloudcontrol.Resource): pulumi-aws has no resource of MediaTailor's own.
    """

    arn: pulumi.Output[str]
    """The source location's ARN."""

    def __init__(
        self,
        name: str,
        args: SourceLocationArgs,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("mediatailor-access-token:index:SourceLocation", name, {}, opts)
        resource = aws.cloudcontrol.Resource(
            f"{name}-source-location",
            type_name="AWS::MediaTailor::SourceLocation",
            desired_state=pulumi.Output.all(
                args["access_configuration"], args["encryption_key_arn"]
            ).apply(
                lambda known: json.dumps(
                    desired_state(
                        name=args["source_location_name"],
                        base_url=args["base_url"],
                        segment_delivery_base_url=args.get("segment_delivery_base_url"),
                        access_configuration=known[0],
                        encryption_key_arn=known[1],
                    )
                )
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.arn = resource.properties.apply(lambda properties: str(json.loads(properties)["Arn"]))
        self.register_outputs({"arn": self.arn})
