"""A file to mend: its bytes, its text, and whether edited text can be written back and still parses."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cached_property

from agentlint.core.fix import Edit
from agentlint.core.place import Span
from agentlint.parse.api import Parsed, format_of, parse
from agentlint.parse.document import Document
from agentlint.parse.problem import ParseProblem
from agentlint.parse.text import Text, decode


class SourceFile:
    """The content of one scanned file. ``absolute`` is where it is; it is empty for what is not on disk."""

    def __init__(self, path: str, absolute: str, kind: str, data: bytes) -> None:
        self.path, self.absolute, self.kind, self.data = path, absolute, kind, data

    @cached_property
    def text(self) -> Text | None:
        """The decoded text; ``None`` when it cannot be decoded, or would not come back as the same bytes."""
        text = decode(self.data, python=self.kind == "python")
        if isinstance(text, ParseProblem):
            return None
        return text if self.encoded(text, text.data) == self.data else None

    def encoded(self, text: Text, changed: str) -> bytes | None:
        """Return the bytes of ``changed`` in the encoding of ``text``, with its byte order mark; ``None`` if they have none."""
        try:
            mark = len(self.data) - len(text.data.encode(text.encoding))
            return self.data[: max(mark, 0)] + changed.encode(text.encoding)
        except UnicodeError:
            return None

    @cached_property
    def newline(self) -> str:
        """The line ending of the file: that of its first line."""
        data = self.text.data if self.text is not None else ""
        at = data.find("\n")
        return "\r\n" if at > 0 and data[at - 1] == "\r" else "\n"

    @cached_property
    def document(self) -> Document | None:
        """The tree of a data file, ``None`` for other files."""
        parsed = parse(self.kind, self.path, self.data)
        return parsed.document if isinstance(parsed, Parsed) else None

    def offsets(self, span: Span) -> tuple[int, int]:
        """Return the offsets of ``span`` in the text."""
        assert self.text is not None
        return self.text.offset(span.line, span.column), self.text.offset(span.end_line, span.end_column)

    def at(self, span: Span) -> str:
        """Return the text of ``span``."""
        assert self.text is not None
        start, end = self.offsets(span)
        return self.text.data[start:end]

    def edit(self, start: int, end: int, replacement: str) -> Edit:
        """Return the edit of the text from offset ``start`` to ``end``, without what stays the same at its ends."""
        assert self.text is not None
        old = self.text.data[start:end]
        front = _common(old, replacement)
        back = _common(old[front:][::-1], replacement[front:][::-1])
        span = self.text.span(start + front, end - back)
        return Edit(self.path, span, replacement[front : len(replacement) - back])


def _common(one: str, other: str) -> int:
    length = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        length += 1
    return length


def apply(file: SourceFile, edits: Iterable[Edit]) -> bytes | None:
    """Return the bytes of ``file`` after ``edits``, which must not overlap; ``None`` if it cannot hold or parse them."""
    text = file.text
    if text is None:
        return None
    placed = sorted({(*file.offsets(edit.span), edit.replacement) for edit in edits})
    parts, last = [], 0
    for start, end, replacement in placed:
        if start < last or end < start:
            return None
        parts += [text.data[last:start], replacement]
        last = end
    changed = file.encoded(text, "".join((*parts, text.data[last:])))
    return changed if changed is not None and parses(file.path, file.kind, changed) else None


def parses(path: str, kind: str, data: bytes) -> bool:
    """Return whether ``data`` is a well-formed file of its kind."""
    if format_of(kind, path) == "python":
        try:
            ast.parse(data)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
        return True
    parsed = parse(kind, path, data)
    return isinstance(parsed, Parsed) and not parsed.problems
