"""One run of the flow solver: breadth first from a sink, each called function once for each part of its result that is wanted.

A call whose body is known is entered at its returned values and left, at each parameter they are made of, to the calls that
asked for it and to no others. So the work grows with the code that is looked at, not with the number of ways through it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from agentlint.facts.python.ir import Op
from agentlint.graph.program import Site
from agentlint.graph.sink_places import SinkPlace
from agentlint.graph.sources import UNKNOWN, SourceHit

if TYPE_CHECKING:
    from agentlint.graph.flow import Solver

MAX_STATES = 1_200
MAX_LENGTH = 10
MAX_SOURCES = 4
Mark = tuple[Site, str, str]
"""A value, the part of it wanted, and the kind of sink: what lies behind is the same for all searches."""


class Frame(NamedTuple):
    """A call that the search entered by its result: where to come out again."""

    call: Site
    use: int
    use_block: int


class State(NamedTuple):
    """A value to explain: ``use`` is the value (in the same function) it is about to be used by.

    ``key`` the part of it wanted.
    """

    site: Site
    use: int
    use_block: int
    stack: tuple[Frame, ...]
    key: str
    parent: int
    note: str


class _Caller(NamedTuple):
    """A call that asked for a result: the state it was at, its frame, its own context and how long the way to it is."""

    at: int
    frame: Frame
    outer: tuple[Frame, ...]
    length: int


class _Body:
    """A function whose result is wanted. ``stack`` stands for all its callers.

    ``made_of`` are the parameters reached, and where.
    """

    def __init__(self, number: int, length: int) -> None:
        self.stack = (Frame((-1 - number, 0), 0, 0),)
        self.length = length
        self.entries: set[Site] = set()
        self.callers: dict[tuple[Frame, tuple[Frame, ...]], _Caller] = {}
        self.made_of: dict[tuple[Site, str], int] = {}


class Learned:
    """What searches without an answer leave behind: the values behind which there is nothing, and how many hops were searched.

    Behind those that are only ``sourceless`` there is no source, but perhaps an opening.
    """

    def __init__(self) -> None:
        self.dead: dict[Mark, int] = {}
        self.sourceless: dict[Mark, int] = {}


class Search:
    """``states`` are those reached, in order; ``hits`` the sources found and the state each was found at.

    ``openings`` are the parameters that nothing in the program fills: what they hold is decided by whoever uses it.
    ``ends`` are values that come from where nothing is known of.
    """

    skips_closed = True
    """Whether values that ``_is_open`` refuses are left out before they are pushed; a search that says why needs to see them."""

    def __init__(self, solver: Solver, sink: SinkPlace, wanted: Mapping[str, object], *, through_fields: bool) -> None:
        self._through_fields = through_fields
        self._unknown = UNKNOWN in wanted
        self._solver = solver
        self._sink = sink
        self._kind = sink.kind + sink.part
        self._wanted = wanted
        self.states: list[State] = []
        self.hits: list[tuple[SourceHit, int]] = []
        self.openings: list[tuple[SourceHit, int]] = []
        self.ends: list[tuple[SourceHit, int]] = []
        self.complete = True
        self._lengths: list[int] = []
        self._jumped: list[bool] = []
        self._saw_opening = False
        self._seen: set[tuple[Site, tuple[Frame, ...], str]] = set()
        self._entered: dict[Mark, int] = {}
        self._bodies: dict[tuple[int, str], _Body] = {}
        self._by_stack: dict[tuple[Frame, ...], _Body] = {}
        self._entry_of: dict[int, _Body] = {}
        self._left: dict[int, tuple[_Body, int]] = {}

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
            learned = self._entered if self.complete else dict(list(self._entered.items())[: len(self._entered) // 2])
            self._solver.learned.sourceless.update(learned)
            if not self._saw_opening:
                self._solver.learned.dead.update(learned)

    def way(self, at: int) -> list[int]:
        """Return the states from state ``at`` to the sink, each call left to the place that it was entered from."""
        found: list[int] = []
        open_calls: list[tuple[_Body, int]] = []
        while at >= 0:
            found.append(at)
            body = self._entry_of.get(at)
            if at in self._left:
                open_calls.append(self._left[at])
                at = self.states[at].parent
            elif body is not None and open_calls and open_calls[-1][0] is body:
                at = open_calls.pop()[1]
            else:
                at = self.states[at].parent
        return found

    def _visit(self, at: int) -> None:
        solver, state, length = self._solver, self.states[at], self._lengths[at]
        op = solver.program.value(state.site).op
        if (op is Op.ATTR or op is Op.NAME) and solver.sources.is_other_setting(state.site, state.key):
            return
        is_param = op is Op.PARAM
        if state.stack and is_param:
            self._reach_parameter(state, at)
            return
        if not state.stack and (is_param or self._is_kept(state)):
            mark = (state.site, state.key, self._kind)
            known = solver.learned.dead if self._takes_openings(at) else solver.learned.sourceless
            if not self._through_fields and known.get(mark, -1) >= MAX_LENGTH - length:
                self._saw_opening = self._saw_opening or known is solver.learned.sourceless
                return
            self._entered[mark] = MAX_LENGTH - length
        is_filled = is_param and bool(solver.channels.at(state.site, state.key))
        hit = None if is_filled else solver.sources.at(state.site, state.stack != ())
        if hit is not None and not (self._through_fields and hit.trust == "own") and (hit.kind in self._wanted or hit.final):
            if hit.kind in self._wanted:
                self.hits.append((hit, at))
            return
        if is_param and not is_filled:
            opening = solver.openings.at(state.site)
            if opening is not None and opening.kind in self._wanted:
                self._saw_opening = True
                if self._takes_openings(at):
                    self.openings.append((opening, at))
        open_only = self.skips_closed and not self._unknown
        if open_only:
            followings = solver.expand_open(state, at, self._sink, self._is_open)
        else:
            followings = solver.expand(state, at, self._sink)
        for following in followings:
            if len(following.stack) > len(state.stack):
                self._enter(following, state, at, length)
            else:
                self._push(following, length + bool(following.note), is_open=open_only)
        if self._unknown and not followings and not self.ends:
            end = solver.sources.unknown(state.site, self._sink.kind)
            self.ends += [(end, at)] if end is not None else []

    def _is_open(self, state: State) -> bool:
        """Whether a value may hold something from outside and no test makes it safe: the same for all searches of a kind."""
        solver = self._solver
        if solver.calls.constants(state.site[0])[state.site[1]]:
            return False
        return not solver.guards.known_safe(state.site, state.use, state.use_block, self._sink.kind)

    def _push(self, state: State, length: int, *, is_open: bool = False) -> bool:
        if length > MAX_LENGTH and self._unknown and not self.ends:
            self.ends.append((self._solver.sources.distant(self.states[state.parent].site), state.parent))
        if length > MAX_LENGTH or len(self.states) >= 2 * MAX_STATES:
            return False
        key = (state.site, state.stack, state.key)
        if key in self._seen or not (is_open or self._is_open(state)):
            return False  # a guarded way to a value leaves the other ways open
        self._seen.add(key)
        self.states.append(state)
        self._lengths.append(length)
        parent = state.parent
        self._jumped.append(state.note.startswith("kept in field") or (parent >= 0 and self._jumped[parent]))
        return True

    def _takes_openings(self, at: int) -> bool:
        """Whether an opening behind a state still says something: behind a field it seldom does."""
        return len(self.openings) < MAX_SOURCES and (self._through_fields or not self._jumped[at])

    def _enter(self, entry: State, state: State, at: int, length: int) -> None:
        """Ask for the result of a call: once for all callers, but each gets its own arguments back."""
        name = (entry.site[0], entry.key)
        body = self._bodies.get(name)
        if body is None:
            body = self._bodies[name] = _Body(len(self._bodies), length + 1)
            self._by_stack[body.stack] = body
        if entry.site not in body.entries:
            body.entries.add(entry.site)
            if self._push(entry._replace(stack=body.stack), length + 1):
                self._entry_of[len(self.states) - 1] = body
        frame = entry.stack[-1]
        if (frame, state.stack) not in body.callers:
            caller = body.callers[frame, state.stack] = _Caller(at, frame, state.stack, length + 1)
            for parameter in list(body.made_of.values()):
                self._leave(body, caller, parameter)

    def _reach_parameter(self, state: State, at: int) -> None:
        body = self._by_stack[state.stack]
        if body.made_of.setdefault((state.site, state.key), at) == at:
            for caller in list(body.callers.values()):
                self._leave(body, caller, at)

    def _leave(self, body: _Body, caller: _Caller, at: int) -> None:
        """Go on with the argument that a caller passes for the parameter of state ``at``."""
        length = caller.length + max(0, self._lengths[at] - body.length)
        parameter = self.states[at]._replace(stack=(*caller.outer, caller.frame))
        for following in self._solver.expand(parameter, at, self._sink):
            if self._push(following, length + bool(following.note)):
                self._left[len(self.states) - 1] = (body, caller.at)

    def _is_kept(self, state: State) -> bool:
        """Whether what lies behind a value does not depend on how it is used here: it comes from another function or time."""
        return state.use == len(self._solver.program.functions[state.site[0]].values)
