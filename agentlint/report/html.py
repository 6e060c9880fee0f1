"""The report as one HTML page that needs nothing else: no network, light and dark, filters by severity."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from itertools import groupby

from agentlint.core.escape import for_html
from agentlint.core.finding import Finding, Notification
from agentlint.core.place import Span
from agentlint.core.result import ScanResult
from agentlint.report.frame import FrameLine, Framer, framer
from agentlint.report.html_assets import SCRIPT, STYLE
from agentlint.report.options import ReportOptions
from agentlint.report.select import by_severity, confidence_of, next_step, severity_of, shown, summary_line

FRAME_WIDTH = 160


def render(result: ScanResult, options: ReportOptions) -> str:
    """Return the page. Scanned text is escaped, and the page's policy allows only its own style and script."""
    findings = shown(result, options)
    frames = framer(result)
    body = [
        f"<header><h1>agentlint</h1><p>{for_html(summary_line(result, options))}</p>",
        f'<p class="dim">version {for_html(result.version)}</p></header>',
        *_filters(findings),
        "<main>",
    ]
    for path, group in groupby(findings, key=lambda finding: finding.path):
        body += [f'<section data-file="{for_html(path)}"><h2>{for_html(path)}</h2>']
        body += [_article(finding, frames) for finding in group]
        body.append("</section>")
    body += ["" if findings else "<p>No findings.</p>", *_notes(result.notifications), "</main>"]
    return "\n".join([*_head(), *body, f"<script>{SCRIPT}</script>", "</body>", "</html>", ""])


def _head() -> list[str]:
    own = f"style-src '{_digest(STYLE)}'; script-src '{_digest(SCRIPT)}'"
    policy = f"default-src 'none'; {own}; base-uri 'none'; form-action 'none'"
    return [
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        "<title>agentlint report</title>",
        f"<style>{STYLE}</style>",
        "</head>",
        "<body>",
    ]


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _filters(findings: Iterable[Finding]) -> list[str]:
    counts = by_severity(findings)
    boxes = [
        f'<label class="{label}"><input type="checkbox" data-severity="{label}" checked> '
        f'<span class="sev">{label}</span> {count}</label>'
        for label, count in counts.items()
    ]
    return ['<form class="filters" aria-label="Show severities">', *boxes, "</form>"] if boxes else []


def _article(finding: Finding, frames: Framer) -> str:
    severity = severity_of(finding).label
    place = _place(finding.path, finding.span)
    if finding.cell is not None:
        place += f" (cell {finding.cell.number}, line {finding.cell.line})"
    parts = [
        f'<article class="{severity}" data-severity="{severity}" id="f-{for_html(finding.fingerprint)}">',
        f'<h3><span class="sev">{severity}</span> {for_html(finding.rule)} {for_html(finding.name)}</h3>',
        f'<p class="dim">{place} · {confidence_of(finding).label} confidence{_tags(finding)}</p>',
        f"<p>{for_html(finding.message)}</p>",
        _frame(frames(finding, FRAME_WIDTH)) or _snippet(finding.snippet),
    ]
    steps = [(step.path, step.span, step.message) for step in finding.flow]
    related = [(place.path, place.span, place.message) for place in finding.related]
    parts += [_list("Path", "ol", steps), _list("See also", "ul", related)]
    if finding.fix:
        parts.append(f'<p class="fix">→ {for_html(finding.fix)}</p>')
    if finding.suppressed is not None:
        parts.append(f'<p class="dim">Ignored: {for_html(finding.suppressed)}</p>')
    return "\n".join([*(part for part in parts if part), "</article>"])


def _tags(finding: Finding) -> str:
    tags = [*(f"CWE-{number}" for number in finding.cwe), *finding.owasp, *finding.controls]
    return "".join(f" · {for_html(tag)}" for tag in tags)


def _place(path: str, span: Span) -> str:
    return f"<code>{for_html(path)}:{span.line}:{span.column}</code>"


def _list(title: str, tag: str, places: Sequence[tuple[str, Span, str]]) -> str:
    if not places:
        return ""
    items = [f"<li>{_place(path, span)} {for_html(message)}</li>" for path, span, message in places]
    return "\n".join([f'<p class="dim">{title}</p>', f"<{tag}>", *items, f"</{tag}>"])


def _frame(frame: Sequence[FrameLine]) -> str:
    lines = []
    for line in frame:
        before, inside, after = (
            for_html(part) for part in (line.text[: line.start], line.text[line.start : line.end], line.text[line.end :])
        )
        marked = f"{before}<mark>{inside}</mark>{after}" if inside else before + after
        lines.append(f'<span class="n">{line.number:>5} </span>{marked}')
        if line.more:
            lines.append(f'<span class="n">      … {line.more} more</span>')
    return f"<pre>{chr(10).join(lines)}</pre>" if lines else ""


def _snippet(snippet: str) -> str:
    return f"<pre>{for_html(snippet)}</pre>" if snippet else ""


def _notes(notes: Sequence[Notification]) -> list[str]:
    if not notes:
        return []
    rows = [
        f"<tr><td>{note.level}</td><td>{note.kind}</td>"
        f"<td><code>{for_html(note.path)}{f':{note.line}' if note.line > 0 else ''}</code></td>"
        f'<td>{for_html(note.message)}<p class="dim">{for_html(next_step(note))}</p></td></tr>'
        for note in notes
    ]
    head = "<tr><th>level</th><th>what</th><th>where</th><th>why, and what to do next</th></tr>"
    return ["<section><h2>Could not be checked</h2>", f"<table>{head}", *rows, "</table></section>"]
