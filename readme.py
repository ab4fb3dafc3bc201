"""The stack's README: the state of each source location, the next command for it, and links to the AWS console.

Pulumi Cloud shows the output `readme` on the stack's page; `pulumi stack output readme` prints it. The text comes from
Pulumi.README.md. Pulumi Cloud replaces any `${outputs.…}` that this module leaves in it.
https://github.com/pulumi/examples/tree/master/stack-readme-py
"""

import json
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import quote

import pulumi

from components.media_package_role import CDN_AUTHORIZATIONS
from impact.commands import access_command

TEMPLATE = Path(__file__).with_name("Pulumi.README.md")

_ENABLE_CDN_AUTHORIZATION = {
    # https://docs.aws.amazon.com/mediapackage/latest/ug/cdn-auth-setup.html
    CDN_AUTHORIZATIONS["mediapackage-v1"].secret_string_key: """\
aws mediapackage update-origin-endpoint --region {region} --id ENDPOINT --authorization {v1}
aws mediapackage-vod update-packaging-group --region {region} --id PACKAGING_GROUP --authorization {v1}""",
    # https://docs.aws.amazon.com/mediapackage/latest/userguide/cdn-auth-setup.html
    CDN_AUTHORIZATIONS["mediapackage-v2"].secret_string_key: """\
aws mediapackagev2 put-origin-endpoint-policy --region {region} --channel-group-name GROUP --channel-name CHANNEL \
--origin-endpoint-name ENDPOINT --policy file://policy.json --cdn-auth-configuration {v2}""",
}
"""By the SecretString key that each generation of MediaPackage prescribes."""


class _Template(Template):
    braceidpattern = r"(?:outputs\.)?[A-Za-z]+"


def readme(outputs: pulumi.Inputs, *, region: str) -> pulumi.Output[str]:
    """Return the README of the running stack, from its outputs; none of them contains a token."""
    stack = pulumi.get_stack()
    return pulumi.Output.from_input(outputs).apply(
        lambda known: readme_text(known, region=region, stack=stack)
    )


def readme_text(outputs: Mapping[str, Any], *, region: str, stack: str) -> str:
    """Return the README in Markdown."""
    texts = {f"outputs.{name}": text for name, text in outputs.items() if isinstance(text, str)}
    sections = (
        "\n\n".join([f"## {name}", *_section(name, outputs, region=region, stack=stack)])
        for name in outputs["secretArns"]
    )
    text = _Template(TEMPLATE.read_text(encoding="utf-8")).safe_substitute(
        texts,
        stack=stack,
        region=region,
        keyId=outputs["encryptionKeyArn"].rpartition("/")[2],
        existingKey=_existing_key(outputs, stack=stack),
        sourceLocations="\n\n".join(sections),
    )
    return text.replace("\n\n\n", "\n")


def _existing_key(outputs: Mapping[str, Any], *, stack: str) -> str:
    """Return what the owner of an existing key has to do, or an empty string if the stack owns the key."""
    if not outputs["requiredKeyPolicyStatements"]:
        return ""
    command = f"pulumi stack output requiredKeyPolicyStatements --json --stack {stack}"
    return f"The stack does not own the key. Its key policy needs these statements:\n\n{_shell(command)}"


def _section(name: str, outputs: Mapping[str, Any], *, region: str, stack: str) -> Iterator[str]:
    """Yield the paragraphs about one source location: its state, then the remaining steps."""
    secret = outputs["secretArns"][name]
    key = outputs["secretStringKeys"][name]
    role = outputs["mediaPackageRoleArns"].get(name)
    source_location = outputs["sourceLocationArns"].get(name)
    elsewhere = name in outputs["deployedSettings"]["tokensManagedElsewhere"]
    yield "\n".join(
        [
            f"- Secret: [{secret}]({_console(secret, region)})",
            f"- Token: {'managed elsewhere' if elsewhere else 'managed by this stack'}",
            *([f"- MediaPackage role: {role}"] if role else []),
            f"- MediaTailor: {source_location or 'source location not managed by this stack'}",
        ]
    )
    if elsewhere:
        yield f"Write the token to the secret, as JSON with the key {json.dumps(key)}:"
        yield _shell(
            f"aws secretsmanager put-secret-value --region {region} --secret-id {secret}"
            " --secret-string file:///dev/stdin"
        )
    if role:
        yield "Make MediaPackage require the token:"
        yield _shell(
            _ENABLE_CDN_AUTHORIZATION[key].format(
                region=region,
                v1=f"CdnIdentifierSecret={secret},SecretsRoleArn={role}",
                v2=f"CdnIdentifierSecretArns={secret},SecretsRoleArn={role}",
            )
        )
    if not source_location:
        access = shlex.quote(json.dumps(outputs["accessConfigurations"][name]))
        yield "Create the source location:"
        yield _shell(
            f"aws mediatailor create-source-location --region {region} --source-location-name {name}"
            f" --http-configuration BaseUrl=https://ORIGIN --access-configuration {access}"
        )
        yield "If it already exists, set its access configuration and keep its other settings:"
        configuration = outputs["accessConfigurations"][name]
        yield _shell(access_command(name, configuration, region=region, stack=stack))


def _console(secret_arn: str, region: str) -> str:
    """Return the URL of a secret in the AWS console. It contains the name without the six random characters of the ARN."""
    name = secret_arn.rpartition(":")[2][: -len("-AbCdEf")]
    return (
        f"https://console.aws.amazon.com/secretsmanager/secret?name={quote(name)}&region={region}"
    )


def _shell(commands: str) -> str:
    return f"```\n{commands}\n```"
