"""Switches that turn nothing off: nothing in their project would have asked."""

from __future__ import annotations

from agentlint.graph.model import RepoGraph
from agentlint.graph.queries import Projects


def mark_moot(graph: RepoGraph, projects: Projects) -> None:
    """Note on the switches of approval by variables of the environment whether a tool of their project asks at all."""
    switches = [
        node
        for node in graph.of_type("switch")
        if node.attrs["kind"] == "approval-disabled" and node.attrs["arg"] in (node.name, node.attrs.get("what"))
    ]
    if not switches:
        return
    asking = {
        projects.root(tool.path) for tool in graph.of_type("tool") if tool.attrs.get("ready_made") and tool.attrs.get("gated")
    }
    for switch in switches:
        switch.attrs["moot"] = projects.root(switch.path) not in asking
