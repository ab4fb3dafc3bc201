"""Rules for the component's inputs, checked before anything is created."""

from collections.abc import Iterator

from . import values
from .encryption_key import ENCRYPTION_KEY_RULES, encryption_key_errors
from .errors import InputError, InputErrors, Path, path_text, printable, raise_if_any
from .inputs import Inputs, mapping, strings, value_errors
from .source_locations import SOURCE_LOCATION_RULES, source_location_errors, token_errors
from .target import target_errors
from .values import Rule

__all__ = [
    "InputError",
    "InputErrors",
    "Inputs",
    "Path",
    "Rule",
    "input_errors",
    "mapping",
    "name_rule_at",
    "path_text",
    "printable",
    "raise_if_any",
    "rule_at",
    "strings",
    "target_errors",
    "token_errors",
    "values",
]

TOP_LEVEL_RULES = {
    "recoveryWindowInDays": values.RECOVERY_WINDOW_IN_DAYS,
    "servicePrincipal": values.SERVICE_PRINCIPAL,
}


def input_errors(inputs: Inputs) -> Iterator[InputError]:
    """Yield all errors that do not depend on the target."""
    yield from source_location_errors(inputs)
    yield from encryption_key_errors(inputs)
    for key, rule in TOP_LEVEL_RULES.items():
        yield from value_errors((key,), inputs.get(key), rule)


def rule_at(path: Path) -> Rule | None:  # noqa: PLR0911 one return per section
    """Return the rule of the value at a path, if it has one."""
    match path:
        case ("sourceLocations", _, "tags", _):
            return values.TAG_VALUE
        case ("sourceLocations", _, "segmentDeliveryConfigurations", _):
            return values.BASE_URL
        case ("sourceLocations", _, str(key)):
            return SOURCE_LOCATION_RULES.get(key)
        case ("encryptionKey", "replicaArns", _):
            return values.KEY_ARN
        case ("encryptionKey", "administrators" | "sourceLocationManagers", _):
            return values.IAM_ARN
        case ("encryptionKey", str(key)):
            return ENCRYPTION_KEY_RULES.get(key)
        case (str(key),):
            return TOP_LEVEL_RULES.get(key)
        case _:
            return None


def name_rule_at(path: Path) -> Rule | None:
    """Return the rule of the names in the object at a path, if there is one."""
    match path:
        case ("sourceLocations",):
            return values.SOURCE_LOCATION_NAME
        case ("sourceLocations", _, "tags"):
            return values.TAG_KEY
        case ("sourceLocations", _, "segmentDeliveryConfigurations"):
            return values.SEGMENT_DELIVERY_NAME
        case _:
            return None
