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


def render(data: dict[str, Any]) -> str:
    """Return ``graph_data`` as a flowchart; characters that mean something to Mermaid or HTML become entities."""
    lines = ["flowchart LR"]
    for node in data["nodes"]:
        opener, closer = _SHAPES.get(node["type"], ("[", "]"))
        lines.append(f'  {node["id"]}{opener}"{_text(node["type"] + ": " + node["name"])}"{closer}')
    lines += [f"  {edge['source']} -->|{_text(edge['label'])}| {edge['target']}" for edge in data["edges"]]
    return "\n".join(lines) + "\n"


def _text(text: str) -> str:
    return _UNSAFE.sub(lambda found: f"#{ord(found[0])};", visible(" ".join(text.split())))
