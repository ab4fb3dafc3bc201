"""`python -m sandbox rehearse --json`: one document for scripts."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Start = Callable[..., "subprocess.Popen[str]"]


def test_standard_output_is_one_document_with_all_results(start: Start, stack_file: Path) -> None:
    process = start("rehearse", "--json", "--config-file", str(stack_file))
    output, errors = process.communicate()
    assert process.returncode == 0, errors
    assert "Ready: MediaTailor would find what it needs" in errors
    document = json.loads(output)
    assert document["stack"] == "test"
    assert document["ready"] is True
    assert document["error"] is None
    assert document["resources"][0] == {
        "name": "mediatailor-key",
        "type": "aws:kms:Key",
        "plan": "create",
        "status": "created",
    }
    assert len(document["resources"]) == 8
    assert document["verification"]["answer"] == "met"
    locations = {one["name"] for one in document["verification"]["sourceLocations"]}
    assert locations == {"news", "sports"}
    assert document["assumed"] == []
    assert document["notRehearsed"] == [
        "Access tokens that are not set yet (news, sports): throw-away tokens replaced them."
    ]


def test_config_errors_are_in_the_document(start: Start, stack_file: Path) -> None:
    stack_file.write_text(stack_file.read_text().replace("X-Access-Token", "x-amz-token"))
    process = start("rehearse", "--json", "--config-file", str(stack_file))
    output, errors = process.communicate()
    assert process.returncode == 1, errors
    document = json.loads(output)
    assert document["ready"] is False
    assert document["error"].startswith("The config of stack test has 2 errors;")
    assert document["verification"] is None


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("", "source location is required"),
        ("config: [", "YAML"),
        ("config:\n  protect: 1\n", "type"),
    ],
)
def test_an_error_before_the_deployment_is_in_the_document(
    start: Start, tmp_path: Path, content: str, error: str
) -> None:
    file = tmp_path / "other.yaml"
    file.write_text(content)
    process = start("rehearse", "--json", "--config-file", str(file))
    output, _ = process.communicate()
    assert process.returncode == 1
    document = json.loads(output)
    assert document["stack"] is None
    assert document["ready"] is False
    assert error in document["error"]
