"""Who may do what, for every combination of features, according to MiniStack's policy evaluator."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest

from tests.support.policy_decisions import (
    ADMINISTRATOR,
    AWAY,
    FEATURES,
    IAM_ALLOWS,
    MANAGER,
    MEDIATAILOR,
    OPERATOR,
    OTHER_ACCOUNT,
    REGIONAL,
    SOURCE_LOCATIONS,
    STRANGER,
    V1,
    V2,
    Policies,
    role_arn,
)
from tests.support.recording_engine import ACCOUNT, REGION, secret_arn

Rule = tuple[str, bool, bool]
"""A request in words, whether the policies allow it, and whether they should."""


def secrets(policies: Policies) -> Iterator[Rule]:
    """Yield who may read and change the secrets."""
    features, read = policies.features, "secretsmanager:GetSecretValue"
    mediatailor = features.principal
    other = REGIONAL if mediatailor == MEDIATAILOR else MEDIATAILOR
    own, foreign = {"aws:SourceAccount": ACCOUNT}, {"aws:SourceAccount": OTHER_ACCOUNT}
    for name in SOURCE_LOCATIONS:
        allows = partial(policies.service, policies.secret_policy(name))
        arn = secret_arn(f"mediatailor-{name}-secret")
        yield f"MediaTailor reads {name}", allows(mediatailor, read, arn, **own), True
        for context in ({}, foreign):
            allowed = allows(mediatailor, read, arn, **context)
            yield f"MediaTailor reads {name}, {context}", allowed, not features.source_account
        allowed = allows(mediatailor, read, arn.replace(REGION, AWAY), **own)
        yield f"MediaTailor reads the replica of {name}", allowed, features.replica
        for another in SOURCE_LOCATIONS - {name}:
            allowed = allows(mediatailor, read, arn.replace(name, another), **own)
            yield f"MediaTailor reads {another} with the policy of {name}", allowed, False
        for action in ("PutSecretValue", "DeleteSecret", "DescribeSecret", "PutResourcePolicy"):
            allowed = allows(mediatailor, f"secretsmanager:{action}", arn, **own)
            yield f"MediaTailor: {action} of {name}", allowed, False
        for reader in (other, V1, V2, OPERATOR, STRANGER):
            yield f"{reader} reads {name}", allows(reader, read, arn, **own), False


def keys(policies: Policies) -> Iterator[Rule]:
    """Yield who may administer the keys, use them and grant their use."""
    features, key = policies.features, policies.key
    use = ("kms:Decrypt", "kms:GenerateDataKey")
    for region in (REGION, AWAY) if features.replica else (REGION,):
        secretsmanager, mediatailor = f"secretsmanager.{region}", f"mediatailor.{region}"
        delegates = not features.existing_key
        for action in ("kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"):
            allowed = key(region, ADMINISTRATOR, action)
            yield f"administrator: {action}", allowed, features.administrators
            yield f"IAM: {action}", key(region, OPERATOR, action, iam=IAM_ALLOWS), delegates
        for action in (*use, "kms:CreateGrant"):
            for via in ("", secretsmanager, mediatailor):
                yield f"administrator: {action}", key(region, ADMINISTRATOR, action, via=via), False
                yield f"no IAM policy: {action}", key(region, OPERATOR, action, via=via), False
                stranger = key(region, STRANGER, action, iam=IAM_ALLOWS, via=via)
                yield f"another account: {action}", stranger, False
                yield (
                    f"MediaTailor without a grant: {action}",
                    key(region, MEDIATAILOR, action, via=via),
                    False,
                )
        for action in use:
            for via, needed in ((secretsmanager, True), (mediatailor, False), ("", False)):
                allowed = key(region, OPERATOR, action, iam=IAM_ALLOWS, via=via)
                yield f"IAM: {action} through {via or 'no service'}", allowed, needed or delegates
                yield f"manager: {action}", key(region, MANAGER, action, via=via), False
        for via in (mediatailor, secretsmanager, "", "mediatailor.ap-south-1"):
            allowed = key(region, MANAGER, "kms:CreateGrant", via=via)
            yield f"manager: grant via {via}", allowed, features.managers and via == mediatailor
            allowed = key(region, OPERATOR, "kms:CreateGrant", iam=IAM_ALLOWS, via=via)
            by_account = via == mediatailor and not features.managers
            yield f"IAM: grant via {via}", allowed, delegates or by_account


def media_package(policies: Policies) -> Iterator[Rule]:
    """Yield what MediaPackage may do with its roles."""
    assume, read = "sts:AssumeRole", "secretsmanager:GetSecretValue"
    for name, service, listing in (("v1", V1, "ListSecrets"), ("v2", V2, "BatchGetSecretValue")):
        trust = policies.trust_policy(name)
        for caller in (V1, V2, MEDIATAILOR):
            for account, is_own in ((ACCOUNT, True), (OTHER_ACCOUNT, False)):
                allowed = policies.service(
                    trust, caller, assume, "*", **{"aws:SourceAccount": account}
                )
                yield f"{caller} for {account}: {name}", allowed, caller == service and is_own
            yield f"{caller} for no account", policies.service(trust, caller, assume, "*"), False
        for each in SOURCE_LOCATIONS:
            arn = secret_arn(f"mediatailor-{each}-secret")
            yield f"{name} reads {each}", policies.role(name, read, arn), each == name
            yield f"{name} writes", policies.role(name, "secretsmanager:PutSecretValue", arn), False
        yield f"{name} lists", policies.role(name, f"secretsmanager:{listing}", "*"), True
        iam = policies.role_policy(name)
        for action in ("kms:Decrypt", "kms:GenerateDataKey", "kms:CreateGrant"):
            for via in (f"secretsmanager.{REGION}", f"secretsmanager.{AWAY}", ""):
                allowed = policies.key(REGION, role_arn(name), action, iam=iam, via=via)
                needed = action == "kms:Decrypt" and via == f"secretsmanager.{REGION}"
                yield f"{name}: {action} through {via or 'no service'}", allowed, needed


@pytest.fixture(scope="module")
def deployments() -> list[Policies]:
    """Deploy every combination of features."""
    found = [Policies.deploy(features) for features in FEATURES]
    assert len(found) == 48
    return found


@pytest.mark.parametrize("rules", [secrets, keys, media_package])
def test_the_policies_allow_exactly_what_each_principal_needs(
    rules: Callable[[Policies], Iterator[Rule]], deployments: list[Policies]
) -> None:
    for policies in deployments:
        decided = {False: 0, True: 0}
        for request, allowed, needed in rules(policies):
            assert allowed is needed, f"{request}, with {policies.features}"
            decided[allowed] += 1
        assert all(decided.values()), "each table must have allowed and denied requests"
