"""What a model is told of the tools that Python code offers: docstrings, descriptions, names of parameters."""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakKeyDictionary

import msgspec

from agentlint.core.place import Span
from agentlint.facts.python.ir import Function, Op, Value
from agentlint.graph.program import Program, Site
from agentlint.graph.roles import Roles

_SPOKEN = frozenset({"description", "instructions", "title"})
_TOOL_KEYS = frozenset({
    "name", "input_schema", "inputSchema", "parameters", "args_schema", "func", "fn", "handler", "inputs", "type", "schema",
})  # fmt: skip
_STORED = frozenset({"__doc__", "description", "__description__"})
_LEAST = 20
_MAX_DEPTH = 6


class ToolText(msgspec.Struct, frozen=True):
    """One text: the tool it belongs to (or what its call is named), the part, and where the text begins and ends."""

    path: str
    name: str
    part: str
    text: str
    line: int
    end_line: int
    column: int = 1
    symbol: str = ""
    function: int = -1

    def span(self, start: int, end: int) -> Span:
        """Return the place of a part of the text; escaped line breaks can only bring it too low, so the end bounds it."""
        first, first_column = self._place(start)
        last, last_column = self._place(end)
        return Span(first, first_column, last, max(last_column, first_column + 1) if first == last else last_column)

    def _place(self, offset: int) -> tuple[int, int]:
        line = self.line + self.text.count("\n", 0, offset)
        if line > self.end_line or self.line == self.end_line:
            return self.end_line, self.column
        begin = self.text.rfind("\n", 0, offset) + 1
        return line, offset - begin + (1 if begin else self.column)


_KNOWN: WeakKeyDictionary[Program, tuple[ToolText, ...]] = WeakKeyDictionary()


def tool_texts(program: Program, roles: Roles) -> Iterator[ToolText]:
    """Yield every text once, functions first; a text of fewer than 20 characters says nothing to judge."""
    for number in sorted(roles.of):
        if roles.tools(number) is not None:
            yield from _of_function(program, number)
    yield from _in_bodies(program)


def _in_bodies(program: Program) -> tuple[ToolText, ...]:
    """Return the texts that bodies hold; they are looked for once for all who ask."""
    known = _KNOWN.get(program)
    if known is None:
        found = (text for number, function in enumerate(program.functions) for text in _in_body(program, number, function))
        known = _KNOWN[program] = tuple(found)
    return known


def _of_function(program: Program, number: int) -> Iterator[ToolText]:
    function = program.functions[number]
    path, symbol = program.path(number), program.symbol(number)
    if function.doc:
        line = function.doc_line or function.span.line
        end = line + function.doc.count("\n")
        yield ToolText(path, function.name, "docstring", function.doc, line, end, function.span.column + 7, symbol, number)
    names = " ".join(param.name for param in function.params)
    if names:
        span = function.span
        yield ToolText(path, function.name, "parameters", names, span.line, span.line, span.column, symbol, number)
    parent = program.parent(number)
    table = program.functions[parent].values
    roots = [value for param in function.params for value in (param.annotation, param.default) if value >= 0]
    roots += [decorator for decorator in function.decorators if table[decorator].op is Op.CALL]
    for value in _constants(table, roots):
        yield _text(program, parent, value, function.name, "description", number)


def _constants(table: tuple[Value, ...], roots: list[int]) -> Iterator[Value]:
    todo = [(root, 0) for root in roots]
    seen: set[int] = set()
    while todo:
        number, depth = todo.pop()
        if number in seen or not 0 <= number < len(table):
            continue
        seen.add(number)
        value = table[number]
        if _is_text(value):
            yield value
        elif depth < _MAX_DEPTH:
            todo += [(arg, depth + 1) for arg in value.args]


def _in_body(program: Program, number: int, function: Function) -> Iterator[ToolText]:
    values = function.values
    for value in values:
        if (value.op is not Op.CALL and value.op is not Op.DICT) or not value.keys or _SPOKEN.isdisjoint(value.keys):
            continue
        if _TOOL_KEYS.isdisjoint(value.keys) and "instructions" not in value.keys and not _makes_tool(values, value):
            continue
        entries = dict(zip(value.keys, value.args, strict=False))
        name = values[entries["name"]] if "name" in entries else None
        shown = name.text if name is not None and name.op is Op.CONST else ""
        for key in sorted(_SPOKEN & entries.keys()):
            yield from _spoken(program, (number, entries[key]), shown, key)
    for store in function.stores:
        if store.attr in _STORED:
            base = values[store.base]
            yield from _spoken(program, (number, store.value), _named(program, number, base), "description")
    if function.kind == "class" and "description" in function.defs and "name" in function.defs:
        for entry in function.defs["description"]:
            yield from _spoken(program, (number, entry), function.name, "description")


def _makes_tool(values: tuple[Value, ...], call: Value) -> bool:
    """Whether the last name of what is called speaks of a tool, whoever it belongs to."""
    return call.op is Op.CALL and "tool" in values[call.args[0]].text.lower()


def _named(program: Program, scope: int, base: Value) -> str:
    if base.op is not Op.FUNC:
        return base.text
    names = (name for name, sites in program.functions[scope].defs.items() if any(_is_it(program, scope, s, base) for s in sites))
    return next(names, "")


def _is_it(program: Program, scope: int, value: int, base: Value) -> bool:
    other = program.functions[scope].values[value]
    return other.op is Op.FUNC and other.text == base.text


def _spoken(program: Program, site: Site, name: str, part: str) -> Iterator[ToolText]:
    """The text at ``site``; one that is put together is placed where that happens."""
    value = program.value(site)
    if _is_text(value):
        yield _text(program, site[0], value, name, part)
    elif value.op in (Op.TEXT, Op.NAME, Op.OP):
        whole = "".join(_parts(program, site))
        if len(whole) >= _LEAST:
            span = value.span
            yield ToolText(
                program.path(site[0]), name, part, whole, span.line, span.line, span.column, program.symbol(site[0])
            )  # fmt: skip


def _parts(program: Program, start: Site) -> Iterator[str]:
    """Constant parts of a text, in order; what is not constant is left out."""
    todo = [(start, 0)]
    while todo:
        site, depth = todo.pop()
        value = program.value(site)
        if value.op is Op.CONST and value.keys == ("str",):
            yield value.text
        elif depth < _MAX_DEPTH and (value.op is Op.TEXT or (value.op is Op.OP and value.text == "+")):
            todo += [((site[0], arg), depth + 1) for arg in reversed(value.args)]
        elif depth < _MAX_DEPTH and value.op is Op.NAME:
            found = program.definitions(site[0], value.text) or []
            todo += [(found[0], depth + 1)] if len(found) == 1 else []


def _is_text(value: Value) -> bool:
    return value.op is Op.CONST and value.keys == ("str",) and len(value.text) >= _LEAST


def _text(program: Program, scope: int, value: Value, name: str, part: str, function: int = -1) -> ToolText:
    end = max(value.end_line, value.line)
    return ToolText(
        program.path(scope), name, part, value.text, value.line, end, value.column + 1, program.symbol(scope), function
    )
