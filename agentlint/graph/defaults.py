"""What an expression comes to when nobody sets anything: environment variables, settings and options by their defaults."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from agentlint.facts.python.ir import Op, Value
from agentlint.graph import language
from agentlint.graph.arguments import UNKNOWN, constant, select
from agentlint.graph.calls import CallGraph
from agentlint.graph.program import Program, Site

MAX_DEPTH = 10
MAX_CALLERS = 12
MAX_OPERANDS = 40
_SETTINGS = "BaseSettings"
"""Last name of the class whose fields are variables of the environment."""
_TEXT_METHODS: dict[str, Callable[[str], str]] = {
    "lower": str.lower,
    "upper": str.upper,
    "strip": str.strip,
    "casefold": str.casefold,
}
_SAME = ("builtins.str", "distutils.util.strtobool", "builtins.int")
_FALSE = ("", "0", "false", "no", "off", "none")


class Defaults:
    """Answers for one program; values that depend on anything but settings are ``UNKNOWN``."""

    def __init__(self, program: Program, calls: CallGraph) -> None:
        self._program = program
        self._calls = calls

    def skipped(self, site: Site) -> str:
        """Return the name of the setting by whose default the value at ``site`` is never computed; empty if there is none."""
        function = self._program.functions[site[0]]
        block = self._program.value(site).block
        while block > 0:
            entry = function.blocks[block]
            if entry.kind == "if" and entry.test >= 0:
                truth = self.of((site[0], entry.test))
                if truth is not UNKNOWN and bool(truth) != entry.outcome:
                    return self.name((site[0], entry.test))
            block = entry.parent
        return self._short_cut(site)

    def _short_cut(self, site: Site) -> str:
        """The setting that ends an ``and`` or ``or`` before it comes to the value at ``site``."""
        values = self._program.functions[site[0]].values
        derived = {site[1]}
        for number in range(site[1] + 1, min(site[1] + MAX_OPERANDS, len(values))):
            value = values[number]
            if value.op is Op.PARAM or not derived.intersection(value.args):
                continue
            derived.add(number)
            if value.op is Op.OP and value.text in ("and", "or"):
                before = next(i for i, arg in enumerate(value.args) if arg in derived)
                for arg in value.args[:before]:
                    truth = self.of((site[0], arg))
                    if truth is not UNKNOWN and bool(truth) == (value.text == "or"):
                        return self.name((site[0], arg))
        return ""

    def of(self, site: Site, depth: int = 0) -> Any:
        """Return the constant that a value is by default, ``UNKNOWN`` if something else has a say. Constants alone are none."""
        program, function = self._program, site[0]
        value = program.value(site)
        if depth > MAX_DEPTH:
            return UNKNOWN
        if value.op is Op.CONST:
            return constant(program, site)
        if value.op is Op.NAME:
            return self._one(program.definitions(function, value.text) or [], depth)
        if value.op is Op.IMPORT:
            return self._one(program.inference.imported_sites(function, value.text), depth)
        if value.op is Op.OP:
            return self._operation(site, value, depth)
        if value.op is Op.PHI:
            return self._joined(site, value, depth)
        if value.op is Op.PARAM:
            return self._parameter(site, value, depth)
        if value.op is Op.ATTR:
            return self._attribute(site, value, depth)
        return self._call(site, value, depth) if value.op is Op.CALL else UNKNOWN

    def name(self, site: Site, depth: int = 0) -> str:
        """Return the name of the first setting that a value is computed from, as its user would write it."""
        value = self._program.value(site)
        if value.op is Op.CALL:
            found = [constant(self._program, place) for place in select(self._program, site, "0")]
            if self._is_variable(site, value) and found and isinstance(found[0], str):
                return found[0]
        if value.op in (Op.NAME, Op.PARAM, Op.IMPORT):
            return value.text.rpartition(":")[2]
        if value.op is Op.ATTR and value.text not in _TEXT_METHODS:
            return value.text
        for arg in value.args if depth < MAX_DEPTH and value.op is not Op.CONST else ():
            found_name = self.name((site[0], arg), depth + 1)
            if found_name:
                return found_name
        return ""

    def _one(self, sites: list[Site], depth: int) -> Any:
        return self.of(sites[0], depth + 1) if len(sites) == 1 else UNKNOWN

    def _operation(self, site: Site, value: Value, depth: int) -> Any:
        parts = [self.of((site[0], arg), depth + 1) for arg in value.args]
        if value.text == "not":
            return UNKNOWN if parts[0] is UNKNOWN else not parts[0]
        if value.text in ("and", "or"):
            decisive = value.text == "or"
            if any(part is not UNKNOWN and bool(part) is decisive for part in parts):
                return next(part for part in parts if part is not UNKNOWN and bool(part) is decisive)
            return UNKNOWN if any(part is UNKNOWN for part in parts) else parts[-1]
        if len(parts) != 2 or UNKNOWN in (parts[0], parts[1]):
            return self._member(site, value, parts)
        return _compare(value.text, parts[0], parts[1])

    def _member(self, site: Site, value: Value, parts: list[Any]) -> Any:
        """``flag in {"1", "true"}``: a written collection is no value that ``of`` knows."""
        if value.text not in ("in", "not in") or parts[0] is UNKNOWN:
            return UNKNOWN
        known = constant(self._program, (site[0], value.args[1]))
        return UNKNOWN if not isinstance(known, (list, str)) else _compare(value.text, parts[0], known)

    def _joined(self, site: Site, value: Value, depth: int) -> Any:
        """``a if flag else b``, or a name bound in two branches: the branch that is taken by default."""
        function = self._program.functions[site[0]]
        for arg, key in zip(value.args, value.keys, strict=False):
            block = function.blocks[int(key)] if key.isdecimal() else None
            if block is None or block.kind != "if" or block.test < 0:
                continue
            truth = self.of((site[0], block.test), depth + 1)
            if truth is not UNKNOWN and bool(truth) == block.outcome:
                return self.of((site[0], arg), depth + 1)
        return UNKNOWN

    def _parameter(self, site: Site, value: Value, depth: int) -> Any:
        """What all callers in the program agree on; nothing is known of a function that others may call."""
        program, function = self._program, site[0]
        param = program.parameter(function, value)
        option = self._option(function, param.name, depth) if param is not None else UNKNOWN
        if param is None or option is not UNKNOWN:
            return option
        if param.default >= 0 and program.value((program.parent(function), param.default)).op is Op.CALL:
            return self.of((program.parent(function), param.default), depth + 1)
        edges = self._calls.callers(function)[:MAX_CALLERS]
        seen: list[Any] = []
        for edge in edges:
            given = self._calls.argument(edge, function, value.args[0])
            if given:
                seen.append(self.of(given[0][0], depth + 1) if not given[0][1] else UNKNOWN)
            else:
                default = (program.parent(function), param.default)
                seen.append(self.of(default, depth + 1) if param.default >= 0 else UNKNOWN)
        return seen[0] if seen and all(one is not UNKNOWN and one == seen[0] for one in seen) else UNKNOWN

    def _option(self, function: int, name: str, depth: int) -> Any:
        """An option of a command that a decorator declares, or that a default declares (``typer.Option(False)``)."""
        program = self._program
        parent = program.parent(function)
        for decorator in program.functions[function].decorators:
            site = (parent, decorator)
            value = program.value(site)
            if value.op is Op.CALL and self._declares(site, value, name):
                return self._declared(site, depth)
        return UNKNOWN

    def _declares(self, call: Site, value: Value, name: str) -> bool:
        flags = [self._program.value((call[0], arg)) for arg, key in zip(value.args[1:], value.keys[1:], strict=True) if not key]
        return any(flag.op is Op.CONST and flag.text.lstrip("-").replace("-", "_") == name for flag in flags)

    def _declared(self, call: Site, depth: int) -> Any:
        """The default of a declared option; a flag that stores a truth value is off until it is given."""
        given = select(self._program, call, "default")
        if given:
            return self.of(given[0], depth + 1)
        action = [constant(self._program, place) for place in select(self._program, call, "action")]
        is_flag = [constant(self._program, place) for place in select(self._program, call, "is_flag")]
        return True if action == ["store_false"] else False if action == ["store_true"] or is_flag == [True] else UNKNOWN

    def _attribute(self, site: Site, value: Value, depth: int) -> Any:
        program, base = self._program, (site[0], value.args[0])
        refs = program.inference.infer(base)
        for ref in refs:
            if ref.kind == "mod":
                return self._one(program.definitions(program.first_function[ref.id], value.text) or [], depth)
            if ref.kind in ("inst", "cls"):
                return self._field(ref.id, value.text, depth)
        here = program.path(site[0])
        for call in program.calls_named((language.OPTION,)) if not refs or refs[0].path.startswith("argparse") else ():
            if program.path(call[0]) == here and self._declares(call, program.value(call), value.text):
                return self._declared(call, depth)
        return UNKNOWN

    def _field(self, cls: int, name: str, depth: int) -> Any:
        """A field of a class of settings, or one that reads the environment; other fields change from object to object."""
        program = self._program
        sites = program.inference.field_sites(cls, name)
        if len(sites) != 1:
            return UNKNOWN
        settings = any(base.rpartition(".")[2] == _SETTINGS for base in program.external_bases(cls))
        return self.of(sites[0], depth + 1) if settings or self._reads_variable(sites[0]) else UNKNOWN

    def _reads_variable(self, site: Site) -> bool:
        todo = [site[1]]
        function = self._program.functions[site[0]]
        for _ in range(MAX_DEPTH):
            if not todo:
                break
            current = todo.pop()
            value = function.values[current]
            if value.op is Op.CALL and self._is_variable((site[0], current), value):
                return True
            todo += value.args if value.op in (Op.CALL, Op.OP, Op.ATTR) else ()
        return False

    def _is_variable(self, site: Site, value: Value) -> bool:
        paths = self._program.inference.paths((site[0], value.args[0]))
        return any(path in language.ENVIRONMENT for path in paths)

    def _call(self, site: Site, value: Value, depth: int) -> Any:
        program = self._program
        if self._is_variable(site, value):
            given = select(program, site, "1|default")
            return self.of(given[0], depth + 1) if given else None
        callee = program.value((site[0], value.args[0]))
        if callee.op is Op.ATTR and callee.text in _TEXT_METHODS and len(value.args) == 1:
            text = self.of((site[0], callee.args[0]), depth + 1)
            return _TEXT_METHODS[callee.text](text) if isinstance(text, str) else UNKNOWN
        paths = program.inference.paths((site[0], value.args[0]))
        if any(path.rpartition(".")[2] in language.DECLARATIONS for path in paths):
            given = select(program, site, "0|default")
            return self.of(given[0], depth + 1) if given else UNKNOWN
        if len(value.args) == 2 and any(path in _SAME or path == "builtins.bool" for path in paths):
            return _converted(paths[0], self.of((site[0], value.args[1]), depth + 1))
        return UNKNOWN


def _converted(path: str, known: Any) -> Any:
    if known is UNKNOWN:
        return UNKNOWN
    if path == "builtins.bool":
        return bool(known)
    if path == "builtins.str":
        return str(known)
    text = str(known).lower()
    return 0 if text in _FALSE else int(text) if text.isdecimal() else 1 if path != "builtins.int" else UNKNOWN


def _compare(operator: str, left: Any, right: Any) -> Any:
    if operator in ("==", "is"):
        return left == right
    if operator in ("!=", "is not"):
        return left != right
    if operator in ("in", "not in") and isinstance(right, (list, str)) and (isinstance(right, list) or isinstance(left, str)):
        return (left in right) == (operator == "in")
    return UNKNOWN
