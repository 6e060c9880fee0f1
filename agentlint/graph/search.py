"""One run of the flow solver: breadth first from a sink, with what earlier runs learned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from agentlint.facts.python.ir import Op
from agentlint.graph.program import Site
from agentlint.graph.sinks import SinkPlace
from agentlint.graph.sources import SourceHit

if TYPE_CHECKING:
    from agentlint.graph.flow import Solver

MAX_STATES = 1_200
MAX_LENGTH = 10
MAX_STACK = 5
MAX_SOURCES = 4
_ENDS = frozenset({Op.CONST, Op.FUNC, Op.CLASS, Op.EXCEPT})
Mark = tuple[Site, str, str]
"""A value, the part of it wanted, and the kind of sink: what lies behind is the same for all searches."""


class Frame(NamedTuple):
    """A call that the search entered by its result: where to come out again."""

    call: Site
    use: int
    use_block: int


class State(NamedTuple):
    """A value to explain: ``use`` is the value (in the same function) it is about to be used by; ``key`` the part of it wanted."""

    site: Site
    use: int
    use_block: int
    stack: tuple[Frame, ...]
    key: str
    parent: int
    note: str


class Learned:
    """What searches without an answer leave behind: how many hops were searched, and for results which parameters they are made of."""

    def __init__(self) -> None:
        self.dead: dict[Mark, int] = {}
        self.results: dict[Mark, tuple[int, tuple[tuple[Site, str, int], ...]]] = {}


class Search:
    """``states`` are those reached, in order; ``hits`` the sources found and the state each was found at."""

    def __init__(self, solver: Solver, sink: SinkPlace, wanted: Mapping[str, object], *, summaries: bool) -> None:
        self._solver = solver
        self._sink = sink
        self._kind = sink.kind + sink.part
        self._wanted = wanted
        self._summaries = summaries
        self.states: list[State] = []
        self.hits: list[tuple[SourceHit, int]] = []
        self.complete = True
        self.skipped = False
        self._lengths: list[int] = []
        self._seen: set[tuple[Site, tuple[Frame, ...], str]] = set()
        self._entered: dict[Mark, int] = {}
        self._results: list[tuple[Mark, tuple[Frame, ...], int, int]] = []
        self._made_of: dict[tuple[Frame, ...], dict[tuple[Site, str], int]] = {}

    def run(self, start: State) -> None:
        """Search until enough sources are found, nothing is left or a bound is reached."""
        self._push(start, 0)
        at = 0
        while at < len(self.states) and len(self.hits) < MAX_SOURCES:
            if at >= MAX_STATES:
                self.complete = False
                break
            self._visit(at)
            at += 1
        if not self.hits:
            self._learn()

    def _visit(self, at: int) -> None:
        solver, state, length = self._solver, self.states[at], self._lengths[at]
        if solver.sources.is_other_setting(state.site, state.key):
            return
        value = solver.program.value(state.site)
        if state.stack:
            if value.op is Op.PARAM:
                self._made_of.setdefault(state.stack, {}).setdefault((state.site, state.key), length)
        elif self._is_entry(state):
            mark = (state.site, state.key, self._kind)
            if solver.learned.dead.get(mark, -1) >= MAX_LENGTH - length:
                return
            self._entered[mark] = MAX_LENGTH - length
        hit = solver.sources.at(state.site, state.stack != ())
        if hit is not None and (hit.kind in self._wanted or hit.final):
            if hit.kind in self._wanted:
                self.hits.append((hit, at))
            return
        for following in solver.expand(state, at, self._sink):
            if len(following.stack) <= len(state.stack) or not self._is_known(following, length + 1):
                self._push(following, length + bool(following.note))

    def _push(self, state: State, length: int) -> None:
        solver = self._solver
        if solver.program.value(state.site).op in _ENDS or length > MAX_LENGTH or len(self.states) >= 2 * MAX_STATES:
            return
        key = (state.site, state.stack, state.key)
        if key in self._seen or solver.guards.guarded(state.site, state.use, state.use_block, self._sink.kind):
            return  # a guarded way to a value leaves the other ways open
        self._seen.add(key)
        self.states.append(state)
        self._lengths.append(length)

    def _is_known(self, state: State, length: int) -> bool:
        """Whether a result was searched before: then only the parameters it is made of are looked at."""
        mark = (state.site, state.key, self._kind)
        known = self._solver.learned.results.get(mark) if self._summaries else None
        if known is None or known[0] < MAX_LENGTH - length:
            self._results.append((mark, state.stack, MAX_LENGTH - length, length))
            return False
        self.skipped = self.skipped or bool(known[1])
        for site, key, more in known[1]:
            self._push(state._replace(site=site, key=key, use=0, use_block=0), length + more)
        return True

    def _is_entry(self, state: State) -> bool:
        """Whether what lies behind a value does not depend on how it is used here: parameters, and what is kept elsewhere."""
        function = self._solver.program.functions[state.site[0]]
        return state.use == len(function.values) or function.values[state.site[1]].op is Op.PARAM

    def _learn(self) -> None:
        learned = self._solver.learned
        learned.dead.update(self._entered if self.complete else list(self._entered.items())[: len(self._entered) // 2])
        if not self.complete:
            return
        for mark, stack, left, length in self._results:
            if len(stack) <= MAX_STACK // 2 + 1:
                made_of = self._made_of.get(stack, {})
                learned.results[mark] = (left, tuple((*place, max(0, at - length)) for place, at in made_of.items()))
