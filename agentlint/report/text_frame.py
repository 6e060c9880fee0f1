"""A code frame as terminal lines: line numbers, the code, and marks under the span."""

from __future__ import annotations

from collections.abc import Sequence

from agentlint.report.cells import cell_width
from agentlint.report.frame import FrameLine
from agentlint.report.glyphs import Glyphs
from agentlint.report.text_style import Line

INDENT = "  "


def gutter_width(last_line: int) -> int:
    return len(INDENT) + max(len(str(last_line)), 3) + 3


def frame_lines(frame: Sequence[FrameLine], glyphs: Glyphs) -> list[Line]:
    """Return the terminal lines of ``frame``; none for an empty frame."""
    if not frame:
        return []
    digits = max(len(str(frame[-1].number)), 3)
    empty = f"{INDENT}{'':{digits}} {glyphs.bar} "
    lines: list[Line] = []
    for line in frame:
        number = f"{INDENT}{line.number:>{digits}} {glyphs.bar} "
        if line.end <= line.start:
            lines.append([(number, "dim"), (line.text, "")])
        else:
            lines.append(
                [
                    (number, "dim"),
                    (line.text[: line.start], ""),
                    (line.text[line.start : line.end], "mark"),
                    (line.text[line.end :], ""),
                ]
            )
            lines.append([(empty, "dim"), (_marks(line), "mark")])
        if line.more:
            word = "line" if line.more == 1 else "lines"
            lines.append([(empty, "dim"), (f"{glyphs.ellipsis} {line.more} more {word}", "dim")])
    return lines


def _marks(line: FrameLine) -> str:
    before = cell_width(line.text[: line.start])
    return " " * before + "^" * max(cell_width(line.text[line.start : line.end]), 1)
