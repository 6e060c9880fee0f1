"""Inline ignores: ``agentlint: ignore[AL401] reason`` in the comments of every kind of file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from agentlint.core import lazy
from agentlint.core.place import Span
from agentlint.facts.types import IgnoreComment

if TYPE_CHECKING:
    from agentlint.parse.text import Text

_MARK = "agentlint:"
_WINDOW = 600
_HASH = frozenset("#")
_CODE = frozenset({"//"})
_MARKUP = frozenset({"<!--"})
_OPENERS: dict[str, frozenset[str]] = {
    "terraform": _HASH | _CODE,
    "bicep": _CODE,
    "javascript": _CODE,
    "json": _CODE,
    "agent-card": _CODE,
    "agent-settings": _CODE | _HASH,
    "editor-settings": _CODE | _HASH,
    "mcp-client": _CODE | _HASH,
    "mcp-server": _CODE | _HASH,
    "langgraph": _CODE,
    "agentcore": _CODE | _HASH,
    "markdown": _MARKUP,
    "instructions": _MARKUP,
    "skill": _MARKUP,
    "prompt": _MARKUP | _HASH | {"{#"},
    "dotenv": _HASH | {";"},
    "toml": _HASH,
    "yaml": _HASH,
    "shell": _HASH,
    "text": _HASH | _CODE | _MARKUP | {"{#", ";"},
}
_CLOSERS = {"<!--": "-->", "{#": "#}"}
_OPENER = lazy.pattern(r"(?:^|(?<=\s))(<!--|\{#|//|#|;)[ \t]{0,8}$")
_IGNORE = lazy.pattern(r"agentlint:[ \t]{0,8}ignore(-file)?(?![\w-])[ \t]{0,8}(?:\[([^\]\n]{0,400})\])?")
_NEXT_COMMENT = lazy.pattern(r"\s(?:#|//)")
_COMMENT_LINE = lazy.pattern(r"\s*(?:#|//|<!--|\{#|;)")


def parse_ignores(text: Text, kind: str) -> tuple[IgnoreComment, ...]:
    """Return the inline ignores of a file, in file order; see ``ignores_in``."""
    return ignores_in(text.data, kind)


def ignores_in(source: str, kind: str) -> tuple[IgnoreComment, ...]:
    """Return the inline ignores in ``source``.

    ``rules`` of a comment that names no rule is empty, ``reason`` of one that gives none is empty; neither suppresses.
    In Python only real comments count; in other kinds a comment opener of that kind must stand before the words. A
    notebook is read as its file, and lines are those of the file.
    """
    if _MARK not in source:
        return ()
    if "\r" in source:
        source = source.replace("\r\n", "\n").replace("\r", "\n")
    lines = source.split("\n")
    if kind == "python":
        comments = _python_comments(source)
    else:
        lines = [_cell_line(line) for line in lines] if kind == "notebook" else lines
        comments = _line_comments(lines, _OPENERS.get(kind, _HASH))
    found = []
    for line, column, text, closer in comments:
        ignore = _read(text, closer)
        if ignore is not None:
            whole_file, rules, reason = ignore
            target = 0 if whole_file else _target(lines, line, column)
            span = Span(line, column, line, column + len(text.rstrip()))
            found.append(IgnoreComment(span=span, line=target, rules=rules, reason=reason))
    return tuple(found)


def _python_comments(source: str) -> Iterator[tuple[int, int, str, str]]:
    """Yield line, column, text and closer of each comment that may be an ignore, up to the first broken token."""
    import io
    import tokenize

    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                at = token.string.find(_MARK)
                if at >= 0:
                    start = max(token.string.rfind("#", 0, at), 0)
                    yield token.start[0], token.start[1] + start + 1, token.string[start : at + _WINDOW], ""
    except (tokenize.TokenError, SyntaxError, ValueError, RecursionError):
        return


def _line_comments(lines: list[str], openers: frozenset[str]) -> Iterator[tuple[int, int, str, str]]:
    for number, line in enumerate(lines, 1):
        at = line.find(_MARK)
        if at < 0:
            continue
        opener = _OPENER.search(line, max(0, at - 12), at)
        if opener is not None and opener[1] in openers:
            start = opener.start(1)
            yield number, start + 1, line[start : at + _WINDOW], _CLOSERS.get(opener[1], "")


def _cell_line(line: str) -> str:
    """Return a line of a notebook's file (one JSON string for each line of code) as code, in the same columns."""
    code = line.strip().rstrip(",")
    if len(code) < 2 or code[0] != '"' or code[-1] != '"':
        return ""
    start = line.index('"')
    return " " * (start + 1) + code[1:-1].removesuffix("\\n")


def _read(text: str, closer: str) -> tuple[bool, tuple[str, ...], str] | None:
    """Return (whole file, rules, reason) of a comment, ``None`` if it is not an ignore."""
    match = _IGNORE.search(text)
    if match is None:
        return None
    rules = tuple(code.strip() for code in (match[2] or "").split(",") if code.strip())
    rest = text[match.end() :]
    if closer:
        rest = rest.partition(closer)[0]
    else:
        other = _NEXT_COMMENT.search(rest)
        rest = rest[: other.start()] if other else rest
    reason = rest.strip(" \t:-\u2013\u2014")
    return bool(match[1]), rules, reason if any(c.isalnum() for c in reason) else ""


def _target(lines: list[str], line: int, column: int) -> int:
    """Return the line an ignore speaks about: its own, or, if it stands alone, the next that holds code."""
    if lines[line - 1][: column - 1].strip():
        return line
    for number in range(line, min(line + 20, len(lines))):
        if lines[number].strip() and not _COMMENT_LINE.match(lines[number]):
            return number + 1
    return line
