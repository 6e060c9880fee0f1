"""One finding as terminal lines."""

from __future__ import annotations

from collections.abc import Sequence

from agentlint.core.escape import for_terminal
from agentlint.core.finding import Finding
from agentlint.core.place import Span
from agentlint.report.cells import cell_width, wrap
from agentlint.report.frame import Framer
from agentlint.report.glyphs import Glyphs
from agentlint.report.select import confidence_of, severity_of
from agentlint.report.text_frame import INDENT, frame_lines, gutter_width
from agentlint.report.text_style import Line

MAX_STEPS = 12
Row = tuple[str, str, str]  # number or mark, place, message


class FindingText:
    """Lays out findings for one width."""

    def __init__(self, framer: Framer, glyphs: Glyphs, width: int, *, verbose: bool) -> None:
        self._framer = framer
        self._glyphs = glyphs
        self._width = width
        self._verbose = verbose

    def lines(self, finding: Finding) -> list[Line]:
        """Return the lines of ``finding``, without a blank line around them."""
        lines = [*self._header(finding), *self._paragraph(finding.message)]
        code = self._framer(finding, self._width - gutter_width(finding.span.end_line))
        if code:
            lines += [[], *frame_lines(code, self._glyphs)]
        for title, rows in (("path", self._flow(finding)), ("see also", self._related(finding))):
            if rows:
                lines += [[], [(f"{INDENT}{title}", "dim")], *self._table(rows)]
        if finding.fix:
            lines += [[], *self._fix(finding.fix)]
        return lines

    def _header(self, finding: Finding) -> list[Line]:
        place = place_of(finding.path, finding.span)
        if finding.cell is not None:
            place += f" (cell {finding.cell.number}, line {finding.cell.line})"
        severity = severity_of(finding).label
        title = f"{for_terminal(finding.rule)} {for_terminal(finding.name)}".rstrip()
        notes = []
        if finding.suppressed is not None:
            notes.append(f"ignored: {one_line(finding.suppressed)}" if finding.suppressed else "ignored")
        if self._verbose:
            notes.append(f"{confidence_of(finding).label} confidence")
            notes += [f"in {for_terminal(finding.symbol)}"] if finding.symbol else []
        tail: Line = [(severity, severity), (" ", ""), (title, "rule")]
        if cell_width(place) + cell_width(severity + title) + 3 <= self._width:
            lines = [[(place, "place"), ("  ", ""), *tail]]
        else:
            lines = [[(place, "place")], [(INDENT, ""), *tail]]
        note = f" {self._glyphs.dot} ".join(notes)
        return [*lines, *([[(INDENT, ""), (part, "dim")] for part in wrap(note, self._width - 2)] if note else [])]

    def _paragraph(self, text: str) -> list[Line]:
        width = self._width - len(INDENT)
        parts = [part for part in text.splitlines() if part.strip()] or [""]
        return [[(INDENT, ""), (line, "")] for part in parts for line in wrap(for_terminal(part), width)]

    def _fix(self, text: str) -> list[Line]:
        first = f"{INDENT}{self._glyphs.arrow} "
        lines: list[Line] = []
        for line in wrap(one_line(text), self._width - len(first)):
            lines.append([(" " * len(first) if lines else first, "fix"), (line, "fix")])
        return lines

    def _flow(self, finding: Finding) -> list[Row]:
        rows: list[Row] = []
        previous = None
        for step in finding.flow:
            here = (step.path, step.span.line, step.span.column)
            # Steps at one place are one step to a reader; the sink's words matter more than those of the step before
            # it.
            if here == previous and step.kind != "sink":
                continue
            if here == previous:
                rows.pop()
            previous = here
            rows.append(("", place_of(step.path, step.span), one_line(step.message) or step.kind))
        numbered = [(f"{number}.", place, message) for number, (_, place, message) in enumerate(rows, 1)]
        if self._verbose or len(numbered) <= MAX_STEPS:
            return numbered
        hidden = f"{len(numbered) - MAX_STEPS} more steps, shown with --verbose"
        return [*numbered[:4], (self._glyphs.ellipsis, "", hidden), *numbered[-(MAX_STEPS - 4) :]]

    def _related(self, finding: Finding) -> list[Row]:
        rows = [
            (self._glyphs.dot, place_of(place.path, place.span), one_line(place.message))
            for place in dict.fromkeys(finding.related)
        ]
        if self._verbose or len(rows) <= MAX_STEPS:
            return rows
        more = f"{len(rows) - MAX_STEPS} more places, shown with --verbose"
        return [*rows[:MAX_STEPS], (self._glyphs.ellipsis, "", more)]

    def _table(self, rows: Sequence[Row]) -> list[Line]:
        lead = max(cell_width(row[0]) for row in rows)
        places = [cell_width(row[1]) for row in rows]
        column = max(places)
        start = len(INDENT) * 2 + lead + 1
        beside = start + column + 2 <= self._width // 2
        lines: list[Line] = []
        for (mark, place, message), size in zip(rows, places, strict=True):
            first: Line = [(f"{INDENT * 2}{mark:>{lead}} ", "dim"), (place, "place")]
            if not place:
                lines.append([*first[:1], (message, "dim")])
            elif beside:
                texts = wrap(message, self._width - start - column - 2)
                lines.append([*first, (" " * (column - size + 2), ""), (texts[0], "")])
                lines += [[(" " * (start + column + 2), ""), (text, "")] for text in texts[1:]]
            else:
                lines.append(first)
                lines += [[(" " * start, ""), (text, "")] for text in wrap(message, self._width - start) if text]
        return lines


def place_of(path: str, span: Span) -> str:
    return f"{for_terminal(path)}:{span.line}:{span.column}"


def one_line(text: str) -> str:
    return for_terminal(" ".join(text.split()))
