"""Dockerfiles.

Shape of the tree: the root is a ``seq`` with one ``seq`` for each instruction, ``tag`` its name in upper case. Its
items are

- options, one ``str`` each, as written (``--mount=type=secret,id=x``);
- for RUN, CMD, ENTRYPOINT, SHELL and the command of HEALTHCHECK, either a ``seq`` with tag ``exec`` (the JSON form)
  or one ``str`` with tag ``shell`` (the command line, continued lines joined, comments inside it removed);
- for ENV, ARG and LABEL, one ``map``; an ARG without a value is a ``null`` member;
- for ONBUILD, the instruction it holds; for all others one ``str`` per word, or an ``exec`` sequence;
- then one ``str`` with tag ``heredoc`` for each here-document: its body.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agentlint.core import lazy
from agentlint.core.limits import MAX_NODES
from agentlint.parse.document import Document, Member, Node
from agentlint.parse.json import parse_json
from agentlint.parse.problem import ParseProblem
from agentlint.parse.text import Text

if TYPE_CHECKING:
    from agentlint.core.place import Span

_DIRECTIVE = lazy.pattern(r"#[ \t]*(\w+)[ \t]*=[ \t]*(\S+)[ \t]*$")
_WORD = lazy.pattern(r"(?:\"[^\"\\]*(?:\\.[^\"\\]*)*\"|'[^']*'|\\.|[^\s\"'\\]+|[\"'\\])+", re.DOTALL)
_INSTRUCTION = lazy.pattern(r"[ \t]*([A-Za-z]+)(?=\s|$)[ \t]*")
_OPTION = lazy.pattern(r"--[A-Za-z][\w-]*(?:=(?:\"[^\"]*\"|[^\s\"]+)*)?[ \t]*")
_HEREDOC = lazy.pattern(r"(?<!<)<<(-?)[ \t]*(?:\"([^\"\s]{1,100})\"|'([^'\s]{1,100})'|([A-Za-z_]\w{0,100}))")
_COMMANDS = frozenset({"RUN", "CMD", "ENTRYPOINT", "SHELL"})
_PAIRS = frozenset({"ENV", "ARG", "LABEL"})
_HEREDOCS = frozenset({"RUN", "COPY", "ADD"})


@dataclass(slots=True)
class _Logical:
    """A logical line: the joined text, and for each of its pieces where it starts here and in the file."""

    text: str = ""
    here: list[int] = field(default_factory=list)
    there: list[int] = field(default_factory=list)

    def offset(self, at: int) -> int:
        """Return the place in the file of offset ``at`` of the joined text."""
        index = max(bisect_right(self.here, at) - 1, 0)
        return self.there[index] + at - self.here[index]


def parse_dockerfile(text: Text) -> Document | ParseProblem:
    """Parse ``text`` into the shape described above; lines that are no instruction are passed over."""
    reader = _Reader(text)
    problem = reader.read()
    return problem or Document([reader.root])


class _Reader:
    def __init__(self, text: Text) -> None:
        self.text = text
        self.root = Node("seq", text.span(0, len(text.data)))
        self.escape = _escape(text.lines)
        self.line = 0
        self.count = 0
        self.last = {line.lstrip("\t"): index for index, line in enumerate(text.lines)} if "<<" in text.data else {}

    def read(self) -> ParseProblem | None:
        lines = self.text.lines
        while self.line < len(lines):
            bare = lines[self.line].strip()
            if not bare or bare[0] == "#":
                self.line += 1
                continue
            first = self.line + 1
            node = self.instruction(self.logical(), 0)
            if node is not None:
                self.root.items.append(node)
                self.count += 1 + len(node.items)
            if self.count > MAX_NODES:
                return ParseProblem(f"more than {MAX_NODES} values", first, "cap")
        if not self.root.items and any(line.strip() for line in lines):
            return ParseProblem("no Dockerfile instruction found", 1)
        return None

    def logical(self) -> _Logical:
        """Join the lines that belong together, from the current one on, without the comments between them."""
        lines, starts = self.text.lines, self.text.starts
        result, size = _Logical(), 0
        pieces: list[str] = []
        while self.line < len(lines):
            line = lines[self.line]
            bare = line.strip()
            if pieces and (not bare or bare[0] == "#"):
                self.line += 1
                continue
            stripped = line.rstrip()
            continued = stripped.endswith(self.escape)
            piece = stripped[:-1] if continued else stripped
            result.here.append(size)
            result.there.append(starts[self.line])
            pieces.append(piece)
            size += len(piece)
            self.line += 1
            if not continued:
                break
        result.text = "".join(pieces)
        return result

    def instruction(self, line: _Logical, at: int) -> Node | None:
        match = _INSTRUCTION.match(line.text, at)
        if match is None:
            return None
        name = match[1].upper()
        node = Node("seq", self.span(line, match.start(1), len(line.text)), tag=name)
        at = match.end()
        while (option := _OPTION.match(line.text, at)) is not None and name not in _PAIRS:
            node.items.append(self.string(line, at, at + len(option[0].rstrip())))
            at = option.end()
        if name == "ONBUILD":
            nested = line.text[at : at + 7].upper() == "ONBUILD"  # not allowed, and would recurse
            inner = None if nested else self.instruction(line, at)
            node.items.extend([inner] if inner is not None else [])
        elif name in _PAIRS:
            node.items.append(self.pairs(line, at, name))
        elif name in _COMMANDS:
            node.items.extend(self.command(line, at))
        elif name == "HEALTHCHECK" and line.text[at : at + 4].upper() == "CMD ":
            node.items.append(self.string(line, at, at + 3))
            node.items.extend(self.command(line, at + 4))
        else:
            node.items.extend(self.exec_form(line, at) or self.words(line, at))
        if name in _HEREDOCS and "<<" in line.text:
            self.heredocs(line, node)
        return node

    def span(self, line: _Logical, start: int, end: int) -> Span:
        last = line.offset(end - 1) + 1 if end > start else line.offset(end)
        return self.text.span(line.offset(start), last)

    def string(self, line: _Logical, start: int, end: int, tag: str = "") -> Node:
        return Node("str", self.span(line, start, end), line.text[start:end], tag=tag)

    def command(self, line: _Logical, at: int) -> list[Node]:
        found = self.exec_form(line, at)
        if found:
            return found
        start = at + len(line.text[at:]) - len(line.text[at:].lstrip())
        return [self.string(line, start, len(line.text), "shell")] if start < len(line.text) else []

    def exec_form(self, line: _Logical, at: int) -> list[Node]:
        raw = line.text[at:].strip()
        if not raw.startswith("[") or not raw.endswith("]"):
            return []
        inner = Text(line.text)
        parsed = parse_json(inner, at)
        if not isinstance(parsed, Document) or any(item.kind != "str" for item in parsed.root.items):
            return []
        root = parsed.root
        for node in (root, *root.items):
            node.span = self.span(line, node.span.column - 1, node.span.end_column - 1)
        root.tag = "exec"
        return [root]

    def words(self, line: _Logical, at: int) -> list[Node]:
        return [
            Node("str", self.span(line, match.start(), match.end()), _unquoted(match[0]))
            for match in _WORD.finditer(line.text, at)
        ]

    def pairs(self, line: _Logical, at: int, name: str) -> Node:
        node = Node("map", self.span(line, at, len(line.text)))
        words = list(_WORD.finditer(line.text, at))
        if name != "ARG" and words and "=" not in words[0][0]:
            start = words[1].start() if len(words) > 1 else len(line.text)  # the old form: ENV KEY the whole rest
            value = Node("str", self.span(line, start, len(line.text)), _unquoted(line.text[start:]))
            node.members.append(Member(words[0][0], self.span(line, words[0].start(), words[0].end()), value))
            return node
        for match in words:
            key, equals, raw = match[0].partition("=")
            middle = match.start() + len(key)
            span = self.span(line, middle + 1 if equals else middle, match.end())
            value = Node("str", span, _unquoted(raw)) if equals else Node("null", span)
            node.members.append(Member(_unquoted(key), self.span(line, match.start(), middle), value))
        return node

    def heredocs(self, line: _Logical, node: Node) -> None:
        lines, starts = self.text.lines, self.text.starts
        for match in _HEREDOC.finditer(line.text):
            word = match[2] or match[3] or match[4]
            begin = self.line
            if self.last.get(word, -1) < begin:
                return  # no end: not a here-document after all
            while self.line < len(lines):
                candidate = lines[self.line].lstrip("\t") if match[1] else lines[self.line]
                if candidate == word:
                    break
                self.line += 1
            if self.line >= len(lines):
                self.line = begin
                return
            start, end = starts[begin], starts[self.line]
            node.items.append(Node("str", self.text.span(start, end), self.text.data[start:end], tag="heredoc"))
            self.line += 1
            node.span = node.span.to(self.text.span(end, end + len(lines[self.line - 1])))


def _escape(lines: list[str]) -> str:
    for line in lines:
        match = _DIRECTIVE.match(line)
        if match is None:
            break
        if match[1].lower() == "escape" and match[2] in ("\\", "`"):
            return match[2]
    return "\\"


def _unquoted(raw: str) -> str:
    if len(raw) >= 2 and raw[0] == raw[-1] and raw[0] in "'\"":
        return raw[1:-1]
    return raw
