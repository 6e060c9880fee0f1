"""``KEY=VALUE`` files with the place of every key and value."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agentlint.core import lazy
from agentlint.core.limits import MAX_NODES
from agentlint.parse.document import Document, Member, Node
from agentlint.parse.problem import ParseProblem

if TYPE_CHECKING:
    from agentlint.parse.text import Text

_KEY = lazy.pattern(r"[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]{0,200})[ \t]*=[ \t]*")
_ESCAPE = lazy.pattern(r"\\(.)", re.DOTALL)
_SIMPLE = {"n": "\n", "r": "\r", "t": "\t"}


def parse_dotenv(text: Text) -> Document | ParseProblem:
    """Parse ``text`` into one map of strings; lines that assign nothing are passed over.

    Values in quotes may span lines; the span of a quoted value includes its quotes. A comment starts a line or
    follows a space.
    """
    root = Node("map", text.span(0, len(text.data)))
    data, starts = text.data, [*text.starts, len(text.data)]
    pos = 0
    for line_start, line in zip(starts, text.lines, strict=False):
        if line_start < pos or "=" not in line:
            continue
        match = _KEY.match(data, line_start, line_start + len(line))
        if match is None:
            continue
        start, end = match.end(), line_start + len(line)
        value, pos = _value(data, start, end)
        node = Node("str", text.span(start, pos), value)
        root.members.append(Member(match[1], text.span(match.start(1), match.end(1)), node))
        if len(root.members) > MAX_NODES:
            return ParseProblem(f"more than {MAX_NODES} values", node.span.line, "cap")
    return Document([root])


def _value(data: str, start: int, end: int) -> tuple[str, int]:
    quote = data[start : start + 1] if start < end else ""
    if quote in ("'", '"') and quote:
        close = _closing(data, start + 1, quote)
        if close >= 0:
            raw = data[start + 1 : close]
            if quote == '"' and "\\" in raw:
                raw = _ESCAPE.sub(lambda match: _SIMPLE.get(match[1], match[1]), raw)
            return raw, close + 1
    raw = data[start:end]
    if raw.startswith("#"):
        return "", start
    comment = min((at for at in (raw.find(" #"), raw.find("\t#")) if at >= 0), default=len(raw))
    value = raw[:comment].rstrip()
    return value, start + len(value)


def _closing(data: str, at: int, quote: str) -> int:
    """Return the offset of the quote that closes the value, at most 10,000 characters on; -1 if there is none."""
    limit = at + 10_000
    while True:
        close = data.find(quote, at, limit)
        if close < 0 or quote == "'":
            return close
        backslash = data.find("\\", at, close)
        if backslash < 0:
            return close
        at = backslash + 2
