"""What could not be checked, as terminal lines, with what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from agentlint.core.escape import for_terminal
from agentlint.core.finding import Notification
from agentlint.report.cells import wrap
from agentlint.report.glyphs import Glyphs
from agentlint.report.select import next_step
from agentlint.report.text_frame import INDENT
from agentlint.report.text_style import Line

MAX_SHOWN = 10
TITLES = {
    "error": ("Could not be checked", "bad"),
    "warning": ("Checked only in part", "warning"),
    "note": ("Notes", "dim"),
}
_ORDER = ("error", "warning", "note")


def note_lines(notes: Sequence[Notification], width: int, glyphs: Glyphs, *, verbose: bool) -> list[Line]:
    """Return the sections of ``notes`` by level, the ten first of each kind unless ``verbose``."""
    lines: list[Line] = []
    ordered = sorted(notes, key=lambda note: (_ORDER.index(note.level), note.kind, note))
    for level, group in groupby(ordered, key=lambda note: note.level):
        title, style = TITLES[level]
        lines.append([(title, style)])
        for _, members in groupby(group, key=lambda note: note.kind):
            same = list(members)
            few = same if verbose else same[:MAX_SHOWN]
            for note in few:
                lines += _note(note, width)
            if len(few) < len(same):
                more = f"{len(same) - len(few)} more, shown with --verbose"
                lines.append([(f"{INDENT}{glyphs.ellipsis} {more}", "dim")])
            first = f"{INDENT}{glyphs.arrow} "
            step = next(filter(None, map(next_step, same)), "")
            for number, text in enumerate(wrap(step, width - len(first)) if step else ()):
                lines.append([(" " * len(first) if number else first, "fix"), (text, "fix")])
        lines.append([])
    return lines


def _note(note: Notification, width: int) -> list[Line]:
    place = for_terminal(note.path) + (f":{note.line}" if note.line > 0 else "") if note.path else ""
    texts = [text for part in note.message.splitlines() for text in wrap(for_terminal(part), width - 2 * len(INDENT))]
    head: Line = [(INDENT, ""), (place, "place"), ("  " if place else "", ""), (note.kind, "dim")]
    return [head, *([(INDENT * 2, ""), (text, "")] for text in texts)]
