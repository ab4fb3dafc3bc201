"""`python -m verification` as users run it, against the local AWS."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from sandbox.workspace import PROJECT
from tests.support.aws_proxy import aws_proxy
from tests.support.setup_by_hand import access_configuration, documented
from tests.support.verification_command import REGION, Command


def test_the_selected_stack_is_checked_without_its_passphrase(command: Command) -> None:
    done = command.run(PULUMI_CONFIG_PASSPHRASE=None)
    assert (done.status, done.errors) == (0, "")
    assert done.output.startswith(f"stack test in {REGION}, account 123456789012\n")
    assert done.output.endswith("\nMet: every requirement, for 2 source locations.\n")
    assert "✘" not in done.output
    assert "  ✔ 2 of 2  the secret's policy lets MediaTailor read it\n" in done.output
    assert "\n  – 13 requirements do not apply: 1 on the key, 6 on replicas," in done.output  # noqa: RUF001


def test_a_finding_is_reported_with_its_page_and_its_fix(command: Command) -> None:
    arn = command.stack.outputs()["secretArns"]["sports"]
    command.client("secretsmanager").delete_resource_policy(SecretId=arn)
    try:
        done = command.run("--stack", "test")
        one = command.run("--stack", "test", "--source-location", "news")
    finally:
        command.stack.pulumi("up", "--yes", "--skip-preview", "--refresh")
    assert done.status == 1
    page = "https://docs.aws.amazon.com/mediatailor/latest/ug/channel-assembly-access-configuration-access-token-how-to-create-secret.html"
    assert (
        "\n  ✘ 1 of 2  the secret's policy lets MediaTailor read it\n"
        f"      sports: the secret has no resource policy\n      {page}\n" in done.output
    )
    assert (
        "\nTo fix it\n\n  # sports: the secret has no resource policy\n"
        "  pulumi up --refresh --stack test\n" in done.output
    )
    assert done.output.endswith("\nNot met: 1 finding for 1 of 2 source locations.\n")
    assert one.status == 0, "the finding is for the other source location"


def test_the_text_fits_80_columns_except_arns_and_urls(command: Command) -> None:
    kms = command.client("kms")
    key_arn = command.stack.outputs()["encryptionKeyArn"]
    kms.disable_key_rotation(KeyId=key_arn)
    try:
        done = command.run()
    finally:
        kms.enable_key_rotation(KeyId=key_arn)
    longer = [line for line in done.output.splitlines() if len(line) > 80]
    assert longer
    for line in longer:
        assert "arn:aws:" in line or "https://docs.aws.amazon.com/" in line


def test_json_output_has_stable_ids(command: Command) -> None:
    done = command.run("--json")
    document = json.loads(done.output)
    assert (document["setup"], document["region"]) == ("stack test", REGION)
    assert (document["account"], document["answer"]) == ("123456789012", "met")
    news, sports = document["sourceLocations"]
    assert (news["name"], sports["name"]) == ("news", "sports")
    answers = {one["id"]: one["answer"] for one in news["requirements"]}
    assert answers["grant"] == "met"
    assert answers["replica-token"] == "not applicable"
    assert len(answers) == len(news["requirements"])


def test_no_output_contains_a_token_and_nothing_is_written(command: Command) -> None:
    tokens = [command.token(name) for name in ("news", "sports")]
    folder = command.stack.workspace.folder
    before = contents(folder)
    with aws_proxy(command.stack.workspace.aws_url) as proxy:
        for arguments in ([], ["--json"], ["--live"], ["--live", "news"]):
            done = command.run(*arguments, AWS_ENDPOINT_URL=proxy.url)
            assert done.status == 0, done.errors
            for token in tokens:
                assert token not in done.output + done.errors
        operations = {request.operation for request, _ in proxy.exchanges}
    assert contents(folder) == before
    assert {
        operation
        for operation in operations
        if not operation.startswith(("Describe", "Get", "List"))
    } == set()


def contents(folder: Path) -> Mapping[str, bytes]:
    return {
        str(path): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_progress_is_shown_on_terminals_only(command: Command) -> None:
    assert command.run().errors == ""
    leader, follower = os.openpty()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "verification", "--json"],
            cwd=command.stack.workspace.folder,
            env=dict(command.stack.workspace.environment)
            | {"PYTHONPATH": str(PROJECT), "TERM": "xterm", "NO_COLOR": "1"},
            stdout=subprocess.PIPE,
            stderr=follower,
            check=False,
        )
        shown = os.read(leader, 65536).decode()
    finally:
        os.close(leader)
        os.close(follower)
    assert done.returncode == 0
    assert "Reading" in shown


def test_ctrl_c_ends_the_command_at_once_and_silently(command: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as never_answers:
        url = f"http://127.0.0.1:{never_answers.getsockname()[1]}"
        process = subprocess.Popen(  # our own command
            [sys.executable, "-m", "verification", "--live"],
            cwd=command.stack.workspace.folder,
            env=dict(command.stack.workspace.environment)
            | {"PYTHONPATH": str(PROJECT), "AWS_ENDPOINT_URL": url},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        connection, _ = never_answers.accept()
        with connection:
            process.send_signal(signal.SIGINT)
            output, errors = process.communicate(timeout=60)
    assert (process.returncode, output, errors) == (130, "", "")


def test_a_setup_created_by_hand_can_be_checked_and_brought_into_a_stack(
    command: Command,
) -> None:
    secrets, mediatailor = command.client("secretsmanager"), command.client("mediatailor")
    key_arn = command.client("kms").create_key()["KeyMetadata"]["Arn"]
    arn = secrets.create_secret(
        Name="by-hand",
        KmsKeyId=key_arn,
        SecretString='{"AccessToken": "canary-0123456789", "b": "c"}',
    )["ARN"]

    before = command.run("--secret-arn", arn, "--secret-string-key", "AccessToken")
    assert before.status == 1
    assert "by-hand" in before.output
    assert "the secret has no resource policy" in before.output
    assert "aws secretsmanager put-resource-policy" in before.output

    secrets.put_resource_policy(
        SecretId=arn, ResourcePolicy=json.dumps({"Statement": [documented(arn)]})
    )
    mediatailor.create_source_location(
        SourceLocationName="by.hand",
        HttpConfiguration={"BaseUrl": "https://origin.example.com"},
        AccessConfiguration=access_configuration(arn),
    )
    mediatailor.create_source_location(
        SourceLocationName="s3",
        HttpConfiguration={"BaseUrl": "https://origin.example.com"},
        AccessConfiguration={"AccessType": "S3_SIGV4"},
    )
    done = command.run("--live")
    assert done.status == 0, done.output
    assert done.output.startswith("Note: Not checked because they use no access token: s3.\n")
    assert "\n  other members     b\n" in done.output
    assert "canary" not in done.output

    adopting = done.output[done.output.index("  config:\n") : done.output.index("\nThen set")]
    assert f"\n        adoptSecretArn: {arn}\n" in adopting
    assert "by-hand: the stack keeps the other members of the value: b." in done.output
    one = command.run("--live", "by.hand")
    stack_file = "\n".join(
        line[2:]
        for line in one.output[
            one.output.index("  config:\n") : one.output.index("\nThen set")
        ].splitlines()
    )
    assert f"encryptionKey:\n    arn: {key_arn}\n" in stack_file
    adopted = command.stack.workspace.folder / "Pulumi.adopted.yaml"
    adopted.write_text(stack_file + "\n")
    stack = command.stack
    stack.pulumi("stack", "init", "adopted")
    token_path = 'mediatailor-access-token:accessTokens["by-hand"]'
    assert f"pulumi config set --secret --path '{token_path}'" in one.output
    stack.pulumi("config", "set", "--secret", "--path", token_path, stdin="new-token-0123456789")
    stack.pulumi("up", "--yes", "--skip-preview")
    verified = command.run("--stack", "adopted")
    stack.pulumi("stack", "select", "test")
    assert verified.status == 0, verified.output


def requests_for(command: Command, count: int, *arguments: str) -> list[str]:
    with aws_proxy(command.stack.workspace.aws_url) as proxy:
        done = command.run(*arguments, AWS_ENDPOINT_URL=proxy.url)
        assert done.status == 0, done.output
    assert f"Met: every requirement, for {count} source location" in done.output
    return sorted(request.operation for request, _ in proxy.exchanges)


def test_each_source_location_takes_five_requests_and_what_is_shared_takes_five(
    command: Command,
) -> None:
    assert requests_for(command, 1, "--source-location", "news") == [
        "DescribeKey",
        "DescribeSecret",
        "DescribeSourceLocation",
        "GetCallerIdentity",
        "GetKeyPolicy",
        "GetKeyRotationStatus",
        "GetResourcePolicy",
        "GetSecretValue",
        "ListGrants",
        "ListSecretVersionIds",
    ]
