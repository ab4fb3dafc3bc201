"""The policies of a stack for each combination of features, and requests decided by MiniStack's policy evaluator."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ministack.core.iam_evaluator import (  # type: ignore[import-untyped]
    EvalContext,
    combine_resource_policy,
    evaluate,
    evaluate_resource_policy,
    parse_policy_document,
)

from tests.support.recording_engine import (
    ACCOUNT,
    KEY_ARN,
    REGION,
    TOKEN,
    Deployment,
    run_program,
)

AWAY = "us-west-2"
OTHER_ACCOUNT = "999999999999"
MEDIATAILOR, REGIONAL = "mediatailor.amazonaws.com", f"mediatailor.{REGION}.amazonaws.com"
V1, V2 = "mediapackage.amazonaws.com", "mediapackagev2.amazonaws.com"
ADMINISTRATOR, MANAGER, OPERATOR = (
    f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("administrator", "manager", "operator")
)
STRANGER = f"arn:aws:iam::{OTHER_ACCOUNT}:role/stranger"
SOURCE_LOCATIONS = {"custom", "v1", "v2"}
IAM_ALLOWS = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
"""An IAM policy that allows everything."""


@dataclass(frozen=True)
class Features:
    """The settings that policies depend on."""

    principal: str
    existing_key: bool
    replica: bool
    administrators: bool
    managers: bool
    source_account: bool

    def config(self) -> dict[str, Any]:
        key: dict[str, Any] = {}
        if self.administrators:
            key["administrators"] = [ADMINISTRATOR]
        if self.managers:
            key["sourceLocationManagers"] = [MANAGER]
        if self.existing_key:
            key["arn"] = KEY_ARN
        if self.existing_key and self.replica:
            key["replicaArns"] = {AWAY: KEY_ARN.replace(REGION, AWAY)}
        return {
            "sourceLocations": {
                "custom": {"headerName": "X-Token"},
                "v1": {"origin": "mediapackage-v1"},
                "v2": {"origin": "mediapackage-v2"},
            },
            "accessTokens": dict.fromkeys(SOURCE_LOCATIONS, TOKEN),
            "encryptionKey": key,
            "replicaRegions": [AWAY] if self.replica else [],
            "restrictToSourceAccount": self.source_account,
            "servicePrincipal": self.principal,
        }


FEATURES = [
    features
    for flags in itertools.product((False, True), repeat=5)
    for principal in (MEDIATAILOR, REGIONAL)
    # The owner of an existing key chooses its administrators.
    if not ((features := Features(principal, *flags)).existing_key and features.administrators)
]


@dataclass(frozen=True, kw_only=True)
class Policies:
    """The policies of one deployment, and the requests that they allow."""

    deployment: Deployment
    features: Features

    @classmethod
    def deploy(cls, features: Features) -> "Policies":
        """Run the program with these features, and return its policies."""
        deployment = Deployment()
        run_program(deployment, features.config())
        return cls(deployment=deployment, features=features)

    def service(
        self, document: Any, service: str, action: str, resource: str, **context: str
    ) -> bool:
        """Return whether a resource policy allows a request from an AWS service."""
        request = _request(service, action, resource, context)
        decision = evaluate_resource_policy(document, request, service=service).decision
        return bool(decision == "Allow")

    def key(
        self, region: str, principal: str, action: str, *, iam: Any = None, via: str = ""
    ) -> bool:
        """Return whether key policy and IAM policy allow a request to the key in a Region, directly or through a service."""
        context = {"kms:ViaService": f"{via}.amazonaws.com"} if via else {}
        request = _request(principal, action, KEY_ARN.replace(REGION, region), context)
        identity = evaluate(request, [parse_policy_document(iam)] if iam else [])
        document = self._key_policy(region)
        decision = combine_resource_policy(identity, request, document, ACCOUNT, required=True)
        return bool(decision.decision == "Allow")

    def role(self, name: str, action: str, resource: str) -> bool:
        """Return whether the policy of MediaPackage's role allows an action that does not use a key."""
        request = _request(role_arn(name), action, resource, {})
        return bool(
            evaluate(request, [parse_policy_document(self.role_policy(name))]).decision == "Allow"
        )

    def secret_policy(self, name: str) -> Any:
        return self.deployment.policy(
            "aws:secretsmanager/secretPolicy:SecretPolicy", f"mediatailor-{name}-policy"
        )

    def role_policy(self, name: str) -> Any:
        return self.deployment.policy(
            "aws:iam/rolePolicy:RolePolicy", f"mediatailor-{name}-role-policy"
        )

    def trust_policy(self, name: str) -> Any:
        return self.deployment.policy(
            "aws:iam/role:Role", f"mediatailor-{name}-role", "assumeRolePolicy"
        )

    def _key_policy(self, region: str) -> Any:
        if self.features.existing_key:  # its owner adds only what the stack requires
            return {"Statement": self.deployment.outputs["requiredKeyPolicyStatements"]}
        if region == REGION:
            return self.deployment.policy("aws:kms/key:Key", "mediatailor-key")
        return self.deployment.policy(
            "aws:kms/replicaKey:ReplicaKey", f"mediatailor-replica-{AWAY}"
        )


def _request(principal: str, action: str, resource: str, context: Mapping[str, str]) -> EvalContext:
    is_arn = principal.startswith("arn:")
    return EvalContext(
        principal_arn=principal,
        principal_type="AssumedRole",
        principal_account=principal.split(":")[4] if is_arn else "",
        action=action,
        resource_arn=resource,
        region=REGION,
        service_context={key.lower(): value for key, value in context.items()},
    )


def role_arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/mediatailor-{name}-role"
