"""Annotations for GitHub Actions (workflow commands), and the Markdown of a job summary."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable

from agentlint.core.escape import for_terminal, for_workflow_data, for_workflow_property
from agentlint.core.finding import Finding, Notification
from agentlint.core.levels import Severity
from agentlint.core.result import ScanResult
from agentlint.report.markdown import render_within
from agentlint.report.options import ReportOptions
from agentlint.report.select import located, severity_of, shown, summary_line, with_next_step, worst_first

MAX_SUMMARY_BYTES = 1_048_576
SHOWN_PER_LEVEL = 10
_COMMAND = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "notice",
    Severity.INFO: "notice",
}
_NOTE_COMMAND = {"error": "error", "warning": "warning", "note": "notice"}


def render(result: ScanResult, options: ReportOptions) -> str:
    """Return a workflow command for each finding, the worst first, then for each problem; last a summary."""
    findings = worst_first(finding for finding in shown(result, options) if finding.suppressed is None)
    lines = [_annotation(finding, options.root) for finding in findings]
    lines += [_problem(note, options.root) for note in result.notifications]
    most = max(Counter(line.split(" ", 1)[0] for line in lines).values(), default=0)
    if most > SHOWN_PER_LEVEL:
        lines.append(
            f"::notice title=agentlint::GitHub shows {SHOWN_PER_LEVEL} annotations of each level in a step; "
            "upload the SARIF report to see all."
        )
    echoed = [f"{for_terminal(finding.path)}:{finding.span.line}: {_echo(finding)}" for finding in findings]
    return "\n".join([*lines, *_without_commands([*echoed, summary_line(result, options)])]) + "\n"


def summary_markdown(result: ScanResult, options: ReportOptions) -> str:
    """Return Markdown for ``$GITHUB_STEP_SUMMARY``, at most 1 MiB in UTF-8; the least severe are cut first."""
    return render_within(result, options, MAX_SUMMARY_BYTES)


def _annotation(finding: Finding, root: str) -> str:
    span = finding.span
    message = f"{finding.message}\n\nFix: {finding.fix}" if finding.fix else finding.message
    values = {
        "file": located(finding.path, root),
        "line": str(span.line),
        "endLine": str(max(span.end_line, span.line)),
    }
    if span.end_line <= span.line:
        # The runner takes columns only for a range on one line; its end is inclusive.
        values |= {"col": str(span.column), "endColumn": str(max(span.end_column - 1, span.column))}
    values["title"] = f"{finding.rule} {finding.name}".rstrip()
    return _command(_COMMAND[severity_of(finding)], values, message)


def _problem(note: Notification, root: str) -> str:
    values = {"file": located(note.path, root)} if note.path else {}
    values |= {"line": str(note.line)} if note.path and note.line > 0 else {}
    values["title"] = f"agentlint: {note.kind}"
    return _command(_NOTE_COMMAND[note.level], values, with_next_step(note))


def _command(name: str, values: dict[str, str], message: str) -> str:
    properties = ",".join(f"{key}={for_workflow_property(value)}" for key, value in values.items())
    return f"::{name} {properties}::{for_workflow_data(message) or name}"


def _echo(finding: Finding) -> str:
    return for_terminal(" ".join(f"{severity_of(finding).label} {finding.rule} {finding.message}".split()))


def _without_commands(lines: Iterable[str]) -> list[str]:
    """Return ``lines`` between a stop-commands pair.

    The token is the digest of what it encloses: nobody can write a text that holds its own digest, and the report stays
    the same from run to run.
    """
    body = list(lines)
    token = "agentlint-" + hashlib.sha256("\n".join(body).encode("utf-8", "surrogatepass")).hexdigest()[:40]
    return [f"::stop-commands::{token}", *body, f"::{token}::"]
