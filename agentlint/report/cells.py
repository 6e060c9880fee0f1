"""Text measured and wrapped in terminal cells: wide characters take two, combining marks none."""

from __future__ import annotations

import unicodedata


def cell_width(text: str) -> int:
    """Return how many terminal cells ``text`` takes."""
    if text.isascii():
        return len(text)
    return sum(_char_cells(char) for char in text)


def _char_cells(char: str) -> int:
    if char < "\u0300":
        return 1
    if unicodedata.combining(char) or char == "\ufe0f":
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def head(text: str, cells: int) -> str:
    """Return the longest start of ``text`` that fits in ``cells``."""
    if text.isascii():
        return text[:cells]
    used = 0
    for index, char in enumerate(text):
        used += _char_cells(char)
        if used > cells:
            return text[:index]
    return text


def wrap(text: str, width: int) -> list[str]:
    """Return ``text`` in lines of at most ``width`` cells, broken at blanks; a longer word is cut."""
    width = max(width, 8)
    lines: list[str] = []
    line = ""
    for word in text.split():
        rest = word
        joined = f"{line} {rest}" if line else rest
        if cell_width(joined) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        while cell_width(rest) > width:
            part = head(rest, width) or rest[0]
            lines.append(part)
            rest = rest[len(part) :]
        line = rest
    return [*lines, line] if line or not lines else lines
