"""A rehearsal as JSON, for scripts. docs/rehearsal.md lists the keys. It never contains a token."""

import json
from dataclasses import asdict

from sandbox.rehearsal import Rehearsal
from verification import document_of


def to_json(rehearsal: Rehearsal, stack: str | None) -> str:
    """Return the document of a rehearsal."""
    preparation, verification = rehearsal.preparation, rehearsal.verification
    failed = "\n".join(rehearsal.deployment.errors) or "`pulumi up` failed"
    return _document(
        stack,
        ready=rehearsal.status == 0,
        error=None if verification else failed,
        resources=[asdict(change) for change in rehearsal.deployment.changes],
        verification=verification and document_of(verification),
        assumed=list(preparation.assumptions()),
        notRehearsed=list(preparation.not_rehearsed()),
    )


def error_to_json(message: str, stack: str | None) -> str:
    """Return the document of a rehearsal that did not get as far as `pulumi up`."""
    return _document(
        stack,
        ready=False,
        error=message,
        resources=[],
        verification=None,
        assumed=[],
        notRehearsed=[],
    )


def _document(stack: str | None, **rest: object) -> str:
    return json.dumps({"stack": stack, **rest}, indent=2) + "\n"
