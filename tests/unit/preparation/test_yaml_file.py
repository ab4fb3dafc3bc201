"""YAML as Pulumi reads it, and files that are not YAML."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.errors import SandboxError
from tests.support.copied_files import PROJECT, completed, project_file, stack_file


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfconfig: {x:a: 1}",
        "\ufeffconfig: {x:a: 1}".encode("utf-16-le"),
        b"config:\r\n  x:a: 1\r\n",
        b"config: {x:a: 1}\n---\nconfig: {x:a: 2}\n",
        b"config: {x:a: 1}\n---\n{{ [\n",
        b"%YAML 1.2\n---\nconfig: {x:a: 1}\n",
    ],
)
def test_encodings_and_documents_are_read_as_pulumi_reads_them(
    tmp_path: Path, content: bytes
) -> None:
    assert completed(stack_file(content, tmp_path)) == {"config": {"x:a": 1}}


@pytest.mark.parametrize("content", ["", "# a comment\n", "null", "---\n---\nconfig: {x:a: 1}\n"])
def test_an_empty_file_is_a_stack_without_settings(tmp_path: Path, content: str) -> None:
    assert completed(stack_file(content, tmp_path)) == {"config": {}}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"config: [", "is not valid YAML, line 2: did not find expected node content."),
        (b"config:\n\taws:region: x\n", "is not valid YAML, line 2: found character"),
        (b"config:\n  a: b: canary-token", "is not valid YAML, line 2: mapping values"),
        (b"config: \x01", "is not valid YAML: control characters are not allowed."),
        (b"config: \xff", "is not valid YAML: invalid leading UTF-8 octet."),
        (b"- config", "must be a YAML mapping, not a list or a scalar."),
        (b"config", "must be a YAML mapping, not a list or a scalar."),
        (
            b"config: " + b"[" * 3000 + b"]" * 3000,
            "is not valid YAML, line 1: exceeded maximum nesting depth.",
        ),
    ],
)
def test_the_error_for_a_file_that_is_not_yaml_says_what_is_wrong(
    tmp_path: Path, content: bytes, message: str
) -> None:
    with pytest.raises(SandboxError) as error:
        stack_file(content, tmp_path)
    assert str(error.value).startswith(f"{tmp_path / 'Pulumi.test.yaml'} {message}")
    assert "canary-token" not in str(error.value)


FRAGMENTS = st.sampled_from(
    [*"{}[]:,-&*<!|'\"?#%~ \n\t\0\r", "<<: ", "config:", "secure: ", "&a ", "*a", "!!binary ", "---\n", "a"]
)  # fmt: skip


@given(st.binary() | st.lists(FRAGMENTS, max_size=30).map(lambda parts: "".join(parts).encode()))
def test_every_file_is_copied_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    folder = tmp_path_factory.getbasetemp()
    with contextlib.suppress(SandboxError):
        file = stack_file(content, folder)
        file.text()
        file.completed(
            project=PROJECT, without={"aws:a"}, values={}, tokens={"a": "b"}, settings={}
        )
    with contextlib.suppress(SandboxError):
        project_file(content, folder)
