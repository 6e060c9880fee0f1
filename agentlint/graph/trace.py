"""Why a flow was or was not found: what the search looked at, and what stopped it where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentlint.facts.python.ir import Op
from agentlint.graph.search import MAX_LENGTH, Search, State
from agentlint.graph.sink_places import SinkPlace

if TYPE_CHECKING:
    from agentlint.graph.flow import Solver
    from agentlint.graph.program import Site

_KNOWN = frozenset({Op.CONST, Op.FUNC, Op.CLASS})


@dataclass(frozen=True, slots=True)
class Stop:
    """A place where the search went no further, and the reason."""

    site: Site
    reason: str


class TracedSearch(Search):
    """A search that remembers why it did not go on."""

    skips_closed = False

    def __init__(self, solver: Solver, sink: SinkPlace, wanted: Mapping[str, object], *, through_fields: bool) -> None:
        super().__init__(solver, sink, wanted, through_fields=through_fields)
        self.stops: dict[Site, Stop] = {}

    def _push(self, state: State, length: int, *, is_open: bool = False) -> bool:
        pushed = super()._push(state, length, is_open=is_open)
        if not pushed:
            reason = self._refused(state, length)
            if reason:
                self.stops.setdefault(state.site, Stop(state.site, reason))
        return pushed

    def _refused(self, state: State, length: int) -> str:
        solver = self._solver
        if solver.calls.constants(state.site[0])[state.site[1]]:
            return "made of constants of the program only"
        if length > MAX_LENGTH:
            return f"more than {MAX_LENGTH} hops away: not followed"
        if solver.guards.guarded(state.site, state.use, state.use_block, self._sink.kind):
            return f"a test or check before its use makes it safe for `{self._sink.kind}`"
        return ""

    def _visit(self, at: int) -> None:
        before = len(self.states), len(self.hits), len(self.stops)
        super()._visit(at)
        if (len(self.states), len(self.hits), len(self.stops)) == before:
            reason = self._ended(self.states[at])
            if reason:
                self.stops.setdefault(self.states[at].site, Stop(self.states[at].site, reason))

    def _ended(self, state: State) -> str:
        solver = self._solver
        value = solver.program.value(state.site)
        source = solver.sources.at(state.site, bool(state.stack))
        if source is not None:
            return f"{source.what} is a source of kind `{source.kind}`, which this rule does not ask for"
        if value.op in _KNOWN:
            return ""
        if value.op is Op.PARAM:
            if solver.sources.is_number(state.site):
                return "its type holds no free text"
            return "" if state.stack else "no call is known that passes it"
        if value.op is Op.CALL:
            refs = solver.program.inference.infer((state.site[0], value.args[0]))
            names = ", ".join(dict.fromkeys(ref.path for ref in refs if ref.path))
            return f"the result of `{names}` holds nothing of its arguments" if names else "it is not known what is called here"
        return "nothing is known of where it comes from"


def trace(solver: Solver, sink: SinkPlace, wanted: Mapping[str, object], *, through_fields: bool) -> TracedSearch:
    """Run one search again, without what others learned, and return it with the reasons it stopped for."""
    from agentlint.graph.flow import start_of
    from agentlint.graph.search import Learned

    kept, solver.learned = solver.learned, Learned()
    try:
        search = TracedSearch(solver, sink, wanted, through_fields=through_fields)
        search.run(start_of(solver, sink))
    finally:
        solver.learned = kept
    return search


def looked_at(search: TracedSearch) -> Iterator[tuple[Site, str]]:
    """Yield the hops that were followed, in the order they were: a value of another function, a field, a piece of text."""
    for state in search.states:
        if state.note:
            yield state.site, state.note
