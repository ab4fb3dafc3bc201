"""AWS IAM: requests that AWS rejects and MiniStack accepts."""
# ruff: noqa: SLF001  (MiniStack has no public API for this)

from ministack.services import iam  # type: ignore[import-untyped]

from sandbox.local_aws.policy_documents import has_unknown_principals, statements
from sandbox.local_aws.service import AwsError, Request, Service
from sandbox.local_aws.tags import LIMIT, problem_with_tags


def _policy_is_a_trust_policy(request: Request) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-trust-policy.html."""
    text = request.get("AssumeRolePolicyDocument") or request["PolicyDocument"]
    try:
        found = statements(text, required=("Principal", "Action"))
    except ValueError as error:
        raise AwsError("MalformedPolicyDocument", str(error)) from None
    if any({"Resource", "NotResource"} & set(statement) for statement in found):
        raise AwsError("MalformedPolicyDocument", "Has prohibited field Resource")
    if any(has_unknown_principals(statement) for statement in found):
        raise AwsError("MalformedPolicyDocument", "Invalid principal in policy")


def _tags_are_allowed(request: Request) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html."""
    existing = [tag["Key"] for tag in iam._roles.get(request["RoleName"], {}).get("Tags", [])]
    new = [(tag["Key"], tag["Value"]) for tag in request.get("Tags", [])]
    if len({*existing, *(key for key, _ in new)}) > LIMIT:
        raise AwsError("LimitExceeded", f"Cannot exceed quota for TagsPerRole: {LIMIT}", 409)
    if problem := problem_with_tags(new):
        raise AwsError("InvalidInput", problem)


SERVICE = Service(
    name="iam",
    module=iam,
    code_of_violations="ValidationError",
    checks={
        "CreateRole": (_policy_is_a_trust_policy, _tags_are_allowed),
        "TagRole": (_tags_are_allowed,),
        "UpdateAssumeRolePolicy": (_policy_is_a_trust_policy,),
    },
)
