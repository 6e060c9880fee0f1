"""Nodes and edges of the repository graph."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from agentlint.core.place import Span

NODE_TYPES = (
    "agent", "tool", "prompt", "model", "memory", "guardrail", "gate", "mcp_server", "mcp_client", "agent_card", "endpoint",
    "workflow_job", "identity", "permission", "secret", "resource", "logger", "switch", "run", "setting", "hook",
    "hidden_text", "auth", "server", "steering", "origin_check", "entry",
)  # fmt: skip
EDGE_TYPES = (
    "uses", "instructs", "hands_off", "remembers", "guarded_by", "asks", "serves", "connects", "runs_as", "grants", "logs_to",
    "calls", "flows", "deployed_as", "contains", "runs_on",
)  # fmt: skip


@dataclass(slots=True)
class GraphNode:
    """A node. ``spans`` places single attributes; ``unknown`` names attributes that cannot be known from the tree."""

    type: str
    id: str
    name: str
    path: str
    span: Span
    framework: str = ""
    attrs: dict[str, Any] = field(default_factory=dict)
    spans: dict[str, Span] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    symbol: str = ""


@dataclass(slots=True)
class RepoGraph:
    """All nodes by id, and edges both ways."""

    nodes: dict[str, GraphNode] = field(default_factory=dict)
    out: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    into: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def add(self, node: GraphNode) -> GraphNode:
        """Add ``node`` unless its id is known; return the node of that id."""
        return self.nodes.setdefault(node.id, node)

    def link(self, source: str, label: str, target: str) -> None:
        """Add an edge once."""
        pair = (label, target)
        edges = self.out.setdefault(source, [])
        if pair not in edges:
            edges.append(pair)
            self.into.setdefault(target, []).append((label, source))

    def of_type(self, *types: str) -> Iterator[GraphNode]:
        """Yield the nodes of the given types, in the order they were added (path, then place)."""
        return (node for node in self.nodes.values() if node.type in types)

    def targets(self, source: str, label: str) -> list[GraphNode]:
        """Return the nodes that ``source`` points at with ``label``."""
        return [self.nodes[t] for lab, t in self.out.get(source, ()) if lab == label and t in self.nodes]

    def sources(self, target: str, label: str) -> list[GraphNode]:
        """Return the nodes that point at ``target`` with ``label``."""
        return [self.nodes[s] for lab, s in self.into.get(target, ()) if lab == label and s in self.nodes]
