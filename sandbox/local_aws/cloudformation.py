"""AWS CloudFormation: DescribeType, the only operation needed to deploy a source location."""

from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs

from sandbox.local_aws.service import Answer, xml_answer, xml_error

SCHEMAS: Final = {
    "AWS::MediaTailor::SourceLocation": Path(__file__)
    .with_name("aws-mediatailor-sourcelocation.json")
    .read_text(encoding="utf-8")
}
"""The public schemas of the resource types, without their descriptions.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resource-type-schemas.html"""

_NAMESPACE = "http://cloudformation.amazonaws.com/doc/2010-05-15/"


async def handle_request(
    method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
) -> Answer:
    """Return a type's schema.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeType.html
    """
    del method, path, headers, query
    request = {name: values[0] for name, values in parse_qs(body.decode()).items()}
    if request["Action"] != "DescribeType":
        return xml_error("InvalidAction", "The local AWS only supports DescribeType.", 400)
    type_name = request["TypeName"]
    if type_name not in SCHEMAS:
        message = f"The type '{type_name}' cannot be found."
        return xml_error("TypeNotFoundException", message, 404)
    result = {"Type": "RESOURCE", "TypeName": type_name, "Schema": SCHEMAS[type_name]}
    return xml_answer("DescribeTypeResponse", _NAMESPACE, {"DescribeTypeResult": result})
