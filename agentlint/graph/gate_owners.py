"""Which agents a gate belongs to: their own arguments, and middleware or hooks that they are given as objects."""

from __future__ import annotations

from collections.abc import Callable

from agentlint.graph.elements import elements_of
from agentlint.graph.model import GraphNode, RepoGraph
from agentlint.graph.nodes import node_id
from agentlint.graph.program import Program, Site

MAX_PARTS = 120
MAX_NESTING = 3


class GateOwners:
    """Notes on gates of scope ``agent`` whose they are, and on the agents what is asked of them."""

    def __init__(self, graph: RepoGraph, program: Program, origin: Callable[[Site], Site]) -> None:
        """``origin`` follows a value to the call that made it."""
        self._program = program
        self._origin = origin
        self._gates = {node.id: node for node in graph.of_type("gate") if node.attrs["scope"] == "agent"}

    def attach(self, agent: GraphNode, site: Site) -> None:
        """Look for gates among the arguments of the call at ``site``, which makes ``agent``."""
        if not self._gates:
            return
        own = self._at(site)
        if own is not None:
            own.attrs.setdefault("agents", []).append(agent.id)
        places = [((site[0], arg), 0) for arg in self._program.value(site).args[1:]]
        seen = {site}
        while places and len(seen) < MAX_PARTS:
            place, depth = places.pop()
            origin = self._origin(place)
            if origin in seen:
                continue
            seen.add(origin)
            gate = self._at(origin)
            if gate is not None:
                _own(agent, gate)
            elif depth < MAX_NESTING:
                places += [(one, depth + 1) for one in elements_of(self._program, place) if one != place]

    def _at(self, site: Site) -> GraphNode | None:
        return self._gates.get(node_id(self._program, "gate", site))


def _own(agent: GraphNode, gate: GraphNode) -> None:
    gate.attrs.setdefault("agents", []).append(agent.id)
    names = gate.attrs["names"]
    if gate.attrs["void"]:
        agent.attrs["void"] = agent.attrs["void"] or gate.attrs["void"]
    elif not agent.attrs["gated"]:
        agent.attrs.update({"gated": True, "gate_names": names})
    elif agent.attrs["gate_names"] is not None:
        agent.attrs["gate_names"] = None if names is None else [*agent.attrs["gate_names"], *names]
