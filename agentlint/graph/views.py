"""Helpers of the project that give back another spelling of what they are given: a test of one is a test of the other."""

from __future__ import annotations

from agentlint.facts.python.ir import Function, Op
from agentlint.graph import language
from agentlint.graph.program import Program, Site

MAX_VALUES = 60
MAX_DEPTH = 3
MAX_STEPS = 12
_KEEPING = frozenset({
    "strip", "lstrip", "rstrip", "lower", "replace", "removeprefix", "expanduser", "resolve", "absolute", "joinpath",
})  # fmt: skip


def shown(program: Program, site: Site, depth: int = 0) -> int:
    """Return the argument of the call at ``site`` that a short helper gives back as another spelling of it, -1 if it does not."""
    value = program.value(site)
    if value.op is not Op.CALL or not 2 <= len(value.args) <= 3 or depth > MAX_DEPTH or any(value.keys[1:]):
        return -1
    for ref in program.inference.infer((site[0], value.args[0])):
        if ref.kind != "fun":
            continue
        found = program.functions[ref.id]
        first = 1 if found.params and found.params[0].name in ("self", "cls") and program.owner(ref.id) >= 0 else 0
        if len(found.params) <= first or len(found.values) > MAX_VALUES or not found.exits:
            continue
        param = found.params[first].value
        if all(_spells(program, ref.id, leave.value, param, depth) for leave in found.exits):
            return value.args[1]
    return -1


def _spells(program: Program, function: int, value: int, param: int, depth: int) -> bool:
    """Whether a value is a parameter, written another way: normalised, joined to a folder, cut or of several such ways one."""
    found = program.functions[function]
    todo, steps = [value], 0
    while todo:
        current = todo.pop()
        steps += 1
        if steps > MAX_STEPS:
            return False
        node = found.values[current]
        if current == param:
            continue
        if node.op is Op.PHI:
            todo += [arg for arg in node.args if arg < current]
        elif node.op is Op.SEQ and node.text == "":
            todo += node.args[-1:]
        elif node.op is Op.CALL:
            following = _of_call(program, function, found, current, depth)
            if following < 0:
                return False
            todo.append(following)
        elif node.op is Op.OP and node.text == "/":
            todo.append(node.args[1])
        else:
            return False
    return True


def _of_call(program: Program, function: int, found: Function, call: int, depth: int) -> int:
    node = found.values[call]
    callee = found.values[node.args[0]]
    paths = program.inference.paths((function, node.args[0]))
    if any(path in language.JOINS for path in paths) and len(node.args) > 1:
        return node.args[-1]
    if language.VIEWS.intersection(paths) and len(node.args) > 1:
        return node.args[1]
    if callee.op is Op.ATTR and callee.text in _KEEPING:
        return callee.args[0]
    return shown(program, (function, call), depth + 1)
