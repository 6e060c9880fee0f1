"""Graph nodes that one call, decorator or import makes: tools, endpoints, switches, servers, gates, loggers."""

from __future__ import annotations

from typing import Any

from agentlint.facts.python.ir import Op
from agentlint.graph.arguments import ABSENT, UNKNOWN, constant, describe, holds, select
from agentlint.graph.effects import Effects, EffectUse
from agentlint.graph.model import GraphNode, RepoGraph
from agentlint.graph.program import Program, Site
from agentlint.graph.roles import Role, Roles, decorator_paths
from agentlint.rulebook.models import Limit, Server, Switch, Tool

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def node_id(program: Program, kind: str, site: Site) -> str:
    """A stable id for what a value of the program makes."""
    value = program.value(site)
    return f"{program.path(site[0])}#{kind}:{value.line}:{value.column}"


def make(program: Program, kind: str, site: Site, name: str, path: str, attrs: dict[str, Any]) -> GraphNode:
    """Return a node placed at a value of the program; ``path`` is the symbol that makes it."""
    return GraphNode(
        kind, node_id(program, kind, site), name, program.path(site[0]), program.value(site).span,
        program.index.package_of(path), {"what": path, **attrs}, symbol=program.symbol(site[0]),
    )  # fmt: skip


def text_of(program: Program, site: Site, spec: str) -> str:
    """The constant text of an argument, an empty string when there is none."""
    for place in select(program, site, spec) if spec else ():
        known = constant(program, place)
        if isinstance(known, str):
            return known
    return ""


class ToolNodes:
    """Tool nodes by function and by object."""

    def __init__(self, graph: RepoGraph, program: Program, roles: Roles, effects: Effects) -> None:
        self._graph = graph
        self._program = program
        self._roles = roles
        self._effects = effects
        self.of_function: dict[int, GraphNode] = {}
        self.of_site: dict[Site, GraphNode] = {}

    def add_functions(self) -> None:
        """Add a node for every function that is a tool."""
        for number in sorted(self._roles.of):
            role = self._roles.tools(number)
            if role is not None:
                self.of_function[number] = self._graph.add(self._function_node(number, role))

    def _function_node(self, number: int, role: Role) -> GraphNode:
        program = self._program
        function = program.functions[number]
        uses = self._effects.of(number)
        attrs = {
            "what": role.path, "function": number, "effects": sorted(uses), "description": function.doc,
            "gated": self._is_gated(number, role), "hints": self._hints(role), "params": [p.name for p in function.params],
        }  # fmt: skip
        name = self._name(role, function.name)
        node_key = f"{program.path(number)}#tool:{function.span.line}:{function.span.column}"
        return GraphNode(
            "tool", node_key, name, program.path(number), function.span, program.index.package_of(role.path), attrs,
            symbol=program.symbol(number),
        )  # fmt: skip

    def uses(self, node: GraphNode) -> dict[str, EffectUse]:
        """Return the effects of a tool that is a function, with the calls that have them."""
        number = node.attrs.get("function")
        return self._effects.of(number) if isinstance(number, int) else {}

    def _name(self, role: Role, default: str) -> str:
        if role.tool is not None and role.tool.name and role.site is not None and self._is_call(role.site):
            return text_of(self._program, role.site, role.tool.name) or default
        return default

    def _is_call(self, site: Site | None) -> bool:
        return site is not None and site[1] >= 0 and self._program.value(site).op is Op.CALL

    def _hints(self, role: Role) -> dict[str, bool]:
        """Behaviour annotations a tool declares about itself, written as a call, a dict or keywords."""
        if role.tool is None or not role.tool.hints or role.site is None or not self._is_call(role.site):
            return {}
        program = self._program
        found: dict[str, bool] = {}
        for place in select(program, role.site, role.tool.hints):
            for holder in program.inference.containers(place) or [place]:
                entry = program.value(holder)
                for key, arg in zip(entry.keys, entry.args, strict=False):
                    known = constant(program, (holder[0], arg))
                    if key and isinstance(known, bool):
                        found[key] = known
        return found

    def _is_gated(self, number: int, role: Role) -> bool:
        """Whether approval is asked on the tool itself: by its decorator or constructor, or inside, before its effects."""
        program = self._program
        site = role.site
        if site is not None and self._is_call(site):
            for gate in program.index.gates(role.path):
                if gate.scope == "tool" and gate_holds(program, site, gate.arg, gate.when):
                    return True
        return self._inline_gate(number, 3)

    def _inline_gate(self, number: int, depth: int) -> bool:
        program = self._program
        for value_id, value in enumerate(program.functions[number].values):
            if value.op is not Op.CALL:
                continue
            for path in program.inference.paths((number, value.args[0])):
                for gate in program.index.gates(path):
                    if gate.scope == "inline" and gate_holds(program, (number, value_id), gate.arg, gate.when):
                        return True
        if depth == 0:
            return False
        return any(self._inline_gate(target, depth - 1) for target, _ in self._effects.callees(number))

    def add_object(self, site: Site, path: str) -> None:
        """Add a node for a ready-made tool object."""
        for tool in self._program.index.tools_by_call(path):
            if tool.func and (not select(self._program, site, tool.func) or self._wraps_known(site, tool)):
                continue
            sandboxed = bool(tool.sandboxed) and holds(self._program, site, tool.sandboxed)
            gated = any(
                gate.scope == "tool" and gate_holds(self._program, site, gate.arg, gate.when) for gate in self._program.index.gates(path)
            )
            attrs = {"effects": sorted(tool.effects), "sandboxed": sandboxed, "gated": gated, "ready_made": True}
            name = text_of(self._program, site, tool.name) or path.rpartition(".")[2].removesuffix("()")
            self.of_site[site] = self._graph.add(make(self._program, "tool", site, name, path, attrs))

    def _wraps_known(self, site: Site, tool: Tool) -> bool:
        program = self._program
        refs = [ref for place in select(program, site, tool.func) for ref in program.inference.infer(place)]
        known = [ref.id for ref in refs if ref.kind == "fun" and ref.id in self.of_function]
        for function in known:
            self.of_site[site] = self.of_function[function]
        return bool(known)


def gate_holds(program: Program, site: Site, arg: str, when: dict[str, Any]) -> bool:
    """Whether a gate's argument is given and not switched off, and its conditions hold."""
    if not holds(program, site, when):
        return False
    if not arg:
        return True
    seen = describe(program, site, arg)
    return all(value is not ABSENT and value not in (False, None, "never", "NEVER") for value in seen)


def endpoint_nodes(graph: RepoGraph, program: Program, roles: Roles) -> None:
    """Add a node for every function that outside callers reach."""
    for number in sorted(roles.of):
        for role in roles.of[number]:
            if role.kind == "user-input":
                function = program.functions[number]
                key = f"{program.path(number)}#endpoint:{function.span.line}:{function.span.column}"
                attrs = {"what": role.path, "function": number, "trust": role.trust}
                graph.add(
                    GraphNode(
                        "endpoint", key, function.name, program.path(number), function.span,
                        program.index.package_of(role.path), attrs, symbol=program.symbol(number),
                    )  # fmt: skip
                )


def decorator_nodes(graph: RepoGraph, program: Program) -> None:
    """Add guardrail nodes for functions that a decorator makes one."""
    for number, function in enumerate(program.functions):
        for decorator in function.decorators:
            site = (program.parent(number), decorator)
            for path in decorator_paths(program, site):
                if program.index.guardrails_decorator(path):
                    graph.add(make(program, "guardrail", site, function.name, path, {"function": number}))


def assignment_nodes(graph: RepoGraph, program: Program) -> None:
    """Add switch nodes for protections turned off by setting an environment variable or an attribute of a module."""
    for number, function in enumerate(program.functions):
        for value_id, value in enumerate(function.values):
            if value.op is Op.UPDATE and value.text and program.index.switches_env(value.text):
                if "os.environ" in program.inference.paths((number, value.args[0])):
                    _assigned(graph, program, (number, value_id), value.args[1], program.index.switches_env(value.text), value.text)
        for store in function.stores:
            for path in program.inference.paths((number, store.base)):
                switches = program.index.switches_assign(f"{path}.{store.attr}")
                _assigned(graph, program, (number, store.value), store.value, switches, f"{path}.{store.attr}")


def _assigned(
    graph: RepoGraph, program: Program, site: Site, value: int, switches: tuple[Switch, ...], name: str
) -> None:
    seen = constant(program, (site[0], value))
    paths = [seen] if seen is not UNKNOWN else list(program.inference.paths((site[0], value)))
    for switch in switches:
        wanted = switch.one_of or (switch.equals,)
        if any(same(one, option) or same(str(one), str(option)) for one in paths for option in wanted) or (switch.truthy and any(paths)):
            attrs = {"kind": switch.kind, "arg": name, "say": switch.say}
            graph.add(make(program, "switch", site, name, name, attrs))


def import_nodes(graph: RepoGraph, program: Program) -> None:
    """Add a logger node for every import that brings observability."""
    for number, function in enumerate(program.functions):
        for value_id, value in enumerate(function.values):
            if value.op is not Op.IMPORT:
                continue
            module, _, name = value.text.partition(":")
            for logger in program.index.loggers_imports(f"{module}.{name}" if name else module):
                attrs = {"default": logger.default, "scope": logger.scope}
                graph.add(make(program, "logger", (number, value_id), module, f"{module}.{name}".rstrip("."), attrs))


class CallNodes:
    """Nodes that a single call makes."""

    def __init__(self, graph: RepoGraph, program: Program) -> None:
        self._graph = graph
        self._program = program

    def add(self, site: Site, path: str) -> None:
        """Add what models say of a call of ``path``."""
        program, index = self._program, self._program.index
        for switch in index.switches_call(path):
            if switch_holds(program, site, switch):
                attrs = {"kind": switch.kind, "arg": switch.arg, "say": switch.say}
                node = self._graph.add(make(program, "switch", site, path.rpartition(".")[2], path, attrs))
                self._place_argument(node, site, switch.arg)
        for server in index.servers(path):
            self._graph.add(self._server(site, path, server))
        for logger in index.loggers_call(path):
            if holds(program, site, getattr(logger, "when", {})):
                self._graph.add(make(program, "logger", site, path, path, {"default": logger.default, "scope": logger.scope}))
        for gate in index.gates(path):
            if gate_holds(program, site, gate.arg, gate.when):
                self._graph.add(make(program, "gate", site, path, path, {"scope": gate.scope}))
        for guardrail in index.guardrails_call(path):
            if not guardrail.arg or select(program, site, guardrail.arg):
                self._graph.add(make(program, "guardrail", site, path, path, {}))
        for memory in index.memories(path):
            self._graph.add(make(program, "memory", site, path, path, {"durable": memory.durable}))
        for auth in index.auth(path):
            if not auth.arg or select(program, site, auth.arg):
                self._graph.add(make(program, "auth", site, path, path, {}))
        for limit in index.limits(path):
            self._limit(site, path, limit)

    def _place_argument(self, node: GraphNode, site: Site, arg: str) -> None:
        for place in select(self._program, site, arg)[:1] if arg and arg != "*" else ():
            if self._program.path(place[0]) == node.path:
                node.spans["arg"] = self._program.value(place).span

    def _limit(self, site: Site, path: str, limit: Limit) -> None:
        seen = describe(self._program, site, limit.arg)
        value = limit.default if seen == [ABSENT] else seen[0]
        if value is UNKNOWN or isinstance(value, str):
            return
        unbounded = value is None or (isinstance(value, (int, float)) and not isinstance(value, bool) and (value > limit.max or value <= 0))
        explicit = seen != [ABSENT]
        attrs = {"kind": "unbounded-loop", "arg": limit.arg, "value": value, "explicit": explicit, "say": f"`{limit.arg}` is {value}"}
        if unbounded:
            node = self._graph.add(make(self._program, "switch", site, path.rpartition(".")[2], path, attrs))
            self._place_argument(node, site, limit.arg)

    def _server(self, site: Site, path: str, server: Server) -> GraphNode:
        program = self._program
        given = describe(program, site, server.host) if server.host else [ABSENT]
        host = server.default_host if given == [ABSENT] else given[0] if isinstance(given[0], str) else ""
        transport = text_of(program, site, server.transport)
        network = not server.network or transport in server.network
        attrs = {
            "kind": server.kind, "host": host, "transport": transport, "network": network,
            "exposed": network and host not in LOOPBACK and host in ("0.0.0.0", "::", ""),
            "all_interfaces": network and host in ("0.0.0.0", "::"),
            "auth": bool(server.auth) and gate_holds(program, site, server.auth, {}),
        }  # fmt: skip
        node = make(program, "mcp_server" if server.kind == "mcp" else "server", site, path.rpartition(".")[2], path, attrs)
        if server.host:
            self._place_argument(node, site, server.host)
        return node


def switch_holds(program: Program, site: Site, switch: Switch) -> bool:
    """Whether a call sets the switch to its dangerous position; what is not known does not count."""
    if not holds(program, site, switch.when):
        return False
    if not switch.arg:
        return True
    for seen in describe(program, site, switch.arg):
        if seen is ABSENT:
            if switch.absent:
                return True
        elif seen is UNKNOWN:
            continue
        elif switch.truthy:
            if seen and not isinstance(seen, str):
                return True
        elif switch.one_of:
            if any(same(seen, option) for option in switch.one_of):
                return True
        elif not switch.absent and same(seen, switch.equals):
            return True
    return False


def same(seen: Any, wanted: Any) -> bool:
    """Equality that keeps booleans and numbers apart; symbols match by their last part."""
    if isinstance(seen, list):
        return seen == wanted or any(same(item, wanted) for item in seen)
    if isinstance(seen, bool) or isinstance(wanted, bool) or seen is None or wanted is None:
        return seen is wanted
    if isinstance(seen, str) and isinstance(wanted, str):
        return seen == wanted or seen.endswith("." + wanted)
    return bool(seen == wanted)
