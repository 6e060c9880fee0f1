"""GitLab Code Quality: a JSON array of issues, each with a fingerprint of its own."""

from __future__ import annotations

import hashlib
from typing import Any

from agentlint.core.escape import visible
from agentlint.core.finding import Finding, Notification
from agentlint.core.levels import Severity
from agentlint.core.result import ScanResult
from agentlint.report.encode import to_json
from agentlint.report.options import ReportOptions
from agentlint.report.select import located, severity_of, with_next_step

_SEVERITY = {
    Severity.CRITICAL: "blocker",
    Severity.HIGH: "critical",
    Severity.MEDIUM: "major",
    Severity.LOW: "minor",
    Severity.INFO: "info",
}
_NOTE_SEVERITY = {"error": "major", "warning": "minor", "note": "info"}


def render(result: ScanResult, options: ReportOptions) -> str:
    """Return the report. What could not be checked becomes issues named ``agentlint/<kind>``.

    Suppressed findings are never in it: GitLab has no way to show them as such.
    """
    issues = [_issue(finding, options.root) for finding in result.findings]
    issues += [_problem(note, options.root) for note in result.notifications]
    seen: set[str] = set()
    for issue in issues:
        # GitLab shows only the first issue of each fingerprint.
        identity, copy = issue["fingerprint"], 1
        while issue["fingerprint"] in seen:
            copy += 1
            issue["fingerprint"] = _digest(identity, str(copy))
        seen.add(issue["fingerprint"])
    return to_json(issues)


def _issue(finding: Finding, root: str) -> dict[str, Any]:
    span = finding.span
    # GitLab does not show the check's name, so the description carries it.
    return {
        "description": visible(f"{finding.rule} {finding.name}: {finding.message}", keep="\n"),
        "check_name": finding.rule,
        "fingerprint": finding.fingerprint or _digest(finding.rule, finding.path, finding.message, finding.snippet),
        "severity": _SEVERITY[severity_of(finding)],
        "location": {
            "path": located(finding.path.removeprefix("./"), root),
            "lines": {"begin": max(span.line, 1), "end": max(span.end_line, span.line, 1)},
        },
    }


def _problem(note: Notification, root: str) -> dict[str, Any]:
    return {
        "description": visible(f"Could not be checked ({note.kind}): {with_next_step(note)}", keep="\n"),
        "check_name": f"agentlint/{note.kind}",
        "fingerprint": _digest(note.kind, note.path, note.message),
        "severity": _NOTE_SEVERITY[note.level],
        "location": {"path": located(note.path or ".", root), "lines": {"begin": max(note.line, 1)}},
    }


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
