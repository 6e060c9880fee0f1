"""Environment variables that files set: what a program is started with decides as much as its code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from agentlint.facts.frontend import Contribution, FileInput
from agentlint.facts.resources import environment, scalar_text
from agentlint.facts.types import NodeFact

if TYPE_CHECKING:
    from agentlint.core.place import Span
    from agentlint.parse.document import Node

MAX_VARIABLES = 300
_MAX_NODES = 20_000
_BLOCKS = frozenset({"environment", "env"})
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "0", "1"})


def contribute(inp: FileInput) -> Contribution:
    """Return a ``setting`` node of kind ``env`` for each variable that a file sets.

    ``what`` is its name; ``value`` its value where that is a truth value, else empty: nothing secret leaves the file.
    """
    if inp.document is None:
        return Contribution()
    nodes = []
    for name, value, span in _variables(inp.kind, inp.document.root):
        word = value.strip().strip("\"'")
        attrs = {"kind": "env", "what": name, "value": word if word.lower() in _WORDS else ""}
        nodes.append(NodeFact("setting", f"env:{inp.path}:{span.line}:{span.column}:{name}", name, span, attrs=attrs))
        if len(nodes) >= MAX_VARIABLES:
            break
    return Contribution(tuple(nodes))


def _variables(kind: str, root: Node) -> Iterator[tuple[str, str, Span]]:
    if kind == "dotenv":
        for member in root.members:
            yield member.key, scalar_text(member.value) or "", member.key_span
        return
    todo, seen = [root], 0
    while todo and seen < _MAX_NODES:
        node = todo.pop()
        seen += 1
        if node.tag == "ENV":
            for part in node.items:
                yield from ((m.key, scalar_text(m.value) or "", m.key_span) for m in part.members)
            continue
        for member in node.members:
            if member.key in _BLOCKS:
                yield from ((name, scalar_text(value) or "", span) for name, value, span in environment(member.value))
            else:
                todo.append(member.value)
        todo += node.items
