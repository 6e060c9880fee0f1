"""The flow solver: does a value of a source kind reach a sink, with nothing between that makes it safe?

Search runs backwards from each sink over the value graph, breadth first, so the first answer is the shortest. A call whose body
is known is entered at its returned values and left at the calls that asked for them only (see ``search``); a parameter that is
reached with no such call goes up to every caller. Ways of more than ``MAX_LENGTH`` hops are not followed: nobody believes
them, and measured on large packages they were wrong. Work per sink is bounded; reaching that bound is said in the answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from agentlint.facts.python.ir import Op
from agentlint.graph.calls import CallGraph
from agentlint.graph.channels import Channels
from agentlint.graph.guards import Guards
from agentlint.graph.openings import Openings
from agentlint.graph.program import Program, Site
from agentlint.graph.roles import Roles
from agentlint.graph.search import Learned, Search, State
from agentlint.graph.sink_places import SinkPlace
from agentlint.graph.sources import SourceHit, Sources

MAX_ASKED = 3
_QUOTED = re.compile(r"""'%?$|(?:=|like|contains|match)\s{0,4}"%?$""", re.IGNORECASE)
"""Text before a value in a query. Double quotes also mark names, so they count only behind a comparison."""
_MARK = re.compile(r"""(?:>|`{3}|"{3}|'{3}|#{3}|-{3}|={3}|\])\s{0,9}$|["']$""")
"""Text before something that is set off from what surrounds it: a tag, a fence, a line, a quote."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of an answer: a place and what happens there."""

    site: Site
    note: str


@dataclass(frozen=True, slots=True)
class FlowPath:
    """An answer: ``hops`` run from the source to the sink's argument. ``formatted``: the value was put into a larger string.

    ``jumps``: how often it was kept in a field on its way, where order and object are no longer told apart.
    ``quoted``: it was put between quotes there, ``marked``: behind a mark that sets it off.
    ``texts``: the strings it became part of.
    ``anchored``: it is not the last part of the path it is joined to.
    ``fixed``: the source is a call all of whose arguments are constants, so that its answer is always the developer's choice.
    ``changed``: it went through a call nothing is known of, or only a piece of it is left, so it may not be the same any more.
    """

    sink: SinkPlace
    source: SourceHit
    hops: tuple[Hop, ...]
    formatted: bool
    complete: bool = True
    changed: bool = False
    jumps: int = 0
    anchored: bool = False
    quoted: bool = False
    marked: bool = False
    texts: tuple[Site, ...] = ()
    fixed: bool = False


class Solver:
    """Answers flow questions over a linked program."""

    def __init__(self, program: Program, roles: Roles) -> None:
        from agentlint.graph.expand import Expander

        self.program = program
        self.calls = CallGraph(program)
        self.sources = Sources(program, roles)
        self.openings = Openings(program, self.calls, roles)
        self.guards = Guards(program, self._enters)
        self.channels = Channels(program, self.calls, roles)
        self._expander = Expander(program, self.calls, self.channels)
        self.expand = self._expander.expand
        self.expand_open = self._expander.expand_open
        self.learned = Learned()

    def reach(self, sink: SinkPlace, wanted: Mapping[str, object], *, through_fields: bool = False) -> list[FlowPath]:
        """Return the flows from sources of the ``wanted`` kinds to ``sink``, shortest first, one per source.

        A parameter behind which nothing was found is not searched again for the same kind of sink: what lies above a
        parameter (within the length that is left) does not depend on how it is used below. ``wanted`` must be the same for
        all sinks of a kind. ``through_fields``: parameters that nothing
        fills count behind fields too, and what comes from the program's own store is looked behind.
        """
        search = Search(self, sink, wanted, through_fields=through_fields)
        search.run(start_of(self, sink))
        hits = search.hits or search.openings or search.ends
        found = [self._answer(sink, hit, search, at) for hit, at in hits]
        return found if search.complete else [replace(path, complete=False) for path in found]

    def _enters(self, site: Site, depth: int = 0) -> bool:
        """Whether outside text enters at a parameter."""
        opening = self.openings.at(site)
        if self.sources.at(site, inside_call=False) is not None or (opening is not None and opening.kind == "tool-argument"):
            return True
        value = self.program.value(site)
        for edge in self.calls.callers(site[0])[:MAX_ASKED] if value.op is Op.PARAM and depth < MAX_ASKED else ():
            for given, _ in self.calls.argument(edge, site[0], value.args[0]):
                if self.program.value(given).op is Op.PARAM and self._enters(given, depth + 1):
                    return True
        return False

    def _answer(self, sink: SinkPlace, hit: SourceHit, search: Search, last: int) -> FlowPath:
        hops: list[Hop] = []
        changed = quoted = marked = False
        texts: list[Site] = []
        anchored: bool | None = None
        child = -1
        jumps = 0
        states = search.states
        for index in search.way(last):
            state = states[index]
            if self.program.value(state.site).op is Op.TEXT:
                texts.append(state.site)
            changed = changed or (index != last and self._expander.changes(state.site))
            jumps += state.note.startswith("kept in field")
            if state.note:
                hops.append(Hop(state.site, state.note))
            ending = self._expander.before_last(state.site, states[child].site) if child >= 0 else None
            anchored = ending if ending is not None else anchored
            before = self._expander.text_before(state.site, states[child].site) if child >= 0 else ""
            quoted, marked = quoted or _QUOTED.search(before) is not None, marked or _MARK.search(before) is not None
            child = index
        return FlowPath(
            sink,
            hit,
            tuple(hops),
            bool(texts),
            changed=changed,
            jumps=jumps,
            anchored=bool(anchored),
            quoted=quoted,
            marked=marked,
            texts=tuple(texts),
            fixed=hit.kind == "retrieved" and self._is_fixed(hit.site),
        )

    def _is_fixed(self, call: Site) -> bool:
        """Whether the address that is asked, and all that is sent there, is written in the code."""
        value = self.program.value(call)
        return value.op is Op.CALL and len(value.args) > 1 and all(self._is_constant((call[0], arg), 0) for arg in value.args[1:])

    def _is_constant(self, site: Site, depth: int) -> bool:
        value = self.program.value(site)
        if value.op is Op.CONST:
            return True
        if depth > MAX_ASKED:
            return False
        if value.op in (Op.TEXT, Op.SEQ, Op.DICT, Op.PHI):
            return all(self._is_constant((site[0], arg), depth + 1) for arg in value.args)
        if value.op is Op.NAME:
            places = self.program.definitions(site[0], value.text)
            return bool(places) and all(self._is_constant(place, depth + 1) for place in places or ())
        if value.op is Op.PARAM:
            edges = self.calls.callers(site[0])[: 2 * MAX_ASKED]
            given = [place for edge in edges for place, _ in self.calls.argument(edge, site[0], value.args[0])]
            return len(given) >= len(edges) > 0 and all(self._is_constant(place, depth + 1) for place in given)
        return False


def start_of(solver: Solver, sink: SinkPlace) -> State:
    """Return the state a search for ``sink`` begins with.

    A value of another function than the call's is used by whatever comes after it there.
    """
    program = solver.program
    (function, _), call = sink.value, sink.call
    if function == call[0]:
        use, block = call[1], program.value(call).block
    else:
        use, block = len(program.functions[function].values), program.value(sink.value).block
    return State(sink.value, use, block, (), _first_key(sink), -1, "")


def _first_key(sink: SinkPlace) -> str:
    if sink.part.startswith("."):  # one entry of what is handed over
        return sink.part[1:]
    return {"host": "\0host", "program": "\0program"}.get(sink.part, "")
