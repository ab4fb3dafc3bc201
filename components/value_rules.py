"""The rules of single config values that need more than a type and a range.

Each takes a value of the right type and returns it, or raises ValueError with the rule, never with the value.
"""

import re

from pydantic import SecretStr


def source_location_name(name: str) -> str:
    """MediaTailor names its grant MediaTailor-SourceLocation-<account>-<name>, and a grant's name has 256 characters.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,216}", name):
        raise ValueError("the name of a source location is 1 to 216 of A-Z a-z 0-9 _ -")
    return name


def access_token(token: SecretStr) -> SecretStr:
    """The length is MediaTailor's, the characters are those that an HTTP header carries unchanged.

    https://docs.aws.amazon.com/mediatailor/latest/ug/channel-assembly-access-configuration-access-configuring.html
    https://www.rfc-editor.org/rfc/rfc9110#section-5.5
    """
    value = token.get_secret_value()
    broken = {
        "is shorter than 8 characters": len(value) < 8,
        "is longer than 128 characters": len(value) > 128,
        "has a control or non-ASCII character": not re.fullmatch(r"[\x20-\x7E]*", value),
        "has a space at an end": value != value.strip(" "),
    }
    if any(broken.values()):
        raise ValueError(
            f"the token {' and '.join(rule for rule in broken if broken[rule])};"
            " it must be 8 to 128 visible ASCII characters, with spaces only between them"
        )
    return token


def header_name(name: str) -> str:
    """MediaTailor reserves two prefixes; HTTP says what the name of a header is.

    https://docs.aws.amazon.com/mediatailor/latest/ug/channel-assembly-creating-source-locations.html
    https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2
    """
    if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", name):
        raise ValueError(
            "an HTTP header's name is one or more of A-Z a-z 0-9 ! # $ % & ' * + - . ^ _ ` | ~"
        )
    if name.lower().startswith(("x-amz-", "x-amzn-")):
        raise ValueError("MediaTailor refuses headers that start with x-amz- or x-amzn-")
    return name


def secret_name(name: str) -> str:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html."""
    if not re.fullmatch(r"[A-Za-z0-9/_+=.@-]{1,512}", name):
        raise ValueError("the name of a secret is 1 to 512 of A-Z a-z 0-9 / _ + = . @ -")
    if re.search(r"-[A-Za-z0-9/_+=.@-]{6}\Z", name):
        raise ValueError(
            "the name of a secret must not end in a hyphen and six characters:"
            " Secrets Manager could not tell it from the end of a secret's ARN"
        )
    return name


def secret_arn(arn: str) -> str:
    """https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_iam-permissions.html."""
    if not re.fullmatch(
        r"arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]{1,512}-[A-Za-z0-9]{6}",
        arn,
    ):
        raise ValueError(
            "must be the whole ARN of a secret, with its last six characters;"
            " aws secretsmanager describe-secret --secret-id NAME --query ARN tells it"
        )
    return arn


def base_url(url: str) -> str:
    """MediaTailor takes http as well, but the token would travel in the clear.

    https://docs.aws.amazon.com/mediatailor/latest/apireference/API_HttpConfiguration.html
    """
    label = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
    path = r"(/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?"
    if not re.fullmatch(rf"https://{label}(\.{label})*(:[1-9][0-9]{{0,4}})?{path}", url):
        raise ValueError(
            "must be an https URL such as https://origin.example.com/path, with no user, query or fragment"
        )
    return url


def alias(name: str) -> str:
    """pulumi-aws refuses the colon that KMS takes.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
    """
    if not re.fullmatch(r"alias/[A-Za-z0-9/_-]{1,250}", name):
        raise ValueError("an alias is alias/ and then 1 to 250 of A-Z a-z 0-9 / _ -")
    if name.startswith("alias/aws/"):
        raise ValueError("aliases that start with alias/aws/ are AWS's own")
    return name


def key_arn(arn: str) -> str:
    """MediaTailor documents the key ARN, so an alias's ARN and a key id are refused.

    https://docs.aws.amazon.com/mediatailor/latest/ug/channel-assembly-access-configuration-access-configuring.html
    """
    if not re.fullmatch(
        r"arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})",
        arn,
    ):
        raise ValueError(
            "must be a key ARN (no alias, no key id);"
            " aws kms describe-key --key-id ID_OR_ALIAS --query KeyMetadata.Arn tells it"
        )
    return arn


def iam_arn(arn: str) -> str:
    """IAM groups can't be principals, and KMS takes no wildcard in an ARN.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    name = r"[A-Za-z0-9_+=,.@-]"
    if not re.fullmatch(
        rf"arn:aws[a-z-]*:iam::[0-9]{{12}}:(root|(user|role)/({name}+/)*{name}{{1,64}})", arn
    ):
        raise ValueError(
            "must be the ARN of an IAM role, user or account root,"
            " such as arn:aws:iam::123456789012:role/NAME (no wildcard, group or STS session)"
        )
    return arn


def service_principal(principal: str) -> str:
    """The global principal, or that of one Region; AWS documents the second for other features in opt-in Regions.

    https://docs.aws.amazon.com/elemental-inference/latest/userguide/feed-policies-example.html
    """
    if not re.fullmatch(r"mediatailor(\.[a-z]{2,}(-[a-z]+)+-[0-9])?\.amazonaws\.com", principal):
        raise ValueError("must be mediatailor.amazonaws.com or mediatailor.REGION.amazonaws.com")
    return principal


def recovery_window(days: int) -> int:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html."""
    if days != 0 and not 7 <= days <= 30:
        raise ValueError("must be 0 or a whole number of days from 7 to 30")
    return days


def tags(tags: dict[str, str]) -> dict[str, str]:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Tag.html."""
    if len(tags) > 50 or not all(
        re.fullmatch(r"(?!(?i:aws:))[\w +\-=.:/@]{1,128}", key)
        and re.fullmatch(r"[\w +\-=.:/@]{0,256}", value)
        for key, value in tags.items()
    ):
        raise ValueError(
            "at most 50 tags of letters, digits, spaces and _ . : / = + - @:"
            " keys of 1 to 128 characters not starting with aws:, values of up to 256"
        )
    return tags
