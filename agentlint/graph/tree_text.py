"""JSON text inside a string of code as a tree, each value placed on its own line."""

from __future__ import annotations

from agentlint.core.place import Span
from agentlint.parse.document import Node
from agentlint.parse.json import parse_json
from agentlint.parse.problem import ParseProblem
from agentlint.parse.text import Text

HOLE = "\ufffd"
"""Stands in a text for a part that is not known."""
MAX_TEXT = 20_000


def unknown_text(node: Node) -> str:
    """Return what stands in a text for a value that is not known there: its own text where that has holes, else a hole."""
    return node.scalar if node.kind == "expr" and isinstance(node.scalar, str) and HOLE in node.scalar else HOLE


def document_of(node: Node | None) -> Node | None:
    """Return the map or list that ``node`` is or that its JSON text holds; ``None`` for anything else."""
    if node is None or node.kind in ("map", "seq"):
        return node
    text = node.scalar if isinstance(node.scalar, str) else ""
    if node.kind not in ("str", "expr") or text.lstrip()[:1] not in ("{", "[") or len(text) > MAX_TEXT:
        return None
    found = parse_json(Text(text))
    if isinstance(found, ParseProblem) or not found.roots or found.root.kind not in ("map", "seq"):
        return None
    _place(found.root, node.span, text)
    return found.root


def _place(root: Node, span: Span, text: str) -> None:
    """Move a tree to where its text stands: a text over several lines has its lines, a shorter one the place of the whole.

    A literal that begins with a line continuation has one line more than its text.
    """
    shown = span.end_line - span.line
    first = span.line + (1 if shown == text.count("\n") + 1 else 0)
    several = shown > 0 and shown in (text.count("\n"), text.count("\n") + 1)
    for _, member, node in root.walk():
        if member is not None:
            member.key_span = _moved(member.key_span, span, first, several=several)
        node.span = _moved(node.span, span, first, several=several)
        if node.kind == "str" and HOLE in node.text:
            node.kind = "expr"


def _moved(inner: Span, outer: Span, first: int, *, several: bool) -> Span:
    if not several:
        return outer
    return Span(first + inner.line - 1, inner.column, first + inner.end_line - 1, inner.end_column)
