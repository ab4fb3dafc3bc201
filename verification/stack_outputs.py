"""What to check: the source locations of a stack, from its outputs."""

from collections.abc import Mapping
from typing import Any

from verification.facts import Expected


def expectations(outputs: Mapping[str, Any]) -> list[Expected]:
    """Return what a stack's outputs say about each of its source locations."""
    return [
        Expected(
            name=name,
            access_configuration=configuration,
            replica_arns=outputs.get("replicaSecretArns", {}).get(name, {}),
            media_package_role_arn=outputs.get("mediaPackageRoleArns", {}).get(name),
            source_location_arn=outputs.get("sourceLocationArns", {}).get(name),
            key_is_existing=bool(outputs.get("requiredKeyPolicyStatements")),
        )
        for name, configuration in outputs["accessConfigurations"].items()
    ]
