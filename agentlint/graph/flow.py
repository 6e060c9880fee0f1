"""The flow solver: does a value of a source kind reach a sink, with nothing between that makes it safe?

Search runs backwards from each sink over the value graph, breadth first, so the first answer is the shortest. A call whose body
is known is entered at its returned values and left at the matching call only (context-sensitive to ``MAX_STACK`` calls); a
parameter reached from inside goes up to every caller. Ways of more than ``MAX_LENGTH`` hops are not followed: nobody believes
them, and measured on large packages they were wrong. Work per sink is bounded; reaching that bound is said in the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from agentlint.facts.python.ir import Op
from agentlint.graph.calls import CallGraph
from agentlint.graph.guards import Guards
from agentlint.graph.program import Program, Site
from agentlint.graph.roles import Roles
from agentlint.graph.sinks import SinkPlace
from agentlint.graph.sources import SourceHit, Sources

MAX_STATES = 1_200
MAX_LENGTH = 10
MAX_STACK = 5
_ENDS = frozenset({Op.CONST, Op.FUNC, Op.CLASS, Op.EXCEPT})
MAX_SOURCES = 4


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


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of an answer: a place and what happens there."""

    site: Site
    note: str


@dataclass(frozen=True, slots=True)
class FlowPath:
    """An answer: ``hops`` run from the source to the sink's argument. ``formatted``: the value was put into a larger string.

    ``jumps``: how often it was kept in a field or a global on its way, where order and object are no longer told apart.
    ``anchored``: it is not the last part of the path it is joined to. ``changed``: it went through a call nothing is known of, or only a piece of it is left, so it may not be the same any more.
    """

    sink: SinkPlace
    source: SourceHit
    hops: tuple[Hop, ...]
    formatted: bool
    complete: bool = True
    changed: bool = False
    jumps: int = 0
    anchored: bool = False


class Solver:
    """Answers flow questions over a linked program."""

    def __init__(self, program: Program, roles: Roles) -> None:
        from agentlint.graph.expand import Expander

        self.program = program
        self.calls = CallGraph(program)
        self.guards = Guards(program)
        self.sources = Sources(program, roles)
        self._expander = Expander(program, self.calls)
        self._dead: dict[tuple[Site, str, str], int] = {}

    def reach(self, sink: SinkPlace, wanted: Mapping[str, object]) -> list[FlowPath]:
        """Return the flows from sources of the ``wanted`` kinds to ``sink``, shortest first, one per source.

        A parameter behind which nothing was found is not searched again for the same kind of sink: what lies above a
        parameter (within the length that is left) does not depend on how it is used below. ``wanted`` must be the same for all sinks of a kind.
        """
        states = [State(sink.value, sink.call[1], self._block(sink.call), (), _first_key(sink), -1, "")]
        seen: set[tuple[Site, tuple[Frame, ...], str]] = {_key(states[0])}
        found: list[FlowPath] = []
        entered: dict[tuple[Site, str, str], int] = {}
        lengths = [0]
        complete = True
        at = 0
        if self._is_guarded(states[0], sink):
            return []
        while at < len(states) and len(found) < MAX_SOURCES:
            if at >= MAX_STATES:
                complete = False
                break
            state, length = states[at], lengths[at]
            at += 1
            if self.sources.is_other_setting(state.site, state.key):
                continue
            if not state.stack and self._is_entry(state):
                mark = (state.site, state.key, sink.kind + sink.part)
                if self._dead.get(mark, -1) >= MAX_LENGTH - length:
                    continue
                entered[mark] = MAX_LENGTH - length
            hit = self.sources.at(state.site, state.stack != ())
            if hit is not None and (hit.kind in wanted or hit.final):
                if hit.kind in wanted:
                    found.append(self._answer(sink, hit, states, at - 1))
                continue
            for following in self._expander.expand(state, at - 1, sink):
                if self.program.value(following.site).op in _ENDS:
                    continue
                key = _key(following)
                if key in seen or len(states) >= 2 * MAX_STATES or self._is_guarded(following, sink):
                    continue  # a guarded way to a value leaves the other ways open
                if length + bool(following.note) > MAX_LENGTH:
                    continue
                seen.add(key)
                states.append(following)
                lengths.append(length + bool(following.note))
        if not found:
            self._dead.update(entered if complete else list(entered.items())[: len(entered) // 2])
        return found if complete else [replace(path, complete=False) for path in found]

    def _is_guarded(self, state: State, sink: SinkPlace) -> bool:
        return self.guards.guarded(state.site, state.use, state.use_block, sink.kind)

    def _is_entry(self, state: State) -> bool:
        """Whether what lies behind a value does not depend on how it is used here: parameters, and what is kept elsewhere."""
        function = self.program.functions[state.site[0]]
        return state.use == len(function.values) or function.values[state.site[1]].op is Op.PARAM

    def _block(self, site: Site) -> int:
        return self.program.value(site).block

    def _answer(self, sink: SinkPlace, hit: SourceHit, states: list[State], last: int) -> FlowPath:
        hops: list[Hop] = []
        formatted = changed = False
        anchored: bool | None = None
        child = -1
        jumps = 0
        index = last
        while index >= 0:
            state = states[index]
            formatted = formatted or self.program.value(state.site).op is Op.TEXT
            changed = changed or (index != last and self._expander.changes(state.site))
            jumps += state.note.startswith("kept in")
            if state.note:
                hops.append(Hop(state.site, state.note))
            ending = self._expander.before_last(state.site, states[child].site) if child >= 0 else None
            anchored = ending if ending is not None else anchored
            child = index
            index = state.parent
        return FlowPath(sink, hit, tuple(hops), formatted, changed=changed, jumps=jumps, anchored=bool(anchored))


def _key(state: State) -> tuple[Site, tuple[Frame, ...], str]:
    return (state.site, state.stack, state.key)


def _first_key(sink: SinkPlace) -> str:
    return {"host": "\0host", "program": "\0program"}.get(sink.part, "")
