"""A verification as JSON, for scripts. It never contains a token."""

import json

from verification.fact import Obstacle
from verification.requirement import Result
from verification.requirements import Verification

_ANSWERS = ("met", "not met", "not checked")


def to_json(verification: Verification) -> str:
    """Return the results of all requirements, by source location."""
    return json.dumps(document_of(verification), indent=2) + "\n"


def document_of(verification: Verification) -> dict[str, object]:
    """Return the object that `to_json` writes."""
    setup = verification.setup
    return {
        "setup": setup.title,
        "account": setup.account,
        "region": setup.region,
        "notes": list(setup.notes),
        "answer": _ANSWERS[verification.status],
        "sourceLocations": [
            {
                "name": facts.expected.name,
                "secretArn": facts.secret.arn or None,
                "requirements": [
                    _requirement(result)
                    for result in verification.results
                    if result.source_location == facts.expected.name
                ],
            }
            for facts in verification.facts
        ],
    }


def error_to_json(message: str) -> str:
    """Return the reason why nothing could be checked."""
    return json.dumps({"answer": "not checked", "error": message}, indent=2) + "\n"


def _requirement(result: Result) -> dict[str, object]:
    return {
        "id": result.requirement.id,
        "title": result.requirement.title,
        "page": result.requirement.page,
        "answer": result.answer.value,
        "findings": [
            {
                "text": finding.text,
                "fixedByUp": finding.up_fixes,
                "fix": [" ".join(command) for command in finding.fix],
            }
            for finding in result.findings
        ],
        "notChecked": [_obstacle(obstacle) for obstacle in result.obstacles],
    }


def _obstacle(obstacle: Obstacle) -> dict[str, str]:
    return {"action": obstacle.action, "resource": obstacle.resource, "error": obstacle.error}
