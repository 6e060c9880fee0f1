"""What an agent can do with everything it reaches: its tools, those of the agents it hands over to, and theirs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from agentlint.graph.deployed import may_only_read
from agentlint.graph.effects import EffectUse
from agentlint.graph.model import GraphNode, RepoGraph
from agentlint.graph.repository import Repository
from agentlint.graph.sinks import sinks_of_call

MAX_AGENTS = 200
EVERYTHING = ("/", "~")
CLOUD = frozenset({"cloud-write", "cloud-create"})


class Ability(NamedTuple):
    """A tool, what it can do (an effect), and the agents on the way to it, the first one asked about left out."""

    effect: str
    tool: GraphNode
    way: tuple[GraphNode, ...]
    use: EffectUse | None = None


def first_agents(graph: RepoGraph) -> Iterator[GraphNode]:
    """Yield the agents that conversations begin with: no other agent hands over to them."""
    for agent in graph.of_type("agent"):
        if not graph.sources(agent.id, "hands_off"):
            yield agent


def reached(graph: RepoGraph, agent: GraphNode) -> list[tuple[GraphNode, tuple[GraphNode, ...]]]:
    """Return the agents a conversation with ``agent`` may get to, each with the way there."""
    found: dict[str, tuple[GraphNode, tuple[GraphNode, ...]]] = {agent.id: (agent, ())}
    level = [agent]
    while level and len(found) < MAX_AGENTS:
        following = []
        for current in level:
            way = found[current.id][1]
            for other in graph.targets(current.id, "hands_off"):
                if other.id not in found and other.type == "agent":
                    found[other.id] = (other, (*way, other))
                    following.append(other)
        level = following
    return list(found.values())


def abilities(repository: Repository, agent: GraphNode) -> list[Ability]:
    """Return what ``agent`` can do, by its own tools and by all it reaches."""
    found: list[Ability] = []
    for holder, way in reached(repository.graph, agent):
        for tool in repository.graph.targets(holder.id, "uses"):
            found += [Ability(effect, tool, way, use) for effect, use in _effects(repository, tool)]
        if holder.attrs.get("remote") and not repository.graph.targets(holder.id, "hands_off"):
            # Nobody here knows what it does with what it is told; what it says is what its owners, or their sources, want.
            found += [Ability(effect, holder, way[:-1]) for effect in ("net-read", "net-send")]
    return [a for a in found if a.effect not in CLOUD or not may_only_read(repository, a.tool.path)]


def _effects(repository: Repository, tool: GraphNode) -> Iterator[tuple[str, EffectUse | None]]:
    number = tool.attrs.get("function")
    if not isinstance(number, int):
        for effect in tool.attrs.get("effects", ()):
            if effect != "fs-read" or str(tool.attrs.get("root", "")).startswith(EVERYTHING):
                yield effect, None
        return
    for effect, use in repository.effects.of(number).items():
        if effect not in ("fs-read", "net-read", "net-send") or _is_chosen(repository, use):
            yield effect, use


def _is_chosen(repository: Repository, use: EffectUse) -> bool:
    """Whether the model chooses which file is read or which host is reached."""
    # The solver remembers what it found by kind of sink and kinds of source, so this search needs a name of its own.
    sinks = [
        replace(s, kind=f"chosen-{s.kind}") for s in sinks_of_call(repository.program, use.site) if s.kind in ("url", "path")
    ]
    return any(repository.solver.reach(sink, {"tool-argument": True}) for sink in sinks)
