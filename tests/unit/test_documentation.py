"""The generated documents and the docstrings match the model."""

import ast
import inspect
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from components import encryption_key, inputs
from stack_config.__main__ import documents
from stack_config.model import EncryptionKeyConfig, SourceLocationConfig, StackConfig

PROJECT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("path", "text"), documents().items(), ids=[path.name for path in documents()]
)
def test_a_generated_document_is_up_to_date(path: Path, text: str) -> None:
    assert path.read_text(encoding="utf-8") == text, "run `python -m stack_config`"


def docstrings(module: Any, class_: str) -> dict[str, str]:
    """Return the docstrings of a TypedDict's fields."""
    tree = ast.parse(inspect.getsource(module))
    (definition,) = (n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == class_)
    return {
        field.target.id: docstring.value.value
        for field, docstring in zip(definition.body, definition.body[1:], strict=False)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(docstring, ast.Expr)
        and isinstance(docstring.value, ast.Constant)
        and isinstance(docstring.value.value, str)
    }


def words(text: str) -> list[str]:
    """Return the words of a description, with keys in the component's spelling."""
    text = re.sub("_(.)", lambda match: match[1].upper(), text.replace("`", ""))
    return re.findall(r"[\w:/.]*\w", text)


@pytest.mark.parametrize(
    ("section", "module", "class_"),
    [
        (StackConfig, inputs, "AccessTokenAuthenticationArgs"),
        (SourceLocationConfig, inputs, "SourceLocationSettings"),
        (EncryptionKeyConfig, encryption_key, "EncryptionKeySettings"),
    ],
)
def test_the_component_describes_its_inputs_like_the_model(
    section: Any, module: Any, class_: str
) -> None:
    described = docstrings(module, class_)
    assert described.keys() == section.model_fields.keys()
    for name, field in section.model_fields.items():
        expected = words(field.description)
        assert words(described[name])[: len(expected)] == expected, name


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_the_stack_files_of_this_repository_contain_no_token_in_plain_text(stack: str) -> None:
    text = (PROJECT / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8")
    tokens = yaml.safe_load(text)["config"].get("mediatailor-access-token:accessTokens", {})
    assert [name for name, token in tokens.items() if set(token) != {"secure"}] == []


MAX_LINES = 250


def test_a_source_file_of_more_than_250_lines_explains_why() -> None:
    files = [*PROJECT.glob("*.py"), *PROJECT.glob("[!.]*/**/*.py")]
    assert files
    for file in files:
        text = file.read_text(encoding="utf-8")
        if text.count("\n") > MAX_LINES:
            docstring = ast.get_docstring(ast.parse(text)) or ""
            assert "Longer than other files because" in docstring, file
