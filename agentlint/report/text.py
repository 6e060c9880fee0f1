"""The report for people at a terminal: each finding with its code, its path from cause to effect and a fix."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from agentlint.core.escape import for_terminal
from agentlint.core.finding import Finding, Notification
from agentlint.core.result import ScanResult
from agentlint.report.cells import cell_width, wrap
from agentlint.report.frame import framer
from agentlint.report.glyphs import ASCII, UNICODE, Glyphs
from agentlint.report.options import ReportOptions
from agentlint.report.select import plural, shown, summary_line, unchecked_count, worst_first
from agentlint.report.text_finding import FindingText
from agentlint.report.text_notes import note_lines
from agentlint.report.text_style import Line, paint

MIN_WIDTH = 40
MAX_WIDTH = 140
_PLAIN_TYPE = {
    0x2018: "'",
    0x2019: "'",
    0x201C: '"',
    0x201D: '"',
    0x2013: "-",
    0x2014: "-",
    0x2026: "...",
    0x2192: "->",
    0x00B7: "-",
}


def render(result: ScanResult, options: ReportOptions) -> str:
    """Return the report as text, with terminal colours when ``options.color``; prose is set at most 140 cells wide."""
    width, glyphs = _frame(options)
    findings = shown(result, options)
    lines: list[Line] = []
    writer = FindingText(framer(result, glyphs.ellipsis, ascii_only=not options.unicode), glyphs, width, verbose=options.verbose)
    for path, group in groupby(findings, key=lambda finding: finding.path):
        members = list(group)
        lines += [*_file_heading(path, len(members), width, glyphs), []]
        for finding in members:
            lines += [*writer.lines(finding), []]
    if options.notes:
        lines += note_lines(result.notifications, width, glyphs, verbose=options.verbose)
    lines += _ending(result, findings, options, glyphs, width)
    return _text(lines, options)


def notes(notifications: Sequence[Notification], options: ReportOptions) -> str:
    """Return the part of the report that lists what could not be checked; empty when there is nothing to list."""
    width, glyphs = _frame(options)
    lines = note_lines(notifications, width, glyphs, verbose=options.verbose)
    return _text(lines[:-1], options) if lines else ""


def _frame(options: ReportOptions) -> tuple[int, Glyphs]:
    return max(MIN_WIDTH, min(options.width, MAX_WIDTH)), UNICODE if options.unicode else ASCII


def _text(lines: Sequence[Line], options: ReportOptions) -> str:
    text = paint(lines, color=options.color)
    return text if options.unicode else text.translate(_PLAIN_TYPE).encode("ascii", "backslashreplace").decode()


def _file_heading(path: str, count: int, width: int, glyphs: Glyphs) -> list[Line]:
    name, counted = for_terminal(path), plural(count, "finding")
    fill = width - cell_width(name) - len(counted) - 2
    if fill < 3:
        return [[(name, "path")], [(f"{glyphs.rule * 3} {counted}", "dim")]]
    return [[(name, "path"), (f" {glyphs.rule * fill} {counted}", "dim")]]


def _ending(result: ScanResult, findings: Sequence[Finding], options: ReportOptions, glyphs: Glyphs, width: int) -> list[Line]:
    separator = f" {glyphs.dot} "
    summary = summary_line(result, options, separator)
    if result.findings:
        counts, _, rest = summary.partition(separator)
        lines: list[Line] = [[(counts, "path"), (separator + rest, "")]]
        if cell_width(summary) > width:
            lines = [[(line, "path")] for line in wrap(counts, width)] + [[(line, "")] for line in wrap(rest, width)]
    elif unchecked_count(result.notifications):
        rest = summary.removeprefix("No findings")
        lines = [[("Nothing found in what could be checked", "warning"), (rest, "")]]
    else:
        lines = [[(f"{glyphs.check} No findings", "ok"), (summary.removeprefix("No findings"), "")]]
    if findings:
        worst = for_terminal(worst_first(findings)[0].rule)
        command, hint = f"agentlint explain {worst}", " tells why it matters and how it decides"
        lines.append([(command, "place"), (hint if cell_width(command + hint) <= width else "", "dim")])
    return lines
