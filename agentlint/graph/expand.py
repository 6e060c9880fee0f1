"""One step of the search: which values a value was made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import zip_longest
from typing import TYPE_CHECKING

from agentlint.facts.python.ir import Op, Value
from agentlint.graph import keys, language
from agentlint.graph.arguments import constant, holds, select
from agentlint.graph.calls import CallGraph
from agentlint.graph.program import Program, Ref, Site
from agentlint.graph.roles import is_safe_class, is_safe_type
from agentlint.graph.sinks import SinkPlace
from agentlint.rulebook.models import Sanitizer

if TYPE_CHECKING:
    from agentlint.graph.search import State

HOST = "\0host"
PROGRAM = "\0program"
_CARRYING = frozenset({"or", "and", "+", "/", "%", "*", "|", "yield", "slice"})
_TEXT_SINKS = frozenset({"sql", "nosql"})
"""Sinks whose text a dict cannot become: its entries are bound values."""
_PLACES = re.compile(r"%(?:\(\w{0,80}\))?[-#0 +]{0,4}\d{0,4}(?:\.\d{1,4})?[a-zA-Z]")
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
            Op.PHI: self._joined, Op.OP: self._operator, Op.UPDATE: self._update, Op.MUTATE: self._mutate,
        }  # fmt: skip

    def expand(self, state: State, index: int, sink: SinkPlace) -> list[State]:
        """Return the states behind ``state`` (number ``index``)."""
        value = self._program.value(state.site)
        step = self._steps.get(value.op)
        return list(step(state, index, value, sink)) if step is not None else []

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

    def _same(self, state: State, index: int, value: int, note: str = "", key: str | None = None) -> State:
        """A value of the same function, for the same use."""
        return state._replace(site=(state.site[0], value), parent=index, note=note, key=state.key if key is None else key)

    def _elsewhere(self, site: Site, index: int, note: str, key: str = "") -> State:
        """A value of another function (or another time), used by whatever comes after it there."""
        from agentlint.graph.search import State

        function = self._program.functions[site[0]]
        return State(site, len(function.values), function.values[site[1]].block, (), key, index, note)

    def _stored(self, site: Site, index: int, name: str, key: str) -> State:
        """A value kept in a field, as it was where it was put there."""
        following = self._elsewhere(site, index, f"kept in field `{name}`", key)
        return following._replace(use_block=self._program.inference.stored_in.get(site, following.use_block))

    def _joined(self, state: State, index: int, value: Value, _sink: SinkPlace) -> Iterator[State]:
        """Values that meet: each is used at the end of the branch it comes from."""
        for arg, block in zip_longest(value.args, value.keys[: len(value.args)], fillvalue=""):
            if isinstance(arg, int):
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
        for edge in self._calls.callers(function)[:MAX_CALLERS]:
            block = program.value(edge.site).block
            for site, key in self._calls.argument(edge, function, value.args[0], state.key):
                if site[0] != edge.site[0]:
                    yield self._elsewhere(site, index, note, key)
                    continue
                yield state._replace(site=site, use=edge.site[1], use_block=block, key=key, parent=index, note=note)

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
            if ref.kind == "ext" and any(_cleans(s, sink) for s in program.index.sanitizer_reads(f"{ref.path}.{value.text}")):
                return
            if ref.kind == "ext" and not ref.path.startswith("builtins."):
                yield from self._outside(state, index, value)
            if ref.kind in ("inst", "cls"):
                resolved = resolved or not self._is_data(ref)
                for site in program.inference.field_sites(ref.id, value.text)[:MAX_FIELD_SITES]:
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

    def _outside(self, state: State, index: int, value: Value) -> Iterator[State]:
        """What the program itself stored under this key of an object that a library keeps (a session, a context)."""
        inference = self._program.inference
        for path in inference.paths((state.site[0], value.args[0])) if value.text else ():
            for site in inference.external_sites(path, value.text)[:MAX_FIELD_SITES]:
                if not self._one_application(state.site[0], site[0]):
                    continue
                yield self._elsewhere(site, index, f"kept in `{value.text}`", state.key)

    def _one_application(self, reader: int, writer: int) -> bool:
        """Whether two functions share what a library keeps for a running application: one folder, or one below the other."""
        one, other = (self._program.path(f).rpartition("/")[0] for f in (reader, writer))
        return one == other or other.startswith(one + "/") or one.startswith(other + "/")

    def _is_data(self, ref: Ref) -> bool:
        """Whether an object of the class is filled by its caller alone: no constructor of its own."""
        return self._program.method(ref.id, "__init__") < 0

    def _returned(self, function: int, index: int, name: str) -> Iterator[State]:
        for leave in self._program.functions[function].exits:
            yield self._elsewhere((function, leave.value), index, f"returned by `{name}`")

    def _item(self, state: State, index: int, value: Value, sink: SinkPlace) -> Iterator[State]:
        if sink.kind == "path" and self._is_last_part(state.site[0], value):
            return
        yield from self._outside(state, index, value)
        yield self._same(state, index, value.args[0], key=keys.inside(value.text, state.key))

    def _is_last_part(self, function: int, value: Value) -> bool:
        """``name.rsplit("/")[-1]``: what is left of a path holds no separator."""
        values = self._program.functions[function].values
        call = values[value.args[0]]
        if call.op is not Op.CALL or len(call.args) < 2 or values[call.args[0]].op is not Op.ATTR:
            return False
        if any((path, value.text) in language.PIECES for path in self._program.inference.paths((function, call.args[0]))):
            return True
        method, separator = values[call.args[0]].text, values[call.args[1]]
        wanted = {"split": "-1", "rsplit": "-1", "rpartition": "2"}.get(method)
        return wanted == value.text and separator.op is Op.CONST and separator.text == "/"

    def _element(self, state: State, index: int, value: Value, _sink: SinkPlace) -> Iterator[State]:
        base = self._program.value((state.site[0], value.args[0]))
        if base.op is Op.DICT:
            return
        yield self._same(state, index, value.args[0], key=keys.inside("", state.key))

    def _sequence(self, state: State, index: int, value: Value, _sink: SinkPlace) -> Iterator[State]:
        first, rest = keys.split(state.key)
        written = "*" not in value.keys and value.text != "comp"
        number = int(first) if first.lstrip("-").isdecimal() and len(first) < 6 else None
        yield from self._passed(state, index)
        if state.key == PROGRAM and value.args:
            yield self._same(state, index, value.args[0], key="")
        elif number is not None and written and -len(value.args) <= number < len(value.args):
            yield self._same(state, index, value.args[number], key=rest)
        else:
            inner = rest if first == keys.ANY or number is not None else state.key
            for arg, key in zip(value.args, value.keys, strict=True):
                following = self._same(state, index, arg, key=state.key if key == "*" else inner)
                if value.text == "comp":
                    block = self._program.value((state.site[0], arg)).block
                    following = following._replace(use=max(arg, state.use), use_block=block)
                yield following

    def _dict(self, state: State, index: int, value: Value, sink: SinkPlace) -> Iterator[State]:
        if not state.key and sink.kind in _TEXT_SINKS:
            return
        first, rest = keys.split(state.key)
        yield from self._passed(state, index)
        if keys.is_known(first) and first in value.keys:
            last = len(value.keys) - 1 - value.keys[::-1].index(first)
            yield self._same(state, index, value.args[last], key=rest)
            return
        for arg, key in zip(value.args, value.keys, strict=True):
            if not keys.is_known(first) or key in ("", "**"):
                yield self._same(state, index, arg, key=state.key if key == "**" else rest)

    def _update(self, state: State, index: int, value: Value, _sink: SinkPlace) -> Iterator[State]:
        first, rest = keys.split(state.key)
        known = keys.is_known(first) and value.text != ""
        yield from self._passed(state, index)
        if not known or first == value.text:
            yield self._same(state, index, value.args[1], key=rest)
        if not known or first != value.text:
            yield self._same(state, index, value.args[0])

    def _mutate(self, state: State, index: int, value: Value, _sink: SinkPlace) -> Iterator[State]:
        yield self._same(state, index, value.args[0])
        yield from self._passed(state, index)
        call = self._program.value((state.site[0], value.args[1]))
        if value.text not in language.MUTATORS or call.op is not Op.CALL or state.key == PROGRAM:
            return
        if any(ref.kind == "fun" for ref in self._program.inference.infer((state.site[0], call.args[0]))):
            return
        if any(self._is_module(ref) for ref in self._program.inference.infer((state.site[0], value.args[0]))):
            return
        first, rest = keys.split(state.key)
        if value.text in language.WRITERS and keys.is_known(first):
            return
        for arg, name in zip(call.args[1:], call.keys[1:], strict=True):
            if value.text in ("extend", "update") and name in ("", "**"):
                same = value.text == "update" or not first
                yield self._same(state, index, arg, key=state.key if same else keys.inside("", rest))
            elif not name or name == first or not keys.is_known(first):
                yield self._same(state, index, arg, key=rest)

    @staticmethod
    def _is_module(ref: Ref) -> bool:
        """Whether a value is a module or class of a library: its functions do not put their arguments into it."""
        return ref.kind == "mod" or (ref.kind == "ext" and not ref.path.endswith("()") and not ref.path.startswith("builtins."))

    def _passed(self, state: State, index: int) -> Iterator[State]:
        """A container that is handed to a function of the project, which puts something into it."""
        from agentlint.graph.search import Frame, State

        program, (function, number) = self._program, state.site
        for site in program.written_inside(state.site):
            yield self._elsewhere(site, index, "changed by a nested function", state.key)
        for call in program.functions[function].statements:
            value = program.value((function, call))
            if value.op is not Op.CALL or number not in value.args[1:]:
                continue
            for target in self._calls.targets((function, call)):
                frame = Frame((function, call), call, value.block)
                for changed, block in self._changes(target, (function, call), number):
                    yield State(
                        (target, changed), len(program.functions[target].values), block, (*state.stack, frame), state.key, index,
                        f"changed by `{program.functions[target].name}`",
                    )  # fmt: skip

    def _changes(self, target: int, call: Site, number: int) -> Iterator[tuple[int, int]]:
        """The values of ``target`` that are its parameter, filled with ``number`` by a call, after a change."""
        found = self._program.functions[target]
        edges = self._calls.edges(call, target)
        for position, param in enumerate(found.params):
            if any((call[0], number) == site for e in edges for site, _ in self._calls.argument(e, target, position)):
                for other, value in enumerate(found.values):
                    if value.op in (Op.UPDATE, Op.MUTATE) and value.args[0] == param.value:
                        yield other, value.block

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

    def _placed(self, function: int, value: Value) -> Iterator[int | str]:
        """The pieces of ``template % values`` in order; named values come after the first piece."""
        template = constant(self._program, (function, value.args[0]))
        if not isinstance(template, str):
            yield from value.args
            return
        pieces = _PLACES.split(template[:2_000])
        values = value.args[1:]
        named = "%(" in template
        for position, piece in enumerate(pieces):
            yield piece
            yield from (values if position == 0 else ()) if named else values[position : position + 1]

    def _host_parts(self, state: State, index: int, value: Value) -> Iterator[State]:
        """Of a URL put together from parts, only those up to the end of the host decide where the request goes."""
        prefix = ""
        for arg in value.args if value.text != "%" else self._placed(state.site[0], value):
            if isinstance(arg, str):
                prefix += arg
                if any(mark in (prefix.partition("://")[2] if "://" in prefix else prefix) for mark in "/?#"):
                    return
                continue
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
        program = self._program
        refs = self._calls.indirect.refs(state.site)
        entered, known = self._bodies(state.site, value, refs)
        for target in entered:
            yield from self._enter(state, index, target)
        for ref in refs:
            if ref.kind == "cls":
                known = True
                yield from self._constructed(state, index, value, ref)
        if known:
            return
        paths = [ref.path for ref in refs if ref.kind == "ext"]
        if sink.kind == "path" and self._drops_separators(state.site[0], value):
            return
        for path in paths:
            handed = language.TRANSPARENT.get(path)
            if handed is not None and handed + 1 < len(value.args):
                yield self._same(state, index, value.args[handed + 1])
                return
            if any(_cleans(s, sink) and holds(program, state.site, s.when) for s in program.index.sanitizers(path)):
                return
            rules = program.index.propagators(path)
            if rules:
                for rule in rules:
                    yield from (self._same(state, index, site[1], key="") for site in select(program, state.site, rule.args))
                return
        yield from self._through(state, index, value, paths)

    def _drops_separators(self, function: int, value: Value) -> bool:
        """``name.replace("/", "_")``: no directory can be left that way."""
        values = self._program.functions[function].values
        callee = values[value.args[0]]
        if callee.op is not Op.ATTR or callee.text != "replace" or len(value.args) != 3:
            return False
        old, new = values[value.args[1]], values[value.args[2]]
        return old.op is Op.CONST and old.text == "/" and new.op is Op.CONST and "/" not in new.text

    def _bodies(self, site: Site, value: Value, refs: tuple[Ref, ...]) -> tuple[list[int], bool]:
        """The functions whose results a call gives back, and whether these are all that is to be looked at."""
        program = self._program
        callee = program.value((site[0], value.args[0]))
        exact = callee.op is Op.ATTR and program.value((site[0], callee.args[0])).op is Op.CALL
        found: list[int] = []
        for ref in refs:
            if ref.kind == "fun":
                found.append(ref.id)
                if ref.bound and not exact:
                    found += self._calls.replacing(ref.id)
            elif ref.kind == "inst" and program.method(ref.id, "__call__") >= 0:
                found.append(program.method(ref.id, "__call__"))
            elif ref.kind == "ext" and language.gives_back(ref.path):
                found += self._calls.targets(site)
        return list(dict.fromkeys(found)), bool(found)

    def _through(self, state: State, index: int, value: Value, paths: list[str]) -> Iterator[State]:
        """A call nothing is known of: its receiver reaches its result.

        And its arguments unless it is a method of a known object.
        """
        program, function = self._program, state.site[0]
        callee = program.value((function, value.args[0]))
        arguments = value.args[1:]
        if callee.op is Op.ATTR:
            receiver = program.value((function, callee.args[0]))
            is_value = receiver.op not in (Op.IMPORT, Op.NAME) or bool(program.definitions(function, receiver.text))
            if is_value and callee.text in language.TEXTLESS:
                return
            key = self._getter_key(state, callee, value)
            if is_value:
                yield self._same(state, index, callee.args[0], key=key or self._content_key(function, callee, state.key))
            if key or (is_value and callee.text in language.GETTERS and not any(not p.startswith("builtins.") for p in paths)):
                arguments = arguments[1:]
        if any("()." in path and not path.startswith("builtins.str()") for path in paths):
            return
        if "builtins.dict" in paths:
            yield from self._dict_call(state, index, value)
            return
        kept = state.key if self._is_constructor(function, callee) or not language.SAME_KEYS.isdisjoint(paths) else ""
        kept = kept or (keys.ANY if state.key and not state.key.startswith("\0") else "")
        if keys.is_known(keys.split(state.key)[0]) and kept == keys.ANY and not self._is_standard(paths):
            return
        for arg in arguments:
            yield self._same(state, index, arg, key=kept)

    def _dict_call(self, state: State, index: int, value: Value) -> Iterator[State]:
        """``dict(other, name=value)``."""
        first, rest = keys.split(state.key)
        for arg, name in zip(value.args[1:], value.keys[1:], strict=True):
            if name in ("", "**"):
                yield self._same(state, index, arg, key=state.key)
            elif name == first or not keys.is_known(first):
                yield self._same(state, index, arg, key=rest)

    def _content_key(self, function: int, callee: Value, key: str) -> str:
        """Which part of the receiver a part of the result is: of ``d.values()``, ``d.items()`` and ``record.model_dump()``."""
        if callee.text not in ("values", "items", "popitem"):
            refs = self._program.inference.infer((function, callee.args[0]))
            if any(ref.kind == "inst" and self._is_data(ref) for ref in refs):
                return key
            return keys.ANY if key and not key.startswith("\0") else ""
        rest = key if callee.text == "popitem" else keys.split(key)[1]
        return keys.inside("", rest if callee.text == "values" else keys.split(rest)[1])

    def _is_standard(self, paths: list[str]) -> bool:
        """Whether a call is one of Python's own.

        A field of its result still is a piece of what went in (``json.loads(x)["k"]``).
        """
        return bool(paths) and all(path.partition(".")[0] in language.STANDARD for path in paths)

    def _is_constructor(self, function: int, callee: Value) -> bool:
        """A class method that a base outside the project provides (``Model.model_validate``): it makes what it is given."""
        return callee.op is Op.ATTR and any(
            ref.kind == "cls" for ref in self._program.inference.infer((function, callee.args[0]))
        )

    def _getter_key(self, state: State, callee: Value, value: Value) -> str:
        """``d.get("k")`` and ``d.pop("k")`` read one key."""
        if callee.text not in language.GETTERS or len(value.args) < 2:
            return ""
        key = constant(self._program, (state.site[0], value.args[1]))
        return keys.inside(key, state.key) if isinstance(key, str) and key else ""

    def _enter(self, state: State, index: int, target: int) -> Iterator[State]:
        from agentlint.graph.search import Frame, State

        program = self._program
        frame = Frame(state.site, state.use, state.use_block)
        found = program.functions[target]
        for leave in found.exits:
            yield State(
                (target, leave.value), len(found.values), leave.block, (*state.stack, frame), state.key, index,
                f"returned by `{found.name}`",
            )  # fmt: skip

    def _constructed(self, state: State, index: int, value: Value, ref: Ref) -> Iterator[State]:
        """An object as a whole: what its constructor was given, or the one field that is asked for."""
        first, rest = keys.split(state.key)
        if is_safe_class(self._program, ref.id):
            return
        if not self._is_data(ref):
            for site in self._program.inference.field_sites(ref.id, first)[:MAX_FIELD_SITES] if keys.is_known(first) else ():
                yield self._stored(site, index, first, rest)
            return
        if first in value.keys and first:
            yield self._same(state, index, value.args[value.keys.index(first)], key=rest)
            return
        fields = self._fields(ref.id)
        wanted = int(first) if first.isdecimal() and len(first) < 4 else fields.index(first) if first in fields else -1
        for position, (arg, key) in enumerate(zip(value.args[1:], value.keys[1:], strict=True)):
            if key in ("*", "**"):
                yield self._same(state, index, arg, key=state.key if key == "**" else "")
            elif not keys.is_known(first) or (not key and wanted in (-1, position)):
                yield self._same(state, index, arg, key=rest)

    def _fields(self, cls: int) -> list[str]:
        """The annotated names of a class in the order its constructor takes them, those of its bases first."""
        found: dict[str, None] = {}
        for owner in reversed(self._program.lineage(cls)):
            found.update(
                dict.fromkeys(n for n, (annotation, _) in self._program.classes[owner].fields.items() if annotation >= 0)
            )
        return list(found)


def _cleans(sanitizer: Sanitizer, sink: SinkPlace) -> bool:
    return sink.kind in sanitizer.sinks or "all" in sanitizer.sinks
