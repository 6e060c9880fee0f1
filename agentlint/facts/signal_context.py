"""Whether a phrase is meant: text that forbids, reports or quotes it does not say it."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from agentlint.core import lazy

if TYPE_CHECKING:
    from agentlint.facts.signal_table import Vocabulary

_SENTENCE_END = lazy.pattern(r"[.!?](?=[\s\"'`)*_]{1,3}|$)|\n\s{0,40}\n|\n[ \t]{0,40}(?:[-*+>|#]|\d{1,3}[.)])|<[/!]?\w{2,20}>")
_CLAUSE = lazy.pattern(r"(?i)[;:]\s|,\s{1,3}(?:and|but|then|instead)\b|\b(?:and|but)\s{1,3}then\b|\.\s")
_FENCE = lazy.pattern(r"(?m)^[ \t>]{0,40}(?:```|~~~)")
_HEADING = lazy.pattern(r"(?m)^(?:#{1,6}[ \t][^\n]{1,200}|[^\n]{1,300}:[*_ \t]{0,4})$")
_FORBIDS = lazy.pattern(
    "(?i)"
    r"\b(?:never|do\s+not|don['\u2019]?ts?|must\s+not|not\s+allowed|forbidden|prohibited|avoid|disallowed)(?:\s+\w{1,20}){0,3}\W{0,9}$"
)
_LISTED = "-*+|0123456789"
_REACH = 320
_INTRO_REACH = 4_000
_ABOUT = 2
_ABOUT_MUCH = 6
_NEAR_NEGATION = 110


class Context:
    """What surrounds the phrases of one text. ``markdown``: fences, quotes and tables have their meaning."""

    def __init__(self, text: str, lowered: str, words: Vocabulary, *, markdown: bool) -> None:
        self._text, self._words, self._markdown = text, words, markdown
        self._fences = [match.start() for match in _FENCE.finditer(text)] if markdown else []
        self._subject = sum(term in lowered for term in words.about)

    def is_meant(self, start: int, end: int, *, negatable: bool, blanked: list[tuple[int, int]]) -> bool:
        """Return whether the phrase at ``start`` is said, not forbidden, reported or quoted.

        ``blanked`` are other phrases whose own "do not" says nothing about this one.
        """
        before = self._sentence(start, blanked)
        if negatable and self._negated(before):
            return False
        if self._words.reporting.search(before):
            return False
        line, intro = self._line(start), self._intro(start)
        own = self._words.negation.match(self._text, start)
        if not own and _FORBIDS.search(intro):
            return False
        if negatable and line.lstrip()[:1] in _LISTED and self._words.negation.search(intro):
            return False
        if self._subject and self._words.reporting.search(intro):
            return False
        return not (self._subject >= _ABOUT and self._is_quoted(start, end, line))

    def _sentence(self, start: int, blanked: list[tuple[int, int]]) -> str:
        low = max(0, start - _REACH)
        before = self._text[low:start]
        for first, last in blanked:
            if last > low and first < start:
                cut, stop = max(first - low, 0), min(last - low, len(before))
                before = before[:cut] + " " * (stop - cut) + before[stop:]
        ends = [match.end() for match in _SENTENCE_END.finditer(before)]
        return before[ends[-1] :] if ends else before

    def _negated(self, before: str) -> bool:
        clauses = [match.end() for match in _CLAUSE.finditer(before)]
        near = before[clauses[-1] :] if clauses else before
        return self._words.negation.search(near[-_NEAR_NEGATION:]) is not None

    def _line(self, start: int) -> str:
        first = self._text.rfind("\n", 0, start) + 1
        last = self._text.find("\n", start)
        return self._text[max(first, start - 400) : last if 0 <= last < start + 400 else start + 400]

    def _intro(self, start: int) -> str:
        """The heading, or the line that ends in a colon, under which ``start`` stands."""
        low = max(0, start - _INTRO_REACH)
        found = [match[0] for match in _HEADING.finditer(self._text, low, self._text.rfind("\n", 0, start) + 1)]
        return found[-1] if found else ""

    def _is_quoted(self, start: int, end: int, line: str) -> bool:
        if self._markdown:
            if bisect_right(self._fences, start) % 2:
                return True
            if line.lstrip()[:1] in ("|", ">"):
                return True
        if self._subject >= _ABOUT_MUCH and line.lstrip()[:2] in ("- ", "* ", "+ "):
            return True
        first = self._text.rfind("\n", 0, start) + 1
        last = self._text.find("\n", end)
        left, right = self._text[max(first, start - 400) : start], self._text[end : last if last >= 0 else end + 400]
        return any(left.count(mark) % 2 and mark in right for mark in '"`') or ("“" in left and "”" in right)
