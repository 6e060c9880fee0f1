"""Graph nodes of functions and ready-made objects: tools, endpoints, guardrails."""

from __future__ import annotations

from typing import Any

from agentlint.facts.python.ir import Op
from agentlint.graph.arguments import ABSENT, Path, constant, describe, holds, select
from agentlint.graph.effects import Effects, EffectUse
from agentlint.graph.elements import elements
from agentlint.graph.gates import Gates, best
from agentlint.graph.made import made
from agentlint.graph.model import GraphNode, RepoGraph
from agentlint.graph.program import Program, Site
from agentlint.graph.roles import Role, Roles
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


def variable_of(program: Program, site: Site) -> str:
    """The variable or field that holds what a value makes, or the function that gives it back; empty when there is none."""
    function = program.functions[site[0]]
    held = next((name for name, ids in function.defs.items() if site[1] in ids), "")
    held = held or next((store.attr for store in function.stores if store.value == site[1]), "")
    if not held and function.kind == "function" and any(leave.value == site[1] for leave in function.exits):
        held = function.name
    return held


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
        self._wrappers: list[tuple[Site, str, Tool]] = []

    def add_functions(self) -> None:
        """Add a node for every function that is a tool."""
        for number in sorted(self._roles.of):
            role = self._roles.tools(number)
            if role is None:
                continue
            node = self._function_node(number, role)
            twin = self._twin(number, role)
            if twin is None or set(node.attrs["effects"]) - set(twin.attrs["effects"]):
                self.of_function[number] = self._graph.add(node)
            else:
                self.of_function[number] = twin

    def _twin(self, number: int, role: Role) -> GraphNode | None:
        """The tool that another method of the same tool class is: the same tool, called in another way."""
        owner = self._program.owner(number)
        if owner < 0 or role.tool is None or not role.tool.base or role.tool.listed:
            return None
        methods = self._program.classes[owner].methods
        first = self._program.first_function[self._program.class_module[owner]]
        others = (self.of_function.get(first + methods[name]) for name in role.tool.methods if name in methods)
        return next((node for node in others if node is not None), None)

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
        """Add a node for a ready-made tool object; a function that a decorator is called with is known already."""
        for place in select(self._program, site, "0") if self._program.index.tools_by_decorator(path) else ():
            refs = self._program.inference.infer(place)
            known = [self.of_function[ref.id] for ref in refs if ref.kind == "fun" and ref.id in self.of_function]
            self.of_site.update((site, node) for node in known)
        for tool in self._program.index.tools_by_call(path):
            if tool.kind == "registrar":
                self._register(site, tool)
                continue
            if (tool.func and not select(self._program, site, tool.func)) or not holds(self._program, site, tool.when):
                continue
            if tool.parts and self._gates.uses.is_only_read(site, tool.parts):
                continue
            if tool.func:
                self._wrappers.append((site, path, tool))
            else:
                self._add_object(site, path, tool)

    def _register(self, site: Site, tool: Tool) -> None:
        """Add the objects of packages that a call takes as tools."""
        for place in elements(self._program, site, tool.func):
            if self._program.value(place).op is not Op.CALL:
                for named in self._program.inference.paths(place):
                    self.named(named, place)

    def add_wrappers(self) -> None:
        """Add what wraps a function or another tool, once these are known: one that wraps a known tool is that tool."""
        for site, path, tool in self._wrappers:
            if not self._wraps_known(site, tool):
                self._add_object(site, path, tool)

    def _add_object(self, site: Site, path: str, tool: Tool) -> None:
        known = self._same(site, tool)
        if known is not None:
            self.of_site[site] = known
            return
        sandboxed = bool(tool.sandboxed) and holds(self._program, site, tool.sandboxed)
        attrs = _ready_made(tool, sandboxed, self._gates.on_call(site, path, "tool"), root_of(self._program, site, tool))
        tail = path.rpartition(".")[2].removesuffix("()")
        name = text_of(self._program, site, tool.name) or ("" if tail[:1].isupper() else variable_of(self._program, site)) or tail
        self.of_site[site] = self._graph.add(make(self._program, "tool", site, name, path, attrs))

    def _same(self, site: Site, tool: Tool) -> GraphNode | None:
        """The tool that a call makes once more: the base of a tool class, or the tools of a client that is a tool itself."""
        program = self._program
        if program.functions[site[0]].name == "__init__" and program.owner(site[0]) >= 0:
            callee = program.value((site[0], program.value(site).args[0]))
            own = self.methods_of(program.owner(site[0])) if callee.text == "__init__" else []
            return own[0] if own else None
        receiver = next(iter(select(program, site, "self")), None) if tool.kind == "mcp" else None
        maker = made(program, receiver) if receiver is not None else None
        return self.of_site.get(maker) if maker is not None else None

    def described(self, place: Site) -> GraphNode | None:
        """A node for a class that tells the model what it may ask for, and runs nothing itself: a schema given as a tool."""
        program = self._program
        value = program.value(place)
        callee = program.inference.paths((place[0], value.args[0])) if value.op is Op.CALL else ()
        if any(program.index.tools_by_decorator(path) for path in callee):
            place = next(iter(select(program, place, "0")), place)
        for ref in program.inference.infer(place):
            if ref.kind != "cls" or self.methods_of(ref.id):
                continue
            body = program.functions[program.class_body(ref.id)]
            key = f"{program.path(program.class_body(ref.id))}#tool:{body.span.line}:{body.span.column}"
            attrs = {
                "what": "",
                "effects": [],
                "gated": False,
                "void": "",
                "called": [],
                "ready_made": True,
                "made": "schema",
                "root": "",
                "sandboxed": False,
            }
            node = GraphNode(
                "tool", key, program.classes[ref.id].name, program.path(program.class_body(ref.id)), body.span, attrs=attrs
            )
            return self._graph.add(node)
        return None

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
        known: list[GraphNode] = []
        for place in elements(program, site, tool.func):
            refs = program.inference.infer(place)
            known += [self.of_function[ref.id] for ref in refs if ref.kind == "fun" and ref.id in self.of_function]
            known += [node for ref in refs if ref.kind in ("inst", "cls") for node in self.methods_of(ref.id)]
            maker = made(program, place)
            known += [self.of_site[maker]] if maker in self.of_site else []
        for node in known:
            self.of_site[site] = node
        return bool(known)

    def methods_of(self, cls: int) -> list[GraphNode]:
        """The tools that methods of a class are: of a tool class, a tool kit, a plug-in."""
        program = self._program
        own = {
            name: program.first_function[program.class_module[one]] + local
            for one in reversed(program.lineage(cls))
            for name, local in program.classes[one].methods.items()
        }
        return [self.of_function[method] for method in own.values() if method in self.of_function]


def _ready_made(tool: Tool, sandboxed: bool, gate: str | None, root: str) -> dict[str, Any]:
    return {
        "effects": sorted(tool.effects), "sandboxed": sandboxed, "gated": gate == "", "void": gate or "",
        "ready_made": True, "made": tool.kind, "root": root, "called": list(tool.called),
    }  # fmt: skip


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
