"""Creates the existing keys and secrets that the stack's config names, before the stack is deployed.

AWS generates the IDs of keys and secrets. The local AWS accepts an ARN in a header: see local_aws/given_arns.py.
"""

import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.errors import SandboxError
from sandbox.local_aws import ARN_HEADER, LocalAws
from sandbox.preparation.plausible_values import throw_away_token
from sandbox.preparation.stack_settings import StackSettings, path_text

_no_proxy = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_KEY_ARN = re.compile(r"arn:aws:kms:([a-z0-9-]+):([0-9]{12}):key/([a-z0-9-]+)")
_SECRET_ARN = re.compile(
    r"arn:aws:secretsmanager:([a-z0-9-]+):([0-9]{12}):secret:([A-Za-z0-9/_+=.@-]{1,512})-[A-Za-z0-9]{6}"
)


@dataclass(frozen=True, kw_only=True)
class ExistingResource:
    """A key or a secret, and the call that creates it."""

    arn: str
    path: str
    """Where the config names it, such as `encryptionKey.arn`."""

    assumption: str
    """What a rehearsal assumes about it."""

    region: str
    service: str
    """`kms` or `secretsmanager`."""

    target: str
    """The header `X-Amz-Target` of the call."""

    parameters: Mapping[str, Any]
    """The call's parameters."""


def existing_resources(settings: StackSettings, *, account: str) -> list[ExistingResource]:
    """Return the keys and secrets of an account that a stack's config names, each once.

    Malformed ARNs and those of other accounts are skipped: the program reports them.
    """
    by_arn = {one.arn: one for one in [*_keys(settings, account), *_secrets(settings, account)]}
    return list(by_arn.values())


def create(resources: Sequence[ExistingResource], aws: LocalAws, *, account: str) -> None:
    """Create keys and secrets in the local AWS.

    Raises:
        SandboxError: the local AWS rejects one because another one has its name.

    """
    for resource in resources:
        scope = f"{account}/20260101/{resource.region}/{resource.service}/aws4_request"
        request = urllib.request.Request(  # noqa: S310  the local AWS
            aws.url,
            data=json.dumps(resource.parameters).encode(),
            headers={
                "X-Amz-Target": resource.target,
                "X-Amz-Security-Token": aws.session_token,
                # The local AWS reads account and Region from this and does not verify signatures.
                "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=, Signature=",
                ARN_HEADER: resource.arn,
            },
        )
        try:
            _no_proxy.open(request).close()
        except urllib.error.HTTPError as error:
            answer = json.load(error)
            raise SandboxError(
                f"{resource.path} names {resource.arn}, which cannot exist:"
                f" {answer.get('message', answer)}"
            ) from None


def _keys(settings: StackSettings, account: str) -> Iterator[ExistingResource]:
    replicas = settings.get("encryptionKey", "replicaArns")
    named = {("encryptionKey", "arn"): settings.get("encryptionKey", "arn")} | {
        ("encryptionKey", "replicaArns", region): arn
        for region, arn in (replicas.items() if isinstance(replicas, Mapping) else ())
    }
    for path, arn in named.items():
        parts = _KEY_ARN.fullmatch(str(arn))
        if parts and parts[2] == account:
            yield ExistingResource(
                arn=str(arn),
                path=path_text(path),
                assumption="exists and is customer managed, symmetric and enabled",
                region=parts[1],
                service="kms",
                target="TrentService.CreateKey",
                parameters={"MultiRegion": parts[3].startswith("mrk-")},
            )


def _secrets(settings: StackSettings, account: str) -> Iterator[ExistingResource]:
    for name in settings.source_locations:
        path = ("sourceLocations", name, "adoptSecretArn")
        arn = settings.get(*path)
        parts = _SECRET_ARN.fullmatch(str(arn))
        if parts and parts[2] == account:
            key = settings.get("sourceLocations", name, "secretStringKey")
            value = {key if isinstance(key, str) else "AccessToken": throw_away_token()}
            yield ExistingResource(
                arn=str(arn),
                path=path_text(path),
                assumption="exists, contains a JSON object, and is not scheduled for deletion",
                region=parts[1],
                service="secretsmanager",
                target="secretsmanager.CreateSecret",
                parameters={"Name": parts[3], "SecretString": json.dumps(value)},
            )
