"""Agents: which tools, gates, guardrails, hand-offs and limits each has."""

from __future__ import annotations

from agentlint.facts.python.ir import Op
from agentlint.graph.agent_parts import AgentParts
from agentlint.graph.arguments import constant, holds, select
from agentlint.graph.calls import CallGraph
from agentlint.graph.coverage import covered_by
from agentlint.graph.elements import elements, elements_of
from agentlint.graph.gate_owners import GateOwners
from agentlint.graph.gates import Gates
from agentlint.graph.holders import Held, held_tools
from agentlint.graph.model import GraphNode, RepoGraph
from agentlint.graph.nodes import ToolNodes, make, node_id, text_of, variable_of
from agentlint.graph.program import Program, Site
from agentlint.graph.remote import Made, link_remote
from agentlint.graph.roles import Roles
from agentlint.graph.schemas import described_functions
from agentlint.graph.workflows import Workflows
from agentlint.rulebook.models import Agent


class AgentNodes:
    """Adds agent nodes call by call; ``connect`` then resolves what refers to other agents."""

    def __init__(
        self, graph: RepoGraph, program: Program, tools: ToolNodes, calls: CallGraph, roles: Roles, gates: Gates
    ) -> None:
        self._gates = gates
        self._uses = gates.uses
        self._graph = graph
        self._roles = roles
        self._program = program
        self._tools = tools
        self._calls = calls
        self._parts = AgentParts(graph, program, calls)
        self._made: list[tuple[GraphNode, Site, str, Agent]] = []
        self._by_site: dict[Site, GraphNode] = {}
        self._by_class: dict[int, GraphNode] = {}
        self._wrappers: list[tuple[Site, str, Agent]] = []
        self._held: Held = {}
        self._described = program.index.conventions("described")

    def add(self, site: Site, path: str) -> None:
        """Add an agent if a model says that calling ``path`` makes one."""
        program = self._program
        for agent in program.index.agents(path):
            if holds(program, site, agent.when):
                if agent.wraps and select(program, site, agent.wraps):
                    self._wrappers.append((site, path, agent))
                    continue
                for place in self._written(site, agent.each) if agent.each else [site]:
                    self._add(place, path, agent)
        if site not in self._by_site:
            for run in program.index.runs(path):
                for model in self._parts.models(site, run.model, path, site) if holds(program, site, run.when) else ():
                    model.attrs["direct"] = True

    def _written(self, site: Site, spec: str) -> list[Site]:
        """The dicts in a list argument."""
        return [place for place in elements(self._program, site, spec) if self._program.value(place).op is Op.DICT]

    def _add(self, site: Site, path: str, agent: Agent) -> None:
        program = self._program
        name = text_of(program, site, agent.name) or self._label(site, path, agent)
        sandboxed = bool(agent.sandboxed) and holds(program, site, agent.sandboxed)
        gate, names = self._gate(site, path)
        attrs = {
            "effects": sorted(agent.effects), "sandboxed": sandboxed, "gated": gate == "", "void": gate or "",
            "gate_names": names, "used": self._uses.is_used(site),
        }  # fmt: skip
        node = self._graph.add(make(program, "agent", site, name, path, attrs))
        self._made.append((node, site, path, agent))
        self._by_site[site] = node
        if program.functions[site[0]].name == "__init__" and program.owner(site[0]) >= 0:
            self._by_class.setdefault(program.owner(site[0]), node)
        for prompt in self._parts.prompts(site, agent.prompt, path):
            self._graph.link(prompt.id, "instructs", node.id)
        for model in self._parts.models(site, agent.model, path):
            self._graph.link(node.id, "runs_on", model.id)

    def _label(self, site: Site, path: str, agent: Agent) -> str:
        """A name for an agent that has none: of the function it is, of what holds it, or of the function that asks the model."""
        program = self._program
        asks = any(source.kind == "model-output" for source in program.index.sources_call(path))
        function = program.functions[site[0]]
        if function.name == "__init__" and program.owner(site[0]) >= 0 and _is_base(program, site):
            return program.classes[program.owner(site[0])].name
        inside = function.qualname if asks and function.kind == "function" else ""
        held = "" if asks else variable_of(program, site)
        builder = next(iter(select(program, site, "self")), None) if agent.wraps == "self" else None
        named = builder is not None and program.value(builder).op is Op.NAME
        of = "" if builder is None else program.value(builder).text if named else variable_of(program, builder)
        return self._function(site, agent) or inside or held or of.rpartition(":")[2] or path.rpartition(".")[2]

    def _function(self, site: Site, agent: Agent) -> str:
        """The name of the function that the call decorates."""
        numbers = range(len(self._program.functions)) if agent.decorates else range(0)
        found = (n for n in numbers if self._program.parent(n) == site[0] and site[1] in self._program.functions[n].decorators)
        return next((self._program.functions[n].name for n in found), "")

    def _gate(self, site: Site, path: str) -> tuple[str | None, list[str] | None]:
        """Whether the agent itself asks a person (see ``Gates``), and for which tools it does (``None``: for all)."""
        program = self._program
        void: str | None = None
        for gate in program.index.gates(path):
            why = self._gates.judge(site, gate) if gate.scope == "agent" else None
            if why == "":
                return "", covered_by(program, site, gate, self.origin)
            void = why or void
        return void, None

    def connect(self) -> None:
        """Add edges from each agent to its tools, hand-offs, guardrails and memories, and the prompts of calls that are none."""
        for site, path, agent in self._wrappers:
            self._wrap(site, path, agent)
        self._parts.all_prompts()
        self._decorated()
        workflows = Workflows(self._graph, self._program, self._calls, self._tools, self._nodes_of)
        self._held = held_tools(self._program, self._roles, self._tools, self.origin)
        owners = GateOwners(self._graph, self._program, self.origin)
        for node, site, path, agent in self._made:
            for tool in self._held.get(site, ()):
                self._graph.link(node.id, "uses", tool.id)
            for spec, label in ((agent.tools, "uses"), (agent.handoffs, "hands_off"), (agent.memory, "remembers")):
                for element in self._given(site, spec):
                    memory = self._placed("memory", element) if label == "remembers" else []
                    found = memory or self._nodes_of(element) or self._named(element, site, spec)
                    described = None if found or label != "uses" else self._tools.described(element)
                    for target in found or ([described] if described else []):
                        turns = label == "uses" and target.type == "agent"
                        self._graph.link(node.id, "hands_off" if turns else label, target.id)
                        if target.attrs.get("made") == "agent":
                            self._behind(node, element)
            for spec, kind in ((agent.guardrails, "guardrail"), (agent.servers, "mcp_client")):
                for element in (inner for one in self._given(site, spec) for inner in elements_of(self._program, one)):
                    for tool in self._nodes_of(element) if kind == "mcp_client" else ():
                        if "function" in tool.attrs:
                            self._graph.link(node.id, "uses", tool.id)
                    if kind == "guardrail" and self._is_known_otherwise(element):
                        continue
                    self._graph.link(
                        node.id, "guarded_by" if kind == "guardrail" else "connects", self._any(element, kind, path).id
                    )
            owners.attach(node, site)
            if agent.steps or agent.decorates:
                workflows.link(node, site, agent)
            elif _is_base(self._program, site):
                workflows.link_class(node, self._program.owner(site[0]))
        for function, tool in self._tools.of_function.items():
            workflows.link_tool(tool, function)
        self._enter(workflows)
        made = [Made(node, site, agent) for node, site, _, agent in self._made]
        link_remote(self._graph, self._program, made, self._nodes_of, self._gates.defaults)

    def _is_known_otherwise(self, element: Site) -> bool:
        """Whether what stands where guardrails stand is a part of a package that checks nothing: a summary, a retry, a gate."""
        program = self._program
        site = self.origin(element)
        value = program.value(site)
        if value.op is not Op.CALL or any(
            ref.kind in ("cls", "fun") for ref in program.inference.infer((site[0], value.args[0]))
        ):
            return False
        paths = program.inference.paths((site[0], value.args[0]))
        return bool(paths) and not any(program.index.guardrails_call(path) for path in paths)

    def _boxed(self, origin: Site) -> list[GraphNode]:
        """The tools in a box: those registered with it, and those it was made with."""
        value = self._program.value(origin)
        if value.op is Op.ATTR:  # what a box tells of its tools: ``box.definitions``
            origin = self.origin((origin[0], value.args[0]))
            value = self._program.value(origin)
        found = list(self._held.get(origin, ()))
        for path in self._program.inference.paths((origin[0], value.args[0])) if value.op is Op.CALL else ():
            for spec in (tool.box for tool in self._program.index.tools_by_call(path) if tool.box):
                found += [tool for element in elements(self._program, origin, spec) for tool in self._nodes_of(element)]
        return found

    def _given(self, site: Site, spec: str) -> list[Site]:
        """The elements of every argument that ``spec`` names: unlike other facts' alternatives, these are given together."""
        parts = spec.split("|") if spec else []
        together = [spec] if any(part.isdecimal() for part in parts) else parts
        return list(dict.fromkeys(found for part in together for found in elements(self._program, site, part)))

    def _enter(self, workflows: Workflows) -> None:
        """Add edges from each entry point to the agents that the code behind it makes or runs."""
        for endpoint in list(self._graph.of_type("endpoint")):
            function = endpoint.attrs.get("function")
            for agent in workflows.agents_behind(function) if isinstance(function, int) else ():
                self._graph.link(endpoint.id, "serves", agent.id)

    def _decorated(self) -> None:
        """Add edges to what a method of an agent, or of a server, makes of the functions that it decorates."""
        program = self._program
        for number, function in enumerate(program.functions):
            for decorator in function.decorators:
                site = (program.parent(number), decorator)
                value = program.value(site)
                callee = program.value((site[0], value.args[0])) if value.op is Op.CALL else value
                if callee.op is not Op.ATTR:
                    continue
                maker = self.origin((site[0], callee.args[0]))
                owner = self._by_site.get(maker)
                server = self._graph.nodes.get(node_id(program, "mcp_server", maker))
                tool = self._tools.of_function.get(number)
                if tool is not None and (owner or server):
                    self._graph.link(owner.id, "uses", tool.id) if owner else None
                    self._graph.link(server.id, "serves", tool.id) if server else None
                elif owner is not None:
                    self._instructs(number, owner)

    def _instructs(self, function: int, agent: GraphNode) -> None:
        for leave in self._program.functions[function].exits:
            prompt = self._graph.nodes.get(node_id(self._program, "prompt", (function, leave.value)))
            if prompt is not None:
                self._graph.link(prompt.id, "instructs", agent.id)

    def _wrap(self, site: Site, path: str, agent: Agent) -> None:
        """An object that runs an agent is that agent; one that nobody knows is an agent itself."""
        inner = next((node for place in select(self._program, site, agent.wraps) for node in self._nodes_of(place)), None)
        if inner is None or inner.type != "agent":
            self._add(site, path, agent)
            return
        self._by_site[site] = inner
        self._made.append((inner, site, path, agent))

    def _behind(self, node: GraphNode, element: Site) -> None:
        """An agent that is wrapped as a tool: what it can do, the agent that calls the tool can."""
        origin = self.origin(element)
        value = self._program.value(origin)
        if value.op is not Op.CALL:
            return
        callee = self._program.value((origin[0], value.args[0]))
        for place in (*(callee.args[:1] if callee.op is Op.ATTR else ()), *value.args[1:]):
            inner = self._by_site.get(self.origin((origin[0], place)))
            if inner is not None:
                self._graph.link(node.id, "hands_off", inner.id)

    def _any(self, element: Site, kind: str, path: str) -> GraphNode:
        origin = self.origin(element)
        names = [self._program.functions[r.id].name for r in self._program.inference.infer(origin) if r.kind == "fun"]
        return self._graph.add(make(self._program, kind, origin, names[0] if names else kind, path, {}))

    def _nodes_of(self, element: Site) -> list[GraphNode]:
        """The tools or agents an element of a list stands for."""
        found: list[GraphNode] = []
        for ref in self._program.inference.infer(element):
            if ref.kind == "fun" and ref.id in self._tools.of_function:
                found.append(self._tools.of_function[ref.id])
            elif ref.kind in ("inst", "cls"):
                found += self._tools.methods_of(ref.id)
                found += [self._by_class[one] for one in self._program.lineage(ref.id) if one in self._by_class][:1]
        for number in described_functions(self._program, element, self._described):
            found += [self._tools.of_function[number]] if number in self._tools.of_function else []
        origin = self.origin(element)
        for table in (self._tools.of_site, self._by_site):
            if origin in table:
                found.append(table[origin])
        found += [tool for tool in self._boxed(origin) if tool not in found]
        if not found and self._program.value(element).op is Op.CONST:  # a tool that is registered elsewhere, by its name
            folder, text = self._program.path(element[0]).rpartition("/")[0], constant(self._program, element)
            named = (tool for tool in self._tools.of_function.values() if tool.name == text)
            found += [tool for tool in named if tool.path.rpartition("/")[0].startswith(folder)]
        value = self._program.value(origin)
        if not found and value.op is Op.ATTR:  # ``tool.id``
            holder = self.origin((origin[0], value.args[0]))
            found += [table[holder] for table in (self._tools.of_site, self._by_site) if holder in table]
        if not found and value.op is Op.CALL:
            receiver = self._program.value((origin[0], value.args[0]))
            if receiver.op is Op.ATTR:
                inner = self.origin((origin[0], receiver.args[0]))
                found += [table[inner] for table in (self._tools.of_site, self._by_site) if inner in table]
                found += [tool for tool in self._boxed(inner) if tool not in found]
                for ref in self._program.inference.infer((origin[0], receiver.args[0])):
                    found += self._tools.methods_of(ref.id) if ref.kind == "inst" else []
        return found

    def _placed(self, kind: str, element: Site) -> list[GraphNode]:
        """The node of a type that the call makes which an element, or the object whose field it is, comes from."""
        value = self._program.value(element)
        for place in (element, (element[0], value.args[0])) if value.op is Op.ATTR else (element,):
            node = self._graph.nodes.get(node_id(self._program, kind, self.origin(place)))
            if node is not None:
                return [node]
        return []

    def _named(self, element: Site, agent: Site, spec: str) -> list[GraphNode]:
        """A tool that is an object of a package: named in the list of an agent, not made."""
        if self._program.value(element).op is Op.CALL:
            return []
        place = next(iter(select(self._program, agent, spec)), agent)
        nodes = [self._tools.named(path, place) for path in self._program.inference.paths(element)]
        return [node for node in nodes if node is not None]

    def origin(self, site: Site) -> Site:
        """Follow names, imports and fields to the one call that made an object."""
        return origin_of(self._program, self._calls, site)


def _is_base(program: Program, site: Site) -> bool:
    """Whether a call makes the part of an object that a base class is: ``super().__init__(...)``."""
    callee = program.value((site[0], program.value(site).args[0])) if program.value(site).op is Op.CALL else None
    return callee is not None and callee.text == "__init__" and program.owner(site[0]) >= 0


def origin_of(program: Program, calls: CallGraph, site: Site) -> Site:
    """Follow names, imports and fields to the one call that made an object."""
    for _ in range(10):
        value = program.value(site)
        follow: list[Site] = []
        if value.op is Op.NAME:
            follow = program.definitions(site[0], value.text) or []
        elif value.op is Op.IMPORT:
            follow = program.inference.imported_sites(site[0], value.text)
        elif value.op in (Op.PHI, Op.MUTATE, Op.UPDATE):
            follow = [(site[0], value.args[-1] if value.op is Op.PHI else value.args[0])]
        elif value.op is Op.ATTR:
            for ref in program.inference.infer((site[0], value.args[0])):
                follow += program.inference.field_sites(ref.id, value.text) if ref.kind in ("inst", "cls") else []
        elif value.op is Op.ITEM and value.text:
            follow = program.inference.members((site[0], value.args[0]), value.text)
        elif value.op is Op.CALL:
            targets = calls.targets(site)
            follow = [
                (t, leave.value)
                for t in targets
                for leave in program.functions[t].exits
                if program.functions[t].name != "__init__"
            ]
        if not follow:
            return site
        site = follow[-1]
    return site
