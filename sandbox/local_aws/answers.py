"""The answers of the local AWS, in the shape that MiniStack gives them."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from ministack.core import responses  # type: ignore[import-untyped]

Answer: TypeAlias = tuple[int, dict[str, str], bytes]
"""HTTP status, headers and body."""

json_answer: Callable[[Mapping[str, Any]], Answer] = responses.json_response
json_error: Callable[[str, str, int], Answer] = responses.error_response_json
xml_answer: Callable[[str, str, Mapping[str, Any]], Answer] = responses.xml_response
xml_error: Callable[[str, str, int], Answer] = responses.error_response_xml
