"""Callables that are handed in with their arguments: ``run(task, *args)`` gives each task the arguments that came with it."""

from __future__ import annotations

from typing import NamedTuple

from agentlint.facts.python.ir import Op
from agentlint.graph.calls import CallEdge, CallGraph
from agentlint.graph.program import Program, Ref, Site

MAX_DEPTH = 3
MAX_CALLERS = 80
MAX_FOUND = 200


class Given(NamedTuple):
    """A value that fills a parameter, the part of it that is meant, and the call that it is written in."""

    site: Site
    key: str
    call: Site


class HandedIn:
    """Finds what fills a parameter of a function that is called under the name of a parameter."""

    def __init__(self, program: Program, calls: CallGraph) -> None:
        self._program = program
        self._calls = calls

    def arguments(self, edge: CallEdge, function: int, position: int, key: str) -> list[Given]:
        """Return what fills parameter ``position`` of ``function`` by the call ``edge``.

        Where the call runs a parameter of the function it stands in, only those who hand ``function`` in for that parameter are
        asked for the others: what comes with another callable is not for this one.
        """
        found = [Given(site, part, edge.site) for site, part in self._calls.argument(edge, function, position, key)]
        callee = self._program.value((edge.site[0], self._program.value(edge.site).args[0]))
        if callee.op is not Op.PARAM or (callee.args[0] == 0 and self._program.owner(edge.site[0]) >= 0):
            return found  # the first parameter of a method is not handed in: ``cls(text)``
        return [more for one in found for more in self._from(one, callee.args[0], function, 0)][:MAX_FOUND]

    def _from(self, given: Given, callable_at: int, function: int, depth: int) -> list[Given]:
        program, (where, _) = self._program, given.site
        value = program.value(given.site)
        if value.op is not Op.PARAM or where != given.call[0] or depth > MAX_DEPTH:
            return [given]
        found: list[Given] = []
        edges = self._calls.callers(where)[:MAX_CALLERS]
        for edge in edges:
            passed = [Given(s, part, edge.site) for s, part in self._calls.argument(edge, where, value.args[0], given.key)]
            for site, _ in self._calls.argument(edge, where, callable_at):
                inner = program.value(site)
                if inner.op is Op.PARAM and site[0] == edge.site[0]:
                    found += [more for one in passed for more in self._from(one, inner.args[0], function, depth + 1)]
                elif self._may_be(site, function):
                    found += passed
        return found if edges else [given]

    def _may_be(self, site: Site, function: int) -> bool:
        refs = self._program.inference.infer(site)
        return not refs or any(self._runs(ref, function) for ref in refs)

    def _runs(self, ref: Ref, function: int) -> bool:
        program = self._program
        if ref.kind == "fun":
            return ref.id == function or function in self._calls.overriding(ref.id)
        if ref.kind in ("inst", "cls"):
            names = ("__call__",) if ref.kind == "inst" else ("__init__", "__post_init__")
            return any(program.method(ref.id, name) == function for name in names)
        return ref.kind == "ext"
