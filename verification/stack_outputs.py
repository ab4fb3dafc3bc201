"""The setup of a stack, from its outputs and the plain-text part of its state.

`pulumi stack export` decrypts nothing, so this needs neither a passphrase nor a key.
"""

import json
import shutil
import subprocess
from collections.abc import Mapping
from typing import Any

from verification.expected import Expected, Setup, StackExpected, VerificationError
from verification.fact import MISSING, Fact, Obstacle

_SECRET_MARK = "4dabf18193072939515e22adb298388d"  # noqa: S105  a public constant
"""Marks special values in Pulumi's state, such as encrypted ones.
https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/sig/sig.go"""

_HINTS = {
    "no stack named": "`pulumi stack ls` lists the stacks.",
    "PULUMI_ACCESS_TOKEN must be set": "Log in first: pulumi login",
    "no Pulumi.yaml project file found": "Run this command in the project's folder.",
    "no stack selected": "Name the stack: --stack NAME (make verify STACK=NAME)",
}


def read_stack(name: str | None) -> Setup:
    """Return the setup of a stack as last deployed.

    Args:
        name: the stack's name as the Pulumi CLI accepts it; None for the selected stack.

    Raises:
        VerificationError: the stack cannot be read or was never deployed.

    """
    return setup_of(_pulumi_stack_export(name), name)


def _pulumi_stack_export(name: str | None) -> Mapping[str, Any]:
    pulumi = shutil.which("pulumi")
    if not pulumi:
        raise VerificationError(
            "the Pulumi CLI is not on PATH. Install it (https://www.pulumi.com/docs/install/)"
            " or check without a stack: --live"
        )
    try:
        done = subprocess.run(  # noqa: S603  the user's own Pulumi, with arguments in a list
            [pulumi, "--non-interactive", "stack", "export", *(["--stack", name] if name else [])],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError as error:
        raise VerificationError(f"{pulumi} cannot be run: {error.strerror}") from None
    if done.returncode != 0:
        said = done.stderr.strip().removeprefix("error: ")
        hint = next((hint for text, hint in _HINTS.items() if text in said), "")
        raise VerificationError(f"Pulumi cannot read the stack: {said}\n{hint}".rstrip())
    exported: dict[str, Any] = json.loads(done.stdout)
    return exported


def setup_of(exported: Mapping[str, Any], name: str | None = None) -> Setup:
    """Return the setup in an export of a stack.

    Raises:
        VerificationError: the stack has no outputs of this program.

    """
    resources = [
        resource
        for resource in (exported.get("deployment") or {}).get("resources") or []
        if not resource.get("delete")  # pending deletion
    ]
    stack = next((r for r in resources if r["type"] == "pulumi:pulumi:Stack"), None)
    name = name or (stack["urn"].split(":")[2] if stack else "?")
    outputs = (stack or {}).get("outputs", {})
    if not outputs.get("secretArns"):
        raise VerificationError(
            f"stack {name} has no output `secretArns`: it is not deployed or has another program."
            " Deploy it with `pulumi up`, or check without a stack: --live"
        )
    key_arn = str(outputs["encryptionKeyArn"])
    arns: Mapping[str, str] = outputs["secretArns"]
    some_arn = next(iter(arns.values()))
    return Setup(
        title=f"stack {name}",
        stack=name,
        region=some_arn.split(":")[3],
        account=some_arn.split(":")[4],
        source_locations=[
            _expected(location, secret_arn, key_arn, outputs, resources)
            for location, secret_arn in arns.items()
        ],
    )


def _expected(
    name: str,
    secret_arn: str,
    key_arn: str,
    outputs: Mapping[str, Any],
    resources: list[Mapping[str, Any]],
) -> Expected:
    def output(output_name: str) -> Any:  # noqa: ANN401  JSON
        values = outputs.get(output_name)
        return values if _is_encrypted(values) else (values or {}).get(name)

    location_arn, role_arn = output("sourceLocationArns"), output("mediaPackageRoleArns")
    return Expected(
        name=name,
        secret_arn=secret_arn,
        secret_string_key=_plain(output("secretStringKeys"), "secretStringKeys"),
        access_configuration=_plain(output("accessConfigurations"), "accessConfigurations"),
        stack=StackExpected(
            key_arn=key_arn,
            required_key_policy_statements=outputs.get("requiredKeyPolicyStatements") or (),
            replica_arns=output("replicaSecretArns") or {},
            replica_key_arns={
                replica["region"]: replica["kmsKeyId"]
                for replica in _state_of(
                    resources, "aws:secretsmanager/secret:Secret", "replicas", arn=secret_arn
                )
                or ()
                if replica.get("kmsKeyId")
            },
            media_package_role_arn=role_arn,
            media_package_role_policy=_state_of(
                resources,
                "aws:iam/rolePolicy:RolePolicy",
                "name",
                role=(role_arn or "").rpartition("/")[2],
            ),
            source_location_arn=location_arn,
            desired_state=_desired_state(location_arn, resources) if location_arn else MISSING,
            version_id=_state_of(
                resources,
                "aws:secretsmanager/secretVersion:SecretVersion",
                "versionId",
                secretId=secret_arn,
            ),
            is_adopted=any(
                bool(r.get("retainOnDelete")) for r in resources if r.get("id") == secret_arn
            ),
        ),
    )


def _state_of(resources: list[Mapping[str, Any]], type_: str, name: str, **identity: str) -> Any:  # noqa: ANN401  JSON
    """Return a property of the resource with this type and these properties, or None."""
    for resource in resources:
        state = resource.get("outputs", {})
        if resource["type"] == type_ and all(state.get(k) == v for k, v in identity.items()):
            return state.get(name)
    return None


def _desired_state(
    source_location_arn: str, resources: list[Mapping[str, Any]]
) -> Fact[Mapping[str, Any]]:
    for resource in resources:
        if resource["type"] != "aws:cloudcontrol/resource:Resource":
            continue
        if resource["id"] == source_location_arn.rpartition("/")[2]:
            text = _plain(resource["inputs"]["desiredState"], "the source location's desiredState")
            return text if text.obstacle else Fact(json.loads(text.value))
    return MISSING


def _plain(value: Any, what: str) -> Fact[Any]:  # noqa: ANN401  JSON
    """Return a value of the state, or an obstacle if any part of it is encrypted."""
    if not _is_encrypted(value):
        return Fact(value)
    return Fact(
        obstacle=Obstacle(
            action="pulumi stack export",
            resource=what,
            error="it is encrypted in the state, which verification does not decrypt",
        )
    )


def _is_encrypted(value: Any) -> bool:  # noqa: ANN401  JSON
    if isinstance(value, dict):
        return _SECRET_MARK in value or any(map(_is_encrypted, value.values()))
    return isinstance(value, list) and any(map(_is_encrypted, value))
