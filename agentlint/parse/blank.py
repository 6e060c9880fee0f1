"""Blanking of ``{{ … }}``, ``{% … %}`` and ``{# … #}`` so that a template can be parsed."""

from __future__ import annotations

FILL = "\ue000"  # a private-use character: valid in YAML, absent from real files
_PAIRS = (("{{", "}}"), ("{%", "%}"), ("{#", "#}"))


def regions(data: str) -> list[tuple[int, int]]:
    """Return the template parts of ``data`` as sorted, disjoint ranges of offsets; time is linear."""
    found: list[tuple[int, int]] = []
    upcoming = {start: data.find(start) for start, _ in _PAIRS}
    closers = dict(_PAIRS)
    while True:
        live = [(at, start) for start, at in upcoming.items() if at >= 0]
        if not live:
            return found
        at, start = min(live)
        close = data.find(closers[start], at + 2)
        if close < 0:
            upcoming[start] = -1
            continue
        end = close + 2
        while data.startswith("}", end) and start == "{{":
            end += 1
        found.append((at, end))
        for other, place in upcoming.items():
            if 0 <= place < end:
                upcoming[other] = data.find(other, end)


def blank(data: str, fill: str = FILL) -> tuple[str, list[tuple[int, int]]]:
    """Return ``data`` with its template parts blanked, every offset kept, and their ranges.

    A line that holds nothing but template parts (a condition, a loop) becomes spaces; elsewhere a part becomes
    ``fill``, because it stands for a value that is not known, which is not the same as no value.
    """
    found = regions(data)
    if not found:
        return data, found
    pieces: list[str] = []
    last = 0
    for start, end in found:
        pieces.append(data[last:start])
        pieces.append("".join(char if char in "\r\n" else FILL for char in data[start:end]))
        last = end
    pieces.append(data[last:])
    lines = "".join(pieces).split("\n")
    for index, line in enumerate(lines):
        if FILL in line:
            only = not line.replace(FILL, "").strip()
            lines[index] = line.replace(FILL, " " if only else fill)
    return "\n".join(lines), found
