"""The graph in the language of Graphviz."""

from __future__ import annotations

from typing import Any

from agentlint.core.escape import visible

_SHAPES = {
    "agent": "doubleoctagon",
    "tool": "component",
    "mcp_server": "box3d",
    "mcp_client": "box3d",
    "prompt": "note",
    "memory": "cylinder",
}


def render(data: dict[str, Any]) -> str:
    """Return ``graph_data`` as a DOT digraph."""
    lines = ["digraph agentlint {", "  rankdir=LR;", '  node [shape=box, fontname="sans-serif"];']
    for node in data["nodes"]:
        label = _text(f"{node['type']}: {node['name']}")
        place = _text(f"{node['path']}:{node['line']}")
        lines.append(f'  {node["id"]} [label="{label}", tooltip="{place}", shape={_SHAPES.get(node["type"], "box")}];')
    lines += [f'  {edge["source"]} -> {edge["target"]} [label="{_text(edge["label"])}"];' for edge in data["edges"]]
    return "\n".join([*lines, "}"]) + "\n"


def _text(text: str) -> str:
    return visible(" ".join(text.split())).replace("\\", "\\\\").replace('"', '\\"')
