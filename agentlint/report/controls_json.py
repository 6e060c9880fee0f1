"""The state of the recommendations as JSON; docs/schema/controls.schema.json describes it."""

from __future__ import annotations

import json
from typing import Any

from agentlint.core.controls import Assessed, Assessment
from agentlint.core.escape import scrub

VERSION = "1"


def render(assessment: Assessment, *, color: bool = False, width: int = 100) -> str:  # noqa: ARG001 - as of all formats
    """Return the assessment as indented JSON."""
    data = {
        "version": VERSION,
        "tool": {"name": "agentlint", "version": assessment.version},
        "controls": [_control(control) for control in assessment.controls],
        "summary": assessment.summary(),
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def _control(control: Assessed) -> dict[str, Any]:
    return {
        "id": control.id,
        "domain": control.domain,
        "title": control.title,
        "mode": control.mode,
        "status": control.status,
        "evidence": [{"path": scrub(one.path), "line": one.line, "what": scrub(one.what)} for one in control.evidence],
        "findings": list(control.findings),
        "rules": list(control.rules),
        "planned": list(control.planned),
        "frameworks": {name: list(words) for name, words in control.frameworks.items()},
    }
