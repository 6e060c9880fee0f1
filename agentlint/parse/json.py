"""JSON and JSONC (comments, trailing commas) with the place of every key and value."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from agentlint.core import lazy
from agentlint.core.limits import MAX_DEPTH, MAX_NODES
from agentlint.core.place import Span
from agentlint.parse.document import Document, Member, Node
from agentlint.parse.problem import ParseProblem

if TYPE_CHECKING:
    from agentlint.parse.text import Text

_TOKEN = lazy.pattern(
    r"[ \t\r\n]*(?:"
    r'"([^"\\\r\n]*)"'  # 1: a string without escapes
    r"|([{}\[\],:])"  # 2
    r'|"([^"\\\r\n]*(?:\\[^\r\n][^"\\\r\n]*)*)"'  # 3: a string with escapes
    r"|(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|-?Infinity|NaN)(?![\w.])"  # 4
    r"|(true|false|null)(?!\w)"  # 5
    r"|(//[^\r\n]*)"  # 6
    r"|(/\*)"  # 7
    r"|([^\s]|[^ \t\r\n])"  # 8: anything else
    r")"
)
_ESCAPE = lazy.pattern(r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_SIMPLE = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_LITERALS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_MAX_DIGITS = 400
_NOWHERE = Span()
_PLAIN, _MARK, _ESCAPED, _NUMBER, _WORD, _COMMENT, _LONG_COMMENT = range(1, 8)  # the groups of _TOKEN
_VALUE, _FIRST, _KEY, _COLON, _NEXT, _END = range(6)
_EXPECTED = {
    _VALUE: "a value",
    _FIRST: "a value or ']'",
    _KEY: "a key in double quotes",
    _COLON: "':'",
    _NEXT: "',' or the closing bracket",
    _END: "the end of the file",
}


def unescape(raw: str) -> str:
    """Return the text that the inside of a JSON string stands for; lone surrogates become U+FFFD."""
    return _ESCAPE.sub(_unescape_one, raw) if "\\" in raw else raw


def _unescape_one(match: re.Match[str]) -> str:
    high, low, code, char = match.groups()
    if high:
        return chr(0x10000 + ((int(high, 16) - 0xD800) << 10) + int(low, 16) - 0xDC00)
    if code:
        point = int(code, 16)
        return "\ufffd" if 0xD800 <= point <= 0xDFFF else chr(point)
    return _SIMPLE.get(char, char)


def parse_json(text: Text, start: int = 0, end: int | None = None) -> Document | ParseProblem:
    """Parse ``text`` (or the part from offset ``start`` to ``end``); places are those of the whole text.

    An empty text gives a document without roots. Repeated keys are all kept.
    """
    reader = _Reader(text, len(text.data) if end is None else end)
    return reader.read(start) or Document(reader.roots)


class _Stop(Exception):  # noqa: N818 - ends the reading, never leaves this module
    def __init__(self, message: str, *, cap: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.cap = cap


class _Reader:
    __slots__ = (
        "base",
        "count",
        "end",
        "following",
        "key",
        "key_span",
        "line",
        "roots",
        "stack",
        "starts",
        "state",
        "text",
    )

    def __init__(self, text: Text, end: int) -> None:
        self.text = text
        self.end = end
        self.roots: list[Node] = []
        self.stack: list[Node] = []
        self.starts = [*text.starts, len(text.data) + 1]
        self.line, self.base, self.following = 1, 0, self.starts[1]
        self.state, self.count, self.key, self.key_span = _VALUE, 0, "", _NOWHERE

    def read(self, pos: int) -> ParseProblem | None:
        """Fill ``roots``; all states of the grammar meet here, because calls dominate the time."""
        data, end, match = self.text.data, self.end, _TOKEN.match
        try:
            while (token := match(data, pos, end)) is not None:
                group = token.lastindex
                assert group is not None
                begin, pos = token.span(group)
                if begin >= self.following:
                    self.advance(begin)
                if group == _MARK:
                    self.mark(data[begin], begin - self.base + 1)
                elif group in (_PLAIN, _ESCAPED):
                    pos += 1
                    self.string(token[group], begin - self.base, escaped=group == _ESCAPED)
                elif group in (_NUMBER, _WORD):
                    self.put(_scalar(token[group], self.line, begin - self.base + 1), token[group])
                elif group != _COMMENT:
                    pos = self.special(data, group, begin, pos)
        except _Stop as stop:
            return ParseProblem(stop.message, self.line, "cap" if stop.cap else "parse-error")
        if self.stack or self.state == _COLON:
            first = self.stack[-1].span.line
            return ParseProblem(f"the file ends inside the value that starts on line {first}", self.line)
        return None

    def advance(self, begin: int) -> None:
        """Move to the line of offset ``begin``; tokens come in order, so this is linear in all."""
        starts, line = self.starts, self.line
        while begin >= starts[line]:
            line += 1
        self.line, self.base, self.following = line, starts[line - 1], starts[line]

    def special(self, data: str, group: int, begin: int, pos: int) -> int:
        """Skip a comment of several lines; refuse all else."""
        if group == _LONG_COMMENT:
            close = data.find("*/", pos, self.end)
            if close < 0:
                raise _Stop("comment is never closed")
            return close + 2
        if data[begin] == '"':
            raise _Stop("string is never closed")
        raise self.unexpected(data[begin])

    def unexpected(self, found: str) -> _Stop:
        return _Stop(f"expected {_EXPECTED[self.state]}, found {found[:20]!r}")

    def mark(self, char: str, column: int) -> None:
        state = self.state
        if char == "," and state == _NEXT:
            self.state = _KEY if self.stack[-1].kind == "map" else _FIRST
        elif char == ":" and state == _COLON:
            self.state = _VALUE
        elif char in "}]" and self.stack and _closes(char, self.stack[-1], state):
            node = self.stack.pop()
            node.span = Span(node.span.line, node.span.column, self.line, column + 1)
            self.state = _NEXT if self.stack else _END
        elif char in "{[":
            node = Node("map" if char == "{" else "seq", Span(self.line, column, self.line, column + 1))
            self.put(node, char)
            self.stack.append(node)
            self.state = _KEY if char == "{" else _FIRST
            if len(self.stack) > MAX_DEPTH:
                raise _Stop(f"nested deeper than {MAX_DEPTH} levels", cap=True)
        else:
            raise self.unexpected(char)

    def string(self, raw: str, column: int, *, escaped: bool) -> None:
        span = Span(self.line, column, self.line, column + len(raw) + 2)
        value = unescape(raw) if escaped else raw
        if self.state == _KEY:
            self.key, self.key_span, self.state = value, span, _COLON
        else:
            self.put(Node("str", span, value), raw)

    def put(self, node: Node, source: str) -> None:
        """Give a value to the collection it is in."""
        if self.state > _FIRST:
            raise self.unexpected(source)
        self.count += 1
        if self.count > MAX_NODES:
            raise _Stop(f"more than {MAX_NODES} values", cap=True)
        self.state = _NEXT
        if not self.stack:
            self.roots.append(node)
            self.state = _END
        elif self.stack[-1].kind == "map":
            self.stack[-1].members.append(Member(self.key, self.key_span, node))
        else:
            self.stack[-1].items.append(node)


def _closes(char: str, node: Node, state: int) -> bool:
    if node.kind == "map":
        return char == "}" and state in (_KEY, _NEXT)
    return char == "]" and state in (_FIRST, _NEXT)


def _scalar(raw: str, line: int, column: int) -> Node:
    span = Span(line, column, line, column + len(raw))
    if raw in _LITERALS:
        value = _LITERALS[raw]
        return Node("null" if value is None else "bool", span, value)
    if raw.lstrip("-").isdigit() and len(raw) <= _MAX_DIGITS:
        return Node("int", span, int(raw))
    return Node("float", span, float(raw))
