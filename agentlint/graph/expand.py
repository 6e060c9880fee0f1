"""One step of the search: which values a value was made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import zip_longest

from agentlint.facts.python.ir import Op, Value
from agentlint.graph import keys, language
from agentlint.graph.call_steps import CallSteps
from agentlint.graph.calls import CallGraph
from agentlint.graph.channels import Channels
from agentlint.graph.correlated import excluded
from agentlint.graph.handed import HandedIn
from agentlint.graph.part_steps import PartSteps
from agentlint.graph.program import Program, Ref, Site
from agentlint.graph.roles import is_safe_annotation, is_safe_type
from agentlint.graph.search import Frame, State
from agentlint.graph.sink_places import SinkPlace
from agentlint.graph.steps import MAX_CALLERS, MAX_FIELD_SITES, cleans

_CONTEXT = (Frame((-1, -1), -1, -1),)
"""Stands for the calls that a search is inside of, while a step is worked out for all searches."""


class Expander(PartSteps, CallSteps):
    """Expands states: the steps by the kind of value, names, fields and parameters among them."""

    def __init__(self, program: Program, calls: CallGraph, channels: Channels) -> None:
        super().__init__(program, calls)
        self._handed = HandedIn(program, calls)
        self._channels = channels
        self._known: dict[tuple[Site, int, int, str, bool, str, str, bool], list[tuple[State, tuple[Frame, ...] | None]]] = {}
        self._steps: dict[Op, Callable[[State, int, Value, SinkPlace], Iterable[State]]] = {
            Op.PARAM: self._param, Op.NAME: self._name, Op.IMPORT: self._import, Op.ATTR: self._attribute, Op.ITEM: self._item,
            Op.ELEM: self._element, Op.CALL: self._call, Op.TEXT: self._text, Op.SEQ: self._sequence, Op.DICT: self._dict,
            Op.PHI: self._joined, Op.OP: self._operator, Op.UPDATE: self._update, Op.MUTATE: self._mutate,
        }  # fmt: skip

    def expand(self, state: State, index: int, sink: SinkPlace) -> list[State]:
        """Return the states behind ``state`` (number ``index``)."""
        value = self._program.value(state.site)
        step = self._steps.get(value.op)
        if step is None:
            return []
        if state.stack and value.op is Op.PARAM:
            return list(step(state, index, value, sink))
        return self._shared(state, index, sink, None)

    def expand_open(self, state: State, index: int, sink: SinkPlace, is_open: Callable[[State], bool]) -> list[State]:
        """Return what ``expand`` does without the values of the same function, or of others, that are not open."""
        return self._shared(state, index, sink, is_open) if self._program.value(state.site).op in self._steps else []

    def _shared(self, state: State, index: int, sink: SinkPlace, is_open: Callable[[State], bool] | None) -> list[State]:
        """Every search that comes by a value asks the same: only the context and the number of the state differ."""
        question = (state.site, state.use, state.use_block, state.key, state.stack != (), sink.kind, sink.part, is_open is None)
        known = self._known.get(question)
        if known is None:
            value = self._program.value(state.site)
            asked = state._replace(stack=_CONTEXT) if state.stack else state
            known = self._known[question] = [
                (found, found.stack[1:] if found.stack[:1] == _CONTEXT else None)
                for found in self._steps[value.op](asked, 0, value, sink)
                if is_open is None or len(found.stack) > len(asked.stack) or is_open(found)
            ]
        stack = state.stack
        return [
            State(f.site, f.use, f.use_block, f.stack if more is None else (*stack, *more), f.key, index, f.note)
            for f, more in known
        ]

    def before_last(self, joined: Site, part: Site) -> bool | None:
        """Whether ``part`` is joined to a path with something after it; ``None`` where no path is put together."""
        value = self._program.value(joined)
        joins = value.op is Op.TEXT or (value.op is Op.OP and value.text == "/")
        if value.op is Op.CALL:
            joins = any(path in language.JOINS for path in self._program.inference.paths((joined[0], value.args[0])))
        if not joins or len(value.args) < 2 or part[0] != joined[0] or part[1] not in value.args:
            return None
        if part[1] == value.args[-1]:
            return False
        last = self._program.value((joined[0], value.args[-1]))
        return value.op is not Op.TEXT or (last.op is Op.CONST and "/" in last.text)

    def changes(self, site: Site) -> bool:
        """Whether the result of a call, or a slice, may be something else than what went in."""
        program = self._program
        value = program.value(site)
        if value.op is Op.ITEM:
            index = program.value((site[0], value.args[-1]))
            return len(value.args) > 1 and index.op is Op.OP and index.text == "slice"
        if value.op is not Op.CALL:
            return False
        callee = (site[0], value.args[0])
        refs = program.inference.infer(callee)
        if any(ref.kind in ("fun", "cls") or ref.path.startswith("builtins.") or ref.path in language.KEEPS for ref in refs):
            return False
        return program.value(callee).op is not Op.ATTR or program.value(callee).text not in language.KEEPING_METHODS

    def _joined(self, state: State, index: int, value: Value, _sink: SinkPlace) -> Iterator[State]:
        """Values that meet: each is used at the end of the branch it comes from."""
        found = self._program.functions[state.site[0]]
        for arg, block in zip_longest(value.args, value.keys[: len(value.args)], fillvalue=""):
            if isinstance(arg, int):
                if block and arg < state.site[1] and excluded(found, int(block), state.use_block, state.site[1]):
                    continue  # the use is under the opposite of what leads here
                following = self._same(state, index, arg)
                yield following._replace(use=state.site[1], use_block=int(block)) if block else following

    def _param(self, state: State, index: int, value: Value, _sink: SinkPlace) -> Iterator[State]:
        function = state.site[0]
        program = self._program
        found = program.functions[function]
        param = program.parameter(function, value)
        if param is None:
            return
        if value.args[0] == 0 and program.owner(function) >= 0 and param.name in ("self", "cls"):
            yield from self._receiver(state, index, function)
            return
        if is_safe_type(program, function, param.annotation):
            return
        note = f"passed to `{found.name}` as `{param.name}`"
        if state.stack:
            frame = state.stack[-1]
            for edge in self._calls.edges(frame.call, function):
                for site, key in self._calls.argument(edge, function, value.args[0], state.key):
                    if site[0] != frame.call[0]:
                        yield self._elsewhere(site, index, note, key)
                        continue
                    yield state._replace(
                        site=site,
                        use=frame.use,
                        use_block=frame.use_block,
                        stack=state.stack[:-1],
                        key=key,
                        parent=index,
                        note=note,
                    )
            return
        for site in self._channels.at(state.site, state.key):
            yield self._elsewhere(site, index, self._channels.says(state.site, state.key), state.key)
        for edge in self._calls.callers(function)[:MAX_CALLERS]:
            for site, key, call in self._handed.arguments(edge, function, value.args[0], state.key):
                if site[0] != call[0]:
                    yield self._elsewhere(site, index, note, key)
                    continue
                block = program.value(call).block
                yield state._replace(site=site, use=call[1], use_block=block, key=key, parent=index, note=note)

    def _receiver(self, state: State, index: int, function: int) -> Iterator[State]:
        """A field of ``self`` in a class whose constructor is made for it: what the object at hand, or any, was made with."""
        program = self._program
        owner = program.owner(function)
        first = keys.split(state.key)[0]
        if not keys.is_known(first) or program.method(owner, "__init__") >= 0:
            return
        if state.stack:
            frame = state.stack[-1]
            callee = program.value((frame.call[0], program.value(frame.call).args[0]))
            if callee.op is Op.ATTR:
                yield state._replace(
                    site=(frame.call[0], callee.args[0]), use=frame.use, use_block=frame.use_block, stack=state.stack[:-1],
                    parent=index,
                    note=f"kept in field `{first}`",
                )  # fmt: skip
                return
        for site in self._calls.constructions(owner)[:MAX_CALLERS]:
            yield self._elsewhere(site, index, f"kept in field `{first}`", state.key)

    def _name(self, state: State, index: int, value: Value, _sink: SinkPlace) -> Iterator[State]:
        function = state.site[0]
        for site in self._program.definitions(function, value.text) or ():
            following = self._elsewhere(site, index, f"kept in `{value.text}`" if site[0] != function else "", state.key)
            made = self._made_in(function, site[0])
            if site[1] < made:  # what was tested before the nested function was made holds inside it
                following = following._replace(use=made, use_block=self._program.value((site[0], made)).block)
            yield following

    def _made_in(self, function: int, outer: int) -> int:
        """The value of ``outer`` that makes ``function`` or a function around it, -1 if it is not inside."""
        program = self._program
        if program.functions[outer].kind not in ("function", "lambda"):
            return -1
        while function >= 0 and program.parent(function) != outer:
            function = program.parent(function)
        return program.creation(function) if function >= 0 else -1

    def _import(self, state: State, index: int, value: Value, _sink: SinkPlace) -> Iterator[State]:
        for site in self._program.inference.imported_sites(state.site[0], value.text):
            yield self._elsewhere(site, index, f"imported as `{value.text.rpartition(':')[2]}`", state.key)

    def _attribute(self, state: State, index: int, value: Value, sink: SinkPlace) -> Iterator[State]:
        program, function = self._program, state.site[0]
        refs = program.inference.infer((function, value.args[0]))
        resolved = False
        for ref in refs:
            if ref.kind == "ext" and any(cleans(s, sink) for s in program.index.sanitizer_reads(f"{ref.path}.{value.text}")):
                return
            if ref.kind == "ext" and not ref.path.startswith("builtins."):
                yield from self._outside(state, index, value)
            if ref.kind in ("inst", "cls"):
                if ref.kind == "inst" and self._holds_no_text(ref.id, value.text):
                    return
                resolved = resolved or not self._is_data(ref)
                for site in self._field_sites((function, value.args[0]), ref, value.text):
                    yield self._stored(site, index, value.text, state.key)
                method = program.method(ref.id, value.text)
                if method >= 0 and program.inference.is_property(method):
                    yield from self._returned(method, index, value.text)
            elif ref.kind == "mod":
                resolved = True
                for site in program.definitions(program.first_function[ref.id], value.text) or ():
                    yield self._elsewhere(site, index, f"kept in `{value.text}`", state.key)
        base = program.value((function, value.args[0]))
        if not resolved or (base.op is not Op.PARAM and refs and refs[0].kind == "inst"):
            yield self._same(state, index, value.args[0], key=keys.inside(value.text, state.key))

    def _field_sites(self, base: Site, ref: Ref, name: str) -> list[Site]:
        """The values kept in a field.

        Of a class itself those that stand in its body or were stored in the class; of an object that is made here those that its
        own methods, or the code around, put into it.
        """
        program = self._program
        sites = program.inference.field_sites(ref.id, name)
        if ref.kind == "cls":
            sites = [site for site in sites if self._is_of_class(site, name)]
        elif self._is_made_here(base):
            sites = self._own_sites(base[0], ref.id, sites)
        return sites[:MAX_FIELD_SITES]

    def _is_of_class(self, site: Site, name: str) -> bool:
        program = self._program
        found = program.functions[site[0]]
        if found.kind == "class":
            return True
        bases = [store.base for store in found.stores if store.value == site[1] and store.attr == name]
        return any(ref.kind == "cls" for base in bases for ref in program.inference.infer((site[0], base)))

    def _holds_no_text(self, cls: int, name: str) -> bool:
        """Whether a field is declared to be a number or one of a few known values."""
        for owner in self._program.lineage(cls):
            entry = self._program.classes[owner].fields.get(name)
            if entry is not None:
                return is_safe_annotation(self._program, (self._program.class_body(owner), entry[0]))
        return False
