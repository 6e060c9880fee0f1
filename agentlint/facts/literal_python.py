"""Literals of Python code under names: assignments, fields, defaults, arguments, entries, fallbacks of look-ups, comparisons."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, NamedTuple

from agentlint.facts.literal_names import name_class
from agentlint.facts.python.ir import Op

if TYPE_CHECKING:
    from agentlint.facts.python.ir import Function, PythonFacts, Value

Use = Literal["constant", "default", "argument", "entry", "comparison"]

_DEPTH = 4
_TEXT = ("str", "bytes")
_DEFAULTS = ("default", "fallback")


class Candidate(NamedTuple):
    """A literal ``text`` of the value ``value`` of function ``function`` that stands under ``name``."""

    name: str
    use: Use
    function: int
    value: int
    text: str


def candidates(facts: PythonFacts, hot: list[int]) -> Iterator[Candidate]:
    """Yield every literal text under a name that says credential; ``hot`` are the lines, in order, on which such names end."""
    for number, function in enumerate(facts.functions):
        yield from _of_defaults(facts, function)
        if not _is_hot(function, hot):
            continue
        for name, use, value in _named(function):
            if name and name_class(name):
                yield from _literals(number, function, name, use, value, 0)


def is_unread(facts: PythonFacts, candidate: Candidate) -> bool:
    """Tell whether a literal is only kept in a field of its own object that no code of the file reads.

    The fields of other objects, of a table of settings say, are there to be read by other files.
    """
    function = facts.functions[candidate.function]
    stores = [store for store in function.stores if _holds(function, store.value, candidate.value)]
    kept = {store.attr for store in stores}
    others = any(function.values[store.base].op is not Op.PARAM or function.values[store.base].args[0] != 0 for store in stores)
    if not kept or others or function.owner < 0 or candidate.use not in ("constant", "default"):
        return False
    read = (value for other in facts.functions for value in other.values if value.op in (Op.ATTR, Op.CONST, Op.NAME))
    return not any(value.text in kept for value in read)


def _holds(function: Function, value: int, literal: int) -> bool:
    """Tell whether a value is made of a literal, which stands right before it."""
    args = function.values[value].args
    return value == literal or literal in args or any(literal in function.values[arg].args for arg in args if arg >= 0)


def _of_defaults(facts: PythonFacts, function: Function) -> Iterator[Candidate]:
    for param in function.params:
        if param.default >= 0 and name_class(param.name):
            outer = facts.functions[function.parent]
            yield from _literals(function.parent, outer, param.name, "default", param.default, 0)


def _is_hot(function: Function, hot: list[int]) -> bool:
    """Tell whether any of the lines ``hot`` is one of the function's: the values of a function stand in the order of its code."""
    if function.kind == "module":
        return True
    if not function.values:
        return False
    last = max(value.end_line for value in function.values[-3:])
    at = bisect_left(hot, function.span.line)
    return at < len(hot) and hot[at] <= last


def _named(function: Function) -> Iterator[tuple[str, Use, int]]:
    for name, values in function.defs.items():
        if name_class(name):
            yield from ((name, "constant", value) for value in values)
    for store in function.stores:
        yield store.attr, "constant", store.value
    for number in function.updates:
        update = function.values[number]
        if len(update.args) > 1:
            yield update.text, "entry", update.args[1]
    for value in function.values:
        if value.op is Op.CALL:
            yield from _of_call(function, value)
        elif value.op is Op.DICT:
            yield from ((key, "entry", arg) for key, arg in zip(value.keys, value.args, strict=False))
        elif value.op is Op.OP and value.text in ("==", "!=") and len(value.args) == 2:
            yield from _of_comparison(function, value)


def _of_call(function: Function, call: Value) -> Iterator[tuple[str, Use, int]]:
    """Arguments by name; and look-ups with a fallback, ``get("NAME", "literal")``, ``option("--name", default="literal")``."""
    for key, arg in zip(call.keys[1:], call.args[1:], strict=False):
        if key:
            yield key, "argument", arg
    asked = _constant(function, call.args[1]) if len(call.args) > 2 and not call.keys[1] else ""
    if not asked or not name_class(asked):
        return
    if not call.keys[2] and len(call.args) <= 4 and _is_lookup(function, call):
        yield asked, "default", call.args[2]
    for key, arg in zip(call.keys[2:], call.args[2:], strict=False):
        if key in _DEFAULTS:
            yield asked, "default", arg


def _is_lookup(function: Function, call: Value) -> bool:
    """Tell whether the second argument is what the call falls back to: not for ``replace``, ``setattr``, ``startswith``."""
    callee = function.values[call.args[0]]
    name = callee.text.lower()
    return "get" in name or "env" in name or "read" in name or "config" in name or "option" in name


def _of_comparison(function: Function, value: Value) -> Iterator[tuple[str, Use, int]]:
    left, right = value.args
    for holder, other in ((left, right), (right, left)):
        found = function.values[holder]
        if found.op in (Op.NAME, Op.ATTR, Op.PARAM, Op.ITEM) and found.text:
            yield found.text, "comparison", other


def _literals(number: int, function: Function, name: str, use: Use, value: int, depth: int) -> Iterator[Candidate]:
    """Follow a value to the literals it is made of: fallbacks (``or``), alternatives, wrappers such as ``SecretStr("…")``."""
    if depth > _DEPTH or value < 0:
        return
    found = function.values[value]
    if found.op is Op.CONST:
        if found.keys and found.keys[0] in _TEXT:
            yield Candidate(name, use, number, value, found.text)
    elif found.op is Op.OP and found.text == "or":
        for arg in found.args[1:]:
            yield from _literals(number, function, name, "default" if use != "comparison" else use, arg, depth + 1)
    elif found.op is Op.PHI:
        for arg in found.args:
            if arg < value:
                yield from _literals(number, function, name, use, arg, depth + 1)
    elif found.op is Op.CALL:
        yield from _wrapped(number, function, name, use, found, depth)


def _wrapped(number: int, function: Function, name: str, use: Use, call: Value, depth: int) -> Iterator[Candidate]:
    """A class that holds the value, the default of a declared field, or a look-up whose own name says nothing."""
    callee = function.values[call.args[0]]
    positional = [arg for arg, key in zip(call.args[1:], call.keys[1:], strict=False) if not key]
    if callee.op is Op.ATTR and callee.text == "encode" and len(positional) <= 1:
        yield from _literals(number, function, name, use, callee.args[0], depth + 1)
        return
    for key, arg in zip(call.keys[1:], call.args[1:], strict=False):
        if key in _DEFAULTS:
            yield from _literals(number, function, name, "default", arg, depth + 1)
    if callee.text[:1].isupper() and len(positional) == 1:
        yield from _literals(number, function, name, "default", positional[0], depth + 1)
    elif len(positional) == 2 and _is_lookup(function, call):
        asked = _constant(function, positional[0])
        if asked and not name_class(asked):
            yield from _literals(number, function, name, "default", positional[1], depth + 1)


def _constant(function: Function, value: int) -> str:
    found = function.values[value]
    return found.text if found.op is Op.CONST and found.keys == ("str",) else ""


def inside_samples(function: Function) -> frozenset[int]:
    """Return the values that stand in a sample: below a key or argument ``example``, ``examples``, ``schema_extra``."""
    todo = [
        arg
        for value in function.values
        if value.op in (Op.CALL, Op.DICT)
        for key, arg in zip(value.keys, value.args, strict=False)
        if "example" in key or "schema_extra" in key
    ]
    seen: set[int] = set()
    while todo:
        number = todo.pop()
        if number >= 0 and number not in seen:
            seen.add(number)
            found = function.values[number]
            if found.op in (Op.DICT, Op.SEQ, Op.CONST, Op.UPDATE, Op.CALL):
                todo += found.args
    return frozenset(seen)
