"""Realistic stack files are rehearsed with the config that the Pulumi CLI reads.

Each is prepared with the real CLI and then read again with it, as by `pulumi up`.
"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.errors import SandboxError
from sandbox.preparation.passphrase_encryption import PassphraseEncryption
from sandbox.preparation.stack import prepare_stack
from sandbox.preparation.stack_file import ProjectFile, StackFile
from sandbox.workspace import PROJECT
from tests.support.cli_reading import OneStack, Rehearsed, workspace
from tests.support.stack_spellings import LOCATION, NAMESPACE, PLAIN, SPELLINGS

Read = Callable[..., Rehearsed]


@pytest.fixture(scope="module")
def encryption() -> PassphraseEncryption:
    return PassphraseEncryption("passphrase")


@pytest.fixture(scope="module")
def common(tmp_path_factory: pytest.TempPathFactory) -> OneStack:
    return workspace(tmp_path_factory.mktemp("common"))


@pytest.fixture
def read(tmp_path: Path, common: OneStack, encryption: PassphraseEncryption) -> Read:
    """Return a function that prepares a stack file, and optionally a `Pulumi.yaml`, and reads it."""

    def read(stack: str | bytes, project: str | None = None) -> Rehearsed:
        source = tmp_path / "Pulumi.test.yaml"
        source.write_bytes(stack if isinstance(stack, bytes) else stack.encode())
        project_source = tmp_path / "Pulumi.yaml"
        project_source.write_text(project or PROJECT.joinpath("Pulumi.yaml").read_text())
        commands = workspace(tmp_path) if project else common
        preparation = prepare_stack(
            "test",
            ProjectFile(project_source),
            StackFile(source, encryption=encryption),
            pulumi=commands,
            settings={},
        )
        report = commands.output(["pulumi", "config", "--stack=test", "--show-secrets", "--json"])
        return Rehearsed(preparation, json.loads(report))

    return read


def project_with(change: str) -> str:
    """Return the project's file with lines added under `config`."""
    return PROJECT.joinpath("Pulumi.yaml").read_text() + change


@pytest.mark.parametrize("stack", SPELLINGS.values(), ids=SPELLINGS)
def test_every_spelling_of_a_stack_file_results_in_the_same_stack(
    read: Read, stack: str | bytes
) -> None:
    rehearsed = read(stack)
    assert rehearsed.preparation.region == rehearsed.get("aws:region") == "eu-west-1"
    assert rehearsed.get("sourceLocations") == {
        "news": {"headerName": "X-Access-Token"},
        "sports": {"headerName": "X-Access-Token"},
    }
    assert set(rehearsed.preparation.tokens) == rehearsed.tokens == {"news", "sports"}


# --- Other stacks


@pytest.mark.parametrize(
    ("project", "region"),
    [
        ("  aws:region: eu-west-1\n", "eu-west-1"),
        ("  aws:region: {value: eu-west-1}\n", "eu-west-1"),
        ("  aws:config:region: eu-west-1\n", "eu-west-1"),
        ("", "us-east-1"),
    ],
)
def test_the_region_can_be_set_for_the_project(read: Read, project: str, region: str) -> None:
    assert read("config: {}", project_with(project)).preparation.region == region


def test_the_stacks_region_overrides_the_projects(read: Read) -> None:
    rehearsed = read("config: {aws:region: us-west-2}", project_with("  aws:region: eu-west-1\n"))
    assert rehearsed.preparation.region == "us-west-2"


def test_the_projects_defaults_apply(read: Read) -> None:
    project = PROJECT.joinpath("Pulumi.yaml").read_text()
    head, _, tail = project.partition("  sourceLocations:\n")
    default = f"  sourceLocations:\n    type: object\n    default: {{sports: {{{LOCATION}}}}}\n"
    tail = tail[tail.index("  accessTokens:\n") :]
    rehearsed = read("config: {aws:region: eu-west-1}", head + default + tail)
    assert rehearsed.tokens == {"sports"}


def test_a_renamed_project_has_its_keys_under_its_name(read: Read) -> None:
    project = PROJECT.joinpath("Pulumi.yaml").read_text()
    rehearsed = read(
        f"config: {{media:sourceLocations: {{sports: {{{LOCATION}}}}}}}",
        project.replace(f"name: {NAMESPACE}", "name: media"),
    )
    assert rehearsed.tokens == {"sports"}
    assert f"{NAMESPACE}:accessTokens" not in rehearsed.config


def test_numbers_and_dates_as_names_are_read_as_pulumi_does(read: Read) -> None:
    names = "{404: {}, 1.5: {}, true: {}, 2024-01-01: {}, '007': {}, ~: {}}"
    rehearsed = read(f"config: {{sourceLocations: {names}, accessTokens: {{404: {{secure: x}}}}}}")
    assert rehearsed.tokens == set(rehearsed.get("sourceLocations"))
    assert "404" not in rehearsed.preparation.tokens


def test_encrypted_tokens_are_replaced_and_missing_ones_added(read: Read) -> None:
    rehearsed = read(
        PLAIN + f"  {NAMESPACE}:accessTokens: {{news: {{secure: AAABAPb5XyzU6Sb3CTL8JVmNK5w==}}}}\n"
    )
    assert rehearsed.tokens == {"news", "sports"}
    assert list(rehearsed.preparation.tokens) == ["sports"]


@pytest.mark.parametrize(
    "key",
    [
        "aws:profile: media-prod",
        "aws:config:profile: media-prod",
        "aws:assumeRoles: [{roleArn: 'arn:aws:iam::210987654321:role/deploy'}]",
        """aws:assumeRoles: '[{"roleArn": "arn:aws:iam::210987654321:role/deploy"}]'""",
        "aws:assumeRoleWithWebIdentity: {roleArn: 'arn:aws:iam::210987654321:role/ci'}",
        'aws:allowedAccountIds: ["210987654321"]',
        "aws:forbiddenAccountIds: ['000000000000']",
        "aws:maxRetries: 10",
        "aws:retryMode: adaptive",
        "aws:endpoints: [{kms: https://vpce-1.kms.eu-west-1.vpce.amazonaws.com}]",
        "aws:sharedConfigFiles: [/etc/aws/config]",
        "aws:sharedCredentialsFiles: [/etc/aws/credentials]",
        "aws:useFipsEndpoint: true",
        "aws:useDualstackEndpoint: 'true'",
        "aws:skipCredentialsValidation: true",
        "aws:httpProxy: http://proxy.corp:3128",
        "aws:noProxy: corp",
        "aws:customCaBundle: /etc/ssl/corp.pem",
        "aws:accessKey: {secure: AAABAPb5XyzU6Sb3CTL8JVmNK5w==}",
    ],
)
def test_connection_settings_are_ignored_and_reported(read: Read, key: str) -> None:
    rehearsed = read(PLAIN + f"  {key}\n")
    (left_out,) = rehearsed.preparation.replaced
    assert left_out.startswith("aws:")
    assert [name for name in rehearsed.config if name.startswith("aws:")] == ["aws:region"]


def test_connection_settings_of_the_project_are_ignored_too(read: Read) -> None:
    rehearsed = read(PLAIN, project_with("  aws:profile: media-prod\n"))
    assert rehearsed.preparation.replaced == ["aws:profile"]
    assert rehearsed.get("aws:profile") is None


@pytest.mark.parametrize(
    "key", ["aws:defaultTags: {tags: {team: media}}", "aws:ignoreTags: {keyPrefixes: [scanner-]}"]
)
def test_settings_of_the_deployment_are_kept(read: Read, key: str) -> None:
    rehearsed = read(PLAIN + f"  {key}\n")
    assert rehearsed.get(key.partition(": ")[0])
    assert not rehearsed.preparation.replaced


def test_encrypted_values_become_placeholders(read: Read) -> None:
    rehearsed = read(
        f"""\
config:
  aws:region: eu-west-1
  {NAMESPACE}:sourceLocations:
    sports:
      headerName: X-Access-Token
      adoptSecretArn: {{secure: AAABAPb5XyzU6Sb3CTL8JVmNK5w==}}
  {NAMESPACE}:encryptionKey:
    sourceLocationManagers: [{{secure: AAABAPb5XyzU6Sb3CTL8JVmNK5w==}}]
"""
    )
    arn = rehearsed.get("sourceLocations")["sports"]["adoptSecretArn"]
    assert arn.startswith("arn:aws:secretsmanager:eu-west-1:123456789012:secret:")
    assert [secret.arn for secret in rehearsed.preparation.existing] == [arn]
    (manager,) = rehearsed.get("encryptionKey")["sourceLocationManagers"]
    assert manager.startswith("arn:aws:iam::123456789012:role/")


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ("aws:region: x\n  aws:region: y", 'mapping key "aws:region" already defined'),
        ("a:b:c: x", "could not parse a:b:c as a configuration key"),
        ("? [a]\n  : b", "invalid map key"),
        ("accessTokens: {? [a] : b}", "invalid map key"),
        ("2024-01-01: x", "could not parse 2024-01-01T00:00:00Z as a configuration key"),
        ("&a\n  x:y: *a", "value contains itself"),
        ("<<: 3", "map merge requires map"),
    ],
)
def test_a_stack_file_that_pulumi_rejects_is_rejected_with_pulumis_reason(
    read: Read, tmp_path: Path, config: str, reason: str
) -> None:
    with pytest.raises(SandboxError) as error:
        read(f"config:\n  {config}\n" if "&" not in config else f"config: {config}\n")
    assert str(error.value).startswith(f"Pulumi rejects {tmp_path / 'Pulumi.test.yaml'}")
    assert reason in str(error.value)
    assert " line " not in str(error.value)


@pytest.mark.parametrize("config", ["canary-token", "[canary-token]"])
def test_config_that_is_not_an_object_is_rejected_without_its_value(
    read: Read, config: str
) -> None:
    with pytest.raises(SandboxError, match="cannot unmarshal") as error:
        read(f"config: {config}")
    assert "canary" not in str(error.value)


def test_a_file_with_excessive_aliases_is_rejected(read: Read) -> None:
    lines = ["a0: &a0 [x]"] + [
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)
    ]
    with pytest.raises(SandboxError, match="excessive aliasing"):
        read("\n".join([*lines, "config:"]))


def test_a_deeply_nested_file_is_rejected(read: Read) -> None:
    with pytest.raises(SandboxError, match="nested too deeply"):
        read(f"config: {{x:y: {'[' * 990}{']' * 990}}}")


def test_a_project_file_that_pulumi_rejects_is_rejected(read: Read) -> None:
    with pytest.raises(SandboxError, match="should not define a default value"):
        read(PLAIN, project_with("  aws:region: {default: eu-west-1}\n"))
