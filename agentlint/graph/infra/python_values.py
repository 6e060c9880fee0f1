"""Trees of Python values as properties of resources."""

from __future__ import annotations

from agentlint.core.place import Span
from agentlint.facts.infra.model import Field, Value, fold, literal, unknown
from agentlint.graph.tree_text import document_of
from agentlint.graph.trees import OPEN, REFERENCE
from agentlint.parse.document import Node

MAX_DEPTH = 40


def value_of(node: Node, depth: int = 0) -> Value:
    """Return the value of a tree; JSON text is what it says, the result of a library's call is unknown."""
    span = node.span
    if depth > MAX_DEPTH:
        return unknown(span)
    if node.tag == REFERENCE:
        name, _, path = node.text.partition("#")
        return Value("ref", span, f"{name}#{fold(path)}" if path else name)
    if node.tag.startswith("!"):
        return unknown(span, node.tag[1:])
    if node.kind == "map":
        fields = tuple(Field(member.key, member.key_span, value_of(member.value, depth + 1)) for member in node.members)
        return Value("map", span, fields=fields, open=node.tag == OPEN)
    if node.kind == "seq":
        return Value("seq", span, items=tuple(value_of(item, depth + 1) for item in node.items))
    if node.kind in ("str", "expr"):
        inner = document_of(node)
        if inner is not None:
            return value_of(inner, depth + 1)
    return unknown(span, node.text) if node.kind == "expr" else literal(node.scalar, span)


def properties(fields: dict[str, Value], span: Span) -> Value:
    """Return a map of properties that are written together at one place."""
    return Value("map", span, fields=tuple(Field(name, value.span, value) for name, value in fields.items()))
