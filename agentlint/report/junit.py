"""JUnit XML: each finding a failed test case, each file that could not be checked a test case in error."""

from __future__ import annotations

from agentlint.core.escape import for_xml
from agentlint.core.finding import Finding, Notification
from agentlint.core.result import ScanResult
from agentlint.report.options import ReportOptions
from agentlint.report.select import fails, severity_of, shown, summary_line, with_next_step


def render(result: ScanResult, options: ReportOptions) -> str:
    """Return the report.

    A finding below ``--fail-on`` or suppressed is a skipped test case, so that the numbers agree with the exit
    code; a run without findings is one passed test case.
    """
    findings = shown(result, options)
    failures = sum(fails(finding, options) for finding in findings)
    errors = [note for note in result.notifications if note.level == "error"]
    cases = [_case(finding, failed=fails(finding, options)) for finding in findings]
    cases += [_problem(note) for note in errors]
    if not cases:
        cases = [f'    <testcase classname="agentlint" name="{for_xml(summary_line(result, options))}" time="0"/>']
    skipped = len(findings) - failures
    counts = f'tests="{len(cases)}" failures="{failures}" errors="{len(errors)}" skipped="{skipped}" time="0"'
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<testsuites name="agentlint" {counts}>',
            f'  <testsuite name="agentlint" {counts}>',
            *cases,
            *_system_out(result),
            "  </testsuite>",
            "</testsuites>",
            "",
        ]
    )


def _case(finding: Finding, *, failed: bool) -> str:
    span = finding.span
    name = f"{finding.rule} {finding.name}".rstrip() + f" at line {span.line}, column {span.column}"
    message = _attribute(finding.message)
    if failed:
        outcome = f'<failure type="{_attribute(finding.rule)}" message="{message}">{for_xml(_details(finding))}</failure>'
    else:
        reason = "" if finding.suppressed is None else f"ignored: {finding.suppressed}: "
        outcome = f'<skipped message="{_attribute(reason)}{message}"/>'
    return _testcase(finding.path, name, span.line, outcome)


def _details(finding: Finding) -> str:
    lines = [f"{severity_of(finding).label} {finding.rule} {finding.name}", finding.message]
    lines.append(f"{finding.path}:{finding.span.line}:{finding.span.column}: {finding.snippet}".rstrip(": "))
    lines += [f"{n}. {step.path}:{step.span.line}: {step.message}" for n, step in enumerate(finding.flow, 1)]
    lines += [f"see also {place.path}:{place.span.line}: {place.message}" for place in finding.related]
    lines += [f"fix: {finding.fix}"] if finding.fix else []
    return "\n".join(lines)


def _problem(note: Notification) -> str:
    outcome = f'<error type="{_attribute(note.kind)}" message="{_attribute(with_next_step(note))}"/>'
    return _testcase(note.path or "agentlint", note.kind, note.line, outcome)


def _testcase(path: str, name: str, line: int, outcome: str) -> str:
    file = _attribute(path)
    place = f'classname="{file}" name="{_attribute(name)}" file="{file}" line="{max(line, 1)}"'
    return f'    <testcase {place} time="0">{outcome}</testcase>'


def _system_out(result: ScanResult) -> list[str]:
    warnings = [note for note in result.notifications if note.level != "error"]
    text = "\n".join(f"{note.level}: {note.kind}: {note.path}: {note.message}" for note in warnings)
    return [f"    <system-out>{for_xml(text)}</system-out>"] if warnings else []


def _attribute(text: str) -> str:
    return for_xml(" ".join(text.split()))
