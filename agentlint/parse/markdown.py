"""Markdown: front matter, body, fenced code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentlint.core import lazy
from agentlint.core.place import Span
from agentlint.parse.document import Document, Member, Node
from agentlint.parse.problem import ParseProblem
from agentlint.parse.text import Text
from agentlint.parse.toml import parse_toml
from agentlint.parse.yaml import parse_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

_FENCE = lazy.pattern(r"[ \t]*(?:>[ \t]?)*[ \t]*(`{3,}|~{3,})[ \t]*([^\s`{]*)")
_ENTRY = lazy.pattern(r"([A-Za-z_][\w.-]{0,100}):(?:[ \t]+|$)")
_ITEM = lazy.pattern(r"[ \t]*-[ \t]+")
_MAX_FRONT_LINES = 2_000


@dataclass(slots=True)
class Fence:
    """A fenced code block: its language (lower case, may be empty) and the place of the code without its fences."""

    language: str
    span: Span
    start: int
    end: int


@dataclass(slots=True)
class MarkdownFile:
    """``front``: the front matter as a map (``None`` if there is none); ``body`` is ``text.data[body_start:]``.

    ``problem`` says why the front matter is no valid YAML; ``front`` then holds what a line-by-line reading finds.
    """

    front: Node | None
    body_start: int
    body_span: Span
    fences: list[Fence]
    problem: ParseProblem | None = None

    @property
    def document(self) -> Document:
        """The front matter as a document; without roots when there is none."""
        return Document([self.front] if self.front is not None else [])


def parse_markdown(text: Text) -> MarkdownFile:
    """Split ``text``; never fails. Places are those of the file."""
    front, problem, first = _front(text)
    start = text.starts[first] if first < len(text.starts) else len(text.data)
    return MarkdownFile(front, start, text.span(start, len(text.data)), list(_fences(text, first)), problem)


def _front(text: Text) -> tuple[Node | None, ParseProblem | None, int]:
    """Return the front matter, why it is not valid, and the index of the first line of the body."""
    lines = text.lines
    mark = lines[0].rstrip()
    if mark not in ("---", "+++"):
        return None, None, 0
    closing = next((at for at in range(1, min(len(lines), _MAX_FRONT_LINES)) if lines[at].rstrip() == mark), 0)
    if not closing:
        begun = len(lines) > _MAX_FRONT_LINES and _ENTRY.match(lines[1]) is not None
        reason = f"front matter of more than {_MAX_FRONT_LINES} lines"
        return None, ParseProblem(reason, 1, "cap") if begun else None, 0
    # An empty first line in place of the opening mark keeps all line numbers those of the file.
    inner = Text("\n" + "\n".join(lines[1:closing]))
    parsed = parse_toml(inner) if mark == "+++" else parse_yaml(inner)
    if isinstance(parsed, Document):
        root = parsed.root
        return (root if root.kind == "map" else None), None, closing + 1
    return (_by_line(lines, closing) if mark == "---" else None), parsed, closing + 1


def _by_line(lines: list[str], closing: int) -> Node:
    """Read ``key: rest of line``, lists of one level and continued lines, as clients do that do not insist on YAML."""
    root = Node("map", Span(2, 1, closing + 1, 1))
    for number in range(1, closing):
        line = lines[number]
        entry = _ENTRY.match(line)
        if entry is not None:
            raw = line[entry.end() :].strip()
            column = entry.end() + 1
            key_span = Span(number + 1, 1, number + 1, len(entry[1]) + 1)
            value = Node("str", Span(number + 1, column, number + 1, len(line.rstrip()) + 1), _unquoted(raw))
            root.members.append(Member(entry[1], key_span, value))
        elif root.members and line.strip() and line[0] in " \t-":
            _continue(root.members[-1], line, number + 1)
    return root


def _continue(member: Member, line: str, number: int) -> None:
    value = member.value
    item = _ITEM.match(line)
    column = len(line) - len(line.lstrip()) + 1 if item is None else item.end() + 1
    span = Span(number, column, number, len(line.rstrip()) + 1)
    if item is not None and (value.kind == "seq" or not value.scalar):
        if value.kind != "seq":
            member.value = value = Node("seq", span)
        value.items.append(Node("str", span, _unquoted(line[item.end() :].strip())))
    elif value.kind == "str":
        value.scalar = f"{value.text.lstrip('|>-+')} {line.strip()}".strip()
    else:
        return
    value.span = value.span.to(span)


def _unquoted(raw: str) -> str:
    return raw[1:-1] if len(raw) >= 2 and raw[0] == raw[-1] and raw[0] in "'\"" else raw


def _fences(text: Text, first: int) -> Iterator[Fence]:
    opened: tuple[str, str, int] | None = None
    for index in range(first, len(text.lines)):
        line = text.lines[index]
        if "```" not in line and "~~~" not in line:
            continue
        match = _FENCE.match(line)
        if match is None:
            continue
        if opened is None:
            opened = (match[1], match[2].lower(), index + 1)
        elif match[1].startswith(opened[0]) and not line[match.end(1) :].strip():
            yield _fence(text, opened, index)
            opened = None
    if opened is not None:
        yield _fence(text, opened, len(text.lines))


def _fence(text: Text, opened: tuple[str, str, int], closing: int) -> Fence:
    starts = text.starts
    start = starts[opened[2]] if opened[2] < len(starts) else len(text.data)
    end = max(start, starts[closing] if closing < len(starts) else len(text.data))
    return Fence(opened[1], text.span(start, end), start, end)
