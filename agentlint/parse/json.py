"""JSON and JSONC (comments, trailing commas) with the place of every key and value."""

from __future__ import annotations

import re

from agentlint.core.limits import MAX_DEPTH, MAX_NODES
from agentlint.core.place import Span
from agentlint.parse.document import Document, Member, Node
from agentlint.parse.problem import ParseProblem
from agentlint.parse.text import Text

_TOKEN = re.compile(
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
_ESCAPE = re.compile(r"\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_SIMPLE = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_LITERALS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_MAX_DIGITS = 400
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
    """Return the text that the inside of a JSON string stands for; surrogate pairs are joined, lone ones become U+FFFD."""
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
    reader = _Reader(text, start, len(text.data) if end is None else end)
    problem = reader.read()
    if problem is not None:
        return problem
    return Document(reader.roots)


class _Reader:
    __slots__ = ("end", "line", "next_start", "pos", "roots", "stack", "start", "text")

    def __init__(self, text: Text, start: int, end: int) -> None:
        self.text = text
        self.pos = start
        self.end = end
        self.roots: list[Node] = []
        self.stack: list[Node] = []
        self.line, _ = text.position(start)

    def read(self) -> ParseProblem | None:
        """Fill ``roots``; the loop is one function because a call for each token would double its time."""
        starts = [*self.text.starts, len(self.text.data) + 1]
        line, base, following = self.line, starts[self.line - 1], starts[self.line]
        data, end, match, stack, pos = self.text.data, self.end, _TOKEN.match, self.stack, self.pos
        state, count, key, key_span, node = _VALUE, 0, "", Span(), Node("null", Span())
        while (token := match(data, pos, end)) is not None:
            group = token.lastindex or 8
            begin, pos = token.start(group), token.end()
            while begin >= following:
                line, base = line + 1, following
                following = starts[line]
            column = begin - base + 1
            if group == 2:
                char = token[2]
                if char == "," and state == _NEXT:
                    state = _KEY if stack[-1].kind == "map" else _FIRST
                    continue
                if char == ":" and state == _COLON:
                    state = _VALUE
                    continue
                if char in "}]" and stack and _closes(char, stack[-1], state):
                    closed = stack.pop()
                    closed.span = Span(closed.span.line, closed.span.column, line, column + 1)
                    state = _NEXT if stack else _END
                    continue
                if char not in "{[" or state > _FIRST:
                    return self.unexpected(char, state, line)
                node = Node("map" if char == "{" else "seq", Span(line, column, line, column + 1))
            elif group >= 6:
                if group == 6:
                    continue
                pos = data.find("*/", pos, end) + 2 if group == 7 else 1
                if pos == 1:
                    return ParseProblem("comment is never closed" if group == 7 else _bad(token[8], state), line)
                continue
            else:
                if group == 1 or group == 3:  # noqa: PLR1714 - twice as fast as a set
                    raw = token[group]
                    span = Span(line, column - 1, line, column + len(raw) + 1)
                    if state == _KEY:
                        key, key_span, state = raw if group == 1 else unescape(raw), span, _COLON
                        continue
                    node = Node("str", span, raw if group == 1 else unescape(raw))
                else:
                    node = _scalar(token[group], group, line, column)
                if state > _FIRST:
                    return self.unexpected(token[group], state, line)
            count += 1
            if not stack:
                self.roots.append(node)
            elif stack[-1].kind == "map":
                stack[-1].members.append(Member(key, key_span, node))
            else:
                stack[-1].items.append(node)
            if group == 2:
                stack.append(node)
                state = _KEY if node.kind == "map" else _FIRST
                if len(stack) > MAX_DEPTH:
                    return ParseProblem(f"nested deeper than {MAX_DEPTH} levels", line, "cap")
            else:
                state = _NEXT if stack else _END
            if count > MAX_NODES:
                return ParseProblem(f"more than {MAX_NODES} values", line, "cap")
        if stack or state == _COLON:
            return ParseProblem(f"the file ends inside the value that starts on line {stack[-1].span.line}", line)
        return None

    def unexpected(self, found: str, state: int, line: int) -> ParseProblem:
        """Say what stands where something else should."""
        return ParseProblem(f"expected {_EXPECTED[state]}, found {found[:20]!r}", line)


def _closes(char: str, node: Node, state: int) -> bool:
    if node.kind == "map":
        return char == "}" and state in (_KEY, _NEXT)
    return char == "]" and state in (_FIRST, _NEXT)


def _scalar(raw: str, group: int, line: int, column: int) -> Node:
    span = Span(line, column, line, column + len(raw))
    if group == 5:
        value = _LITERALS[raw]
        return Node("null" if value is None else "bool", span, value)
    if raw.lstrip("-").isdigit() and len(raw) <= _MAX_DIGITS:
        return Node("int", span, int(raw))
    return Node("float", span, float(raw))


def _bad(char: str, state: int) -> str:
    if char == '"':
        return "string is never closed"
    return f"expected {_EXPECTED[state]}, found {char!r}"
