"""One step of the search: which values a value was made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from agentlint.facts.python.ir import Op, Value
from agentlint.graph import language
from agentlint.graph.arguments import constant, holds, select
from agentlint.graph.calls import CallGraph
from agentlint.graph.program import Program, Ref, Site
from agentlint.graph.roles import is_safe_type
from agentlint.graph.sinks import SinkPlace
from agentlint.rulebook.models import Sanitizer

if TYPE_CHECKING:
    from agentlint.graph.flow import State

HOST = "\0host"
PROGRAM = "\0program"
_CARRYING = frozenset({"or", "and", "+", "/", "%", "*", "|", "yield", "slice"})
MAX_FIELD_SITES = 40
MAX_CALLERS = 80


class Expander:
    """Expands states; holds no state of its own but the linked program."""

    def __init__(self, program: Program, calls: CallGraph) -> None:
        self._program = program
        self._calls = calls
        self._steps: dict[Op, Callable[[State, int, Value, SinkPlace], Iterable[State]]] = {
            Op.PARAM: self._param, Op.NAME: self._name, Op.IMPORT: self._import, Op.ATTR: self._attribute, Op.ITEM: self._item,
            Op.ELEM: self._element, Op.CALL: self._call, Op.TEXT: self._text, Op.SEQ: self._sequence, Op.DICT: self._dict,
            Op.PHI: self._all, Op.OP: self._operator, Op.UPDATE: self._update, Op.MUTATE: self._mutate,
        }  # fmt: skip

    def expand(self, state: State, index: int, sink: SinkPlace) -> list[State]:
        """Return the states behind ``state`` (number ``index``)."""
        value = self._program.value(state.site)
        step = self._steps.get(value.op)
        return list(step(state, index, value, sink)) if step is not None else []

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

    def _same(self, state: State, index: int, value: int, note: str = "", key: str | None = None) -> State:
        """A value of the same function, for the same use."""
        return state._replace(site=(state.site[0], value), parent=index, note=note, key=state.key if key is None else key)

    def _elsewhere(self, site: Site, index: int, note: str, key: str = "") -> State:
        """A value of another function (or another time), used by whatever comes after it there."""
        from agentlint.graph.flow import State

        function = self._program.functions[site[0]]
        return State(site, len(function.values), function.values[site[1]].block, (), key, index, note)

    def _all(self, state: State, index: int, value: Value, _sink: SinkPlace) -> Iterator[State]:
        return (self._same(state, index, arg) for arg in value.args)

    def _param(self, state: State, index: int, value: Value, _sink: SinkPlace) -> Iterator[State]:
        function = state.site[0]
        program = self._program
        found = program.functions[function]
        param = program.parameter(function, value)
        if param is None or (value.args[0] == 0 and program.owner(function) >= 0 and param.name in ("self", "cls")):
            return
        if is_safe_type(program, found, function, param.annotation):
            return
        if state.stack:
            frame = state.stack[-1]
            for edge in self._calls.edges(frame.call, function):
                for site in self._calls.argument(edge, function, value.args[0]):
                    yield state._replace(
                        site=site, use=frame.use, use_block=frame.use_block, stack=state.stack[:-1], parent=index,
                        note=f"passed to `{found.name}` as `{param.name}`",
                    )  # fmt: skip
            return
        for edge in self._calls.callers(function)[:MAX_CALLERS]:
            block = program.value(edge.site).block
            for site in self._calls.argument(edge, function, value.args[0]):
                yield state._replace(
                    site=site, use=edge.site[1], use_block=block, parent=index, note=f"passed to `{found.name}` as `{param.name}`"
                )

    def _name(self, state: State, index: int, value: Value, _sink: SinkPlace) -> Iterator[State]:
        for site in self._program.definitions(state.site[0], value.text) or ():
            yield self._elsewhere(site, index, f"kept in `{value.text}`" if site[0] != state.site[0] else "", state.key)

    def _import(self, state: State, index: int, value: Value, _sink: SinkPlace) -> Iterator[State]:
        for site in self._program.inference.imported_sites(state.site[0], value.text):
            yield self._elsewhere(site, index, f"imported as `{value.text.rpartition(':')[2]}`", state.key)

    def _attribute(self, state: State, index: int, value: Value, sink: SinkPlace) -> Iterator[State]:
        program, function = self._program, state.site[0]
        refs = program.inference.infer((function, value.args[0]))
        resolved = False
        for ref in refs:
            if ref.kind == "ext" and any(_cleans(s, sink) for s in program.index.sanitizer_reads(f"{ref.path}.{value.text}")):
                return
            if ref.kind == "ext" and not ref.path.startswith("builtins."):
                yield from self._outside(state, index, value)
            if ref.kind in ("inst", "cls"):
                resolved = resolved or not self._is_data(ref)
                for site in program.inference.field_sites(ref.id, value.text)[:MAX_FIELD_SITES]:
                    yield self._elsewhere(site, index, f"kept in field `{value.text}`", state.key)
                method = program.method(ref.id, value.text)
                if method >= 0 and program.inference.is_property(method):
                    yield from self._returned(method, index, value.text)
            elif ref.kind == "mod":
                resolved = True
                for site in program.definitions(program.first_function[ref.id], value.text) or ():
                    yield self._elsewhere(site, index, f"kept in `{value.text}`", state.key)
        base = program.value((function, value.args[0]))
        if not resolved or (base.op is not Op.PARAM and refs and refs[0].kind == "inst"):
            yield self._same(state, index, value.args[0], key=value.text)

    def _outside(self, state: State, index: int, value: Value) -> Iterator[State]:
        """What the program itself stored under this key of an object that a library keeps (a session, a context)."""
        inference = self._program.inference
        for path in inference.paths((state.site[0], value.args[0])) if value.text else ():
            for site in inference.external_sites(path, value.text)[:MAX_FIELD_SITES]:
                yield self._elsewhere(site, index, f"kept in `{value.text}`", state.key)

    def _is_data(self, ref: Ref) -> bool:
        """Whether an object of the class is filled by its caller alone: no constructor of its own."""
        return self._program.method(ref.id, "__init__") < 0

    def _returned(self, function: int, index: int, name: str) -> Iterator[State]:
        for leave in self._program.functions[function].exits:
            yield self._elsewhere((function, leave.value), index, f"returned by `{name}`")

    def _item(self, state: State, index: int, value: Value, _sink: SinkPlace) -> Iterator[State]:
        yield from self._outside(state, index, value)
        yield self._same(state, index, value.args[0], key=value.text)

    def _element(self, state: State, index: int, value: Value, _sink: SinkPlace) -> Iterator[State]:
        base = self._program.value((state.site[0], value.args[0]))
        if base.op is Op.DICT:
            return
        yield self._same(state, index, value.args[0], key=state.key)

    def _sequence(self, state: State, index: int, value: Value, _sink: SinkPlace) -> Iterator[State]:
        if state.key == PROGRAM and value.args:
            yield self._same(state, index, value.args[0], key="")
        elif state.key.isdecimal() and int(state.key) < len(value.args) and "*" not in value.keys and value.text != "comp":
            yield self._same(state, index, value.args[int(state.key)], key="")
        elif value.text == "comp":
            block = self._program.value((state.site[0], value.args[0])).block
            yield self._same(state, index, value.args[0])._replace(use=value.args[0], use_block=block)
        else:
            yield from (self._same(state, index, arg) for arg in value.args)

    def _dict(self, state: State, index: int, value: Value, _sink: SinkPlace) -> Iterator[State]:
        known = state.key and not state.key.startswith("\0")
        if known and state.key in value.keys:
            last = len(value.keys) - 1 - value.keys[::-1].index(state.key)
            yield self._same(state, index, value.args[last], key="")
            return
        for arg, key in zip(value.args, value.keys, strict=True):
            if not known or key in ("", "**"):
                yield self._same(state, index, arg, key=state.key if key == "**" else "")

    def _update(self, state: State, index: int, value: Value, _sink: SinkPlace) -> Iterator[State]:
        known = state.key and not state.key.startswith("\0") and value.text
        if not known or state.key == value.text:
            yield self._same(state, index, value.args[1], key="" if known else state.key)
        if not known or state.key != value.text:
            yield self._same(state, index, value.args[0])

    def _mutate(self, state: State, index: int, value: Value, _sink: SinkPlace) -> Iterator[State]:
        yield self._same(state, index, value.args[0])
        call = self._program.value((state.site[0], value.args[1]))
        if value.text in language.MUTATORS and call.op is Op.CALL and state.key != PROGRAM:
            yield from (self._same(state, index, arg) for arg in call.args[1:])

    def _operator(self, state: State, index: int, value: Value, sink: SinkPlace) -> Iterator[State]:
        if value.text not in _CARRYING:
            return
        if state.key == PROGRAM and value.text == "+":
            yield self._same(state, index, value.args[0])
        elif sink.part == "host" and value.text == "+":
            yield from self._host_parts(state, index, value)
        else:
            args = value.args[:1] if value.text == "slice" else value.args
            yield from (self._same(state, index, arg) for arg in args)

    def _text(self, state: State, index: int, value: Value, sink: SinkPlace) -> Iterator[State]:
        if sink.part == "host":
            yield from self._host_parts(state, index, value)
            return
        for arg in value.args:
            if self._program.value((state.site[0], arg)).op is not Op.CONST:
                yield self._same(state, index, arg, "becomes part of a string", "")

    def _host_parts(self, state: State, index: int, value: Value) -> Iterator[State]:
        """Of a URL put together from parts, only those up to the end of the host decide where the request goes."""
        prefix = ""
        for arg in value.args:
            text = constant(self._program, (state.site[0], arg))
            if isinstance(text, str):
                prefix += text
                rest = prefix.partition("://")[2] if "://" in prefix else prefix
                if any(mark in rest for mark in "/?#"):
                    return
                continue
            yield self._same(state, index, arg, "becomes part of a URL", HOST)
            prefix += "host"

    def _call(self, state: State, index: int, value: Value, sink: SinkPlace) -> Iterator[State]:
        program, function = self._program, state.site[0]
        refs = program.inference.infer((function, value.args[0]))
        known = False
        for ref in refs:
            if ref.kind == "fun":
                known = True
                yield from self._enter(state, index, ref.id)
            elif ref.kind == "cls":
                known = True
                yield from self._constructed(state, index, value, ref)
        if known:
            return
        paths = [ref.path for ref in refs if ref.kind == "ext"]
        for path in paths:
            if any(_cleans(s, sink) and holds(program, state.site, s.when) for s in program.index.sanitizers(path)):
                return
            rules = program.index.propagators(path)
            if rules:
                for rule in rules:
                    yield from (self._same(state, index, site[1], key="") for site in select(program, state.site, rule.args))
                return
        yield from self._through(state, index, value, paths)

    def _through(self, state: State, index: int, value: Value, paths: list[str]) -> Iterator[State]:
        """A call nothing is known of: its receiver reaches its result, and its arguments unless it is a method of a known object."""
        program, function = self._program, state.site[0]
        callee = program.value((function, value.args[0]))
        if callee.op is Op.ATTR:
            receiver = program.value((function, callee.args[0]))
            key = self._getter_key(state, callee, value)
            if receiver.op is not Op.IMPORT and receiver.op is not Op.NAME or program.definitions(function, receiver.text):
                yield self._same(state, index, callee.args[0], key=key)
            if key:
                return
        if any("()." in path and not path.startswith("builtins.str()") for path in paths):
            return
        for arg in value.args[1:]:
            yield self._same(state, index, arg, key="")

    def _getter_key(self, state: State, callee: Value, value: Value) -> str:
        """``d.get("k")`` and ``d.pop("k")`` read one key."""
        if callee.text not in ("get", "pop", "setdefault") or len(value.args) < 2:
            return ""
        key = constant(self._program, (state.site[0], value.args[1]))
        return key if isinstance(key, str) else ""

    def _enter(self, state: State, index: int, target: int) -> Iterator[State]:
        from agentlint.graph.flow import MAX_STACK, Frame, State

        program = self._program
        if len(state.stack) >= MAX_STACK:
            return
        frame = Frame(state.site, state.use, state.use_block)
        if any(other.call == state.site for other in state.stack):
            return
        found = program.functions[target]
        for leave in found.exits:
            yield State(
                (target, leave.value), len(found.values), leave.block, (*state.stack, frame), state.key, index,
                f"returned by `{found.name}`",
            )  # fmt: skip

    def _constructed(self, state: State, index: int, value: Value, ref: Ref) -> Iterator[State]:
        """An object as a whole: what its constructor was given, or the one field that is asked for."""
        if not self._is_data(ref):
            return
        if state.key in value.keys and state.key:
            yield self._same(state, index, value.args[value.keys.index(state.key)], key="")
            return
        for arg, key in zip(value.args[1:], value.keys[1:], strict=True):
            if not state.key or key in ("", "*", "**") or state.key.startswith("\0"):
                yield self._same(state, index, arg, key=state.key if key == "**" else "")


def _cleans(sanitizer: Sanitizer, sink: SinkPlace) -> bool:
    return sink.kind in sanitizer.sinks or "all" in sanitizer.sinks
