"""The properties of a stack that its policies depend on: its parts, and the ARNs of its resources."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from permissions.policies import StackResources
from permissions.stack_file import StackFile, StackFileError
from stack_config.model import SourceLocationConfig, StackConfig

ACCOUNT, REGION, FORMER_KEY = "ACCOUNT", "REGION", "FORMER_KEY"
"""Placeholders for values that are not in the stack file."""

MOST_LISTED = 10
"""Up to this number, the ARNs of autonamed secrets and roles are listed one by one; more are replaced by one pattern.
Fifty ARNs in each statement would fill several policies, which would all change with every new source location."""

_COMPONENT = "mediatailor"
"""The component's name in `__main__.py`, which prefixes the names of all resources."""


def stack_resources(file: StackFile, *, key_arn: str | None = None) -> StackResources:
    """Return the properties of a stack that its policies depend on.

    Args:
        file: the stack file.
        key_arn: ARN of the key that the stack created; without it the policies allow every key of the account.

    Raises:
        StackFileError: `key_arn` cannot be the stack's own key.

    """
    config = file.config
    key = config.encryption_key
    replicas = config.replica_regions
    region, account = _target(file)
    if key_arn:
        match = re.fullmatch(r"arn:aws:kms:([\w-]+):(\d{12}):key/[\w-]+", key_arn)
        if not match or region not in {match[1], REGION} or account not in {match[2], ACCOUNT}:
            raise StackFileError(
                f"{key_arn} is not the ARN of a key in {region}, account {account}."
            )
        if key.arn:
            raise StackFileError(
                f"--key-arn is not allowed: the stack uses the existing key {key.arn}."
            )
        region, account = match.groups()
    names = _Names(file=file, region=region, account=account)

    locations = config.source_locations
    adopted = [name for name, each in locations.items() if each.adopt_secret_arn]
    new = [name for name in locations if name not in adopted]
    created = [name for name, each in locations.items() if each.base_url]
    by_hand = [name for name in locations if name not in created]
    roles = [name for name, each in locations.items() if each.origin != "custom"]
    written = [name for name, each in locations.items() if not each.token_managed_elsewhere]
    key_id = f"key/{key_arn.rpartition('/')[2]}" if key_arn else "key/*"
    return StackResources(
        parts=_parts(
            file.config, tags=bool(_object(file.others.get("aws:defaultTags")).get("tags"))
        ),
        arns={
            "*": ["*"],
            "key": [key.arn or names.arn("kms", key_id)],
            "replica key": [
                key.replica_arns.get(each) or names.arn("kms", key_id, region=each)
                for each in replicas
            ],
            "former key": [names.arn("kms", f"key/{FORMER_KEY}")],
            "KMS role": [names.kms_role()],
            "own key": [] if key.arn else [names.arn("kms", key_id)],
            "alias": [names.alias()],
            "secret": names.secrets(locations),
            "replica secret": [
                secret.replace(f":{region}:", f":{replica}:")
                for replica in replicas
                for secret in names.secrets(locations)
            ],
            "written secret": names.secrets(written),
            "new secret": names.secrets(new),
            "adopted secret": names.secrets(adopted),
            "adopted value": names.secrets([name for name in adopted if name in written]),
            "manual secret": names.secrets(by_hand),
            "role": names.roles(roles),
            "source location": names.source_locations(created),
            "manual location": names.source_locations(by_hand),
            "any location": names.source_locations(locations),
        },
        region=region,
        replica_regions=replicas,
    )


def _parts(config: StackConfig, *, tags: bool) -> frozenset[str]:
    """Return the parts of the table that apply to a stack. `tags`: whether all resources that support tags have tags."""
    locations = config.source_locations.values()
    own_key = not config.encryption_key.arn
    replicas = bool(config.replica_regions)
    roles = any(each.origin != "custom" for each in locations)
    parts = {
        "key": own_key,
        "alias": own_key,
        "multi-Region key": own_key and replicas,
        "replica key": own_key and replicas,
        "secret": any(not each.adopt_secret_arn for each in locations),
        "adopted secret": any(each.adopt_secret_arn for each in locations),
        "adopted value": any(
            each.adopt_secret_arn and not each.token_managed_elsewhere for each in locations
        ),
        "replicated secret": replicas,
        "version": any(not each.token_managed_elsewhere for each in locations),
        "secret policy": True,
        "role": roles,
        "role policy": roles,
        "source location": any(each.base_url for each in locations),
        "tagged key": tags and own_key,
        "tagged replica key": tags and own_key and replicas,
        "tagged secret": tags or any(each.tags for each in locations),
        "tagged role": tags and roles,
        "step 3": any(not each.base_url for each in locations),
        "verification": True,
        "step 3 verification": any(not each.base_url for each in locations),
    }
    return frozenset(part for part, present in parts.items() if present)


def _target(file: StackFile) -> tuple[str, str]:
    """Return the stack's Region and account, or placeholders."""
    locations = file.config.source_locations.values()
    arns = [file.config.encryption_key.arn, *(each.adopt_secret_arn for each in locations)]
    parts = [arn.split(":") for arn in arns if arn]
    regions = [file.others.get("aws:region"), *(each[3] for each in parts), REGION]
    accounts = [each[4] for each in parts]
    allowed = _list(file.others.get("aws:allowedAccountIds"))
    if len(allowed) == 1:
        # YAML reads an unquoted ID as a number, without its leading zeros.
        accounts.append(str(allowed[0]).zfill(12))
    for role in _list(file.others.get("aws:assumeRoles"))[-1:]:
        accounts += str(_object(role).get("roleArn")).split(":")[4:5]
    return str(next(filter(None, regions))), next(iter([*accounts, ACCOUNT]))


@dataclass(frozen=True, kw_only=True)
class _Names:
    """Builds ARNs from the names that the config and Pulumi give to resources."""

    file: StackFile
    region: str
    account: str

    def arn(self, service: str, resource: str, *, region: str | None = None) -> str:
        region = self.region if region is None else region
        return f"arn:aws:{service}:{region}:{self.account}:{resource}"

    def secrets(self, names: Collection[str]) -> list[str]:
        """Return the ARNs of the secrets of source locations."""
        arns: list[str] = []
        autonamed = []
        for name in names:
            settings: SourceLocationConfig = self.file.config.source_locations[name]
            if settings.adopt_secret_arn:
                arns.append(settings.adopt_secret_arn)
            elif settings.secret_name:
                arns += self._secret(settings.secret_name)
            else:
                autonamed.append(name)
        for name in _listed(autonamed):
            arns += self._secret(self._autoname("secretsmanager/secret:Secret", f"{name}-secret"))
        return arns

    def _secret(self, name: str) -> list[str]:
        # AWS appends a hyphen and six characters to the name, but authorizes the creation of a secret by the name alone.
        suffixes = [""] if name.endswith("*") else ["", "-??????"]
        return [self.arn("secretsmanager", f"secret:{name}{suffix}") for suffix in suffixes]

    def roles(self, names: Collection[str]) -> list[str]:
        """Return the ARNs of the roles of source locations with a MediaPackage origin."""
        prefixes = [f"{_COMPONENT}-{name}"[:37] for name in _listed(names)]
        return [self.arn("iam", f"role/{prefix}-*", region="") for prefix in prefixes]

    def kms_role(self) -> str:
        """https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-auth-slr.html."""
        role = "AWSServiceRoleForKeyManagementServiceMultiRegionKeys"
        return self.arn("iam", f"role/aws-service-role/mrk.kms.amazonaws.com/{role}", region="")

    def alias(self) -> str:
        autoname = self._autoname("kms/alias:Alias", "alias").removeprefix("alias/")
        return self.arn("kms", self.file.config.encryption_key.alias or f"alias/{autoname}")

    def source_locations(self, names: Collection[str]) -> list[str]:
        return [self.arn("mediatailor", f"sourceLocation/{name}") for name in names]

    def _autoname(self, type_: str, suffix: str) -> str:
        """Return the pattern of the names that Pulumi generates for a resource.

        https://www.pulumi.com/docs/iac/concepts/resources/names/#autonaming-configuration
        """
        top = _object(self.file.others.get("pulumi:autonaming"))
        aws = _object(_object(top.get("providers")).get("aws"))
        levels = [_object(_object(aws.get("resources")).get(f"aws:{type_}")), aws, top]
        setting = next((each for each in levels if {"mode", "pattern"} & set(each)), {})
        default = "${name}" if setting.get("mode") == "verbatim" else "${name}-${hex(7)}"
        known = {
            "name": f"{_COMPONENT}-{suffix}",
            "stack": self.file.stack,
            "project": self.file.project,
        }
        pattern = str(setting.get("pattern", default))
        return re.sub(r"\$\{([^}]*)\}", lambda each: known.get(each[1], "*"), pattern)


def _listed(names: Collection[str]) -> Collection[str]:
    return names if len(names) <= MOST_LISTED else ["*"]


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
