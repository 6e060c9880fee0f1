"""The report as GitHub-flavoured Markdown, for pull requests, wikis and job summaries."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from agentlint.core.escape import for_markdown, markdown_code
from agentlint.core.finding import Finding, Notification
from agentlint.core.place import Span
from agentlint.core.result import ScanResult
from agentlint.report.options import ReportOptions
from agentlint.report.select import by_severity, next_step, severity_of, shown, summary_line, worst_first

MAX_PLACES = 20
MAX_NOTES = 200


def render(result: ScanResult, options: ReportOptions) -> str:
    """Return the whole report, the worst findings first."""
    findings = worst_first(shown(result, options))
    return "\n".join([*_top(result, options), *_sections([_block(f) for f in findings], findings), *_notes(result)])


def render_within(result: ScanResult, options: ReportOptions, limit: int) -> str:
    """Return the report in at most ``limit`` UTF-8 bytes; it says how many of the least severe are left out."""
    findings = worst_first(shown(result, options))
    top, notes = _top(result, options), _notes(result)
    left = limit - 512 - _size([*top, *notes])
    if left < 0:
        notes = ["", f"{len(result.notifications)} notifications are left out.", ""]
        left = limit - 512 - _size([*top, *notes])
    blocks: list[list[str]] = []
    for finding in findings:
        block = _block(finding)
        left -= _size(block) + 64
        if left < 0:
            break
        blocks.append(block)
    cut = len(findings) - len(blocks)
    more = ["", f"**{cut} more findings are left out here**, the least severe ones.", ""] if cut else []
    return "\n".join([*top, *_sections(blocks, findings), *more, *notes])


def _size(lines: Sequence[str]) -> int:
    return sum(len(line.encode("utf-8", "replace")) + 1 for line in lines)


def _top(result: ScanResult, options: ReportOptions) -> list[str]:
    counts = by_severity(result.findings)
    lines = ["# agentlint", "", summary_line(result, options), ""]
    if counts:
        lines += ["| severity | findings |", "|---|---:|", *(f"| {label} | {n} |" for label, n in counts.items()), ""]
    return lines


def _sections(blocks: Sequence[Sequence[str]], findings: Sequence[Finding]) -> list[str]:
    lines: list[str] = []
    pairs = zip(findings, blocks, strict=False)
    for severity, group in groupby(pairs, key=lambda pair: severity_of(pair[0])):
        lines += [f"## {severity.label.capitalize()}", ""]
        for _, block in group:
            lines += block
    return lines


def _block(finding: Finding) -> list[str]:
    title = f"### {for_markdown(finding.rule)} {for_markdown(finding.name)}".rstrip()
    place = _place(finding.path, finding.span)
    if finding.cell is not None:
        place += f" (cell {finding.cell.number}, line {finding.cell.line})"
    lines = [title, "", place, "", for_markdown(finding.message), ""]
    if finding.snippet:
        lines += [markdown_code(finding.snippet), ""]
    steps = [
        f"{number}. {_place(step.path, step.span)} {for_markdown(step.message)}"
        for number, step in enumerate(finding.flow[:MAX_PLACES], 1)
    ]
    lines += ["Path:", "", *steps, *_more(len(finding.flow)), ""] if steps else []
    related = [f"- {_place(place.path, place.span)} {for_markdown(place.message)}" for place in finding.related[:MAX_PLACES]]
    lines += ["See also:", "", *related, *_more(len(finding.related)), ""] if related else []
    lines += [f"**Fix:** {for_markdown(finding.fix)}", ""] if finding.fix else []
    if finding.suppressed is not None:
        lines += [f"*Ignored:* {for_markdown(finding.suppressed)}", ""]
    return lines


def _more(count: int) -> list[str]:
    return ["", f"… and {count - MAX_PLACES} more"] if count > MAX_PLACES else []


def _place(path: str, span: Span) -> str:
    return markdown_code(f"{path}:{span.line}:{span.column}")


def _notes(result: ScanResult) -> list[str]:
    if not result.notifications:
        return []
    lines = ["## Could not be checked", ""]
    lines += [_note(note) for note in result.notifications[:MAX_NOTES]]
    hidden = len(result.notifications) - MAX_NOTES
    return [*lines, *([f"- … and {hidden} more"] if hidden > 0 else []), ""]


def _note(note: Notification) -> str:
    place = f"{markdown_code(note.path + (f':{note.line}' if note.line > 0 else ''))} " if note.path else ""
    step = next_step(note)
    return f"- {note.level}: {place}{note.kind}: {for_markdown(note.message)}{f' ({step})' if step else ''}"
