"""Agents that are built from steps: what the functions of a hand-made graph run, bind and ask belongs to the agent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

from agentlint.facts.python.ir import Op
from agentlint.graph.arguments import select
from agentlint.graph.calls import CallGraph
from agentlint.graph.elements import elements, elements_of
from agentlint.graph.model import GraphNode, RepoGraph
from agentlint.graph.nodes import ToolNodes, node_id
from agentlint.graph.program import Program, Site
from agentlint.rulebook.models import Agent

MAX_DEPTH = 4
MAX_FUNCTIONS = 60
MAX_CHAIN = 40
_LABELS = {"tool": "uses", "model": "runs_on", "agent": "hands_off", "memory": "remembers", "gate": "asks"}
Nodes = Callable[[Site], list[GraphNode]]


class Workflows:
    """Finds the steps of an agent and links what they use to it."""

    def __init__(self, graph: RepoGraph, program: Program, calls: CallGraph, tools: ToolNodes, nodes_of: Nodes) -> None:
        self._tools = tools
        self._graph = graph
        self._program = program
        self._calls = calls
        self._nodes_of = nodes_of
        self._added: dict[str, dict[object, list[Site]]] = {}
        self._inside: dict[tuple[str, str], list[GraphNode]] = defaultdict(list)
        for node in graph.of_type("model", "prompt", "agent", "gate"):
            parts = node.symbol.split(".")
            for end in range(1, len(parts) + 1):  # what stands in a function that stands in another is also inside that
                self._inside[node.path, ".".join(parts[:end])].append(node)

    def link(self, node: GraphNode, site: Site, agent: Agent) -> None:
        """Add the edges that the steps of the agent made at ``site`` stand for."""
        functions: dict[int, None] = {}
        for place in self._steps(site, agent):
            found = [node for element in self._tools_in(place) for node in self._tool(element)]
            for target in found or self._nodes_of(place) or self._model(place):
                self._join(node, target)
            if not found:
                functions.update(dict.fromkeys(ref.id for ref in self._program.inference.infer(place) if ref.kind == "fun"))
        if agent.decorates:
            functions.update(dict.fromkeys(self._decorated(site)))
        for function in self._reached(functions):
            for target in self._inside[self._program.path(function), self._program.symbol(function)]:
                self._join(node, target)
            for target in self._bound(function):
                self._join(node, target)

    def link_class(self, node: GraphNode, cls: int) -> None:
        """Link what the methods of an agent class run, ask and bind."""
        program = self._program
        first = program.first_function[program.class_module[cls]]
        for function in (first + local for local in program.classes[cls].methods.values()):
            for target in self._inside[program.path(function), program.symbol(function)]:
                self._join(node, target)
            for target in self._bound(function):
                self._join(node, target)

    def link_tool(self, tool: GraphNode, function: int) -> None:
        """Link a tool to the gates that its code passes."""
        for current in self._reached({function: None}):
            for gate in self._inside[self._program.path(current), self._program.symbol(current)]:
                if gate.type == "gate":
                    self._join(tool, gate)

    def agents_behind(self, function: int) -> Iterator[GraphNode]:
        """Yield the agents that a function, or what it calls, makes or runs."""
        for current in self._reached({function: None}):
            inside = self._inside[self._program.path(current), self._program.symbol(current)]
            yield from (node for node in (*inside, *self._bound(current)) if node.type == "agent")

    def _model(self, place: Site) -> list[GraphNode]:
        maker = self._builder(place)
        model = self._graph.nodes.get(node_id(self._program, "model", maker)) if isinstance(maker, tuple) else None
        return [model] if model is not None else []

    def _join(self, node: GraphNode, target: GraphNode) -> None:
        if target.id == node.id:
            return
        if target.type == "prompt":
            if not self._graph.targets(target.id, "instructs"):
                self._graph.link(target.id, "instructs", node.id)
        elif target.type in _LABELS:
            self._graph.link(node.id, _LABELS[target.type], target.id)

    def _steps(self, site: Site, agent: Agent) -> list[Site]:
        """The values handed to the calls that add steps to the object that ``site`` finishes or makes."""
        if not agent.steps:
            return []
        receiver = next(iter(select(self._program, site, agent.on)), None if agent.on != "self" else site)
        if receiver is None:
            return []
        builder = self._builder(receiver)
        return [place for path in agent.steps.split("|") for place in self._additions(path, agent.step).get(builder, ())]

    def _additions(self, path: str, spec: str) -> dict[object, list[Site]]:
        """The values that all calls of ``path`` in the program add, by the object they add to."""
        known = self._added.get(path)
        if known is None:
            program = self._program
            known = self._added[path] = defaultdict(list)
            for site in program.calls_named({path.rpartition(".")[2]}):
                callee = (site[0], program.value(site).args[0])
                if path in program.inference.paths(callee):
                    receiver = next(iter(select(program, site, "self")), site)
                    known[self._builder(receiver)] += select(program, site, spec)
        return known

    def _builder(self, site: Site) -> object:
        """The call that made an object on which calls may be chained; the function that was handed it, otherwise."""
        program = self._program
        for _ in range(MAX_CHAIN):
            value = program.value(site)
            following: list[Site] = []
            if value.op in (Op.MUTATE, Op.UPDATE, Op.PHI):
                following = [(site[0], value.args[0])]
            elif value.op is Op.NAME:
                following = program.definitions(site[0], value.text) or []
            elif value.op is Op.IMPORT:
                following = program.inference.imported_sites(site[0], value.text)
            elif value.op is Op.ATTR:
                for ref in program.inference.infer((site[0], value.args[0])):
                    following += program.inference.field_sites(ref.id, value.text) if ref.kind in ("inst", "cls") else []
            elif value.op is Op.CALL:
                following = self._receiver(site)
            elif value.op is Op.PARAM:
                following = self._handed(site)
            if not following:
                return site
            site = following[0]
        return site

    def _handed(self, site: Site) -> list[Site]:
        """What the callers of a function hand over for one of its parameters."""
        param = self._program.parameter(site[0], self._program.value(site))
        names = [each.name for each in self._program.functions[site[0]].params]
        if param is None or param.name not in names:
            return []
        edges = self._calls.callers(site[0])[:1]
        return [place for edge in edges for place, _ in self._calls.argument(edge, site[0], names.index(param.name))][:1]

    def _receiver(self, site: Site) -> list[Site]:
        """The object that a method gives back itself; what a function of ours returns."""
        program = self._program
        callee = (site[0], program.value(site).args[0])
        own = [ref.id for ref in program.inference.infer(callee) if ref.kind == "fun"]
        if own:
            return [(own[0], leave.value) for leave in program.functions[own[0]].exits[:1]]
        if program.value(callee).op is not Op.ATTR:
            return []
        receiver = (site[0], program.value(callee).args[0])
        same = set(program.inference.paths(site)) & set(program.inference.paths(receiver))
        return [receiver] if same else []

    def _decorated(self, site: Site) -> Iterator[int]:
        """The functions that the call at ``site`` decorates."""
        for number, function in enumerate(self._program.functions):
            if site[1] in function.decorators and self._program.parent(number) == site[0]:
                yield number

    def _reached(self, functions: dict[int, None]) -> list[int]:
        """The functions themselves and those they call, a few calls deep."""
        seen = dict(functions)
        level = list(functions)
        for _ in range(MAX_DEPTH):
            following = [target for current in level for target, _ in self._calls.callees(current) if target not in seen]
            seen.update(dict.fromkeys(following))
            level = list(dict.fromkeys(following))
            if not level or len(seen) > MAX_FUNCTIONS:
                break
        return list(seen)

    def _bound(self, function: int) -> Iterator[GraphNode]:
        """The tools that a function gives to a model, and the agents that it runs."""
        program = self._program
        for value_id in program.functions[function].calls:
            site = (function, value_id)
            for path in program.inference.paths((function, program.value(site).args[0])):
                for tool in program.index.tools_by_call(path):
                    for element in elements(program, site, tool.func) if tool.kind == "registrar" else ():
                        yield from self._tool(element)
                for run in program.index.runs(path):
                    for place in select(program, site, run.agent) if run.agent else ():
                        yield from (node for node in self._nodes_of(place) if node.type == "agent")

    def _tool(self, element: Site) -> list[GraphNode]:
        found = self._nodes_of(element)
        described = None if found else self._tools.described(element)
        return found if described is None else [described]

    def _tools_in(self, place: Site) -> list[Site]:
        """The tools of an object that holds tools: a node that runs them."""
        program = self._program
        found: list[Site] = []
        maker = self._builder(place)
        if not isinstance(maker, tuple) or program.value(maker).op is not Op.CALL:
            return []
        for path in program.inference.paths((maker[0], program.value(maker).args[0])):
            for tool in program.index.tools_by_call(path):
                if tool.kind == "registrar":
                    found += [each for given in select(program, maker, tool.func) for each in elements_of(program, given)]
        return found
