"""What all steps of the search share: how a state leads to the next."""

from __future__ import annotations

from collections.abc import Iterator

from agentlint.facts.python.ir import Op
from agentlint.graph.calls import CallGraph
from agentlint.graph.program import Program, Ref, Site
from agentlint.graph.search import State
from agentlint.graph.sink_places import SinkPlace
from agentlint.rulebook.models import Sanitizer

HOST = "\0host"
PROGRAM = "\0program"
MAX_FIELD_SITES = 40
MAX_CALLERS = 80
MAX_CHANGES = 8


class Steps:
    """The linked program, and the states that follow from one; holds no state of its own."""

    def __init__(self, program: Program, calls: CallGraph) -> None:
        self._program = program
        self._calls = calls

    def _same(self, state: State, index: int, value: int, note: str = "", key: str | None = None) -> State:
        """A value of the same function, for the same use."""
        kept = state.key if key is None else key
        return State((state.site[0], value), state.use, state.use_block, state.stack, kept, index, note)

    def _elsewhere(self, site: Site, index: int, note: str, key: str = "") -> State:
        """A value of another function (or another time), used by whatever comes after it there."""
        function = self._program.functions[site[0]]
        return State(site, len(function.values), function.values[site[1]].block, (), key, index, note)

    def _stored(self, site: Site, index: int, name: str, key: str) -> State:
        """A value kept in a field, as it was where it was put there."""
        following = self._elsewhere(site, index, f"kept in field `{name}`", key)
        return following._replace(use_block=self._program.inference.stored_in.get((site, name), following.use_block))

    def _is_made_here(self, base: Site) -> bool:
        """Whether an object is the result of a constructor in the same function, changed in place or not."""
        value = self._program.value(base)
        for _ in range(MAX_CHANGES):
            if value.op is not Op.UPDATE and value.op is not Op.MUTATE:
                break
            value = self._program.value((base[0], value.args[0]))
        if value.op is not Op.CALL:
            return False
        refs = self._program.inference.infer((base[0], value.args[0]))
        return bool(refs) and all(ref.kind == "cls" or (ref.kind == "ext" and _is_class_name(ref.path)) for ref in refs)

    def _own_sites(self, function: int, cls: int, sites: list[Site]) -> list[Site]:
        """Of the values kept in a field those that methods of the class, or ``function``, put there."""
        program = self._program
        related = {*program.lineage(cls), *program.subclasses(cls)}
        return [
            site
            for site in sites
            if site[0] == function or program.owner(site[0]) in related or program.functions[site[0]].kind == "class"
        ]

    def _is_data(self, ref: Ref) -> bool:
        """Whether an object of the class is filled by its caller alone: no constructor of its own."""
        return self._program.method(ref.id, "__init__") < 0

    def _returned(self, function: int, index: int, name: str) -> Iterator[State]:
        for leave in self._program.functions[function].exits:
            yield self._elsewhere((function, leave.value), index, f"returned by `{name}`")


def _is_class_name(path: str) -> bool:
    return path.rpartition(".")[2][:1].isupper()


def cleans(sanitizer: Sanitizer, sink: SinkPlace) -> bool:
    return sink.kind in sanitizer.sinks or "all" in sanitizer.sinks
