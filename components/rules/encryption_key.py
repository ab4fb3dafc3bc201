"""Rules for the settings of the encryption key."""

from collections.abc import Iterator

from .. import policies
from ..regions import MEDIATAILOR_REGIONS
from . import values
from .errors import InputError, Path
from .inputs import Inputs, mapping, strings, value_errors

ENCRYPTION_KEY_RULES = {
    "arn": values.KEY_ARN,
    "alias": values.ALIAS,
    "rotationPeriodInDays": values.ROTATION_PERIOD_IN_DAYS,
    "deletionWindowInDays": values.DELETION_WINDOW_IN_DAYS,
}


def iam_arns(encryption_key: Inputs) -> Iterator[tuple[Path, str]]:
    """Yield the ARNs of the key's principals with their paths."""
    for key in ("administrators", "sourceLocationManagers"):
        for index, arn in strings(encryption_key.get(key)):
            yield ("encryptionKey", key, index), arn


def encryption_key_errors(inputs: Inputs) -> Iterator[InputError]:
    """Yield the errors of the key's settings, alone and together."""
    path: Path = ("encryptionKey",)
    settings = mapping(inputs.get("encryptionKey"))
    for key, rule in ENCRYPTION_KEY_RULES.items():
        yield from value_errors((*path, key), settings.get(key), rule)
    for region, arn in mapping(settings.get("replicaArns")).items():
        yield from value_errors((*path, "replicaArns", region), arn, values.KEY_ARN)
    yield from _principal_errors(settings)
    yield from _existing_key_errors(settings, strings(inputs.get("replicaRegions")))


def _principal_errors(encryption_key: Inputs) -> Iterator[InputError]:
    arns = dict(iam_arns(encryption_key))
    seen = set()
    for path, arn in arns.items():
        yield from value_errors(path, arn, values.IAM_ARN)
        if (path[1], arn) in seen:
            # KMS stores the policy without duplicates, so it would always differ from ours.
            yield InputError(path=path, message="is already in the list")
        seen.add((path[1], arn))
    # All account IDs have the same length, and the longest Region is on the safe side.
    document = policies.key_policy(
        partition="aws",
        account="0" * 12,
        region=max(MEDIATAILOR_REGIONS, key=len),
        administrators=[arn for path, arn in arns.items() if path[1] == "administrators"],
        source_location_managers=[
            arn for path, arn in arns.items() if path[1] == "sourceLocationManagers"
        ],
    )
    if len(policies.to_json(document).encode()) > policies.KEY_POLICY_MAX_BYTES:
        yield InputError(
            path=list(arns)[-1],
            message=f"makes the key policy larger than {policies.KEY_POLICY_MAX_BYTES:,} bytes, the limit of KMS: use fewer"
            " principals",
        )


def _existing_key_errors(
    encryption_key: Inputs, replica_regions: list[tuple[int, str]]
) -> Iterator[InputError]:
    regions = dict.fromkeys(region for _, region in replica_regions)
    replica_arns = mapping(encryption_key.get("replicaArns"))
    if "arn" in encryption_key:
        for key in ("alias", "rotationPeriodInDays", "deletionWindowInDays", "administrators"):
            if key in encryption_key:
                yield InputError(
                    path=("encryptionKey", key),
                    message="must not be set together with encryptionKey.arn: it configures a new key",
                )
        for region in regions:
            if region not in replica_arns and region in MEDIATAILOR_REGIONS:
                yield InputError(
                    path=("encryptionKey", "replicaArns", region),
                    message="is missing: with an existing key, every replica Region needs a key ARN",
                    example=values.KEY_ARN.example,
                )
    for region in replica_arns:
        if "arn" not in encryption_key or region not in regions:
            yield InputError(
                path=("encryptionKey", "replicaArns", region),
                message="requires encryptionKey.arn, and this Region in replicaRegions",
            )
