"""The YAML files of the rulebook as nodes with places."""

from __future__ import annotations

from agentlint.parse.document import Node
from agentlint.parse.problem import ParseProblem
from agentlint.parse.text import decode
from agentlint.parse.yaml import parse_yaml


def parse(data: bytes) -> Node | ParseProblem:
    """Parse a rulebook file (a user's comes from the scanned tree: the hardened parser, one document, no templates)."""
    text = decode(data)
    if isinstance(text, ParseProblem):
        return text
    document = parse_yaml(text, templates=False)
    if isinstance(document, ParseProblem):
        return document
    if len(document.roots) > 1:
        return ParseProblem("more than one document", document.roots[1].span.line)
    return document.root


def line_at(root: Node, path: tuple[str | int, ...], key: str = "") -> int:
    """Return the line of the value at ``path`` (or of its member ``key``); of the nearest parent if it is not there."""
    node, line = root, root.span.line
    for step in (*path, key) if key else path:
        if isinstance(step, int):
            if step >= len(node.items):
                return line
            node = node.items[step]
            line = node.span.line
            continue
        member = node.member(step)
        if member is None:
            return line
        node, line = member.value, member.key_span.line
    return line
