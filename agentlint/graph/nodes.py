"""Graph nodes of functions and ready-made objects: tools, endpoints, guardrails."""

from __future__ import annotations

from typing import Any

from agentlint.facts.python.ir import Op
from agentlint.graph.arguments import ABSENT, Path, constant, describe, holds, select
from agentlint.graph.effects import Effects, EffectUse
from agentlint.graph.gates import Gates, best
from agentlint.graph.model import GraphNode, RepoGraph
from agentlint.graph.program import Program, Site
from agentlint.graph.roles import Role, Roles, decorator_paths, elements
from agentlint.rulebook.models import Tool


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

    def __init__(self, graph: RepoGraph, program: Program, roles: Roles, effects: Effects, gates: Gates) -> None:
        self._gates = gates
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
        gate = self._gate(number, role)
        attrs = {
            "what": role.path, "function": number, "effects": sorted(uses), "description": function.doc,
            "gated": gate == "", "void": gate or "", "hints": self._hints(role), "params": [p.name for p in function.params],
            "on": self._receiver(role),
        }  # fmt: skip
        name = self._name(number, role)
        node_key = f"{program.path(number)}#tool:{function.span.line}:{function.span.column}"
        return GraphNode(
            "tool", node_key, name, program.path(number), function.span, program.index.package_of(role.path), attrs,
            symbol=program.symbol(number),
        )  # fmt: skip

    def uses(self, node: GraphNode) -> dict[str, EffectUse]:
        """Return the effects of a tool that is a function, with the calls that have them."""
        number = node.attrs.get("function")
        return self._effects.of(number) if isinstance(number, int) else {}

    def _name(self, number: int, role: Role) -> str:
        default = self._program.functions[number].name
        if role.tool is not None and role.tool.name and role.site is not None and self._is_call(role.site):
            return text_of(self._program, role.site, role.tool.name) or default
        cls = self._program.owner(number)
        is_class = role.tool is not None and bool(role.tool.base) and not role.tool.listed
        return self._class_name(cls, role.tool.name) if is_class and role.tool is not None and cls >= 0 else default

    def _class_name(self, cls: int, field: str) -> str:
        """What a tool class calls itself: the constant of its field, or its own name."""
        program = self._program
        body = program.class_body(cls)
        known = [constant(program, (body, value)) for value in program.functions[body].defs.get(field, ())]
        return next((name for name in known if isinstance(name, str)), program.classes[cls].name)

    def _receiver(self, role: Role) -> str:
        """The variable whose method makes the function a tool where it is defined; empty for what may run or not."""
        site = role.site
        if site is None or site[1] < 0 or self._program.value(site).block > 0:
            return ""
        value = self._program.value(site)
        if value.op is Op.CALL:
            if "version" in value.keys:  # several versions of one tool stand side by side on purpose
                return ""
            value = self._program.value((site[0], value.args[0]))
        base = self._program.value((site[0], value.args[0])) if value.op is Op.ATTR else None
        if base is None:
            return ""
        names = [name for name, ids in self._program.functions[site[0]].defs.items() if value.args[0] in ids]
        return base.text if base.op is Op.NAME else next(iter(names), "")

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

    def _gate(self, number: int, role: Role) -> str | None:
        """Approval on the tool itself: by its decorator or constructor, or inside, before its effects (see ``Gates``)."""
        site = role.site
        found = (
            [self._gates.on_call(site, role.path, "tool", self._program.functions[number].name)]
            if site is not None and self._is_call(site)
            else []
        )
        found.append(self._gates.on_function(number))
        return best([why for why in found if why is not None])

    def add_object(self, site: Site, path: str) -> None:
        """Add a node for a ready-made tool object."""
        for tool in self._program.index.tools_by_call(path):
            known = bool(tool.func) and (not select(self._program, site, tool.func) or self._wraps_known(site, tool))
            if tool.kind == "registrar":
                for place in elements(self._program, site, tool.func):
                    if self._program.value(place).op is not Op.CALL:
                        for named in self._program.inference.paths(place):
                            self.named(named, place)
                continue
            if known or not holds(self._program, site, tool.when):
                continue
            if tool.parts and self._gates.uses.is_only_read(site, tool.parts):
                continue
            sandboxed = bool(tool.sandboxed) and holds(self._program, site, tool.sandboxed)
            attrs = _ready_made(tool, sandboxed, self._gates.on_call(site, path, "tool"), root_of(self._program, site, tool))
            name = text_of(self._program, site, tool.name) or path.rpartition(".")[2].removesuffix("()")
            self.of_site[site] = self._graph.add(make(self._program, "tool", site, name, path, attrs))

    def named(self, path: str, place: Site) -> GraphNode | None:
        """Add a node for a tool that is an object of a package, at the list it stands in."""
        for tool in self._program.index.tools_by_call(path):
            if tool.effects:
                asked = "" if any(gate.scope == "tool" and not gate.arg for gate in self._program.index.gates(path)) else None
                node = make(
                    self._program,
                    "tool",
                    place,
                    path.rpartition(".")[2],
                    path,
                    _ready_made(tool, False, asked, tool.default_root),
                )
                node.id += f":{node.name}"
                return self._graph.add(node)
        return None

    def _wraps_known(self, site: Site, tool: Tool) -> bool:
        program = self._program
        refs = [ref for place in elements(program, site, tool.func) for ref in program.inference.infer(place)]
        known = [ref.id for ref in refs if ref.kind == "fun" and ref.id in self.of_function]
        for function in known:
            self.of_site[site] = self.of_function[function]
        return bool(known)


def _ready_made(tool: Tool, sandboxed: bool, gate: str | None, root: str) -> dict[str, Any]:
    return {
        "effects": sorted(tool.effects), "sandboxed": sandboxed, "gated": gate == "", "void": gate or "",
        "ready_made": True, "made": tool.kind, "root": root, "called": list(tool.called),
    }  # fmt: skip


def endpoint_nodes(graph: RepoGraph, program: Program, roles: Roles) -> None:
    """Add a node for every function that outside callers reach."""
    for number in sorted(roles.of):
        for role in roles.of[number]:
            if role.kind == "user-input" and role.trust != "inner":
                function = program.functions[number]
                key = f"{program.path(number)}#endpoint:{function.span.line}:{function.span.column}"
                attrs = {"what": role.path, "function": number, "trust": role.trust}
                graph.add(
                    GraphNode(
                        "endpoint",
                        key,
                        function.name,
                        program.path(number),
                        function.span,
                        program.index.package_of(role.path),
                        attrs,
                        symbol=program.symbol(number),
                    )
                )


def _decorated(program: Program, number: int, path: str) -> GraphNode:
    """A guardrail that is a function: it stands where the function does, as one import may decorate several."""
    function = program.functions[number]
    key = f"{program.path(number)}#guardrail:{function.span.line}:{function.span.column}"
    attrs = {"what": path, "function": number}
    package = program.index.package_of(path)
    symbol = program.symbol(number)
    return GraphNode("guardrail", key, function.name, program.path(number), function.span, package, attrs, symbol=symbol)


def decorator_nodes(graph: RepoGraph, program: Program) -> None:
    """Add guardrail, logger and auth nodes for functions that a decorator makes one."""
    for number, function in enumerate(program.functions):
        for decorator in function.decorators:
            site = (program.parent(number), decorator)
            for path in decorator_paths(program, site):
                for logger in program.index.loggers_call(path) if program.value(site).op is not Op.CALL else ():
                    attrs = {"default": logger.default, "scope": logger.scope}
                    graph.add(make(program, "logger", site, path, path, attrs))
                if program.index.guardrails_decorator(path):
                    graph.add(_decorated(program, number, path))
                if any(auth.covers == "callers" for auth in program.index.auth(path)) and program.value(site).op is not Op.CALL:
                    graph.add(make(program, "auth", site, function.name, path, {"function": number}))


def root_of(program: Program, site: Site, tool: Tool) -> str:
    """What a file tool is limited to: a constant path, ``given`` when only running tells, the tool's default otherwise."""
    if not tool.root:
        return tool.default_root
    seen = describe(program, site, tool.root)[0]
    if seen is ABSENT or seen is None:
        return tool.default_root
    if not isinstance(seen, Path):
        return seen if isinstance(seen, str) and seen else "given"
    if seen.endswith("Path.home()"):
        return "~"
    places = [
        place for place in select(program, site, tool.root) if program.value(place).op is Op.CALL and seen.endswith("Path()")
    ]
    if any(program.tail(place[0], program.value(place)) == "home" for place in places):
        return "~"
    inner = next((describe(program, place, "0")[0] for place in places), None)
    return inner if isinstance(inner, str) and not isinstance(inner, Path) else "given"
