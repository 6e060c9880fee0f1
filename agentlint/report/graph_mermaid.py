"""The graph as a Mermaid flowchart, which code hosts draw in Markdown."""

from __future__ import annotations

from typing import Any

from agentlint.core import lazy
from agentlint.core.escape import visible

_UNSAFE = lazy.pattern(r"[^\w .,:/@+()=\-]")
_SHAPES = {
    "agent": ("([", "])"),
    "tool": ("[[", "]]"),
    "memory": ("[(", ")]"),
    "prompt": ("[/", "/]"),
    "gate": ("{", "}"),
}
_FIRST = (
    "agent", "tool", "mcp_server", "mcp_client", "endpoint", "gate", "guardrail", "memory", "model", "server", "agent_card",
    "workflow_job", "identity", "permission", "resource", "prompt",
)  # fmt: skip
_LAST = frozenset({"logger", "setting", "hidden_text"})
# Mermaid draws nothing at all beyond 50,000 characters or 500 edges, unless the page that embeds it was set up otherwise.
_MAX_CHARACTERS = 48_000
_MAX_EDGES = 480
_MAX_LABEL = 60


def render(data: dict[str, Any]) -> str:
    """Return ``graph_data`` as a flowchart; characters that mean something to Mermaid or HTML become entities.

    What is more than Mermaid draws is left out, the least telling nodes first, and a node says how much that is.
    """
    edges = [(edge["source"], edge["label"], edge["target"]) for edge in data["edges"]]
    joined = {end for source, _, target in edges for end in (source, target)}
    nodes = [node for node in data["nodes"] if node["id"] in joined or node["type"] not in _LAST]
    kept, budget = _within(nodes, joined)
    drawn: list[str] = []
    for source, label, target in edges:
        line = f"  {source} -->|{_text(label)}| {target}"
        if source in kept and target in kept and len(drawn) < _MAX_EDGES and budget > len(line):
            drawn.append(line)
            budget -= len(line) + 1
    lines = ["flowchart LR", *(_node(node) for node in nodes if node["id"] in kept), *drawn]
    missing, lost = len(data["nodes"]) - len(kept), len(edges) - len(drawn)
    if missing or lost:
        lines.append(f'  left["not drawn: {missing} nodes, {lost} edges; the html format shows all"]')
    return "\n".join(lines) + "\n"


def _within(nodes: list[dict[str, Any]], joined: set[str]) -> tuple[set[str], int]:
    """The ids of the nodes that there is room for, and the characters that are left for edges."""

    def rank(node: dict[str, Any]) -> tuple[bool, int]:
        return node["id"] not in joined, _FIRST.index(node["type"]) if node["type"] in _FIRST else len(_FIRST)

    kept: set[str] = set()
    room = _MAX_CHARACTERS * 2 // 3
    for node in sorted(nodes, key=rank):
        size = len(_node(node)) + 1
        if size > room:
            break
        room -= size
        kept.add(node["id"])
    return kept, _MAX_CHARACTERS // 3 + room


def _node(node: dict[str, Any]) -> str:
    opener, closer = _SHAPES.get(node["type"], ("[", "]"))
    name = " ".join(node["name"].split())
    short = name if len(name) <= _MAX_LABEL else name[: _MAX_LABEL - 1] + "…"
    return f'  {node["id"]}{opener}"{_text(node["type"] + ": " + short)}"{closer}'


def _text(text: str) -> str:
    return _UNSAFE.sub(lambda found: f"#{ord(found[0])};", visible(" ".join(text.split())))
