"""Trees put together: maps merged, alternatives joined to what they agree on."""

from __future__ import annotations

from agentlint.core.place import Span
from agentlint.facts.python.ir import Value
from agentlint.parse.document import Member, Node

OPEN = "open"
"""The tag of a map that may hold more keys than are written."""


def constant_node(value: Value, span: Span) -> Node:
    """Return a constant as a node."""
    kind = value.keys[0]
    if kind == "str":
        return Node("str", span, value.text)
    if value.text in ("True", "False"):
        return Node("bool", span, value.text == "True")
    if value.text == "None":
        return nothing(span)
    try:
        return Node("int", span, int(value.text, 0)) if kind == "int" else Node("expr", span, value.text)
    except ValueError:
        return Node("expr", span, value.text)


def nothing(span: Span) -> Node:
    """Return the node of ``None``."""
    return Node("null", span)


def copied(node: Node) -> Node:
    """Return a copy that may be changed; what is below is shared."""
    return Node(node.kind, node.span, node.scalar, list(node.members), list(node.items), node.tag)


def put(made: Node, member: Member) -> None:
    """Set a member of a map; an earlier one of its name goes."""
    made.members = [other for other in made.members if other.key != member.key]
    made.members.append(member)


def merge(made: Node, tree: Node) -> None:
    """Add to a map what ``**tree`` unpacks."""
    if tree.kind != "map" or tree.tag == OPEN or tree.tag.startswith("!"):
        made.tag = OPEN
    for member in tree.members if not tree.tag.startswith("!") else ():
        put(made, member)


def join(found: list[Node], span: Span) -> Node:
    """Return one tree for alternatives: what they agree on, all items of lists; keys that only some have are unknown."""
    known = [node for node in found if node.kind != "null"] or found
    first = known[0]
    if all(_same(first, other) for other in known[1:]):
        return first
    if all(node.kind == "seq" for node in known):
        items = {(item.span, item.kind): item for node in known for item in node.items}
        return Node("seq", first.span, items=list(items.values()))
    if all(node.kind == "map" and node.tag in ("", OPEN) for node in known):
        made = Node("map", first.span, members=[], tag=OPEN if any(node.tag for node in known) else "")
        for key in dict.fromkeys(member.key for node in known for member in node.members):
            values = [value for node in known for value in [node.get(key)] if value is not None]
            whole = len(values) == len(known)
            joined = join(values, span) if whole or values[0].kind in ("map", "seq") else Node("expr", values[0].span)
            made.members.append(Member(key, joined.span, joined))
        return made
    return Node("expr", span)


def _same(left: Node, right: Node) -> bool:
    if left is right or (left.span == right.span and left.kind == right.kind and left.kind in ("map", "seq") and not left.tag):
        return len(left.members) == len(right.members) and len(left.items) == len(right.items)
    return left.kind == right.kind and left.kind not in ("map", "seq", "expr") and left.scalar == right.scalar
