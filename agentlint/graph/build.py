"""The repository graph: what files declare outright, and what their Python makes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from agentlint.facts.types import FileFacts
from agentlint.graph.agents import AgentNodes
from agentlint.graph.call_nodes import CallNodes, import_nodes
from agentlint.graph.callees import called, derived_names
from agentlint.graph.effects import Effects
from agentlint.graph.flow import Solver
from agentlint.graph.function_nodes import decorator_nodes, endpoint_nodes
from agentlint.graph.gates import Gates
from agentlint.graph.model import GraphNode, RepoGraph
from agentlint.graph.nodes import ToolNodes
from agentlint.graph.program import Program
from agentlint.graph.roles import Roles
from agentlint.graph.settled import settle
from agentlint.graph.switches import assignment_nodes, environment_node
from agentlint.rulebook.index import ModelIndex


def build(files: Sequence[FileFacts], program: Program, roles: Roles, effects: Effects, solver: Solver) -> RepoGraph:
    """Return the graph of a repository; nodes are added in the order of files and places, so ids and order are stable."""
    graph = RepoGraph()
    for file in files:
        _declared(graph, file, program.index)
    gates = Gates(program, solver, effects)
    tools = ToolNodes(graph, program, roles, effects, gates)
    tools.add_functions()
    endpoint_nodes(graph, program, roles)
    import_nodes(graph, program)
    assignment_nodes(graph, program)
    decorator_nodes(graph, program)
    calls = CallNodes(graph, program, solver.calls, gates)
    agents = AgentNodes(graph, program, tools, solver.calls, roles, gates)
    for site in program.calls_named(program.index.node_tails | derived_names(program)):
        for path in called(program, site):
            calls.add(site, path)
            agents.add(site, path)
            tools.add_object(site, path)
    tools.add_wrappers()
    agents.connect()
    _configured(graph, program)
    settle(graph, files, program, solver.calls)
    return graph


def _configured(graph: RepoGraph, program: Program) -> None:
    """Add what code configures rather than does; each reader is loaded only where a file speaks of its subject."""
    traits = {trait for file in program.files for trait in file.traits}
    if "names-mcp" in traits:
        from agentlint.graph.launches import launch_nodes

        launch_nodes(graph, program)
    if program.calls_named({"AgentCard"}):
        from agentlint.graph.cards import card_graph_nodes

        card_graph_nodes(graph, program)
    if "names-scopes" in traits:
        from agentlint.graph.scopes import scope_graph_nodes

        scope_graph_nodes(graph, program)


def _declared(graph: RepoGraph, file: FileFacts, index: ModelIndex) -> None:
    known: dict[str, str] = {}
    for fact in file.nodes:
        if fact.attrs.get("kind") == "env":
            environment_node(graph, file.path, fact, index)
            continue
        known[fact.id] = node_id = f"{file.path}#{fact.id}"
        graph.add(
            GraphNode(
                fact.type,
                node_id,
                fact.name,
                file.path,
                fact.span,
                fact.framework,
                dict(fact.attrs),
                dict(fact.spans),
                fact.unknown,
            )
        )
    for edge in file.edges:
        graph.link(known.get(edge.source, edge.source), edge.label, known.get(edge.target, edge.target))


def as_plain(graph: RepoGraph) -> dict[str, Any]:
    """Return the graph as plain data, sorted, for export."""
    return {"nodes": [_plain(node) for node in graph.nodes.values()], "edges": list(_edges(graph))}


def _plain(node: GraphNode) -> dict[str, Any]:
    return {
        "id": node.id, "type": node.type, "name": node.name, "path": node.path, "line": node.span.line,
        "framework": node.framework, "attrs": node.attrs,
    }  # fmt: skip


def _edges(graph: RepoGraph) -> Iterable[dict[str, str]]:
    for source, edges in graph.out.items():
        for label, target in edges:
            if target in graph.nodes:
                yield {"source": source, "label": label, "target": target}
