"""What a framework carries from one function of the program to another.

State that a graph hands to each of its nodes: what one node gives back under a name, the others read under it. And messages:
a function that takes those of a class gets what others made of it.

Which node runs after which is not looked at: a name holds what any node of the same graph, or the call that starts a run, puts
there.
"""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.core.paths import is_test
from agentlint.facts.python.ir import Op
from agentlint.graph import keys
from agentlint.graph.arguments import select
from agentlint.graph.callees import called
from agentlint.graph.calls import CallGraph
from agentlint.graph.elements import elements
from agentlint.graph.hints import params_of
from agentlint.graph.made import made
from agentlint.graph.program import Program, Site
from agentlint.graph.roles import Roles
from agentlint.rulebook.models import SharedState

MAX_STEPS = 40
MAX_WRITERS = 60


class Channels:
    """Which values stand under a name of the state, or of the message, that a parameter holds."""

    def __init__(self, program: Program, calls: CallGraph, roles: Roles) -> None:
        """Find the graphs of the program, their nodes and the calls that start them, and who takes messages."""
        self._program, self._calls = program, calls
        facts = program.index.shared_states
        self._takers = {
            function
            for function, found in roles.of.items()
            if any(fact.does == "hands" for role in found for fact in facts(role.path))
        }
        self._graphs: dict[Site, set[Site]] = {}
        self._writes: dict[Site, list[Site]] = {}
        self._same: dict[Site, Site] = {}
        self._loose: list[Site] = []
        self._known: dict[tuple[Site, str], list[Site]] = {}
        for site in program.calls_named(program.index.shared_tails):
            for path in called(program, site):
                for fact in program.index.shared_states(path):
                    self._note(site, fact)

    def at(self, parameter: Site, key: str) -> list[Site]:
        """Return the values that ``key`` of the state in ``parameter`` is looked for in; none if nobody writes that name."""
        name = keys.split(key)[0]
        if not keys.is_known(name) or (parameter[0] not in self._takers and parameter not in self._graphs):
            return []
        known = self._known.get((parameter, name))
        if known is None:
            found = self._sent(parameter) if parameter[0] in self._takers else self._shared(parameter, name)
            known = self._known[parameter, name] = found[:MAX_WRITERS]
        return known

    def _sent(self, parameter: Site) -> list[Site]:
        classes = [ref.id for ref in self._program.inference.infer(parameter) if ref.kind == "inst"]
        sent = [site for cls in classes for site in self._calls.constructions(cls)]
        return sent if any(not is_test(self._program.path(function)) for function, _ in sent) else []

    def _shared(self, parameter: Site, name: str) -> list[Site]:
        graphs = {self._root(graph) for graph in self._graphs[parameter]}
        written = [site for graph, sites in self._writes.items() if self._root(graph) in graphs for site in sites]
        written += [site for site in self._loose if self._near(site) in graphs]
        return written if any(self._names(site, name) for site in written) else []

    def says(self, parameter: Site, key: str) -> str:
        """What to say of the way from one of those values to the parameter."""
        name = keys.split(key)[0]
        return f"sent on as `{name}`" if parameter[0] in self._takers else f"kept in the state as `{name}`"

    def _note(self, site: Site, fact: SharedState) -> None:
        graph = self._graph_of(site)
        if fact.does == "shares":
            for node in elements(self._program, site, fact.arg):
                self._node(graph, node, fact)
        elif fact.does == "fills":
            filled = self._loose if graph is None else self._writes.setdefault(graph, [])
            filled += select(self._program, site, fact.arg)

    def _node(self, graph: Site | None, node: Site, fact: SharedState) -> None:
        program = self._program
        inner = self._made(node)
        if graph is not None and inner is not None:
            self._same[self._root(inner)] = self._root(graph)  # a graph that is a node of another shares its state
        for ref in program.inference.infer(node):
            function = ref.id if ref.kind == "fun" else program.method(ref.id, "__call__") if ref.kind == "inst" else -1
            if function < 0 or graph is None:
                continue
            for parameter in params_of(program, function, fact.param):
                self._graphs.setdefault(parameter, set()).add(graph)
            for leave in program.functions[function].exits:
                self._writes.setdefault(graph, []).extend(self._unwrapped((function, leave.value)))

    def _unwrapped(self, site: Site) -> Iterator[Site]:
        """The state in what a node gives back: itself, or what a call puts around it."""
        value = self._program.value(site)
        wraps = [
            fact
            for path in (called(self._program, site) if value.op is Op.CALL else ())
            for fact in self._program.index.shared_states(path)
            if fact.does == "wraps"
        ]
        yield from (inner for fact in wraps for inner in select(self._program, site, fact.arg)) if wraps else [site]

    def _graph_of(self, site: Site) -> Site | None:
        """The call that made the graph which a method is called of."""
        callee = self._program.value((site[0], self._program.value(site).args[0]))
        return self._made((site[0], callee.args[0])) if callee.op is Op.ATTR else None

    def _made(self, site: Site) -> Site | None:
        """The call that made a graph, through the calls of its own methods that give it back."""
        program = self._program
        for _ in range(MAX_STEPS):
            call = made(program, site)
            if call is None:
                return None
            if any(fact.does == "makes" for path in called(program, call) for fact in program.index.shared_states(path)):
                return call
            callee = program.value((call[0], program.value(call).args[0]))
            if callee.op is not Op.ATTR:
                return None
            site = (call[0], callee.args[0])
        return None

    def _near(self, site: Site) -> Site | None:
        """The only graph in the folder of a call that does not say which graph it fills."""
        folder = self._program.path(site[0]).rpartition("/")[0]
        near = {self._root(graph) for graph in self._writes if self._program.path(graph[0]).rpartition("/")[0] == folder}
        return next(iter(near)) if len(near) == 1 else None

    def _root(self, graph: Site) -> Site:
        for _ in range(MAX_STEPS):
            if self._same.get(graph, graph) == graph:
                break
            graph = self._same[graph]
        return graph

    def _names(self, site: Site, name: str) -> bool:
        """Whether a table that is written out has an entry of that name."""
        program = self._program
        value = program.value(site)
        while value.op is Op.UPDATE:
            if value.text == name:
                return True
            site = (site[0], value.args[0])
            value = program.value(site)
        return any(name in program.value(display).keys for display in program.inference.containers(site))
