"""Steps into parts of a value: elements, entries, pieces of text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agentlint.facts.python.ir import Op, Value
from agentlint.graph import keys, language
from agentlint.graph.arguments import constant
from agentlint.graph.program import Ref, Site
from agentlint.graph.search import Frame, State
from agentlint.graph.sink_places import SinkPlace
from agentlint.graph.steps import HOST, MAX_FIELD_SITES, PROGRAM, Steps

_CARRYING = frozenset({"or", "and", "+", "/", "%", "*", "|", "yield", "slice"})
_COMPREHENSION = ("", "key")
"""What the arguments of a dict comprehension are named: its values, then its keys."""
_TEXT_SINKS = frozenset({"sql", "nosql"})
"""Sinks whose text a dict cannot become: its entries are bound values."""
_PLACES = re.compile(r"%(?:\(\w{0,80}\))?[-#0 +]{0,4}\d{0,4}(?:\.\d{1,4})?[a-zA-Z]")


class PartSteps(Steps):
    """Items, elements, displays and what changes them; strings put together."""

    def _outside(self, state: State, index: int, value: Value) -> Iterator[State]:
        """What the program itself stored under this key of an object that a library keeps (a session, a context)."""
        inference = self._program.inference
        own = self._is_made_here((state.site[0], value.args[0]))
        for path in inference.paths((state.site[0], value.args[0])) if value.text else ():
            for site in inference.external_sites(path, value.text)[:MAX_FIELD_SITES]:
                if (own and site[0] != state.site[0]) or not self._one_application(state.site[0], site[0]):
                    continue
                yield self._stored(site, index, value.text, state.key)

    def _one_application(self, reader: int, writer: int) -> bool:
        """Whether two functions share what a library keeps for a running application: one folder, or one below the other."""
        one, other = (self._program.path(f).rpartition("/")[0] for f in (reader, writer))
        return one == other or other.startswith(one + "/") or one.startswith(other + "/")

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
            mapped = self._mapped(state.site[0], value.args[0]) if value.text == "comp" else -1
            yield (
                self._same(state, index, mapped, key=PROGRAM) if mapped >= 0 else self._same(state, index, value.args[0], key="")
            )
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

    def _mapped(self, function: int, element: int) -> int:
        """``[word.replace(a, b) for word in words]``: the words, of which what is replaced is no program; -1 if it is not so."""
        values = self._program.functions[function].values
        for _ in range(4):
            value = values[element]
            if value.op is Op.ELEM:
                return value.args[0]
            callee = values[value.args[0]] if value.op is Op.CALL else None
            if callee is None or callee.op is not Op.ATTR or callee.text not in language.KEEPING_METHODS:
                return -1
            element = callee.args[0]
        return -1

    def _dict(self, state: State, index: int, value: Value, sink: SinkPlace) -> Iterator[State]:
        if not state.key and sink.kind in _TEXT_SINKS:
            return
        first, rest = keys.split(state.key)
        yield from self._passed(state, index)
        if state.key == keys.NAMES and value.keys == _COMPREHENSION:
            yield self._same(state, index, value.args[1], key="")
            return
        if keys.is_known(first) and first in value.keys:
            last = len(value.keys) - 1 - value.keys[::-1].index(first)
            yield self._same(state, index, value.args[last], key=rest)
            return
        for arg, key in zip(value.args, value.keys, strict=True):
            if state.key == keys.NAMES and key not in ("", "**"):
                continue
            if not keys.is_known(first) or key in ("", "**"):
                yield self._same(state, index, arg, key=state.key if key == "**" else rest)

    def _update(self, state: State, index: int, value: Value, _sink: SinkPlace) -> Iterator[State]:
        first, rest = keys.split(state.key)
        known = keys.is_known(first) and value.text != ""
        yield from self._passed(state, index)
        if state.key == keys.NAMES:
            yield self._same(state, index, value.args[0])
            if value.text == "" and len(value.args) > 2:
                yield self._same(state, index, value.args[2], key="")
            return
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
        refs = self._program.inference.infer((state.site[0], value.args[0]))
        if any(self._is_module(ref) for ref in refs) or (refs and all(self._is_handle(ref) for ref in refs)):
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

    @staticmethod
    def _is_handle(ref: Ref) -> bool:
        """Whether a value is an object of a library: what is added to a session or a client is not what it answers later."""
        return ref.kind == "ext" and ref.path.endswith("()") and ref.path.partition(".")[0] not in language.STANDARD

    def _passed(self, state: State, index: int) -> Iterator[State]:
        """A container that is handed to a function of the project, which puts something into it."""
        program, (function, number) = self._program, state.site
        for site in program.written_inside(state.site):
            yield self._elsewhere(site, index, "changed by a nested function", state.key)
        for call in self._calls.handed_to(function).get(number, ()):
            value = program.value((function, call))
            for target in self._calls.targets((function, call)):
                frame = Frame((function, call), call, value.block)
                for changed, block in self._changes(target, (function, call), number):
                    yield State(
                        (target, changed), len(program.functions[target].values), block, (*state.stack, frame), state.key, index,
                        f"changed by `{program.functions[target].name}`",
                    )  # fmt: skip

    def _changes(self, target: int, call: Site, number: int) -> Iterator[tuple[int, int]]:
        """The values of ``target`` that are its parameter, filled with ``number`` by a call, after a change."""
        changed = self._calls.changed(target)
        if not changed:
            return
        found = self._program.functions[target]
        edges = self._calls.edges(call, target)
        for position, param in enumerate(found.params):
            if param.value not in changed:
                continue
            if any((call[0], number) == site for e in edges for site, _ in self._calls.argument(e, target, position)):
                for other in changed[param.value]:
                    yield other, found.values[other].block

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

    def text_before(self, joined: Site, part: Site) -> str:
        """Return the end of the text that stands right before ``part`` in the string it is put into."""
        value = self._program.value(joined)
        if value.op is not Op.TEXT or part[0] != joined[0] or part[1] not in value.args:
            return ""
        pieces = list(self._placed(joined[0], value)) if value.text == "%" else list(value.args)
        at = pieces.index(part[1]) if part[1] in pieces else 0
        before = pieces[at - 1] if at else ""
        text = before if isinstance(before, str) else constant(self._program, (joined[0], before))
        return text[-40:] if isinstance(text, str) else ""

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
            if prefix.endswith("host") and "://" not in prefix:
                return  # what follows a base address directly is its path
            yield self._same(state, index, arg, "becomes part of a URL", HOST)
            prefix += "host"
