"""Prepares a stack's config for a rehearsal and lists what the user should know about it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sandbox.commands import CommandError, Commands
from sandbox.errors import SandboxError
from sandbox.preparation.account import Account, account_of
from sandbox.preparation.existing_resources import ExistingResource, existing_resources
from sandbox.preparation.plausible_values import PlausibleValue, plausible_values, throw_away_token
from sandbox.preparation.stack_file import ProjectFile, StackFile
from sandbox.preparation.stack_settings import (
    CONNECTION,
    DEFAULT_REGION,
    StackSettings,
    listed,
    path_text,
)
from sandbox.provider_settings import NOT_REHEARSED

_WITHOUT_ORGANIZATION = frozenset(f"aws:{name}" for name in NOT_REHEARSED)


@dataclass(frozen=True, kw_only=True)
class Preparation:
    """A stack's config as rehearsed."""

    settings: StackSettings
    """The config, with placeholders for encrypted values."""

    account: Account
    """The account that the stack deploys to."""

    replaced: Sequence[str]
    """Config keys and keys of the stack file that a rehearsal ignores."""

    values: Mapping[str, PlausibleValue]
    """Placeholders for encrypted values, by the text under `ENCRYPTED`."""

    tokens: Mapping[str, str]
    """Throw-away tokens for the source locations that have none yet."""

    plain_text_tokens: Sequence[str]
    """The source locations whose token is not encrypted."""

    existing: Sequence[ExistingResource]
    """Keys and secrets that the stack expects to exist."""

    @classmethod
    def of(cls, report: str, *, project: str, replaced: Sequence[str]) -> "Preparation":
        """Return the preparation for the output of `pulumi config --json`.

        Args:
            report: the output.
            project: the project's name.
            replaced: the keys of the stack file that a rehearsal ignores.

        Raises:
            SandboxError: the Pulumi CLI rejects the config.

        """
        reported = StackSettings.reported(report, project=project)
        account = account_of(reported)
        values = plausible_values(
            reported, region=reported.region or DEFAULT_REGION, account=account.id
        )
        settings = StackSettings.reported(
            report, project=project, decrypted={key: value.text for key, value in values.items()}
        )
        return cls(
            settings=settings,
            account=account,
            replaced=[*reported.connection, *replaced],
            values=values,
            tokens={name: throw_away_token() for name in reported.missing_tokens()},
            plain_text_tokens=reported.plain_text_tokens(),
            existing=existing_resources(settings, account=account.id),
        )

    @property
    def region(self) -> str:
        """The stack's Region, or the default one."""
        return self.settings.region or DEFAULT_REGION

    def notes(self) -> Iterator[str]:
        """Yield notes to print before the deployment."""
        if self.replaced:
            yield f"ignored, because the local AWS replaces them: {', '.join(self.replaced)}."
        if not self.settings.has_region:
            yield (
                f"the config has no aws:region; {self.region} is used here. For real AWS set it:"
                " pulumi config set aws:region REGION"
            )
        yield from self.account.notes

    def assumptions(self) -> Iterator[str]:
        """Yield what a rehearsal assumes."""
        for resource in self.existing:
            yield f"{resource.path}: {resource.arn} {resource.assumption}."
        for value in self.values.values():
            if not value.is_token:
                yield f"{path_text(value.path)}, which is encrypted: {value.text}."

    def not_rehearsed(self) -> Iterator[str]:
        """Yield what a rehearsal does not check."""
        if elsewhere := self.settings.tokens_managed_elsewhere:
            yield (
                f"The tokens that are managed elsewhere ({listed(elsewhere)}): throw-away tokens"
                " replaced them."
            )
        if any(value.is_token for value in self.values.values()):
            yield "Your access tokens: throw-away tokens of 32 characters replaced them."
        if self.tokens:
            yield (
                f"Access tokens that are not set yet ({listed(list(self.tokens))}): throw-away tokens"
                " replaced them."
            )
        keys = [resource.arn for resource in self.existing if resource.service == "kms"]
        if keys:
            yield (
                f"The key policy of {listed(keys)}: it needs the statements of"
                " `pulumi stack output requiredKeyPolicyStatements`."
            )
        principals = list(self._principals())
        if principals:
            yield (
                "Whether these principals exist, without which AWS rejects the key policy:"
                f" {listed(principals)}."
            )
        if ignored := [key for key in self.replaced if key != "environment"]:
            yield f"Your connection to AWS and the encryption of your config: {', '.join(ignored)}."
        if "environment" in self.replaced:
            yield "What Pulumi ESC adds to the config and the environment (`environment`)."
        yield from (
            f"{key}: the local AWS has no organization."
            for key in sorted(_WITHOUT_ORGANIZATION & set(self.settings.values))
        )

    def _principals(self) -> Iterator[str]:
        invented = {value.text for value in self.values.values()}
        for key in ("administrators", "sourceLocationManagers"):
            arns = self.settings.get("encryptionKey", key)
            for arn in dict.fromkeys(map(str, arns)) if isinstance(arns, list) else ():
                if arn not in invented:
                    yield arn


def prepare_stack(
    stack: str,
    project: ProjectFile,
    config: StackFile,
    *,
    pulumi: Commands,
    settings: Mapping[str, str],
) -> Preparation:
    """Create a stack, read its config through the Pulumi CLI, and complete it for a rehearsal.

    Args:
        stack: the stack's name.
        project: the project's file.
        config: the stack's file.
        pulumi: runs Pulumi in the project folder.
        settings: what to add to the config, as YAML by config key.

    Raises:
        SandboxError: the Pulumi CLI rejects the config.

    """
    project_file = pulumi.folder / "Pulumi.yaml"
    stack_file = pulumi.folder / f"Pulumi.{stack}.yaml"
    project_file.write_text(project.text(), encoding="utf-8")
    stack_file.write_text(config.text(), encoding="utf-8")
    try:
        pulumi.output(["pulumi", "stack", "init", stack])
        report = pulumi.output(["pulumi", "config", "--json"])
    except CommandError as error:
        raise SandboxError(
            f"Pulumi rejects {config.source} or Pulumi.yaml:\n{_reason(error.output)}"
        ) from None
    preparation = Preparation.of(report, project=project.name, replaced=config.replaced)
    project_file.write_text(project.without_settings(CONNECTION), encoding="utf-8")
    completed = config.completed(
        project=project.name,
        without=CONNECTION,
        values={key: value.text for key, value in preparation.values.items()},
        tokens=preparation.tokens,
        settings=settings,
    )
    stack_file.write_text(completed, encoding="utf-8")
    return preparation


def _reason(output: str) -> str:
    """Return the Pulumi CLI's error about a file, without prefix, line numbers and values."""
    reason = re.sub(r"^error: (could not read stack configuration for new stack: )?", "", output)
    reason = re.sub(r"(?: at)? line \d+(?:: )?", "", reason)  # in our copy of the file
    return re.sub(r"(?<=!!str) `[^`]*`", "", reason).strip()  # the value may be a token
