"""Steps through calls: into bodies that are known, constructors, and past what is not known."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from agentlint.facts.python.ir import Op, Value
from agentlint.graph import handovers, keys, language
from agentlint.graph.arguments import constant, holds, select
from agentlint.graph.program import Ref, Site
from agentlint.graph.roles import is_safe_class
from agentlint.graph.search import Frame, State
from agentlint.graph.sink_places import SinkPlace
from agentlint.graph.steps import MAX_FIELD_SITES, Steps, cleans


class CallSteps(Steps):
    """What the result of a call is made of."""

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
        if sink.kind == "path" and self._replaces(state.site[0], value, lambda old, new: old == "/" and "/" not in new):
            return  # no directory can be left that way
        if sink.kind == "sql" and self._replaces(state.site[0], value, lambda old, new: old == "'" and new in ("''", "\\'", "")):
            return
        for path in paths:
            handed = language.TRANSPARENT.get(path)
            if handed is not None and handed + 1 < len(value.args):
                yield self._same(state, index, value.args[handed + 1])
                return
            if any(cleans(s, sink) and holds(program, state.site, s.when) for s in program.index.sanitizers(path)):
                return
            rules = program.index.propagators(path)
            if rules:
                for rule in rules:
                    yield from (self._same(state, index, site[1], key="") for site in select(program, state.site, rule.args))
                return
        yield from self._through(state, index, value, paths)

    def _replaces(self, function: int, value: Value, wanted: Callable[[str, str], bool]) -> bool:
        """``name.replace("/", "_")``: whether a constant is replaced by another one so."""
        values = self._program.functions[function].values
        callee = values[value.args[0]]
        if callee.op is not Op.ATTR or callee.text != "replace" or len(value.args) != 3:
            return False
        old, new = values[value.args[1]], values[value.args[2]]
        return old.op is Op.CONST and new.op is Op.CONST and wanted(old.text, new.text)

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
            elif ref.kind == "ext" and handovers.gives_back(program.index, ref.path):
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
            if is_value and callee.text in language.CHOOSERS and not any(p.startswith("builtins.") for p in paths):
                arguments = ()
            elif key or (is_value and callee.text in language.GETTERS and not any(not p.startswith("builtins.") for p in paths)):
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
            elif state.key == keys.NAMES:
                continue
            elif name == first or not keys.is_known(first):
                yield self._same(state, index, arg, key=rest)

    def _content_key(self, function: int, callee: Value, key: str) -> str:
        """Which part of the receiver a part of the result is: of ``d.values()``, ``d.items()`` and ``record.model_dump()``."""
        if callee.text in ("copy", "result"):  # of a dict, of what is computed elsewhere
            return key
        if callee.text == "keys":
            return keys.NAMES
        if callee.text not in ("values", "items", "popitem"):
            refs = self._program.inference.infer((function, callee.args[0]))
            return key if any(ref.kind == "inst" and self._is_data(ref) for ref in refs) else ""
        rest = key if callee.text == "popitem" else keys.split(key)[1]
        if callee.text != "values" and keys.split(rest)[0] == "0":
            return keys.NAMES
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
            kept = self._program.inference.field_sites(ref.id, first) if keys.is_known(first) else []
            for site in self._own_sites(state.site[0], ref.id, kept)[:MAX_FIELD_SITES]:
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
