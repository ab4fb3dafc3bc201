"""Rules for single values, as data that the component, the stack config and its docs share.

A rule contains the JSON Schema keywords to check, so that editors apply the same rules to a stack file.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

RESERVED_NAME = "4dabf18193072939515e22adb298388d"
"""Marks special values, such as secrets, wherever Pulumi passes an object.

https://github.com/pulumi/pulumi/blob/v3.274.1/sdk/go/common/resource/sig/sig.go
"""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What a value must be, and a value that meets the rule."""

    must_be: str
    """Completes "must be …" in messages and in the docs."""
    example: str = ""
    """A value for the command that fixes an invalid one; empty if the value can only be removed."""
    kind: type = str
    """Type of the value: `str` or `int`."""
    schema: Mapping[str, Any] = field(default_factory=dict)
    """JSON Schema keywords: `pattern`, `minLength`, `maxLength`, `minimum`, `maximum` and `enum`."""

    def is_met_by(self, value: Any) -> bool:  # noqa: ANN401 of type `kind`
        """Whether a value of the right type meets the rule."""
        keywords = self.schema
        if "enum" in keywords:
            return value in keywords["enum"]
        if self.kind is int:
            return bool(keywords["minimum"] <= value <= keywords["maximum"])
        length = len(value)
        return bool(
            keywords.get("minLength", 0) <= length <= keywords.get("maxLength", length)
            and re.search(keywords.get("pattern", ""), value)
        )


def _matching(pattern: str) -> dict[str, str]:
    # `$` also matches before a final newline, and JSON Schema does not have Python's \Z.
    return {"pattern": rf"^(?:{pattern})(?!\n)$"}


SOURCE_LOCATION_NAME = Rule(
    # MediaTailor names its grant MediaTailor-SourceLocation-<account>-<name>; a grant's name has up to 256 characters.
    # https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html
    must_be="named with 1 to 216 characters A-Z a-z 0-9 _ -",
    schema=_matching(r"[A-Za-z0-9_-]{1,216}"),
)

ORIGIN = Rule(
    must_be="custom, mediapackage-v1 or mediapackage-v2",
    example="custom",
    schema={"enum": ["custom", "mediapackage-v1", "mediapackage-v2"]},
)

HEADER_NAME = Rule(
    # https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2
    # https://docs.aws.amazon.com/mediatailor/latest/ug/channel-assembly-creating-source-locations.html
    must_be="an HTTP header name: letters, digits and ! # $ % & ' * + - . ^ _ ` | ~, not starting with x-amz- or x-amzn-,"
    " which MediaTailor reserves",
    example="X-Access-Token",
    schema=_matching(r"(?![Xx]-[Aa][Mm][Zz][Nn]?-)[A-Za-z0-9!#$%&'*+.^_`|~-]+"),
)

SECRET_STRING_KEY = Rule(
    # With the longest token and every character escaped as \uXXXX, the SecretString stays below 65,536 bytes:
    # https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
    must_be="text of 1 to 5,000 characters",
    example="AccessToken",
    schema={"minLength": 1, "maxLength": 5_000},
)

SECRET_NAME = Rule(
    # https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
    must_be="1 to 512 characters A-Z a-z 0-9 / _ + = . @ -, not ending in a hyphen and six characters, which Secrets"
    " Manager mistakes for the end of an ARN",
    example="mediatailor/access-token",
    schema=_matching(r"(?!.*-[A-Za-z0-9/_+=.@-]{6}$)[A-Za-z0-9/_+=.@-]{1,512}"),
)

SECRET_ARN = Rule(
    # https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_iam-permissions.html
    must_be="the full ARN of a secret, including the six characters at its end; to print it:"
    " aws secretsmanager describe-secret --secret-id NAME --query ARN",
    example="SECRET_ARN",
    schema=_matching(
        r"arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]{1,512}-[A-Za-z0-9]{6}"
    ),
)

DESCRIPTION = Rule(
    # https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
    must_be="text of at most 2,048 characters",
    example="Access token of …",
    schema={"maxLength": 2048},
)

TAG_KEY = Rule(
    # https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Tag.html
    must_be="named with 1 to 128 letters, digits, spaces and _ . : / = + - @, not starting with aws:",
    schema=_matching(r"(?![Aa][Ww][Ss]:)[\w +\-=.:/@]{1,128}"),
)

TAG_VALUE = Rule(
    must_be="text of up to 256 letters, digits, spaces and _ . : / = + - @",
    schema=_matching(r"[\w +\-=.:/@]{0,256}"),
)

MAX_TAGS = 50
"""https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html"""

MAX_SEGMENT_DELIVERY_CONFIGURATIONS = 5
"""https://docs.aws.amazon.com/mediatailor/latest/ug/quotas.html"""

SEGMENT_DELIVERY_NAME = Rule(
    must_be="named with 1 to 128 characters A-Z a-z 0-9 _ -",
    schema=_matching(r"[A-Za-z0-9_-]{1,128}"),
)

_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
BASE_URL = Rule(
    # MediaTailor also accepts http, but would send the token unencrypted.
    # https://docs.aws.amazon.com/mediatailor/latest/apireference/API_HttpConfiguration.html
    must_be="an https URL such as https://origin.example.com/path, without user, query or fragment",
    example="https://origin.example.com",
    schema=_matching(
        rf"https://{_LABEL}(\.{_LABEL})*(:[1-9][0-9]{{0,4}})?(/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?"
    ),
)

KEY_ARN = Rule(
    # MediaTailor's guide asks for the key ARN, not an alias ARN or a key ID.
    # https://docs.aws.amazon.com/mediatailor/latest/ug/channel-assembly-access-configuration-access-configuring.html
    must_be="a key ARN (no alias, no key ID); to print it:"
    " aws kms describe-key --key-id ID_OR_ALIAS --query KeyMetadata.Arn",
    example="KEY_ARN",
    schema=_matching(
        r"arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})"
    ),
)

ALIAS = Rule(
    # pulumi-aws rejects the colon that KMS allows. https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
    must_be="alias/ and 1 to 250 characters A-Z a-z 0-9 / _ -, not starting with alias/aws/, which AWS reserves",
    example="alias/mediatailor-access-token",
    schema=_matching(r"alias/(?!aws/)[A-Za-z0-9/_-]{1,250}"),
)

ROTATION_PERIOD_IN_DAYS = Rule(
    # https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html
    must_be="a whole number of days from 90 to 2560",
    example="365",
    kind=int,
    schema={"minimum": 90, "maximum": 2560},
)

DELETION_WINDOW_IN_DAYS = Rule(
    # https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
    must_be="a whole number of days from 7 to 30",
    example="30",
    kind=int,
    schema={"minimum": 7, "maximum": 30},
)

_IAM_PATH = r"[!-.0-~]"
IAM_ARN = Rule(
    # IAM groups cannot be principals, and KMS allows no wildcard in an ARN.
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    must_be="the ARN of an IAM role, user or account root, such as arn:aws:iam::123456789012:role/NAME (no wildcard, group"
    " or STS session)",
    example="arn:aws:iam::123456789012:role/NAME",
    schema=_matching(
        rf"(?!.*\*)arn:aws[a-z-]*:iam::[0-9]{{12}}:(root|(user|role)/({_IAM_PATH}+/)*[A-Za-z0-9_+=,.@-]{{1,64}})"
    ),
)

RECOVERY_WINDOW_IN_DAYS = Rule(
    # https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html
    must_be="0 or a whole number of days from 7 to 30",
    example="30",
    kind=int,
    schema={"enum": [0, *range(7, 31)]},
)

SERVICE_PRINCIPAL = Rule(
    # AWS documents the Regional form for other MediaTailor features in opt-in Regions:
    # https://docs.aws.amazon.com/elemental-inference/latest/userguide/feed-policies-example.html
    must_be="mediatailor.amazonaws.com or mediatailor.REGION.amazonaws.com",
    example="mediatailor.amazonaws.com",
    schema=_matching(r"mediatailor(\.[a-z]{2,}(-[a-z]+)+-[0-9])?\.amazonaws\.com"),
)

ACCESS_TOKEN = Rule(
    # MediaTailor limits the length; HTTP headers transmit only these characters unchanged.
    # https://docs.aws.amazon.com/mediatailor/latest/ug/channel-assembly-access-configuration-access-configuring.html
    # https://www.rfc-editor.org/rfc/rfc9110#section-5.5
    must_be="8 to 128 printable ASCII characters, not starting or ending with a space",
    example="TOKEN",
    schema=_matching(r"[!-~][ -~]{6,126}[!-~]"),
)


def faults_of_token(token: str) -> list[str]:
    """Return what is wrong with a token, without any part of it; empty if it meets the rule."""
    faults = {
        "has fewer than 8 characters": len(token) < 8,  # noqa: PLR2004 the message has the number
        "has more than 128 characters": len(token) > 128,  # noqa: PLR2004 the message has the number
        "contains a control or non-ASCII character": not re.fullmatch(r"[ -~]*", token),
        "starts or ends with a space": token != token.strip(" "),
    }
    return [fault for fault, is_there in faults.items() if is_there]
