"""Literals of configuration and scripts under names: ``name: value``, ``NAME=value``, entries of ``name`` and ``value``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from agentlint.core import lazy
from agentlint.facts.literal_names import NAME_END, WORDS, name_class

if TYPE_CHECKING:
    import re

    from agentlint.parse.text import Text

_MAX_LINE = 1_500
_MAX_LINES = 4_000
_END = lazy.pattern(NAME_END)
_PAIR = lazy.pattern(
    r"""(?<![\w.$-])\\?["']?(?P<name>[A-Za-z_][\w.-]{2,79})\\?["']?[ \t]{0,40}(?::=|=>|[:=])[ \t]{0,8}"""
    r"""(?:\\?"(?P<a>[^"\\\n]{4,400})\\?"|'(?P<b>[^'\n]{4,400})'|`(?P<c>[^`\n]{4,400})`"""
    r"""|(?P<d>(?:(?i:bearer|basic|token) )?[^\s"'`#,;{}()\[\]<>][^\s"'`,;{}()\[\]<>]{3,399}))"""
)
_OPTION = lazy.pattern(
    r"""(?<![\w-])--?(?P<name>[a-z][\w-]{3,60})[ =]{1,4}["']?(?P<d>[^\s"'`,;{}()\[\]<>-][^\s"'`,;{}()\[\]<>]{7,399})"""
)
_NAMED = lazy.pattern(r"""(?i:["']?name["']?[ \t]{0,4}[:=][ \t]{0,8}["']?(?P<name>[A-Za-z_][\w.-]{2,79})["']?)""")
_VALUE = lazy.pattern(
    r"""(?i:^[\s{,-]{0,80}["']?value["']?[ \t]{0,4}[:=][ \t]{0,8})"""
    r"""(?:"(?P<a>[^"\n]{4,400})"|'(?P<b>[^'\n]{4,400})'|(?P<d>[^\s"',{}\[\]]{4,400}))"""
)
_SAMPLE = lazy.pattern(r"""[ \t]{0,200}(?:- )?["']?(?:[\w-]{0,80}[Ee]|e)xamples?["']?[ \t]{0,4}:""")
_MAX_ABOVE = 400
_SLOTS = ("a", "b", "c", "d")


class TextCandidate(NamedTuple):
    """A literal ``text`` that stands under ``name`` at offsets ``start`` to ``end``; ``quoted`` if it is written as a string."""

    name: str
    text: str
    start: int
    end: int
    quoted: bool


def candidates(text: Text) -> Iterator[TextCandidate]:
    """Yield every literal under a name that says credential, in file order; long (generated) lines are left out."""
    for number in lines(text):
        if len(text.lines[number]) > _MAX_LINE:
            continue
        line, start = text.lines[number], text.starts[number]
        for match in (*_PAIR.finditer(line), *_OPTION.finditer(line)):
            if name_class(match["name"]):
                yield from _found(match, match["name"], start)
        named = _NAMED.search(line)
        if named is not None and number + 1 < len(text.lines) and name_class(named["name"]):
            below = text.lines[number + 1][:_MAX_LINE]
            value = _VALUE.search(below)
            if value is not None:
                yield from _found(value, named["name"], text.starts[number + 1])


def is_sample(text: Text, offset: int) -> bool:
    """Tell whether the line at ``offset`` stands below a key ``example`` or ``examples``: a sample of a schema."""
    number = text.position(offset)[0] - 1
    indent = _indent(text.lines[number])
    for above in range(number - 1, max(-1, number - _MAX_ABOVE), -1):
        if indent == 0:
            return False
        line = text.lines[above]
        depth = _indent(line)
        if line.strip() and depth < indent:
            indent = depth
            if _SAMPLE.match(line):
                return True
    return False


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def lines(text: Text) -> list[int]:
    """Return the 0-based numbers of the lines on which a name that says credential ends; at most 4,000."""
    lowered = text.data.lower()
    if len(lowered) != len(text.data):  # some letters have no lower case of the same length
        lowered = text.data
    found: set[int] = set()
    for word in WORDS:
        at = lowered.find(word)
        while at >= 0 and len(found) < _MAX_LINES:
            if _END.match(lowered, at):
                found.add(text.position(at)[0] - 1)
            at = lowered.find(word, at + len(word))
    return sorted(found)


def _found(match: re.Match[str], name: str, start: int) -> Iterator[TextCandidate]:
    slots = match.groupdict()
    for slot in _SLOTS:
        if slots.get(slot) is not None:
            first, last = match.span(slot)
            yield TextCandidate(name, match[slot], start + first, start + last, slot != "d")
            return
