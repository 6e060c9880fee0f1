"""TOML with the place of every key and value."""

from __future__ import annotations

import importlib
import re
import sys
from typing import TYPE_CHECKING, Any, NoReturn

from agentlint.core import lazy
from agentlint.core.limits import MAX_DEPTH, MAX_NODES
from agentlint.core.place import Span
from agentlint.parse.document import Document, Member, Node
from agentlint.parse.problem import ParseProblem

if TYPE_CHECKING:
    from agentlint.parse.text import Text

_SPACE = lazy.pattern(r"[ \t]*")
_GAP = lazy.pattern(r"(?:[ \t\r\n]+|#[^\r\n]*)*")
_REST = lazy.pattern(r"[ \t]*(?:#[^\r\n]*)?(?:\r\n|\n|\r|\Z)")
_BARE_KEY = lazy.pattern(r"([A-Za-z0-9_-]+)")
_BASIC = lazy.pattern(r'"([^"\\\r\n]*(?:\\[^\r\n][^"\\\r\n]*)*)"')
_LITERAL = lazy.pattern(r"'([^'\r\n]*)'")
_TOKEN = lazy.pattern(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9:.+Z-]+|[A-Za-z0-9_:.+-]+")
_ESCAPE = lazy.pattern(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|[ \t]*(?:\r\n|\n|\r)\s*|(.))")
_SIMPLE = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b", '"': '"', "\\": "\\"}
_INTEGER = lazy.pattern(r"[+-]?[0-9]{1,400}|0x[0-9a-fA-F]{1,200}|0o[0-7]{1,200}|0b[01]{1,400}")
_FLOAT = lazy.pattern(r"[+-]?(?:[0-9]{1,400}(?:\.[0-9]{1,400})?(?:[eE][+-]?[0-9]{1,20})?|inf|nan)")


class _Stop(Exception):  # noqa: N818 - ends the reading, never leaves this module
    def __init__(self, problem: ParseProblem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def parse_toml(text: Text) -> Document | ParseProblem:
    """Parse ``text``; dates and times are strings. The file is then checked by the standard library's parser.

    A table is a ``map`` whose span is that of its header (dotted keys: of the key) up to the end of its last value;
    arrays of tables are ``seq``.
    """
    reader = _Reader(text)
    try:
        root = reader.read()
    except _Stop as stop:
        return stop.problem
    problem = _checked(text)
    return Document([root]) if problem is None else problem


def _checked(text: Text) -> ParseProblem | None:
    library: Any = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    try:
        library.loads(text.data.replace("\r\n", "\n").replace("\r", "\n"))
    except (
        ValueError,
        RecursionError,
    ) as error:  # TOMLDecodeError is a ValueError, as are numbers with too many digits
        message = str(error)
        if "integer string conversion" in message:  # Python's own limit; how to lift it is no advice for our users
            return ParseProblem("a number with too many digits")
        match = re.search(r" \(at line ([0-9]+)", message)
        return ParseProblem(message[: match.start()] if match else message, int(match[1]) if match else 0)
    return None


class _Reader:
    def __init__(self, text: Text) -> None:
        self.text = text
        self.data = text.data
        self.pos = 0
        self.count = 0
        self.index: dict[int, dict[str, Member]] = {}  # by id of the table: looking through members would be quadratic

    def member(self, table: Node, key: str) -> Member | None:
        return self.index.get(id(table), {}).get(key)

    def add(self, table: Node, member: Member) -> None:
        table.members.append(member)
        self.index.setdefault(id(table), {})[member.key] = member

    def fail(self, message: str, kind: str = "parse-error") -> NoReturn:
        line = self.text.position(self.pos)[0]
        raise _Stop(ParseProblem(message, line, "cap" if kind == "cap" else "parse-error"))

    def skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.data, self.pos)
        if match is not None:
            self.pos = match.end()

    def node(self, node: Node) -> Node:
        self.count += 1
        if self.count > MAX_NODES:
            self.fail(f"more than {MAX_NODES} values", "cap")
        return node

    def read(self) -> Node:
        root = Node("map", self.text.span(0, len(self.data)))
        table = root
        while True:
            self.skip(_GAP)
            if self.pos >= len(self.data):
                return root
            if self.data[self.pos] == "[":
                table = self.header(root)
            else:
                self.pair(table, 0)
            match = _REST.match(self.data, self.pos)
            if match is None:
                self.fail("expected the end of the line")
            self.pos = match.end()

    def header(self, root: Node) -> Node:
        start = self.pos
        array = self.data.startswith("[[", start)
        self.pos += 2 if array else 1
        keys = self.keys()
        close = "]]" if array else "]"
        if not self.data.startswith(close, self.pos):
            self.fail(f"expected {close!r}")
        self.pos += len(close)
        span = self.text.span(start, self.pos)
        table = root
        for key, key_span in keys[:-1]:
            table = self.descend(table, key, key_span, span)
        key, key_span = keys[-1]
        if not array:
            return self.descend(table, key, key_span, span)
        member = self.member(table, key)
        if member is None:
            member = Member(key, key_span, self.node(Node("seq", span)))
            self.add(table, member)
        member.value.items.append(self.node(Node("map", span)))
        _extend(member.value, span)
        return member.value.items[-1]

    def descend(self, table: Node, key: str, key_span: Span, span: Span) -> Node:
        """Return the table named ``key`` in ``table``, made if absent; for an array of tables its last one."""
        member = self.member(table, key)
        if member is None:
            member = Member(key, key_span, self.node(Node("map", span)))
            self.add(table, member)
        found = member.value
        if found.kind == "seq" and found.items:
            found = found.items[-1]
        if found.kind != "map":
            self.fail(f"{key!r} is no table")
        return found

    def keys(self) -> list[tuple[str, Span]]:
        found: list[tuple[str, Span]] = []
        while True:
            self.skip(_SPACE)
            start = self.pos
            for pattern in (_BARE_KEY, _BASIC, _LITERAL):
                match = pattern.match(self.data, start)
                if match is not None:
                    break
            else:
                self.fail("expected a key")
            self.pos = match.end()
            key = self.unescape(match[1]) if pattern is _BASIC else match[1]
            found.append((key, self.text.span(start, self.pos)))
            if len(found) > MAX_DEPTH:
                self.fail(f"more than {MAX_DEPTH} parts in a key", "cap")
            self.skip(_SPACE)
            if not self.data.startswith(".", self.pos):
                return found
            self.pos += 1

    def pair(self, table: Node, depth: int) -> None:
        keys = self.keys()
        if not self.data.startswith("=", self.pos):
            self.fail("expected '=' after the key")
        self.pos += 1
        self.skip(_SPACE)
        path = [table]
        for key, key_span in keys[:-1]:
            path.append(self.descend(path[-1], key, key_span, key_span))
        value = self.value(depth + len(keys) - 1)
        self.add(path[-1], Member(*keys[-1], value))
        for parent in path:
            _extend(parent, value.span)

    def value(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            self.fail(f"nested deeper than {MAX_DEPTH} levels", "cap")
        data, start = self.data, self.pos
        first = data[start : start + 1]
        if first == "[":
            return self.array(depth)
        if first == "{":
            return self.inline_table(depth)
        if first in ('"', "'") and first:
            return self.string(first)
        match = _TOKEN.match(data, start)
        if match is None:
            self.fail("expected a value")
        self.pos = match.end()
        return self.node(_scalar(match[0], self.text.span(start, self.pos)))

    def array(self, depth: int) -> Node:
        start = self.pos
        node = self.node(Node("seq", Span()))
        self.pos += 1
        while True:
            self.skip(_GAP)
            if self.data.startswith("]", self.pos):
                break
            node.items.append(self.value(depth + 1))
            self.skip(_GAP)
            if self.data.startswith(",", self.pos):
                self.pos += 1
            elif not self.data.startswith("]", self.pos):
                self.fail("expected ',' or ']' in an array")
        self.pos += 1
        node.span = self.text.span(start, self.pos)
        return node

    def inline_table(self, depth: int) -> Node:
        start = self.pos
        node = self.node(Node("map", Span()))
        self.pos += 1
        while True:
            self.skip(_GAP)
            if self.data.startswith("}", self.pos):
                break
            self.pair(node, depth + 1)
            self.skip(_GAP)
            if self.data.startswith(",", self.pos):
                self.pos += 1
            elif not self.data.startswith("}", self.pos):
                self.fail("expected ',' or '}' in an inline table")
        self.pos += 1
        node.span = self.text.span(start, self.pos)
        return node

    def string(self, quote: str) -> Node:
        start, data = self.pos, self.data
        if data.startswith(quote * 3, start):
            raw = self.long_string(quote)
            value = self.unescape(raw) if quote == '"' else raw
        else:
            match = (_BASIC if quote == '"' else _LITERAL).match(data, start)
            if match is None:
                self.fail("string is never closed")
            self.pos = match.end()
            value = self.unescape(match[1]) if quote == '"' else match[1]
        return self.node(Node("str", self.text.span(start, self.pos), value))

    def long_string(self, quote: str) -> str:
        data, begin = self.data, self.pos + 3
        at = begin
        while True:
            close = data.find(quote * 3, at)
            if close < 0:
                self.fail("string is never closed")
            backslash = data.find("\\", at, close) if quote == '"' else -1
            if backslash < 0:
                break
            at = backslash + 2
        extra = 0
        while extra < 2 and data.startswith(quote, close + 3 + extra):
            extra += 1
        self.pos = close + 3 + extra
        raw = data[begin : close + extra].replace("\r\n", "\n")
        return raw.removeprefix("\n")

    def unescape(self, raw: str) -> str:
        return _ESCAPE.sub(_unescape_one, raw) if "\\" in raw else raw


def _unescape_one(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    if code:
        point = int(code, 16)
        return "\ufffd" if 0xD800 <= point <= 0xDFFF or point > 0x10FFFF else chr(point)
    return _SIMPLE.get(match[3], match[3]) if match[3] else ""


def _extend(node: Node, span: Span) -> None:
    if (span.end_line, span.end_column) > (node.span.end_line, node.span.end_column):
        node.span = node.span.to(span)


def _scalar(raw: str, span: Span) -> Node:
    if raw in ("true", "false"):
        return Node("bool", span, raw == "true")
    bare = raw.replace("_", "")
    if _INTEGER.fullmatch(bare):
        return Node("int", span, int(bare, {"0x": 16, "0o": 8, "0b": 2}.get(bare[:2], 10)))
    if _FLOAT.fullmatch(bare):
        return Node("float", span, float(bare))
    return Node("str", span, raw)
