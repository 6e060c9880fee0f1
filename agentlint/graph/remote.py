"""Agents that run elsewhere: one that this repository serves is followed, any other is a stranger."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from agentlint.graph.arguments import ABSENT, constant, describe, select
from agentlint.graph.defaults import Defaults
from agentlint.graph.model import GraphNode, RepoGraph
from agentlint.graph.program import Program, Site
from agentlint.rulebook.models import Agent

_ADDRESS = re.compile(r"https?://([a-zA-Z0-9_.-]{1,200}):(\d{2,5})(?:/|$)")


class Made(NamedTuple):
    """An agent, the call that makes it, and what its model says."""

    node: GraphNode
    site: Site
    fact: Agent


def link_remote(
    graph: RepoGraph, program: Program, agents: Iterable[Made], served: Callable[[Site], list[GraphNode]], defaults: Defaults
) -> None:
    """Connect each agent that stands for a remote one with the agents that are served at its port.

    ``served`` gives the agents that a value stands for. The address counts by its port alone: hosts are names of containers
    or this machine.
    """
    remote = [made for made in agents if made.fact.remote]
    if not remote:
        return
    ports = _ports(program, served)
    for made in remote:
        made.node.attrs["remote"] = True
        for place in select(program, made.site, made.fact.remote):
            known = constant(program, place)
            address = known if isinstance(known, str) else defaults.of(place)
            found = _ADDRESS.match(address) if isinstance(address, str) else None
            for node in ports.get(int(found.group(2)), ()) if found else ():
                if node.id != made.node.id:
                    graph.link(made.node.id, "hands_off", node.id)


def _ports(program: Program, served: Callable[[Site], list[GraphNode]]) -> dict[int, list[GraphNode]]:
    """The agents that calls of this repository serve, by port."""
    facts = [server for model in program.index.models for server in model.servers if server.port]
    found: dict[int, list[GraphNode]] = {}
    for site in program.calls_named({server.call.rpartition(".")[2] for server in facts}):
        for path in program.inference.paths((site[0], program.value(site).args[0])):
            for server in program.index.servers(path):
                seen = describe(program, site, server.port)[0] if server.port else ABSENT
                port = server.default_port if seen is ABSENT else seen
                if isinstance(port, int) and port > 0:
                    agents = [node for place in select(program, site, server.app) for node in served(place)]
                    found.setdefault(port, []).extend(node for node in agents if node.type == "agent")
    return found
