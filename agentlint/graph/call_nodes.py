"""Graph nodes that a single call or import makes: switches, servers, gates, guardrails, loggers, limits."""

from __future__ import annotations

from functools import partial

from agentlint.facts.python.ir import Op
from agentlint.graph.agents import origin_of
from agentlint.graph.arguments import ABSENT, UNKNOWN, constant, describe, holds, select
from agentlint.graph.calls import CallGraph
from agentlint.graph.coverage import covered_by
from agentlint.graph.gates import Gates
from agentlint.graph.hosts import Hosts
from agentlint.graph.made import made
from agentlint.graph.model import GraphNode, RepoGraph
from agentlint.graph.nodes import make, text_of
from agentlint.graph.program import Program, Site
from agentlint.graph.switches import is_chosen, is_local, switch_holds
from agentlint.rulebook.models import Gate, Limit, Server, Switch

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - compared with, never bound to


def import_nodes(graph: RepoGraph, program: Program) -> None:
    """Add a logger node for every import that brings observability; a module of the project's own does not."""
    for number, function in enumerate(program.functions):
        for value_id in function.imports:
            module, _, name = function.values[value_id].text.partition(":")
            if program.import_module(program.module_of[number], module) >= 0:
                continue
            for logger in program.index.loggers_imports(f"{module}.{name}" if name else module):
                attrs = {"default": logger.default, "scope": logger.scope}
                graph.add(make(program, "logger", (number, value_id), module, f"{module}.{name}".rstrip("."), attrs))


class CallNodes:
    """Nodes that a single call makes."""

    def __init__(self, graph: RepoGraph, program: Program, calls: CallGraph, gates: Gates) -> None:
        self._gates = gates
        self._uses = gates.uses
        self._graph = graph
        self._program = program
        self._calls = calls
        self._hosts = Hosts(program, calls)

    def add(self, site: Site, path: str) -> None:
        """Add what models say of a call of ``path``."""
        program, index = self._program, self._program.index
        for switch in index.switches_call(path):
            if switch_holds(program, site, switch):
                self._switch(site, path, switch)
        for server in index.servers(path):
            self._graph.add(self._server(site, path, server))
        for logger in index.loggers_call(path):
            if holds(program, site, logger.when):
                self._graph.add(make(program, "logger", site, path, path, {"default": logger.default, "scope": logger.scope}))
        judged = [(gate, why) for gate in index.gates(path) if (why := self._gates.judge(site, gate)) is not None]
        for gate, why in sorted(judged, key=lambda one: one[1] != "")[:1]:
            attrs = {"scope": gate.scope, "function": site[0], "void": why}
            attrs["names"] = covered_by(program, site, gate, partial(origin_of, program, self._calls))
            attrs["used"] = self._uses.is_used(site) if self._is_object(gate, path) else self._uses.runs(site[0])
            self._graph.add(make(program, "gate", site, path, path, attrs))
        for guardrail in index.guardrails_call(path):
            if not guardrail.arg or self._guards(site, path, guardrail.arg):
                self._graph.add(make(program, "guardrail", site, path, path, {}))
        for memory in index.memories(path):
            if holds(program, site, memory.when):
                self._graph.add(make(program, "memory", site, path, path, {"durable": memory.durable}))
        for auth in index.auth(path):
            if (not auth.arg or select(program, site, auth.arg)) and holds(program, site, auth.when):
                kind = "auth" if auth.covers == "callers" else "origin_check"
                self._graph.add(make(program, kind, site, path, path, {}))
        for limit in index.limits(path):
            self._limit(site, path, limit)

    def _guards(self, site: Site, path: str, spec: str) -> bool:
        """Whether an argument that checks content is given; those of an agent are nodes of their own, the agent's."""
        agents = self._program.index.agents(path)
        own = {part for agent in agents if holds(self._program, site, agent.when) for part in agent.guardrails.split("|")}
        return any(select(self._program, site, part) for part in spec.split("|") if part not in own)

    def _is_object(self, gate: Gate, path: str) -> bool:
        """Whether a gate is an object of its own, which protects nothing as long as nobody is given it."""
        return gate.scope == "repo" or (gate.scope == "agent" and not self._program.index.agents(path))

    def _switch(self, site: Site, path: str, switch: Switch) -> None:
        program, name = self._program, path.rpartition(".")[2]
        attrs = {
            "kind": switch.kind, "arg": switch.arg, "say": switch.say, "local": is_local(program, site),
            "chosen": is_chosen(program, site, f"{switch.kind} {switch.arg} {name}", switch.arg),
        }  # fmt: skip
        node = make(program, "switch", site, name, path, attrs)
        node.id += f":{switch.kind}"  # one call may throw several
        self._place_argument(self._graph.add(node), site, switch.arg)

    def _place_argument(self, node: GraphNode, site: Site, arg: str) -> None:
        for place in select(self._program, site, arg)[:1] if arg and arg != "*" else ():
            if self._program.path(place[0]) == node.path:
                node.spans["arg"] = self._program.value(place).span

    def _limit(self, site: Site, path: str, limit: Limit) -> None:
        seen = describe(self._program, site, limit.arg)
        value = limit.default if seen == [ABSENT] else seen[0]
        if value is UNKNOWN or isinstance(value, str):
            return
        unbounded = value is None or (
            isinstance(value, (int, float))
            and not isinstance(value, bool)
            and (value > limit.max or (value <= 0 and value < limit.min))
        )
        explicit = seen != [ABSENT]
        attrs = {
            "kind": "unbounded-loop",
            "arg": limit.arg,
            "value": value,
            "explicit": explicit,
            "say": f"`{limit.arg}` is {value}",
        }
        if unbounded:
            node = self._graph.add(make(self._program, "switch", site, path.rpartition(".")[2], path, attrs))
            self._place_argument(node, site, limit.arg)

    def _server(self, site: Site, path: str, server: Server) -> GraphNode:
        program = self._program
        host, by_default = self._host(site, server)
        transport = text_of(program, site, server.transport)
        network = not server.network or transport in server.network
        attrs = {
            "kind": server.kind, "host": host, "transport": transport,
            "network": network, "runs": bool(server.transport), "by_default": by_default,
            "made_at": self._made_at(site), "app_path": self._app_path(site, server),
            "exposed": network and host in EVERYWHERE,
            "all_interfaces": network and host in EVERYWHERE,
            "auth": bool(server.auth) and self._gates.judge(site, Gate(call=path, scope="", arg=server.auth)) == "",
            "origins": self._origins(site, server), "origins_since": server.origins_since,
        }  # fmt: skip
        node = make(program, "mcp_server" if server.kind == "mcp" else "server", site, path.rpartition(".")[2], path, attrs)
        if server.host:
            self._place_argument(node, site, server.host)
        return node

    def _origins(self, site: Site, server: Server) -> str:
        """Whether the server looks at Host and Origin: ``checked``, ``default`` (by its version), ``open``, or not known."""
        if not server.origins:
            return ""
        seen = describe(self._program, site, server.origins)
        if seen[0] is ABSENT or seen[0] is None:
            return "default" if server.origins_since else "open"
        return "open" if seen == [False] else "checked"

    def _host(self, site: Site, server: Server) -> tuple[str, bool]:
        """The host a server listens on (that of an address pair, too), and whether that is only a default."""
        program = self._program
        places = select(program, site, server.host) if server.host else []
        if not places:
            return "" if "**" in program.value(site).keys else server.default_host, False
        known = constant(program, places[0])
        if isinstance(known, list) and known:
            known = known[0]
        value = program.value(places[0])
        if known is UNKNOWN and value.op is Op.SEQ and value.args:
            known = constant(program, (places[0][0], value.args[0]))
        if known == "" and (value.op is Op.SEQ or program.value(places[0]).op is Op.SEQ):
            return "0.0.0.0", False  # noqa: S104 - an address pair with an empty host means all interfaces
        if known is UNKNOWN:
            hosts = self._hosts.of(places[0])
            everywhere = sorted(hosts.intersection(EVERYWHERE))
            return (everywhere or [""])[0] if hosts.issubset(EVERYWHERE) else "", bool(everywhere)
        return known if isinstance(known, str) else "", False

    def _app_path(self, site: Site, server: Server) -> str:
        """The file in which the application that is served is made, an empty string if that is not known."""
        places = select(self._program, site, server.app) if server.app else []
        maker = made(self._program, places[0]) if places else None
        if maker is None or any(path.startswith("builtins.") for path in self._program.inference.paths(maker)):
            return ""  # looked up by name at run time
        return self._program.path(maker[0])

    def _made_at(self, site: Site) -> int:
        """The line where the object was made whose method this call is; its own line if it is none."""
        for place in select(self._program, site, "self"):
            value = self._program.value(place)
            made = self._program.definitions(place[0], value.text) if value.op is Op.NAME else None
            return self._program.value(made[0] if made else place).line
        return self._program.value(site).line
