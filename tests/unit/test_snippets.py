"""Every shell snippet in the documents is run by a test, or the text above it explains why not; links are valid."""

import ast
import re

import pytest

from tests.support.snippets import DOCUMENTS, PROJECT, headings, snippets


def sections_with_tests() -> set[tuple[str, str]]:
    """Return the documents and headings in the `documents` marks of all tests."""
    found: set[tuple[str, str]] = set()
    for file in PROJECT.glob("tests/sandbox/**/test_*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        constants = {
            statement.targets[0].id: statement.value
            for statement in tree.body
            if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
        }
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "pytest.mark.documents":
                document, *sections = (
                    ast.literal_eval(constants[each.id] if isinstance(each, ast.Name) else each)
                    for each in call.args
                )
                found.update((document, section) for section in sections)
    return found


@pytest.mark.parametrize("document", DOCUMENTS)
def test_each_shell_snippet_is_run_by_a_test_or_marked_as_not_tested(document: str) -> None:
    tested = sections_with_tests()
    for snippet in snippets(document):
        where = f"{document}, {snippet.heading!r}:\n{snippet.text}"
        assert snippet.language, f"the language is missing: sh, text, yaml …: {where}"
        if snippet.language == "sh":
            is_run = (document, snippet.heading) in tested
            assert is_run or snippet.untested, f"neither run nor marked 'Not tested: …': {where}"


def test_tests_of_snippets_refer_to_sections_with_snippets() -> None:
    existing = {
        (document, snippet.heading)
        for document in DOCUMENTS
        for snippet in snippets(document)
        if snippet.language == "sh" and not snippet.untested
    }
    assert sections_with_tests() - existing == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_are_valid(document: str) -> None:
    text = (PROJECT / document).read_text(encoding="utf-8")
    for path, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)", text):
        target = (PROJECT / document).parent / path if path else PROJECT / document
        assert target.exists(), path
        if anchor:
            anchors = [
                re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
                for heading in headings(target)
            ]
            assert anchor in anchors, f"{path}#{anchor}"
