"""Code frames: the lines around a span, made safe, masked and cut to a width, with the place to mark in each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import NamedTuple

from agentlint.core.escape import for_terminal
from agentlint.core.finding import Finding
from agentlint.core.fingerprint import split_lines
from agentlint.core.mask import SecretMark, mask_line, secret_marks
from agentlint.core.place import Span
from agentlint.core.result import ScanResult
from agentlint.report.cells import cell_width, head

MAX_SPAN_LINES = 4


class FrameLine(NamedTuple):
    """``text[start:end]`` is to be marked, if not empty; ``more`` counts lines of the span left out after this."""

    number: int
    text: str
    start: int = 0
    end: int = 0
    more: int = 0


Framer = Callable[[Finding, int], list[FrameLine]]


class MaskedLines:
    """The lines of one file with secrets masked, each masked once."""

    def __init__(self, text: str, marks: Sequence[SecretMark]) -> None:
        self._lines = split_lines(text)
        self._marks = marks
        self._masked: dict[int, str] = {}

    def __len__(self) -> int:
        return len(self._lines)

    def line(self, number: int) -> str:
        """Return the 1-based line ``number``, without blanks at its end."""
        if number not in self._masked:
            self._masked[number] = mask_line(self._lines[number - 1], number, self._marks).rstrip()
        return self._masked[number]


def framer(result: ScanResult, ellipsis: str = "…", *, ascii_only: bool = False) -> Framer:
    """Return a function from a finding and a width in cells to its frame, empty when the text is not at hand."""
    marks = secret_marks((*result.findings, *result.suppressed))
    cache: dict[str, MaskedLines] = {}

    def lines_of(path: str) -> MaskedLines:
        if path not in cache:
            cache.clear()  # findings come file by file: one text at a time is enough
            cache[path] = MaskedLines(result.source(path) or "", marks.get(path, ()))
        return cache[path]

    def frame(finding: Finding, width: int) -> list[FrameLine]:
        # Around a secret there may be more of it (the body of a key), so such frames show no context.
        context = 0 if finding.rule.startswith("AL1") else 1
        lines = lines_of(finding.path)
        return build(lines, finding.span, width, context=context, ellipsis=ellipsis, ascii_only=ascii_only)

    return frame


def build(
    lines: MaskedLines, span: Span, width: int, *, context: int = 1, ellipsis: str = "…", ascii_only: bool = False
) -> list[FrameLine]:
    """Return the frame of ``span`` with ``context`` lines around; lines without text at its edges are left out."""
    if not 1 <= span.line <= len(lines):
        return []
    last = max(span.line, min(span.end_line, len(lines)))
    shown_last = min(last, span.line + MAX_SPAN_LINES - 1)
    frame = []
    for number in range(max(1, span.line - context), min(len(lines), shown_last + context) + 1):
        inside = span.line <= number <= shown_last
        if (not inside and not lines.line(number)) or (number > shown_last and last > shown_last):
            continue
        line = _line(lines.line(number), number, span, width, ellipsis, ascii_only=ascii_only)
        frame.append(line._replace(more=last - shown_last) if number == shown_last else line)
    return frame


def _line(masked: str, number: int, span: Span, width: int, ellipsis: str, *, ascii_only: bool) -> FrameLine:
    start = end = 0
    if number == span.line:
        start = min(max(span.column - 1, 0), len(masked))
        end = span.end_column - 1 if span.end_line <= span.line else len(masked)
        end = min(max(end, start + 1), max(len(masked), start + 1))
    # Of a very long line only the part around the span is worth rendering.
    left = max(0, start - width) if len(masked) > 4 * width else 0
    right = left + 4 * width
    pieces = _pieces(masked[left:right], ascii_only=ascii_only)
    offsets = list(accumulate((len(piece) for piece in pieces), initial=0))
    text = "".join(pieces)
    cut_left, cut_right = left > 0, right < len(masked)
    at = offsets[min(start - left, len(pieces))]
    until = max(offsets[min(max(end - left, 0), len(pieces))], at + (end > start))
    return _crop(FrameLine(number, text, at, until), width, ellipsis, cut_left=cut_left, cut_right=cut_right)


def _pieces(text: str, *, ascii_only: bool) -> list[str]:
    """Return what is printed for each character."""
    if text.isascii() and text.isprintable():
        return list(text)
    pieces = [for_terminal(char) for char in text]
    return [piece.encode("ascii", "backslashreplace").decode() for piece in pieces] if ascii_only else pieces


def _crop(line: FrameLine, width: int, ellipsis: str, *, cut_left: bool, cut_right: bool) -> FrameLine:
    text, start, end = line.text, line.start, line.end
    if cell_width(text) <= width and not cut_left and not cut_right:
        return line
    first = 0
    room = width - 2 * len(ellipsis)
    if cut_left or cell_width(text[:end]) > room:
        # Keep the span in view: with all that fits before it, or a quarter of the width when the span itself is long.
        first = start
        before_span = max(room * 4 // 5 - cell_width(text[start:end]), room // 4)
        while first > 0 and cell_width(text[first - 1 : start]) <= before_span:
            first -= 1
    kept = head(text[first:], room)
    before = ellipsis if first > 0 or cut_left else ""
    after = ellipsis if first + len(kept) < len(text) or cut_right else ""
    shift = len(before) - first
    stop = len(before) + len(kept)
    marked_end = max(min(end + shift, stop), start + shift + 1) if end > start else start + shift
    return FrameLine(line.number, before + kept + after, max(start + shift, 0), max(marked_end, 0))
