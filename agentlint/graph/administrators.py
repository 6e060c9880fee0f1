"""Handlers that only administrators of the program reach: what they configure, an address say, is theirs to choose."""

from __future__ import annotations

from agentlint.facts.python.ir import Op
from agentlint.facts.resources_data import auth_table
from agentlint.graph.access import words
from agentlint.graph.made import made
from agentlint.graph.program import Program, Site

MAX_PARTS = 60
MAX_DEPTH = 8


def for_administrators(program: Program, function: int) -> bool:
    """Return whether a decorator of a function, a default of its parameters, or its router asks for an administrator, by name."""
    found, parent = program.functions[function], program.parent(function)
    if parent < 0:
        return False
    asked = [part for param in found.params for part in (param.default, param.annotation) if part >= 0]
    if any(_speaks(program, (parent, value)) for value in (*found.decorators, *asked)):
        return True
    for decorator in found.decorators:
        value = program.value((parent, decorator))
        callee = program.value((parent, value.args[0])) if value.op is Op.CALL else value
        router = made(program, (parent, callee.args[0])) if callee.op is Op.ATTR else None
        if router is not None and (
            _speaks(program, router) or any(_speaks(program, call) for call in _included(program, router))
        ):
            return True
    return False


def _included(program: Program, router: Site) -> list[Site]:
    """The calls that add a router to an application."""
    found = []
    for site in program.calls_named(auth_table().including_calls):
        value = program.value(site)
        if len(value.args) > 1 and made(program, (site[0], value.args[1])) == router:
            found.append(site)
    return found


def _speaks(program: Program, site: Site) -> bool:
    """Whether an expression, or what a name in it stands for, is called after administrators; paths of routes do not count."""
    todo, seen = [(site, 0)], 0
    while todo and seen < MAX_PARTS:
        place, depth = todo.pop()
        value = program.value(place)
        seen += 1
        names = [name for name, values in program.functions[place[0]].defs.items() if place[1] in values]
        if value.op in (Op.NAME, Op.ATTR, Op.IMPORT):
            names.append(value.text.rpartition(":")[2])
        if any(words(name) & auth_table().administrators for name in names):
            return True
        if depth > MAX_DEPTH or value.op is Op.PARAM:
            continue
        if value.op is Op.NAME and depth < MAX_DEPTH - 2:
            todo += [(s, MAX_DEPTH - 2) for s in (program.definitions(place[0], value.text) or [])[:2] if s != place]
        todo += [((place[0], arg), depth + 1) for arg in value.args]
    return False
