"""The graph of a repository as plain data, from which every format is written."""

from __future__ import annotations

from typing import Any

from agentlint.core.escape import visible
from agentlint.core.mask import mask_line
from agentlint.graph.model import GraphNode, RepoGraph

_PLAIN = (str, int, float, bool, type(None))
_MAX_TEXT = 200
_MAX_LABEL = 48


def graph_data(graph: RepoGraph, version: str) -> dict[str, Any]:
    """Return ``{"version", "tool", "nodes": [{id, type, name, …}], "edges": [{source, label, target}]}``, both sorted.

    Ids are short and made from the order of the nodes; edges to nodes that are not in the graph are left out.
    """
    ordered = sorted(graph.nodes.values(), key=lambda node: (node.path, node.span, node.type, node.id))
    short = {node.id: f"n{number}" for number, node in enumerate(ordered, 1)}
    nodes = [
        {
            "id": short[node.id],
            "type": node.type,
            "name": _cut(_name(node)),
            "path": node.path,
            "line": node.span.line,
            "framework": node.framework,
            "symbol": node.symbol,
            "attributes": {key: _plain(value) for key, value in sorted(node.attrs.items())},
            "unknown": sorted(node.unknown),
        }
        for node in ordered
    ]
    edges = sorted(
        (int(short[source][1:]), label, int(short[target][1:]))
        for source, links in graph.out.items()
        for label, target in links
        if source in short and target in short
    )
    return {
        "version": "1",
        "tool": {"name": "agentlint", "version": version},
        "nodes": nodes,
        "edges": [{"source": f"n{source}", "label": label, "target": f"n{target}"} for source, label, target in edges],
    }


def _name(node: GraphNode) -> str:
    """What a node is called: the beginning of a prompt; of a dotted path, the part that tells one from another."""
    if node.type == "prompt" and node.name == "prompt" and node.attrs.get("text"):
        words = " ".join(str(node.attrs["text"])[:200].split())
        return words if len(words) <= _MAX_LABEL else words[: _MAX_LABEL - 1] + "…"
    if not node.name or node.name != node.attrs.get("what"):
        return node.name or node.id
    parts = [part.removesuffix("()") for part in node.name.split(".")]
    named = [number for number, part in enumerate(parts) if part[:1].isupper()]
    return ".".join(parts[named[-1] if named else -1 :])


def _plain(value: Any, depth: int = 0) -> Any:
    if isinstance(value, str):
        return _cut(value)
    if isinstance(value, _PLAIN):
        return value
    if depth > 6:
        return "…"
    if isinstance(value, dict):
        return {str(key): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted(str(item) for item in value)
    if isinstance(value, (list, tuple)):
        return [_plain(item, depth + 1) for item in value]
    return _cut(str(value))


def _cut(text: str) -> str:
    shown = visible(mask_line(text[: 2 * _MAX_TEXT], 0), keep="\n\t")
    return shown if len(shown) <= _MAX_TEXT else shown[: _MAX_TEXT - 1] + "…"
