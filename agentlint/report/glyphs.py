"""The few characters of the text report that have a plain twin."""

from __future__ import annotations

from typing import NamedTuple


class Glyphs(NamedTuple):
    bar: str
    rule: str
    arrow: str
    dot: str
    ellipsis: str
    check: str


UNICODE = Glyphs(bar="│", rule="─", arrow="→", dot="·", ellipsis="…", check="✓")
ASCII = Glyphs(bar="|", rule="-", arrow="->", dot="-", ellipsis="...", check="ok:")
