"""The JSON report; docs/schema/report.schema.json describes it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from agentlint.core.finding import Finding
from agentlint.core.fix import Fix, Refusal
from agentlint.core.result import ScanResult
from agentlint.report.encode import to_json
from agentlint.report.options import ReportOptions
from agentlint.report.select import by_severity, confidence_of, severity_of, shown, with_next_step

VERSION = "1"


def render(result: ScanResult, options: ReportOptions) -> str:
    """Return the report as compact JSON. Suppressed findings are in it only when ``options`` include them."""
    return to_json(report(result, options))


def report(result: ScanResult, options: ReportOptions) -> dict[str, Any]:
    """Return the report as plain data, keys in the order of the contract."""
    return {
        "version": VERSION,
        "tool": {"name": "agentlint", "version": result.version},
        "summary": _summary(result),
        "findings": [_finding(finding, result.fixes(finding)) for finding in shown(result, options)],
        "notifications": [
            {"level": note.level, "kind": note.kind, "path": note.path, "line": note.line, "message": with_next_step(note)}
            for note in result.notifications
        ],
    }


def _summary(result: ScanResult) -> dict[str, Any]:
    return {
        "files_scanned": result.stats.files_scanned,
        "files_skipped": result.stats.files_skipped,
        "findings": len(result.findings),
        "suppressed": max(result.stats.suppressed, len(result.suppressed)),
        "baselined": result.stats.baselined,
        "by_severity": by_severity(result.findings),
        "by_rule": dict(sorted(Counter(finding.rule for finding in result.findings).items())),
    }


def _finding(finding: Finding, fix: Fix | Refusal | None) -> dict[str, Any]:
    span = finding.span
    data: dict[str, Any] = {
        "rule": finding.rule,
        "name": finding.name,
        "severity": severity_of(finding).label,
        "confidence": confidence_of(finding).label,
        "persona": "regular" if finding.persona is None else finding.persona.label,
        "category": finding.category,
        "message": finding.message,
        "path": finding.path,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "snippet": finding.snippet,
        "symbol": finding.symbol,
        "fingerprint": finding.fingerprint,
        "flow": [
            {
                "path": step.path,
                "line": step.span.line,
                "column": step.span.column,
                "end_line": step.span.end_line,
                "end_column": step.span.end_column,
                "message": step.message,
                "kind": step.kind,
            }
            for step in finding.flow
        ],
        "related": [
            {
                "path": related.path,
                "line": related.span.line,
                "column": related.span.column,
                "end_line": related.span.end_line,
                "end_column": related.span.end_column,
                "message": related.message,
            }
            for related in finding.related
        ],
        "cwe": finding.cwe,
        "owasp": finding.owasp,
        "controls": finding.controls,
        "fix": _fix(finding, fix),
        "suppressed": finding.suppressed,
    }
    if finding.cell is not None:
        data["cell"] = {"number": finding.cell.number, "line": finding.cell.line}
    return data


def _fix(finding: Finding, fix: Fix | Refusal | None) -> dict[str, Any] | None:
    """Return the advice of the rule and, where edits are known that mend the finding, these."""
    if not isinstance(fix, Fix):
        return {"description": finding.fix, "unsafe": False, "edits": []} if finding.fix else None
    return {
        "description": fix.description,
        "unsafe": fix.unsafe,
        "edits": [
            {
                "path": edit.path,
                "line": edit.span.line,
                "column": edit.span.column,
                "end_line": edit.span.end_line,
                "end_column": edit.span.end_column,
                "replacement": edit.replacement,
            }
            for edit in fix.edits
        ],
    }
