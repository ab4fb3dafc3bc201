"""AWS Secrets Manager: the value of a secret.

It follows internal/service/secretsmanager/secret_version.go of
github.com/hashicorp/terraform-provider-aws.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Final

from typing_extensions import override

from sandbox.provider.errors import ProviderError
from sandbox.provider.properties import Property
from sandbox.provider.resource import Resource, generated_name
from sandbox.provider.values import Values

if TYPE_CHECKING:
    from sandbox.provider.aws import Region

CURRENT: Final = "AWSCURRENT"
"""The staging label of the value that readers receive."""
_KEPT_BY_AWS: Final[tuple[list[str], ...]] = ([], [CURRENT], ["AWSPREVIOUS"])
"""The staging labels that a version may keep when it is deleted."""
NO_SECRET: Final = {
    "ResourceNotFoundException": "",
    "InvalidRequestException": "because it was (deleted|marked for deletion)",
}
"""The error codes for a secret that no longer exists, each with a pattern for the message."""


class SecretVersion(Resource):
    """A value of a secret; its ID is `<secretId>|<versionId>`."""

    token = "aws:secretsmanager/secretVersion:SecretVersion"
    noun = "Secrets Manager Secret Version"
    gone = NO_SECRET
    properties: ClassVar = {
        "secretId": Property(required=True, replaces=True),
        "secretString": Property(secret=True, replaces=True),
    }
    computed = frozenset({"arn", "hasSecretStringWo", "secretArn", "versionId", "versionStages"})

    @override
    def identity(self, inputs: Values) -> str:
        return str(inputs["secretId"])

    @override
    def create(self, region: "Region", inputs: Values) -> Iterator[str]:
        # AWS uses the request token as the version's ID.
        # https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
        version = region.secretsmanager.put_secret_value(
            SecretId=inputs["secretId"],
            ClientRequestToken=generated_name("terraform-"),
            SecretString=inputs.get("secretString", ""),
        )
        yield f"{inputs['secretId']}|{version['VersionId']}"

    @override
    def read(self, region: "Region", resource_id: str, state: Values) -> Values | None:
        secret_id, version_id = _split(resource_id)
        version = region.secretsmanager.get_secret_value(SecretId=secret_id, VersionId=version_id)
        return {
            "arn": version["ARN"],
            "hasSecretStringWo": False,
            "secretArn": version["ARN"],
            "secretId": secret_id,
            "secretString": version.get("SecretString"),
            "versionId": version_id,
            "versionStages": sorted(version.get("VersionStages", [])),
        }

    @override
    def update(
        self, region: "Region", resource_id: str, old: Values, new: Values, changed: frozenset[str]
    ) -> None:
        """Do nothing: a value cannot be changed in place."""

    @override
    def delete(self, region: "Region", resource_id: str, state: Values) -> None:
        """Remove the staging labels; AWS eventually deletes versions without labels.

        AWSCURRENT cannot be removed, so the value remains until the secret is deleted.

        Raises:
            ProviderError: the version has a label that is not in the state.

        """
        secret_id, version_id = _split(resource_id)
        for stage in sorted(set(state.get("versionStages", [])) - {CURRENT}):
            region.secretsmanager.update_secret_version_stage(
                SecretId=secret_id, VersionStage=stage, RemoveFromVersionId=version_id
            )
        # Upstream reads the value until the labels are gone, which requires kms:Decrypt.
        version = region.secretsmanager.get_secret_value(SecretId=secret_id, VersionId=version_id)
        stages = sorted(version.get("VersionStages", []))
        if stages not in _KEPT_BY_AWS:
            raise ProviderError(
                f"it still has the staging labels {', '.join(stages)}."
                " Remove all but AWS's own with"
                " `aws secretsmanager update-secret-version-stage`, then run the command again."
            )


def _split(resource_id: str) -> tuple[str, str]:
    secret_id, _, version_id = resource_id.partition("|")
    if not (secret_id and version_id):
        raise ProviderError(f"unexpected format of ID ({resource_id}), expected SecretID|VersionID")
    return secret_id, version_id
